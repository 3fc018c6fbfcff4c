"""How a year's pot is spent: day by day, and when it is empty."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from evernormal.domain.award import AwardReason
from evernormal.domain.policy import Scheme
from evernormal.domain.values import Fen
from evernormal.simulator.application import Outcome
from evernormal.simulator.awarding import PotChoice, pot_on, released_on

_DAYS_MAX = 36_525
"""A pot that lasts a century is not projected to a day."""

_SHORT = {AwardReason.CUT_TO_POT, AwardReason.POT_EXHAUSTED}


@dataclass(frozen=True, slots=True)
class SpendDay:
    """One day on which someone applied or was decided; amounts in fen, sums from 1 January.

    asked      by eligible applications of the day
    granted    by decisions of the day
    released   of the pot by then; None: no pot
    """

    on: date
    applications: int
    asked: Fen
    granted: Fen
    asked_so_far: Fen
    granted_so_far: Fen
    released: Fen | None


@dataclass(frozen=True, slots=True)
class PotYear:
    """One year's pot, and how far it reached.

    pot            fen; None: no pot is known, so everything is granted
    exhausted_on   the first day on which an application got less because of the pot
    last_award_on  the last day on which anything was granted
    passed_on      the first day on which all that was asked so far is more than the pot
    projected_on   of a pot that is not passed: when it would be, at the pace of this population
                   from its first to its last day; None: not within a century, or nothing asked
    """

    year: int
    pot: Fen | None
    asked: Fen
    granted: Fen
    exhausted_on: date | None
    last_award_on: date | None
    passed_on: date | None
    projected_on: date | None
    days: tuple[SpendDay, ...]


def pot_years(
    scheme: Scheme, outcomes: Sequence[Outcome], choice: PotChoice
) -> tuple[PotYear, ...]:
    """Follow the pot of each calendar year."""
    years = sorted({outcome.application.applied_on.year for outcome in outcomes})
    return tuple(
        _pot_year(scheme, [o for o in outcomes if o.application.applied_on.year == year], choice)
        for year in years
    )


def _pot_year(scheme: Scheme, outcomes: Sequence[Outcome], choice: PotChoice) -> PotYear:
    days = tuple(_days(scheme, outcomes, choice))
    last = days[-1].on
    pot = pot_on(scheme, last, choice)
    passed = [d.on for d in days if pot is not None and d.asked_so_far > pot]
    return PotYear(
        year=last.year,
        pot=pot,
        asked=days[-1].asked_so_far,
        granted=days[-1].granted_so_far,
        exhausted_on=min((o.decided_on for o in outcomes if o.reason in _SHORT), default=None),
        last_award_on=max((d.on for d in days if d.granted.amount), default=None),
        passed_on=passed[0] if passed else None,
        projected_on=None if passed else _projected(outcomes, pot),
        days=days,
    )


def _days(scheme: Scheme, outcomes: Sequence[Outcome], choice: PotChoice) -> Iterator[SpendDay]:
    applied: dict[date, list[Outcome]] = {}
    decided: dict[date, list[Outcome]] = {}
    for outcome in outcomes:
        applied.setdefault(outcome.application.applied_on, []).append(outcome)
        decided.setdefault(outcome.decided_on, []).append(outcome)
    asked_so_far = granted_so_far = Fen(0)
    for day in sorted(applied.keys() | decided.keys()):
        asked = Fen(sum(o.asked.amount for o in applied.get(day, ())))
        granted = Fen(sum(o.granted.amount for o in decided.get(day, ())))
        asked_so_far += asked
        granted_so_far += granted
        yield SpendDay(
            on=day,
            applications=len(applied.get(day, ())),
            asked=asked,
            granted=granted,
            asked_so_far=asked_so_far,
            granted_so_far=granted_so_far,
            released=released_on(scheme, day, choice),
        )


def _projected(outcomes: Sequence[Outcome], pot: Fen | None) -> date | None:
    """The day on which a pot would be passed, if the population went on as it began."""
    asked = sum(outcome.asked.amount for outcome in outcomes)
    if pot is None or not asked:
        return None
    first = min(o.application.applied_on for o in outcomes)
    last = max(o.application.applied_on for o in outcomes)
    days = pot.amount * ((last - first).days + 1) // asked
    return first + timedelta(days) if days <= _DAYS_MAX else None
