"""What is wrong with a file, all of it at once, each with its place and what to do."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

Key = str | int

TOLD_MAX = 200
"""More mistakes than anyone corrects at once; a file of another kind is wrong everywhere."""

_HEADER = re.compile(r"\s*(\[\[?)\s*([A-Za-z0-9_.\- ]+?)\s*\]\]?\s*(?:#.*)?")
_KEY = re.compile(r"\s*([A-Za-z0-9_\-]+(?:\s*\.\s*[A-Za-z0-9_\-]+)*)\s*=")
_GROUPED = re.compile(r"(?<=[0-9])_(?=[0-9]{3})")
_LONG_QUOTES = ('"""', "'''")


@dataclass(frozen=True, slots=True)
class SchemeProblem:
    """One mistake. `place` is dotted, as in `rule[share].from[0].value.ratio`; `line` from 1."""

    path: str
    place: str
    line: int | None
    message: str

    def __str__(self) -> str:
        where = self.path if self.line is None else f"{self.path}:{self.line}"
        return ": ".join(part for part in (where, self.place, self.message) if part)


class SchemeProblems(Exception):
    """A scheme or cases file with mistakes: all of them, in order of lines.

    As text, the first TOLD_MAX and how many more there are.
    """

    def __init__(self, problems: Iterable[SchemeProblem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda p: (p.line is None, p.line or 0)))
        told = [str(problem) for problem in self.problems[:TOLD_MAX]]
        more = len(self.problems) - len(told)
        super().__init__("\n".join([*told, f"and {more} more"] if more else told))


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a file. Problems named at any place of a file gather in one list.

    is_cell  it holds bare text, as a sheet or a command line does, where TOML's quotes are wrong
    """

    path: str
    lines: Mapping[tuple[Key, ...], int]
    problems: list[SchemeProblem] = field(default_factory=list)
    keys: tuple[Key, ...] = ()
    shown: str = ""
    is_cell: bool = False

    def at(self, key: Key, *, name: str | None = None) -> "Place":
        """Go to the place below; `name` is shown for a list entry instead of its number.

        key   a table's key or a list's index from 0
        """
        shown = f"[{key if name is None else name}]" if isinstance(key, int) else f".{key}"
        return Place(
            path=self.path,
            lines=self.lines,
            problems=self.problems,
            keys=(*self.keys, key),
            shown=f"{self.shown}{shown}".lstrip("."),
            is_cell=self.is_cell,
        )

    @property
    def line(self) -> int | None:
        """The line of this place, or of the nearest place around it that has one."""
        for length in range(len(self.keys), 0, -1):
            if self.keys[:length] in self.lines:
                return self.lines[self.keys[:length]]
        return None

    def written(self, words: str) -> str:
        """How a value is written here, given how TOML writes it."""
        return bare(words) if self.is_cell else words

    def refuse(self, message: str) -> None:
        """Put a problem on the list. The message says what to do."""
        self.problems.append(
            SchemeProblem(path=self.path, place=self.shown, line=self.line, message=message)
        )


def bare(words: str) -> str:
    """Say how a value is written without the quotes of TOML, given how TOML writes it."""
    for quotes in (", in quotes", " in quotes", " without quotes", '"'):
        words = words.replace(quotes, "")
    return _GROUPED.sub("", words)


def find_lines(text: str) -> dict[tuple[Key, ...], int]:
    """Find where the keys and tables of a TOML text are, which its parser does not tell.

    returns  line from 1 by path, lists by index: ("rule", 0, "from", 1, "date") -> 12. Keys
             inside an inline table are not listed: they share the line of the key around them.
    """
    lines: dict[tuple[Key, ...], int] = {}
    counts: dict[tuple[Key, ...], int] = {}
    table: tuple[Key, ...] = ()
    quotes = ""
    for number, line in enumerate(text.splitlines(), start=1):
        was_inside = bool(quotes)
        quotes = _open_quotes(line, quotes)
        if was_inside:
            continue
        if header := _HEADER.fullmatch(line):
            table = _table_path(header.group(2), is_list=header.group(1) == "[[", counts=counts)
            lines.setdefault(table, number)
        elif key := _KEY.match(line):
            path = (*table, *(part.strip() for part in key.group(1).split(".")))
            lines.setdefault(path, number)
    return lines


def _open_quotes(line: str, quotes: str) -> str:
    """Tell which long quotes are open after a line, given those open before it."""
    for mark in (quotes,) if quotes else _LONG_QUOTES:
        if line.count(mark) % 2:
            return "" if quotes else mark
    return quotes


def _table_path(name: str, *, is_list: bool, counts: dict[tuple[Key, ...], int]) -> tuple[Key, ...]:
    parts = [part.strip() for part in name.split(".")]
    path: tuple[Key, ...] = ()
    for part in parts[:-1]:
        path = (*path, part)
        if path in counts:
            path = (*path, counts[path] - 1)
    path = (*path, parts[-1])
    if is_list:
        counts[path] = counts.get(path, 0) + 1
        return (*path, counts[path] - 1)
    return path
