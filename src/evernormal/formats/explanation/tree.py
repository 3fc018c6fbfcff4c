"""An explanation: a title and a tree of lines, the same on the screen, on paper and in a report."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from evernormal.locale import Words


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
class CitedSource:
    """A text that clauses stand in.

    is_verified  a person compared them with its original
    is_assumed   there is no such text: the illustration assumes the values
    """

    title: str
    is_verified: bool
    is_assumed: bool = False

    @property
    def standing(self) -> str:
        """Assumed, unverified or verified."""
        if self.is_assumed:
            return "assumed"
        return "verified" if self.is_verified else "unverified"


@dataclass(frozen=True, slots=True)
class Citation:
    """The clause behind a line."""

    source: CitedSource
    clause: str


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence; `citation` is None where no rule of the scheme made it."""

    text: str
    mark: Mark = Mark.NONE
    label: str = ""
    citation: Citation | None = None
    children: tuple["Line", ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """How one number came about, in words.

    sources  what the lines cite, each once; a line cites it by its place in this list, from 1
    """

    identifier: str
    title: str
    lines: tuple[Line, ...]
    sources: tuple[CitedSource, ...]

    def number_of(self, citation: Citation) -> int:
        """The number under which a line cites its source."""
        return self.sources.index(citation.source) + 1


_SIGNS = {
    Mark.NONE: "",
    Mark.PASSED: "✓ ",
    Mark.FAILED: "✗ ",
    Mark.STEP: "→ ",
    Mark.BOUND: "◆ ",
    Mark.RESULT: "= ",
    Mark.RECORD: "",
}


_SOURCE_KEYS = {
    "assumed": "explain.source_assumed",
    "unverified": "explain.source_unverified",
    "verified": "explain.source",
}


def sources_of(lines: Iterable[Line]) -> Iterator[CitedSource]:
    """The source of every line that cites one, as often as it is cited, from top to bottom."""
    for line in lines:
        if line.citation is not None:
            yield line.citation.source
        yield from sources_of(line.children)


def as_text(explanation: Explanation, words: Words) -> str:
    """An explanation as plain text, two blanks a level, with a line break at the end.

    words  of the language in which the explanation was made
    """
    body = [explanation.title, *_indented(explanation, explanation.lines, words=words, depth=1)]
    if explanation.sources:
        body.append(f"  {words.say('explain.sources')}")
    for number, source in enumerate(explanation.sources, start=1):
        key = _SOURCE_KEYS[source.standing]
        body.append(f"    {words.say(key, number=number, title=source.title)}")
    return "\n".join(body) + "\n"


def _indented(
    explanation: Explanation, lines: Iterable[Line], *, words: Words, depth: int
) -> Iterator[str]:
    for line in lines:
        text = line.text
        if line.label:
            text = words.say("explain.labelled", label=line.label, text=text)
        if line.citation is not None:
            number, clause = explanation.number_of(line.citation), line.citation.clause
            text = words.say("explain.cited", text=text, number=number, clause=clause)
        yield f"{'  ' * depth}{_SIGNS[line.mark]}{text}"
        yield from _indented(explanation, line.children, words=words, depth=depth + 1)
