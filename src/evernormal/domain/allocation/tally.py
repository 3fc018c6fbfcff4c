"""What grants come to: hours of the window, work, fen, and the cards in use over time."""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import pairwise

from evernormal.domain.allocation.mechanism import Mechanism
from evernormal.domain.allocation.outcome import Grant
from evernormal.domain.allocation.request import Arc, Request, Round
from evernormal.domain.values import Fen


def window_of(request: Request, hours: int) -> tuple[int, int]:
    """The hours in which a request may run: the first, and the first after them.

    hours    of the round
    """
    ends = hours if request.deadline is None else min(hours, request.deadline)
    return request.earliest, ends


def arcs_by_worth(request: Request, round_: Round) -> list[Arc]:
    """A request's arcs, the best first: most work per fen, then fastest, then pool id."""
    price = {pool.id: pool.price.amount for pool in round_.pools}
    return sorted(
        request.arcs,
        key=lambda arc: (Fraction(price[arc.pool_id], arc.speed), -arc.speed, arc.pool_id),
    )


def work_of(request: Request, grants: Iterable[Grant]) -> int:
    """Units of work that grants do for a request, what it has no use for not counted."""
    speed = {arc.pool_id: arc.speed for arc in request.arcs}
    done = sum(grant.card_hours * speed[grant.pool_id] for grant in grants)
    return min(done, request.work)


def cost_of(round_: Round, grants: Iterable[Grant]) -> Fen:
    """What grants cost at posted prices, in fen, exactly."""
    price = {pool.id: pool.price.amount for pool in round_.pools}
    return Fen(sum(grant.card_hours * price[grant.pool_id] for grant in grants))


def money_of(request: Request, mechanism: Mechanism) -> Fen:
    """The most that a request can pay at posted prices: its own money only where that buys."""
    return request.budget + request.own if mechanism.spends_own_money else request.budget


def stretches(grants: Iterable[Grant]) -> Iterator[tuple[int, int, list[Grant]]]:
    """The hours that grants touch, cut wherever one of them starts or ends.

    yields   first hour, the first hour after it, and the grants that run in all of them
    """
    running = sorted(grants, key=lambda grant: grant.starts)
    cuts = sorted({grant.starts for grant in running} | {grant.ends for grant in running})
    for first, last in pairwise(cuts):
        inside = [grant for grant in running if grant.starts <= first < grant.ends]
        if inside:
            yield first, last, inside


def free_cards(
    round_: Round, grants: Iterable[Grant], *, pool_id: str, group: str
) -> list[tuple[int, int, int]]:
    """The cards of a pool that a group could still have, over the hours of the round.

    group    "" for a request without a group
    returns  (first hour, the first after it, cards) for stretches that make up the whole round
    """
    pool = next(pool for pool in round_.pools if pool.id == pool_id)
    groups = {request.id: request.group for request in round_.requests}
    own_kept, kept = pool.reserved.get(group, 0), sum(pool.reserved.values())
    untouched = pool.cards - kept + own_kept
    found, at = [], 0
    for first, last, inside in stretches(g for g in grants if g.pool_id == pool_id):
        used: dict[str, int] = {}
        for grant in inside:
            used[groups[grant.request_id]] = used.get(groups[grant.request_id], 0) + grant.cards
        beyond = sum(max(0, n - pool.reserved.get(name, 0)) for name, n in used.items())
        open_left = pool.cards - kept - beyond
        found += [(at, first, untouched)] if at < first else []
        found.append((first, last, open_left + max(0, own_kept - used.get(group, 0))))
        at = last
    if at < round_.hours:
        found.append((at, round_.hours, untouched))
    return found
