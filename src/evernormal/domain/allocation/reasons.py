"""Why a request got what it got in a clearing round."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from evernormal.domain.allocation.bound import Bound, BoundKind, bound_of
from evernormal.domain.allocation.change import Change, Clear, smallest_changes, target_of
from evernormal.domain.allocation.mechanism import Mechanism
from evernormal.domain.allocation.outcome import Grant, Outcome
from evernormal.domain.allocation.request import Arc, Pool, Request, Round
from evernormal.domain.allocation.tally import arcs_by_worth, cost_of, work_of
from evernormal.domain.errors import DomainError
from evernormal.domain.values import Fen


class RequestNotInRound(DomainError):
    """A reason was asked for a request that the round does not have."""

    code = "clearing.request_not_in_round"

    def __init__(self, *, round_id: str, request_id: str) -> None:
        self.round_id, self.request_id = round_id, request_id
        super().__init__(
            f"Round {round_id} has no request {request_id}. Name one that was made for this round."
        )


@dataclass(frozen=True, slots=True)
class WantedPool:
    """A pool that a request can run on, as the round left it.

    posted        fen per card-hour
    shadow        fen per card-hour that its scarcity adds to the posted price; None where the
                  mechanism has no prices
    used          share of its card-hours that were given, from 0 to 1
    """

    pool_id: str
    device_class: str
    posted: Fen
    shadow: Fraction | None
    used: Fraction


@dataclass(frozen=True, slots=True)
class Reason:
    """What a request got in a round, what it missed, and why.

    work, missed  units of its work that are met, and that are not
    cost          fen of its grants at posted prices
    worth         fen of its grants at the round's prices, cut to the fen; the cost where the
                  mechanism has no prices
    pools         those it can run on, in the order in which it would choose
    target        units of work that each change was to get it: any at all where it got nothing,
                  else all of it
    changes       the smallest of each kind that was tried; none where nothing is missed
    """

    request_id: str
    mechanism: Mechanism
    grants: tuple[Grant, ...]
    card_hours: int
    work: int
    missed: int
    cost: Fen
    worth: Fen
    bound: Bound
    pools: tuple[WantedPool, ...]
    target: int
    changes: tuple[Change, ...]


def why(
    round_: Round,
    outcome: Outcome,
    request_id: str,
    *,
    clear: Clear,
    accepts: Sequence[Arc] = (),
) -> Reason:
    """Explain one request's result, and find what would have got it more.

    clear    the mechanism that made the outcome: it is run again with each change
    accepts  arcs to pools that the request does not name, and could
    raises   RequestNotInRound
    source   docs/rules/clearing.md
    """
    request = next((one for one in round_.requests if one.id == request_id), None)
    if request is None:
        raise RequestNotInRound(round_id=round_.id, request_id=request_id)
    grants = outcome.of(request_id)
    work = work_of(request, grants)
    bound = bound_of(round_, outcome, request)
    changes: tuple[Change, ...] = ()
    if bound.kind is not BoundKind.REQUEST:
        changes = smallest_changes(round_, outcome, request, clear=clear, accepts=accepts)
    return Reason(
        request_id=request_id,
        mechanism=outcome.mechanism,
        grants=grants,
        card_hours=sum(grant.card_hours for grant in grants),
        work=work,
        missed=request.work - work,
        cost=cost_of(round_, grants),
        worth=_worth(round_, outcome, grants),
        bound=bound,
        pools=_wanted(round_, outcome, request),
        target=target_of(request, outcome),
        changes=changes,
    )


def used_part(round_: Round, outcome: Outcome, pool: Pool) -> Fraction:
    """Share of a pool's card-hours that a round gave away, from 0 to 1."""
    given = sum(grant.card_hours for grant in outcome.grants if grant.pool_id == pool.id)
    return Fraction(given, max(1, pool.cards * round_.hours))


def _wanted(round_: Round, outcome: Outcome, request: Request) -> tuple[WantedPool, ...]:
    pools = {pool.id: pool for pool in round_.pools}
    return tuple(
        WantedPool(
            pool.id,
            pool.device_class,
            posted=pool.price,
            shadow=_shadow(outcome, pool),
            used=used_part(round_, outcome, pool),
        )
        for pool in (pools[arc.pool_id] for arc in arcs_by_worth(request, round_))
    )


def _shadow(outcome: Outcome, pool: Pool) -> Fraction | None:
    if not outcome.prices:
        return None
    return outcome.prices.get(pool.id, Fraction(pool.price.amount)) - pool.price.amount


def _worth(round_: Round, outcome: Outcome, grants: Sequence[Grant]) -> Fen:
    posted = {pool.id: Fraction(pool.price.amount) for pool in round_.pools}
    prices = posted | dict(outcome.prices)
    return Fen(int(sum(grant.card_hours * prices[grant.pool_id] for grant in grants)))
