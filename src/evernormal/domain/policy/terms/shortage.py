"""What happens when applications exceed the pot."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import ClassVar, assert_never


class Shortage(Enum):
    """How a pot that is too small is shared."""

    FIRST_COME = "FIRST_COME"
    PRO_RATA = "PRO_RATA"
    RANKED = "RANKED"
    LOTTERY = "LOTTERY"


@dataclass(frozen=True, slots=True)
class Candidate:
    """An eligible application that waits for its turn."""

    contract_id: str
    applied_on: date
    score: int | None


@dataclass(frozen=True, slots=True)
class ShortageRule:
    """How a pot that is too small is shared.

    least_score  RANKED and LOTTERY: below it there is no turn
    sure_score   LOTTERY: from it on there is no draw, the higher score goes first
    """

    name: ClassVar[str] = "shortage"
    shortage: Shortage
    least_score: int | None = None
    sure_score: int | None = None

    def admits(self, candidate: Candidate) -> bool:
        """Whether an application has a turn at all: a score is asked only where there is one."""
        if self.least_score is None:
            return True
        return candidate.score is not None and candidate.score >= self.least_score

    def turns(self, candidates: Iterable[Candidate], *, seed: str) -> list[Candidate]:
        """Put the admitted applications in the order in which they are awarded.

        seed     the published seed of the draw; "" where nothing is drawn
        returns  the same order for any order of the input
        source   docs/rules/shortage.md
        """
        admitted = [c for c in candidates if self.admits(c)]
        match self.shortage:
            case Shortage.FIRST_COME | Shortage.PRO_RATA:
                return sorted(admitted, key=_by_arrival)
            case Shortage.RANKED:
                return sorted(admitted, key=_by_score)
            case Shortage.LOTTERY:
                return sorted(admitted, key=lambda c: self._by_lot(c, seed))
            case _:
                assert_never(self.shortage)

    def _by_lot(self, candidate: Candidate, seed: str) -> tuple[int, int, str, str]:
        score = candidate.score or 0
        if self.sure_score is not None and score >= self.sure_score:
            return (0, -score, candidate.applied_on.isoformat(), candidate.contract_id)
        return (1, 0, ticket_of(candidate.contract_id, seed=seed), candidate.contract_id)


def ticket_of(contract_id: str, *, seed: str) -> str:
    """The lot of an application: whoever knows the published seed can draw it again.

    returns  SHA-256 of seed, line feed, contract id, in hex; the lowest goes first
    """
    return hashlib.sha256(f"{seed}\n{contract_id}".encode()).hexdigest()


def _by_arrival(candidate: Candidate) -> tuple[date, str]:
    return candidate.applied_on, candidate.contract_id


def _by_score(candidate: Candidate) -> tuple[int, date, str]:
    return -(candidate.score or 0), candidate.applied_on, candidate.contract_id
