"""A clearing plan put on the calendars of its pools: every block gets an hour to start at."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction

from evernormal.domain.allocation.calendar_profile import Profile
from evernormal.domain.allocation.outcome import Grant
from evernormal.domain.allocation.request import Arc, Pool, Request, Round

ENOUGH = Fraction(95, 100)
"""Share of a pool's planned card-hours that is good enough not to try another turn."""
SHAPES_MAX = 24
"""Smaller shapes to try for one block: more of them place hardly more, and take long."""


@dataclass(frozen=True, slots=True)
class Block:
    """Whole gangs of one pool for whole hours in a row, without an hour to start at."""

    request_id: str
    pool_id: str
    cards: int
    hours: int

    @property
    def card_hours(self) -> int:
        """Cards times hours."""
        return self.cards * self.hours


class UnplacedReason(Enum):
    """Why a block, or a part of it, is not on the calendar."""

    WINDOW = "WINDOW"
    """Its hours do not fit between its request's first hour and its deadline."""
    CARDS = "CARDS"
    """The pool does not have so many cards for its group, in any hour."""
    FULL = "FULL"
    """In no hours in a row, of the right length and time, are so many cards free any more."""


@dataclass(frozen=True, slots=True)
class Unplaced:
    """What of a block is not on the calendar, in card-hours, and why."""

    block: Block
    card_hours: int
    reason: UnplacedReason


@dataclass(frozen=True, slots=True)
class Placements:
    """A plan on the calendar: what stands, in the order of request and pool, and what does not."""

    grants: tuple[Grant, ...]
    unplaced: tuple[Unplaced, ...]

    @property
    def card_hours(self) -> int:
        """Card-hours that stand on the calendar."""
        return sum(grant.card_hours for grant in self.grants)


@dataclass(frozen=True, slots=True)
class _Task:
    block: Block
    request: Request
    arc: Arc
    ends: int

    @property
    def window(self) -> int:
        return self.ends - self.request.earliest


def place_plan(round_: Round, blocks: Iterable[Block]) -> Placements:
    """Give each block an hour to start at, or say why not.

    Per pool, the blocks with the least time to spare go first, then the largest (first fit
    decreasing); where much is left out, the largest first, or the widest, if that places more.
    A block that does not fit as it is may take the same card-hours in another shape, up to its
    arc's most cards; failing that fewer of its hours or gangs. A group's reserved cards are kept
    free of others in every hour.

    returns  the same for any order of the blocks, pools and requests
    source   docs/rules/reservations.md
    """
    pools = {pool.id: pool for pool in round_.pools}
    requests = {request.id: request for request in round_.requests}
    tasks: dict[str, list[_Task]] = {}
    for block in blocks:
        request = requests[block.request_id]
        arc = next(arc for arc in request.arcs if arc.pool_id == block.pool_id)
        ends = round_.hours if request.deadline is None else min(round_.hours, request.deadline)
        tasks.setdefault(block.pool_id, []).append(_Task(block, request, arc, ends))
    grants: list[Grant] = []
    unplaced: list[Unplaced] = []
    for pool_id, own in tasks.items():
        best = max(_tries(pools[pool_id], own), key=lambda found: found.card_hours)
        grants += best.grants
        unplaced += best.unplaced
    unplaced.sort(key=lambda said: (said.block.request_id, said.block.pool_id))
    return Placements(tuple(sorted(grants)), tuple(unplaced))


def _tries(pool: Pool, tasks: list[_Task]) -> Iterator[Placements]:
    """Place a pool's blocks in one turn, and in others as long as too much is left out."""
    asked = sum(task.block.card_hours for task in tasks)
    for turn in (_by_slack, _by_size, _by_cards):
        floor, grants, unplaced = _Floor(pool), list[Grant](), list[Unplaced]()
        for task in sorted(tasks, key=turn):
            _place(floor, task, grants, unplaced)
        found = Placements(tuple(grants), tuple(unplaced))
        yield found
        if found.card_hours >= ENOUGH * asked:
            return


def _by_slack(task: _Task) -> tuple[int, int, int, str]:
    block = task.block
    return (task.window - block.hours, -block.card_hours, -block.cards, block.request_id)


