"""What is wrong with the catalogue's files, all of it at once, each with its place."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class CatalogueProblem:
    """One mistake. `line` is from 1; 0 is the file as a whole. `place` is a column or a key."""

    path: str
    line: int
    place: str
    message: str

    def __str__(self) -> str:
        where = f"{self.path}:{self.line}" if self.line else self.path
        return ": ".join(part for part in (where, self.place, self.message) if part)


class CatalogueProblems(Exception):
    """Files with mistakes: all of them, in order of file and line."""

    def __init__(self, problems: Iterable[CatalogueProblem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))
