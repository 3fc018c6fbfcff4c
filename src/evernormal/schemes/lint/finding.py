"""A lint finding, and the scheme on one day at which lint looks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import Any, TypeVar

from evernormal.domain.policy import Form, Scheme

F = TypeVar("F", bound=Form)


class Level(Enum):
    """How bad a finding is. An error makes `rules check` fail."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a scheme file says and hardly means.

    code     its sentence below [lint] in the words
    rule_id  the rule that it is about; "" for the scheme as a whole
    facts    what the sentence names; money in fen
    line     from 1; None for the file as a whole
    """

    level: Level
    code: str
    rule_id: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    path: str = ""
    line: int | None = None

    @property
    def place(self) -> str:
        """The file, and the line where there is one."""
        return self.path if self.line is None else f"{self.path}:{self.line}"


@dataclass(frozen=True, slots=True)
class DayView:
    """A scheme's rules in force on one day."""

    scheme: Scheme
    day: date

    def one(self, form: type[F]) -> tuple[str, F] | None:
        """The first rule of a form, with its id, or None."""
        return self.scheme.find(form, self.day)

    def every(self, form: type[F]) -> list[tuple[str, F]]:
        """Every rule of a form, with its id."""
        return self.scheme.find_all(form, self.day)
