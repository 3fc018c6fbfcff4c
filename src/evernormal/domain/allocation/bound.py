"""Which limit kept a request from more."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from evernormal.domain.allocation.mechanism import Mechanism
from evernormal.domain.allocation.outcome import Grant, Outcome
from evernormal.domain.allocation.request import Arc, Request, Round
from evernormal.domain.allocation.sequential import turns
from evernormal.domain.allocation.tally import (
    arcs_by_worth,
    cost_of,
    free_cards,
    money_of,
    window_of,
    work_of,
)


class BoundKind(Enum):
    """What kept a request from more.

    REQUEST     nothing: all its work is met
    MEMORY      it fits, or is allowed, on no pool of the round
    DEADLINE    it has no hour to run in, or cards are free only after its last one
    BUDGET      what it has left does not pay one gang for an hour where cards are free
    SHARE       cards are free and it could pay them: the mechanism gives it no larger share
    CARD_LIMIT  it holds all the cards that it can use at once, in every hour that it has
    RESERVED    the only free cards are kept for other groups
    GANG        fewer cards are free than one of its gangs
    CAPACITY    its pools have no free card
    RANK        the same, and others that had their turn before it took them
    LOTTERY     the same, and the others were drawn before it
    """

    REQUEST = "REQUEST"
    MEMORY = "MEMORY"
    DEADLINE = "DEADLINE"
    BUDGET = "BUDGET"
    SHARE = "SHARE"
    CARD_LIMIT = "CARD_LIMIT"
    RESERVED = "RESERVED"
    GANG = "GANG"
    CAPACITY = "CAPACITY"
    RANK = "RANK"
    LOTTERY = "LOTTERY"


@dataclass(frozen=True, slots=True)
class Bound:
    """What kept a request from more.

    pool_id  where: the best of its pools of which it is true; "" where it is of none
    place    its turn, from 1 on; 0 where there are no turns
    before   requests that had their turn earlier and hold cards of its pools, in that order
    """

    kind: BoundKind
    pool_id: str = ""
    place: int = 0
    before: tuple[str, ...] = ()


def bound_of(round_: Round, outcome: Outcome, request: Request) -> Bound:
    """Find what kept a request from one more gang for one more hour.

    A pool is looked at in the order in which the request would choose; the first thing that
    would have let it have more, had it alone been otherwise, is named.

    source   docs/rules/clearing.md
    """
    own = outcome.of(request.id)
    if work_of(request, own) >= request.work:
        return Bound(BoundKind.REQUEST)
    if not request.arcs:
        return Bound(BoundKind.MEMORY)
    starts, ends = window_of(request, round_.hours)
    if starts >= ends:
        return Bound(BoundKind.DEADLINE)
    arcs = arcs_by_worth(request, round_)
    cases = [_case_of(round_, outcome, request, arc) for arc in arcs]
    for kind in _NEAREST_FIRST:
        for arc, case in zip(arcs, cases, strict=True):
            if case is kind:
                return Bound(kind, arc.pool_id)
    return _full(round_, outcome, request, arcs[0].pool_id)


_NEAREST_FIRST = (
    BoundKind.SHARE,
    BoundKind.BUDGET,
    BoundKind.CARD_LIMIT,
    BoundKind.DEADLINE,
    BoundKind.RESERVED,
    BoundKind.GANG,
)


def _case_of(round_: Round, outcome: Outcome, request: Request, arc: Arc) -> BoundKind:
    """What stands between a request and one more gang-hour of one pool."""
    pool = next(pool for pool in round_.pools if pool.id == arc.pool_id)
    grants = [grant for grant in outcome.grants if grant.pool_id == pool.id]
    own = [grant for grant in grants if grant.request_id == request.id]
    window = window_of(request, round_.hours)
    open_to_it = free_cards(round_, grants, pool_id=pool.id, group=request.group)
    inside = [cards for cards, used in _hours_of(open_to_it, own, window) if _fits(arc, used)]
    if not inside:
        return BoundKind.CARD_LIMIT
    if max(inside) >= arc.gang_cards:
        money = money_of(request, outcome.mechanism) - cost_of(round_, outcome.of(request.id))
        is_short = money.amount < pool.price.amount * arc.gang_cards
        return BoundKind.BUDGET if is_short else BoundKind.SHARE
    later = _hours_of(open_to_it, own, (window[1], round_.hours))
    if any(cards >= arc.gang_cards for cards, _ in later):
        return BoundKind.DEADLINE
    used_cards = [_used(grants, hour) for hour in _edges(grants, window)]
    if pool.cards - min(used_cards) >= arc.gang_cards:
        return BoundKind.RESERVED
    return BoundKind.GANG if max(inside) else BoundKind.CAPACITY


def _fits(arc: Arc, used: int) -> bool:
    return used + arc.gang_cards <= arc.cards_max


def _used(grants: Sequence[Grant], hour: int) -> int:
    return sum(grant.cards for grant in grants if grant.starts <= hour < grant.ends)


def _edges(grants: Sequence[Grant], window: tuple[int, int]) -> list[int]:
    """Hours of a window after which the cards in use may be others; its first one always."""
    edges = {edge for grant in grants for edge in (grant.starts, grant.ends)}
    return [window[0], *sorted(edge for edge in edges if window[0] < edge < window[1])]


def _hours_of(
    free: Sequence[tuple[int, int, int]], own: Sequence[Grant], window: tuple[int, int]
) -> list[tuple[int, int]]:
    """Of each stretch of free cards inside a window: the cards, and those that it has itself."""
    return [
        (cards, _used(own, first))
        for first, last, cards in free
        if max(first, window[0]) < min(last, window[1])
    ]


def _full(round_: Round, outcome: Outcome, request: Request, pool_id: str) -> Bound:
    """Its pools are full: by the turns of others, where there are turns."""
    if not outcome.mechanism.is_sequential:
        return Bound(BoundKind.CAPACITY, pool_id)
    order = [one.id for one in turns(round_, outcome.mechanism)]
    place = order.index(request.id)
    pools = {arc.pool_id for arc in request.arcs}
    holders = {grant.request_id for grant in outcome.grants if grant.pool_id in pools}
    before = tuple(one for one in order[:place] if one in holders)
    if not before:
        return Bound(BoundKind.CAPACITY, pool_id, place=place + 1)
    is_drawn = outcome.mechanism is Mechanism.LOTTERY
    kind = BoundKind.LOTTERY if is_drawn else BoundKind.RANK
    return Bound(kind, pool_id, place=place + 1, before=before)
