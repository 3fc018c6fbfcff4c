"""What is wrong with a file that a person made: where it is, and what to do about it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# A hopeless file is not worth a longer list; the first corrections shorten it for all the rest.
PROBLEMS_MAX = 5_000


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one file.

    line     counts from 1; None when it is about the file as a whole
    column   a column's name, a dotted key, or a character's place in the line from 1
    code     stable and dotted, for programs
    message  what is wrong; todo: what to write instead
    """

    file: str
    line: int | None
    column: str | int | None
    code: str
    message: str
    todo: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        column = "" if self.column is None else f"column {self.column}: "
        return f"{place}: {column}{self.message} {self.todo}"


class InputProblems(Exception):
    """Input is refused as a whole. `problems` is all that is wrong, by file, line and column."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = _listed(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class Unreadable(Exception):
    """One text is not what its column holds. The reader of the file adds the place.

    others   what else is wrong with the same text
    """

    def __init__(
        self, code: str, message: str, todo: str, *, others: Sequence["Unreadable"] = ()
    ) -> None:
        self.code, self.message, self.todo, self.others = code, message, todo, tuple(others)
        super().__init__(f"{message} {todo}")


def _listed(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    ordered = sorted(set(problems), key=_place)
    if len(ordered) <= PROBLEMS_MAX:
        return tuple(ordered)
    more = Problem(
        file=ordered[PROBLEMS_MAX].file,
        line=None,
        column=None,
        code="problems.more",
        message=f"There are {len(ordered) - PROBLEMS_MAX} more problems.",
        todo="Correct those above and check again.",
    )
    return (*ordered[:PROBLEMS_MAX], more)


def _place(problem: Problem) -> tuple[str, int, int, str, str, str]:
    """Sort key: by file, line, column; what is about the whole file comes first."""
    column = problem.column
    number, name = (column, "") if isinstance(column, int) else (0, column or "")
    return problem.file, problem.line or 0, number, name, problem.code, problem.message