def _by_size(task: _Task) -> tuple[int, int, int, str]:
    return (-task.block.card_hours, task.window, -task.block.cards, task.block.request_id)


def _by_cards(task: _Task) -> tuple[int, int, int, str]:
    block = task.block
    return (-block.cards, task.window - block.hours, -block.hours, block.request_id)


class _Floor:
    """The hours of a pool: what all use of the open cards, and each group of its own."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._open = pool.cards - sum(pool.reserved.values())
        self._used = Profile()
        self._groups: dict[str, Profile] = {group: Profile() for group in pool.reserved}

    def most(self, group: str) -> int:
        """Cards that a group can ever use."""
        return self._open + self._pool.reserved.get(group, 0)

    def first_gap(self, task: _Task, cards: int, hours: int) -> int | None:
        """The first hour from which a group has so many cards free for so many hours."""
        start = task.request.earliest
        while start + hours <= task.ends:
            found = self._short_until(task.request.group, cards, start, start + hours)
            if found is None:
                return start
            start = found
        return None

    def take(self, group: str, cards: int, starts: int, ends: int) -> None:
        """Use cards: of the group's own first, in each hour."""
        own = self._groups.get(group)
        if own is None:
            self._used.add(cards, starts=starts, ends=ends)
            return
        kept = self._pool.reserved[group]
        for start, end, used in own.between(starts=starts, ends=ends):
            over = max(used + cards - kept, 0) - max(used - kept, 0)
            self._used.add(over, starts=start, ends=end)
        own.add(cards, starts=starts, ends=ends)

    def _short_until(self, group: str, cards: int, starts: int, ends: int) -> int | None:
        """The end of the last stretch with too few cards, or None."""
        own = self._groups.get(group)
        if own is None:
            most = self._open - cards
            steps = self._used.between(starts=starts, ends=ends)
            return max((end for _, end, used in steps if used > most), default=None)
        kept, short = self._pool.reserved[group], None
        for start, end, used in own.between(starts=starts, ends=ends):
            over = max(used + cards - kept, 0) - max(used - kept, 0)
            for _, until, open_used in self._used.between(starts=start, ends=end):
                if open_used + over > self._open:
                    short = until
        return short


def _place(floor: _Floor, task: _Task, grants: list[Grant], unplaced: list[Unplaced]) -> None:
    block, request = task.block, task.request
    reason, most = UnplacedReason.FULL, floor.most(request.group)
    if block.hours > task.window:
        reason = UnplacedReason.WINDOW
    elif block.cards > most:
        reason = UnplacedReason.CARDS
    shapes = _shapes(task, most=most)
    for cards, hours in shapes:
        starts = floor.first_gap(task, cards, hours)
        if starts is not None:
            floor.take(request.group, cards, starts, starts + hours)
            grants.append(Grant(request.id, block.pool_id, cards, starts, hours))
            missing = block.card_hours - cards * hours
            if missing:
                unplaced.append(Unplaced(block, missing, reason))
            return
    unplaced.append(Unplaced(block, block.card_hours, reason))


def _shapes(task: _Task, *, most: int) -> list[tuple[int, int]]:
    """Cards and hours to try, in order: the block as it is, as many card-hours, then fewer.

    Fewer hours with the block's cards, and the block's hours with fewer gangs, largest first.
    """
    gang, window = task.arc.gang_cards, task.window
    asked = task.block.card_hours // gang
    abreast = min(task.arc.cards_max, most) // gang
    whole = [(n, asked // n) for n in range(1, min(abreast, asked) + 1) if asked % n == 0]
    now = task.block.cards // gang
    same = sorted(whole, key=lambda shape: (shape[0] != now, -shape[1]))
    fewer = [(now, hours) for hours in range(task.block.hours - 1, 0, -1)]
    fewer += [(n, task.block.hours) for n in range(now - 1, 0, -1)]
    fewer.sort(key=lambda shape: (-shape[0] * shape[1], shape[0]))
    fewer = fewer[:: -(-len(fewer) // SHAPES_MAX) or 1]
    fits = [(n, hours) for n, hours in same + fewer if hours <= window and n <= abreast]
    return [(n * gang, hours) for n, hours in fits]
