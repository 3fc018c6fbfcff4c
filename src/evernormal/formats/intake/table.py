"""What a spreadsheet is made of: its file, its key, and its columns with what their cells hold."""

from dataclasses import dataclass

from evernormal.formats.intake.kinds import Kind


@dataclass(frozen=True, slots=True)
class Column:
    """A column: what its cells hold, and what they mean. An optional one may be left out."""

    name: str
    kind: Kind
    en: str
    zh: str
    is_required: bool = True


@dataclass(frozen=True, slots=True)
class Table:
    """A spreadsheet. No two rows have the same `key`. An optional file may be left out."""

    file: str
    en: str
    zh: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    is_required: bool = True


def optional(name: str, kind: Kind, en: str, zh: str) -> Column:
    """A column that may be left out, and whose cells may be blank."""
    return Column(name, kind, en, zh, is_required=False)
