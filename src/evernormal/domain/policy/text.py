"""Words in both languages of the project."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """The same words in English and in Chinese."""

    en: str
    zh: str
