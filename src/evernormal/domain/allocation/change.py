"""The smallest change of a request or a pool that would have got a request in."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from evernormal.domain.allocation.mechanism import Mechanism
from evernormal.domain.allocation.outcome import Outcome
from evernormal.domain.allocation.request import Arc, Pool, Request, Round
from evernormal.domain.allocation.sequential import turns
from evernormal.domain.allocation.tally import arcs_by_worth, work_of
from evernormal.domain.values import Fen

Clear = Callable[[Round], Outcome]
"""A mechanism, with whatever it needs beside the round."""

RUNS_PER_CHANGE = 40
"""Runs of the mechanism for one change at most: enough to find one fen in ten thousand million."""
POOLS_TRIED = 3
"""Pools of a request that are tried with more cards: its best ones, to keep an answer short."""


class ChangeKind(Enum):
    """What could have been otherwise.

    BUDGET    so many fen more budget
    CARDS     so many cards more in a pool, open to all
    ACCEPT    another pool accepted; the amount is 1
    GANG      gangs of at most so many cards
    DEADLINE  a deadline at that hour
    SCORE     a score of at least so much
    PLACE     that place in the order of arrival
    """

    BUDGET = "BUDGET"
    CARDS = "CARDS"
    ACCEPT = "ACCEPT"
    GANG = "GANG"
    DEADLINE = "DEADLINE"
    SCORE = "SCORE"
    PLACE = "PLACE"


@dataclass(frozen=True, slots=True)
class Change:
    """A change that was tried: the round was cleared again with it.

    amount    by the kind: fen or cards more, a gang, an hour, a score, a place; None: none up to
              `tried` was found that is enough
    tried     where an amount was found: the nearest smaller change that was found not to be
              enough; else the largest one that was tried
    work      units of work that the request gets with the change
    """

    kind: ChangeKind
    pool_id: str
    amount: int | None
    tried: int
    work: int

    @property
    def is_smallest(self) -> bool:
        """Whether a change by one less was tried and is not enough."""
        return self.amount is not None and abs(self.amount - self.tried) == 1


@dataclass(frozen=True, slots=True)
class _Trial:
    """A kind of change, in steps: step n makes a round, and is written as an amount."""

    kind: ChangeKind
    most: int
    make: Callable[[int], Round]
    write: Callable[[int], int]
    pool_id: str = ""


def target_of(request: Request, outcome: Outcome) -> int:
    """Units of work that a change is to get a request: any where it got none, else all of it."""
    return request.work if outcome.of(request.id) else 1


def smallest_changes(
    round_: Round,
    outcome: Outcome,
    request: Request,
    *,
    clear: Clear,
    accepts: Sequence[Arc] = (),
) -> tuple[Change, ...]:
    """Try what would have got a request its target, each change alone.

    A change is sought by halving between one that is not enough and one that is, so what is found
    is enough, and by how much less is not is said with it. Under a mechanism where more may get
    less, a smaller one further down could be enough too.

    outcome  of the round by the same mechanism, in which the request misses work
    clear    the mechanism; it is run at most RUNS_PER_CHANGE times for a change
    accepts  arcs to pools that the request does not name, and could
    source   docs/rules/clearing.md
    """
    target = target_of(request, outcome)
    return tuple(
        _sought(trial, request.id, target, clear)
        for trial in _trials(round_, request, accepts, outcome.mechanism)
    )


def _sought(trial: _Trial, request_id: str, target: int, clear: Clear) -> Change:
    def got(step: int) -> int:
        changed = trial.make(step)
        request = next(one for one in changed.requests if one.id == request_id)
        return work_of(request, clear(changed).of(request_id))

    low, high, work = 0, trial.most, got(trial.most)
    if work < target:
        return Change(trial.kind, trial.pool_id, None, trial.write(trial.most), work)
    for _ in range(RUNS_PER_CHANGE - 1):
        if high - low <= 1:
            break
        # Small changes are the likely ones: first its size is found, then the number itself.
        middle = (low + high) // 2 if high < 4 * max(low, 1) else _between(low, high)
        if (found := got(middle)) >= target:
            high, work = middle, found
        else:
            low = middle
    return Change(trial.kind, trial.pool_id, trial.write(high), trial.write(low), work)


def _between(low: int, high: int) -> int:
    """A number between two, by size: half way in digits."""
    bits = (max(low, 1).bit_length() + high.bit_length()) // 2
    return min(max(1 << (bits - 1), low + 1), high - 1)


def _trials(
    round_: Round, request: Request, accepts: Sequence[Arc], mechanism: Mechanism
) -> Iterator[_Trial]:
    if request.arcs:
        yield _more_budget(round_, request)
        yield from _more_cards(round_, request)
        yield from _smaller_gang(round_, request)
        yield from _later(round_, request)
    for arc in accepts:
        yield _accepted(round_, request, arc)
    if mechanism is Mechanism.FIRST_COME:
        yield from _earlier_place(round_, request)
    elif mechanism.is_sequential:
        yield from _higher_score(round_, request, mechanism)


def _with(round_: Round, request: Request) -> Round:
    """The round, with a request of that id as it is here."""
    others = (one for one in round_.requests if one.id != request.id)
    return replace(round_, requests=(*others, request))


def _more_budget(round_: Round, request: Request) -> _Trial:
    prices = {pool.id: pool.price.amount for pool in round_.pools}
    dearest = max(
        -(-request.work // (arc.speed * arc.gang_cards)) * arc.gang_cards * prices[arc.pool_id]
        for arc in request.arcs
    )
    # Where money bids for cards, all that the others have is enough; elsewhere its own cost is.
    others = sum(one.budget.amount + one.own.amount for one in round_.requests)

    def make(step: int) -> Round:
        return _with(round_, replace(request, budget=request.budget + Fen(step)))

    return _Trial(ChangeKind.BUDGET, max(1, dearest + others), make, write=int)


def _more_cards(round_: Round, request: Request) -> Iterator[_Trial]:
    for arc in arcs_by_worth(request, round_)[:POOLS_TRIED]:
        pool = next(pool for pool in round_.pools if pool.id == arc.pool_id)
        others = tuple(one for one in round_.pools if one.id != pool.id)

        def make(step: int, pool: Pool = pool, others: tuple[Pool, ...] = others) -> Round:
            return replace(round_, pools=(*others, replace(pool, cards=pool.cards + step)))

        most = max(pool.cards, 1) + arc.cards_max
        yield _Trial(ChangeKind.CARDS, most, make, write=int, pool_id=pool.id)


def _accepted(round_: Round, request: Request, arc: Arc) -> _Trial:
    def make(_: int) -> Round:
        return _with(round_, replace(request, arcs=(*request.arcs, arc)))

    return _Trial(ChangeKind.ACCEPT, 1, make, write=int, pool_id=arc.pool_id)


def _smaller_gang(round_: Round, request: Request) -> Iterator[_Trial]:
    largest = max(arc.gang_cards for arc in request.arcs)

    def make(step: int) -> Round:
        gangs = [min(arc.gang_cards, largest - step) for arc in request.arcs]
        arcs = tuple(
            replace(arc, gang_cards=gang, cards_max=arc.cards_max - arc.cards_max % gang)
            for arc, gang in zip(request.arcs, gangs, strict=True)
        )
        return _with(round_, replace(request, arcs=arcs))

    if largest > 1:
        yield _Trial(ChangeKind.GANG, largest - 1, make, write=lambda step: largest - step)


def _later(round_: Round, request: Request) -> Iterator[_Trial]:
    deadline = round_.hours if request.deadline is None else request.deadline

    def make(step: int) -> Round:
        return _with(round_, replace(request, deadline=deadline + step))

    if deadline < round_.hours:
        most = round_.hours - deadline
        yield _Trial(ChangeKind.DEADLINE, most, make, write=lambda step: deadline + step)


def _higher_score(round_: Round, request: Request, mechanism: Mechanism) -> Iterator[_Trial]:
    # By lot only the tier counts: a score above the highest least score does no more.
    score = request.score
    if mechanism is Mechanism.LOTTERY:
        first = max(round_.tiers, default=score)
    else:
        first = 1 + max(
            (one.score for one in round_.requests if one.id != request.id), default=score - 1
        )

    def make(step: int) -> Round:
        return _with(round_, replace(request, score=score + step))

    if first > score:
        yield _Trial(ChangeKind.SCORE, first - score, make, write=lambda step: score + step)


def _earlier_place(round_: Round, request: Request) -> Iterator[_Trial]:
    others = [one for one in turns(round_, Mechanism.FIRST_COME) if one.id != request.id]
    place = sum(one.number < request.number for one in others)

    def make(step: int) -> Round:
        at = place - step
        order = [*others[:at], request, *others[at:]]
        numbered = tuple(replace(one, number=number) for number, one in enumerate(order))
        return replace(round_, requests=numbered)

    if place:
        yield _Trial(ChangeKind.PLACE, place, make, write=lambda step: place - step + 1)
