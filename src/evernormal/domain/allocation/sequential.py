"""Mechanisms that let requests choose one after the other: ranked, first come, by lot."""

from typing import assert_never

from evernormal.domain.allocation.mechanism import Mechanism
from evernormal.domain.allocation.openings import fill, openings_of
from evernormal.domain.allocation.outcome import Grant, Outcome, in_order
from evernormal.domain.allocation.request import Request, Round
from evernormal.domain.errors import DomainError
from evernormal.domain.policy import ticket_of


class DrawWithoutSeed(DomainError):
    """Cards shall be drawn for, and no seed is published."""

    code = "clearing.draw_without_seed"

    def __init__(self, *, round_id: str) -> None:
        self.round_id = round_id
        super().__init__(
            f"Round {round_id} is drawn, but has no seed. "
            "Publish where the seed comes from before the round closes, and state it."
        )


def turns(round_: Round, mechanism: Mechanism) -> list[Request]:
    """Put the requests of a round in the order in which they choose.

    mechanism  one of the three that is_sequential
    returns    the same order for any order of the input
    raises     DrawWithoutSeed
    source     docs/rules/clearing.md
    """
    match mechanism:
        case Mechanism.FIRST_COME:
            return sorted(round_.requests, key=lambda request: request.number)
        case Mechanism.RANKED:
            return sorted(round_.requests, key=lambda request: (-request.score, request.number))
        case Mechanism.LOTTERY:
            if not round_.seed:
                raise DrawWithoutSeed(round_id=round_.id)
            return sorted(round_.requests, key=lambda request: _by_lot(round_, request))
        case (
            Mechanism.PROPORTIONAL
            | Mechanism.PROPORTIONAL_WITH_OWN_MONEY
            | Mechanism.MAX_MIN
            | Mechanism.DRF
        ):
            raise ValueError(f"{mechanism.value} has no turns: it shares")
        case _:
            assert_never(mechanism)


def tier_of(round_: Round, score: int) -> int:
    """The tier of a draw that a score is in: 0 is drawn first."""
    return sum(score < least for least in round_.tiers)


def _by_lot(round_: Round, request: Request) -> tuple[int, str, int]:
    # The lot is the applicant's: who splits a request does not draw twice.
    ticket = ticket_of(request.applicant_id, seed=round_.seed)
    return tier_of(round_, request.score), ticket, request.number


def clear_in_turn(round_: Round, mechanism: Mechanism) -> Outcome:
    """Let each request take, at its turn, what is left and what it can pay.

    It fills its pools one after the other, most work per fen first, then the fastest, then by id;
    each from its first hour on, with as many whole gangs as are free and it can use, until its
    work is done or its budget cannot pay a gang for an hour at the posted price.

    mechanism  one of the three that is_sequential
    raises     DrawWithoutSeed
    source     docs/rules/clearing.md
    """
    openings = openings_of(round_)
    grants: list[Grant] = []
    for request in turns(round_, mechanism):
        grants += fill(request, round_, openings, money=request.budget)
    return Outcome(round_.id, mechanism, in_order(grants))
