"""Mechanisms that let requests choose one after the other: ranked, first come, by lot."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import assert_never

from evernormal.domain.allocation.mechanism import Mechanism
from evernormal.domain.allocation.outcome import Grant, Outcome
from evernormal.domain.allocation.request import Arc, Pool, Request, Round
from evernormal.domain.allocation.tally import arcs_by_worth, window_of
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
    calendars = {pool.id: _Calendar.of(pool, round_.hours) for pool in round_.pools}
    grants: list[Grant] = []
    for request in turns(round_, mechanism):
        grants += _choose(request, round_, calendars)
    grants.sort(key=lambda grant: (grant.request_id, grant.pool_id, grant.starts))
    return Outcome(round_.id, mechanism, tuple(grants))


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Hours in which the same cards of a pool are free: open ones, and each group's own."""

    starts: int
    ends: int
    open: int
    kept: tuple[tuple[str, int], ...]

    def free_for(self, group: str) -> int:
        return self.open + dict(self.kept).get(group, 0)

    def part(self, starts: int, ends: int, *, cards: int = 0, group: str = "") -> "_Stretch":
        """Some of its hours, with cards taken: the group's own first."""
        own = min(cards, dict(self.kept).get(group, 0))
        kept = tuple((name, n - own if name == group else n) for name, n in self.kept)
        return _Stretch(starts, ends, self.open - (cards - own), kept)


@dataclass(slots=True)
class _Calendar:
    """The free cards of a pool over the round, as requests take them."""

    pool: Pool
    free: list[_Stretch] = field(default_factory=list)

    @classmethod
    def of(cls, pool: Pool, hours: int) -> "_Calendar":
        kept = tuple(sorted(pool.reserved.items()))
        return cls(pool, [_Stretch(0, hours, pool.cards - sum(n for _, n in kept), kept)])

    def take(
        self, request: Request, arc: Arc, gang_hours: int, window: tuple[int, int]
    ) -> list[Grant]:
        """Book up to so many gang-hours, the earliest first."""
        left, taken = gang_hours, []
        stretches: list[_Stretch] = []
        for stretch in self.free:
            first, last = max(stretch.starts, window[0]), min(stretch.ends, window[1])
            free = min(arc.cards_max, stretch.free_for(request.group)) // arc.gang_cards
            gangs = min(free, left)
            if first >= last or not gangs:
                stretches.append(stretch)
                continue
            hours = min(last - first, left // gangs)
            pieces = [(first, first + hours, gangs)]
            left -= gangs * hours
            if first + hours < last and left:
                pieces.append((first + hours, first + hours + 1, left))
                left = 0
            stretches += _cut(stretch, pieces, request.group, arc.gang_cards)
            taken += pieces
        self.free = stretches
        return [
            Grant(request.id, arc.pool_id, gangs * arc.gang_cards, starts, ends - starts)
            for starts, ends, gangs in _joined(taken)
        ]


def _cut(
    stretch: _Stretch, pieces: list[tuple[int, int, int]], group: str, gang_cards: int
) -> list[_Stretch]:
    """A stretch with pieces taken out of it; each is (first hour, first after it, gangs)."""
    found = [
        stretch.part(starts, ends, cards=gangs * gang_cards, group=group)
        for starts, ends, gangs in pieces
    ]
    edges = [stretch.starts, pieces[0][0], pieces[-1][1], stretch.ends]
    before, after = stretch.part(edges[0], edges[1]), stretch.part(edges[2], edges[3])
    return [piece for piece in (before, *found, after) if piece.starts < piece.ends]


def _joined(pieces: Iterable[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Pieces of the same number of gangs that follow each other, as one."""
    joined: list[tuple[int, int, int]] = []
    for starts, ends, gangs in pieces:
        if joined and joined[-1][1:] == (starts, gangs):
            joined[-1] = (joined[-1][0], ends, gangs)
        else:
            joined.append((starts, ends, gangs))
    return joined


def _choose(request: Request, round_: Round, calendars: dict[str, _Calendar]) -> list[Grant]:
    """Fill a request's pools at its turn, the best first."""
    work, budget = request.work, request.budget.amount
    grants: list[Grant] = []
    for arc in arcs_by_worth(request, round_):
        calendar = calendars[arc.pool_id]
        price = calendar.pool.price.amount * arc.gang_cards
        per_hour = arc.speed * arc.gang_cards
        wanted = -(-work // per_hour)
        gang_hours = min(wanted, budget // price) if price else wanted
        taken = calendar.take(request, arc, gang_hours, window_of(request, round_.hours))
        card_hours = sum(grant.card_hours for grant in taken)
        budget -= card_hours * calendar.pool.price.amount
        work = max(0, work - card_hours * arc.speed)
        grants += taken
    return grants
