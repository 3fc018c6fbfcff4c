"""What is still free in a round's pools, and how a request fills it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from evernormal.domain.allocation.outcome import Grant
from evernormal.domain.allocation.request import Arc, Pool, Request, Round
from evernormal.domain.allocation.tally import arcs_by_worth, window_of
from evernormal.domain.values import Fen


def openings_of(round_: Round) -> "dict[str, Openings]":
    """The free cards of every pool of a round, by pool id, before anything is given."""
    return {pool.id: Openings.of(pool, round_.hours) for pool in round_.pools}


def fill(
    request: Request,
    round_: Round,
    openings: "Mapping[str, Openings]",
    *,
    money: Fen,
    held: Sequence[Grant] = (),
) -> list[Grant]:
    """Let a request take what is free and what it can pay, its best pools first.

    money    fen that it can still pay at posted prices
    held     what it has already: it takes no more of a pool in those hours
    returns  what it takes, booked in the openings
    """
    speed = {arc.pool_id: arc.speed for arc in request.arcs}
    done = sum(grant.card_hours * speed[grant.pool_id] for grant in held)
    work, budget = max(0, request.work - done), money.amount
    grants: list[Grant] = []
    for arc in arcs_by_worth(request, round_):
        opening = openings[arc.pool_id]
        price = opening.pool.price.amount * arc.gang_cards
        for window in _windows(request, round_, arc, held):
            wanted = -(-work // (arc.speed * arc.gang_cards))
            gang_hours = min(wanted, budget // price) if price else wanted
            taken = opening.take(request, arc, gang_hours, window)
            card_hours = sum(grant.card_hours for grant in taken)
            budget -= card_hours * opening.pool.price.amount
            work = max(0, work - card_hours * arc.speed)
            grants += taken
    return grants


def _windows(
    request: Request, round_: Round, arc: Arc, held: Iterable[Grant]
) -> Iterator[tuple[int, int]]:
    """The hours of a request in which it holds nothing of an arc's pool."""
    reached, ends = window_of(request, round_.hours)
    for grant in sorted(grant for grant in held if grant.pool_id == arc.pool_id):
        if reached < grant.starts:
            yield reached, grant.starts
        reached = max(reached, grant.ends)
    if reached < ends:
        yield reached, ends


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
class Openings:
    """The free cards of a pool over the round, in stretches of hours, as requests take them."""

    pool: Pool
    free: list[_Stretch] = field(default_factory=list)

    @classmethod
    def of(cls, pool: Pool, hours: int) -> "Openings":
        """All cards of a pool, for so many hours."""
        kept = tuple(sorted(pool.reserved.items()))
        return cls(pool, [_Stretch(0, hours, pool.cards - sum(n for _, n in kept), kept)])

    def book(self, grant: Grant, group: str) -> None:
        """Take the cards of a grant out of its hours.

        raises   ValueError when they are not free
        """
        booked: list[_Stretch] = []
        for stretch in self.free:
            first, last = max(stretch.starts, grant.starts), min(stretch.ends, grant.ends)
            if first >= last:
                booked.append(stretch)
                continue
            if stretch.free_for(group) < grant.cards:
                raise ValueError(f"The cards of {grant} are not free")
            booked += _cut(stretch, [(first, last, grant.cards)], group, 1)
        self.free = booked

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
