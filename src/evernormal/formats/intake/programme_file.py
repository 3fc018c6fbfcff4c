"""programme.toml as it was read: values by key, and where each of them stands."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from evernormal.formats.intake import toml_file
from evernormal.formats.intake.programme_schema import USAGE_SETTINGS
from evernormal.formats.problems import Problem

PROGRAMME_FILE: Final = "programme.toml"


@dataclass(frozen=True, slots=True)
class UsageEntry:
    """One [[usage]]: what could be read of it. `index` counts from 0.

    settings  what the file does not say of itself, by key: USAGE_SETTINGS
    """

    index: int
    file: str | None
    format: str | None
    provider_id: str | None
    received_at: datetime | None
    device_classes: Mapping[str, str]
    settings: Mapping[str, Any] = field(default_factory=dict)


class ProgrammeFile:
    """A read programme.toml: values by key, and the line of each key."""

    def __init__(self, text: str, document: Mapping[str, Any]) -> None:
        self._text, self._document = text, document
        self.values: dict[tuple[str | int, ...], object] = {}

    def leaves(self) -> Iterator[tuple[tuple[str | int, ...], object]]:
        """Give every value that is no table, with its key."""
        yield from _leaves((), self._document)

    def find(self, *key: str | int) -> Any:
        """The value of a key as its kind read it, or None."""
        return self.values.get(key)

    def count(self, name: str) -> int:
        """How many tables an array has."""
        array = self._document.get(name)
        return len(array) if isinstance(array, list) else 0

    def problem(self, *key: str | int, code: str, message: str, todo: str) -> Problem:
        """A problem of a key."""
        line = toml_file.line_of(key, self._text)
        return Problem(PROGRAMME_FILE, line, toml_file.dotted(key), code, message, todo)

    def usage(self) -> list[UsageEntry]:
        """Every [[usage]]."""
        return [self._usage(index) for index in range(self.count("usage"))]

    def texts(self, *prefix: str | int) -> dict[str, str]:
        """The texts of a table, by their names in it."""
        size = len(prefix)
        return {
            str(key[size]): str(value)
            for key, value in self.values.items()
            if key[:size] == prefix and len(key) == size + 1
        }

    def _usage(self, index: int) -> UsageEntry:
        classes = self.texts("usage", index, "device_classes")
        file, form, provider_id, received_at = (
            self.find("usage", index, name)
            for name in ("file", "format", "provider", "received_at")
        )
        names = sorted(frozenset().union(*(a | b for a, b in USAGE_SETTINGS.values())))
        found = {name: self.find("usage", index, name) for name in names}
        settings = {name: value for name, value in found.items() if value is not None}
        return UsageEntry(index, file, form, provider_id, received_at, classes, settings)


def _leaves(
    key: tuple[str | int, ...], value: object
) -> Iterator[tuple[tuple[str | int, ...], object]]:
    items: Iterator[tuple[str | int, object]]
    if isinstance(value, Mapping):
        items = iter(value.items())
    elif isinstance(value, list):
        items = iter(enumerate(value))
    else:
        yield key, value
        return
    for part, item in items:
        yield from _leaves((*key, part), item)
