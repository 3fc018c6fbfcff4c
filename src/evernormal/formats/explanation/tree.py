"""An explanation: a title and a tree of lines, the same on the screen, on paper and in a report."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum


class Mark(Enum):
    """What a line says beside its words."""

    NONE = "none"
    PASSED = "passed"
    FAILED = "failed"
    STEP = "step"
    BOUND = "bound"
    RESULT = "result"
    RECORD = "record"


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence.

    source  the clause behind it with the title of its text, "" where no rule made it
    clause  the clause alone, for a page that names the title elsewhere
    """

    text: str
    mark: Mark = Mark.NONE
    label: str = ""
    source: str = ""
    clause: str = ""
    is_verified: bool = True
    children: tuple["Line", ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """How one number came about, in words."""

    identifier: str
    title: str
    lines: tuple[Line, ...]


_SIGNS = {
    Mark.NONE: "",
    Mark.PASSED: "✓ ",
    Mark.FAILED: "✗ ",
    Mark.STEP: "→ ",
    Mark.BOUND: "◆ ",
    Mark.RESULT: "= ",
    Mark.RECORD: "",
}


def as_text(explanation: Explanation) -> str:
    """An explanation as plain text, two blanks a level, with a line break at the end."""
    body = _indented(explanation.lines, depth=1)
    return "\n".join([explanation.title, *body]) + "\n"


def _indented(lines: tuple[Line, ...], *, depth: int) -> Iterator[str]:
    for line in lines:
        label = f"{line.label}: " if line.label else ""
        source = f" [{line.source}]" if line.source else ""
        yield f"{'  ' * depth}{_SIGNS[line.mark]}{label}{line.text}{source}"
        yield from _indented(line.children, depth=depth + 1)
