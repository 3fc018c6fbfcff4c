"""The exact check of an outcome: law 8 for clearing rounds."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from evernormal.domain.allocation.outcome import Grant, Outcome
from evernormal.domain.allocation.request import Arc, Pool, Request, Round
from evernormal.domain.allocation.tally import cost_of, money_of, stretches, window_of


class Breach(Enum):
    """Which limit of a round an outcome breaks.

    UNKNOWN     another round, or a grant to a request or of a pool that the round does not join
    CAPACITY    more cards in an hour than the pool has
    RESERVED    cards in an hour that are kept for another group
    GANG        cards in an hour that are no whole gangs
    CARD_LIMIT  more cards in an hour than the request can use there
    WINDOW      hours before the first or after the deadline
    BUDGET      more than the request's money pays at posted prices
    WORK        a whole hour more of its grants than the work needs
    PRICE       a price below the posted one, or of no pool
    """

    UNKNOWN = "UNKNOWN"
    CAPACITY = "CAPACITY"
    RESERVED = "RESERVED"
    GANG = "GANG"
    CARD_LIMIT = "CARD_LIMIT"
    WINDOW = "WINDOW"
    BUDGET = "BUDGET"
    WORK = "WORK"
    PRICE = "PRICE"


@dataclass(frozen=True, slots=True)
class Violation:
    """A limit that an outcome breaks.

    request_id, pool_id  whose and where; "" where it is about no one in particular
    hour                 the first hour in which it is so; 0 where it is about no hour
    has, may             what there is and what there may be: cards, fen, work or hours
    """

    breach: Breach
    request_id: str
    pool_id: str
    hour: int
    has: int
    may: int


def check_outcome(round_: Round, outcome: Outcome) -> list[Violation]:
    """Check an outcome against every limit of its round, hour by hour, in whole numbers.

    returns  every violation, sorted; empty when the outcome keeps to all limits
    source   docs/rules/clearing.md
    """
    requests = {request.id: request for request in round_.requests}
    pools = {pool.id: pool for pool in round_.pools}
    joined = {(request.id, arc.pool_id) for request in round_.requests for arc in request.arcs}
    strange = [g for g in outcome.grants if (g.request_id, g.pool_id) not in joined]
    found = [_of(Breach.UNKNOWN, g.request_id, g.pool_id, has=g.cards) for g in strange]
    if outcome.round_id != round_.id:
        found.append(_of(Breach.UNKNOWN, has=len(outcome.grants)))
    known = [g for g in outcome.grants if (g.request_id, g.pool_id) in joined]
    of_pool: dict[str, list[Grant]] = {pool.id: [] for pool in round_.pools}
    of_request: dict[str, list[Grant]] = {request.id: [] for request in round_.requests}
    for grant in known:
        of_pool[grant.pool_id].append(grant)
        of_request[grant.request_id].append(grant)
    for pool in round_.pools:
        found += _pool_breaches(pool, of_pool[pool.id], requests)
    for request in round_.requests:
        found += _request_breaches(round_, request, of_request[request.id])
        money = money_of(request, outcome.mechanism)
        cost = cost_of(round_, of_request[request.id])
        if cost > money:
            found.append(_of(Breach.BUDGET, request.id, has=cost.amount, may=money.amount))
    for pool_id, price in outcome.prices.items():
        least = pools[pool_id].price.amount if pool_id in pools else 0
        if pool_id not in pools or price < least:
            found.append(_of(Breach.PRICE, pool_id=pool_id, has=int(price), may=least))
    return sorted(found, key=lambda one: (one.breach.value, one.request_id, one.pool_id, one.hour))


def _of(
    breach: Breach, request_id: str = "", pool_id: str = "", *, hour: int = 0, **sizes: int
) -> Violation:
    return Violation(breach, request_id, pool_id, hour, sizes.get("has", 0), sizes.get("may", 0))


def _pool_breaches(
    pool: Pool, grants: list[Grant], requests: Mapping[str, Request]
) -> Iterator[Violation]:
    open_cards = pool.cards - sum(pool.reserved.values())
    for hour, _, inside in stretches(grants):
        used: dict[str, int] = {}
        for grant in inside:
            group = requests[grant.request_id].group
            used[group] = used.get(group, 0) + grant.cards
        together = sum(used.values())
        beyond = sum(max(0, n - pool.reserved.get(group, 0)) for group, n in used.items())
        if together > pool.cards:
            yield _of(Breach.CAPACITY, pool_id=pool.id, hour=hour, has=together, may=pool.cards)
        elif beyond > open_cards:
            yield _of(Breach.RESERVED, pool_id=pool.id, hour=hour, has=beyond, may=open_cards)


def _request_breaches(round_: Round, request: Request, grants: list[Grant]) -> Iterator[Violation]:
    first, ends = window_of(request, round_.hours)
    for grant in grants:
        if grant.starts < first or grant.ends > ends:
            hour = grant.starts if grant.starts < first else ends
            yield _of(Breach.WINDOW, request.id, grant.pool_id, hour=hour, has=grant.ends, may=ends)
    for arc in request.arcs:
        yield from _arc_breaches(request.id, arc, [g for g in grants if g.pool_id == arc.pool_id])
    speed = {arc.pool_id: arc.speed for arc in request.arcs}
    done = sum(grant.card_hours * speed[grant.pool_id] for grant in grants)
    last_hour = max((grant.cards * speed[grant.pool_id] for grant in grants), default=0)
    if done - last_hour >= request.work:
        yield _of(Breach.WORK, request.id, has=done, may=request.work + last_hour - 1)


def _arc_breaches(request_id: str, arc: Arc, grants: list[Grant]) -> Iterator[Violation]:
    for hour, _, inside in stretches(grants):
        cards = sum(grant.cards for grant in inside)
        if cards % arc.gang_cards:
            yield _of(
                Breach.GANG, request_id, arc.pool_id, hour=hour, has=cards, may=arc.gang_cards
            )
        if cards > arc.cards_max:
            yield _of(
                Breach.CARD_LIMIT, request_id, arc.pool_id, hour=hour, has=cards, may=arc.cards_max
            )
