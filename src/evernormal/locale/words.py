"""Texts by dotted key, filled with facts; whatever is missing fails at once and by name."""

import string
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import Any, Literal, TypeAlias

from evernormal.domain.errors import DomainError
from evernormal.domain.policy import Unit
from evernormal.locale import figures

Lang: TypeAlias = Literal["en", "zh_Hans"]

LANGS: tuple[Lang, ...] = ("zh_Hans", "en")
"""The project's languages; the first is shown first."""


class MissingWord(LookupError):
    """A text, or a fact that a text names, is not there: a bug, never shown half-filled."""


class Words:
    """The texts of one language, for a scheme that counts in one unit.

    A text names its facts in braces and how each is written after a colon:
    money, yuan (the number alone), ratio, date, number, hours (of card-seconds), list (of ids),
    parties, parts (of a cost, each with its ratio), `word TABLE`, `words TABLE` (each of several
    codes), `s NOUN` (a counted noun).
    `{unit}` is the unit's own word. A fact that comes as x_en and x_zh is named `{x}`. For
    support in kind a text below [in_kind] takes the place of the one with the rest of its key.
    """

    def __init__(self, lang: Lang, texts: Mapping[str, str], unit: str = "CNY") -> None:
        """Hold the texts by dotted key.

        unit     a value of the domain's Unit
        """
        self.lang = lang
        self.unit = Unit(unit)
        self._texts = texts
        self._formatter = _Formatter(self)

    def say(self, key: str, /, **facts: object) -> str:
        """Give a text with its facts filled in; facts it does not name are left out.

        raises   MissingWord when the text, or a fact it names, is not there
        """
        text = self.text(key)
        try:
            return self._formatter.vformat(text, (), facts)
        except (KeyError, ValueError, TypeError) as problem:
            raise MissingWord(f"{key} in {self.lang}.toml: {problem!r} with {facts}") from problem

    def text(self, key: str) -> str:
        """A text as it is, its placeholders unfilled.

        raises   MissingWord
        """
        text = None if self.unit.is_money else self._texts.get(f"in_kind.{key}")
        if text is None:
            text = self._texts.get(key)
        if text is None:
            raise MissingWord(f"{key} is not in {self.lang}.toml")
        return text

    def knows(self, key: str) -> bool:
        """Whether there is a text of that key."""
        return key in self._texts

    def list_keys(self) -> list[str]:
        """Every text's key, in the order of the file."""
        return list(self._texts)

    def word(self, table: str, code: object) -> str:
        """The word for a code, such as an enum's value."""
        return self.say(f"{table}.{code}")

    def refusal(self, error: DomainError) -> str:
        """A refusal in words, with the facts it carries."""
        carried = {name: value for name, value in vars(error).items() if name != "args"}
        return self.say(f"refusal.{error.code}", **carried)

    def listed(self, items: Sequence[str]) -> str:
        """Items one after the other; a dash for none."""
        return ("、" if self.lang == "zh_Hans" else ", ").join(items) or "–"


@cache
def words(lang: Lang, unit: str = "CNY") -> Words:
    """The texts of a language, for amounts of a unit.

    unit     a value of the domain's Unit, as in `scheme.unit.value`
    """
    return Words(lang, _texts(lang), unit)


@cache
def _texts(lang: Lang) -> Mapping[str, str]:
    text = files("evernormal.locale").joinpath(f"{lang}.toml").read_text(encoding="utf-8")
    return dict(_flat(tomllib.loads(text)))


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, str):
            yield prefix + key, value
        else:
            yield from _flat(value, f"{prefix}{key}.")


class _Formatter(string.Formatter):
    def __init__(self, own: Words) -> None:
        self._own = own

    def get_value(self, key: int | str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        own = f"{key}_{'zh' if self._own.lang == 'zh_Hans' else 'en'}"
        if own in kwargs:
            return kwargs[own]
        if key == "unit" and key not in kwargs:
            return self._own.word("unit", self._own.unit.value)
        return super().get_value(key, args, kwargs)

    def format_field(self, value: Any, format_spec: str) -> str:
        kind, _, rest = format_spec.partition(" ")
        match kind:
            case "":
                return str(value)
            case "word":
                return self._own.word(rest, getattr(value, "value", value))
            case "parts":
                return " + ".join(self._part(part) for part in _ids(value))
            case "words" | "list" | "parties":
                return self._own.listed([self._item(kind, rest, item) for item in _ids(value)])
            case _:
                noun = self._own.word("unit", self._own.unit.value) if kind == "money" else rest
                is_chinese = self._own.lang == "zh_Hans"
                return figures.write(value, kind=kind, noun=noun, is_chinese=is_chinese)

    def _item(self, kind: str, table: str, item: str) -> str:
        if kind == "parties":
            return self._party(item)
        return self._own.word(table, item) if kind == "words" else item

    def _part(self, part: str) -> str:
        """A part of a cost and its ratio, written `fen*ratio`."""
        size, _, ratio = part.partition("*")
        return f"{figures.yuan_text(size)} × {figures.ratio_in_words(Fraction(ratio))}"

    def _party(self, identifier: str) -> str:
        """An owner as the public may see it: an organisation by its code, a person unnamed."""
        return self._own.say("party.person") if identifier.startswith("person:") else identifier


def _ids(value: object) -> list[str]:
    """Facts carry several ids as one text with blanks between."""
    return value.split() if isinstance(value, str) else [str(v) for v in value]  # type: ignore[attr-defined]
