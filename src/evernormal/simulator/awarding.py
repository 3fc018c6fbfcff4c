"""The pot: on which day each application is decided, in which turn, and what it is granted."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from evernormal.domain.award import Assessed, AwardDecision, call_ends_on, grant, share_pot
from evernormal.domain.award import decided_on as decision_day
from evernormal.domain.policy import (
    Candidate,
    Pot,
    Scheme,
    Shortage,
    ShortageRule,
)
from evernormal.domain.values import Fen
from evernormal.simulator.application import Application
from evernormal.simulator.entitling import Entitled

_FIRST_COME = ShortageRule(Shortage.FIRST_COME)


@dataclass(frozen=True, slots=True)
class PotChoice:
    """What the simulation takes in place of the scheme's own.

    amount    fen of each year's pot; None: the scheme's. Its tranches stay
    shortage  None: the scheme's rule, and first come, first served where it has none
    seed      the seed of a draw
    """

    amount: Fen | None = None
    shortage: ShortageRule | None = None
    seed: str = ""


def rule_on(scheme: Scheme, day: date, choice: PotChoice) -> ShortageRule:
    """How a pot that is too small is shared among applications of a day."""
    if choice.shortage is not None:
        return choice.shortage
    found = scheme.find(ShortageRule, day)
    return found[1] if found else _FIRST_COME


def pot_on(scheme: Scheme, day: date, choice: PotChoice) -> Fen | None:
    """The pot of the day's year; None where neither the scheme nor the choice names one."""
    if choice.amount is not None:
        return choice.amount
    found = scheme.find(Pot, day)
    return found[1].amount if found else None


def released_on(scheme: Scheme, day: date, choice: PotChoice) -> Fen | None:
    """How much of the year's pot may have been awarded up to and with a day; None: no pot."""
    pot = pot_on(scheme, day, choice)
    found = scheme.find(Pot, day)
    if found is None or pot is None:
        return pot
    return found[1].released_on(day, pot=pot, opens_on=date(day.year, 1, 1))


def decided_on(scheme: Scheme, application: Application, choice: PotChoice) -> date:
    """The day of the decision; a programme year is a calendar year here."""
    applied_on = application.applied_on
    ends_on = call_ends_on(scheme, applied_on, closes_on=date(applied_on.year, 12, 31))
    return decision_day(rule_on(scheme, applied_on, choice), applied_on=applied_on, ends_on=ends_on)


def decide_all(
    scheme: Scheme,
    applications: Sequence[Application],
    entitled: Sequence[Entitled],
    choice: PotChoice,
) -> list[AwardDecision]:
    """Grant what each application asks, as far as the pot of its year reaches.

    applications, entitled [n]
    returns  [n], the same for any order of the input
    """
    by_day: dict[date, list[int]] = defaultdict(list)
    for number, application in enumerate(applications):
        by_day[decided_on(scheme, application, choice)].append(number)
    decisions: dict[int, AwardDecision] = {}
    granted: dict[int, int] = defaultdict(int)
    for day, numbers in sorted(by_day.items()):
        batch = {applications[n].id: (n, applications[n], entitled[n]) for n in numbers}
        released = released_on(scheme, day, choice)
        free = None if released is None else Fen(max(released.amount - granted[day.year], 0))
        last = max(each.applied_on for _, each, _ in batch.values())
        made = _decide(batch, rule=rule_on(scheme, last, choice), free=free, seed=choice.seed)
        decisions |= made
        granted[day.year] += sum(decision.amount.amount for decision in made.values())
    return [decisions[number] for number in range(len(applications))]


_Batch = dict[str, tuple[int, Application, Entitled]]


def _decide(
    batch: _Batch, *, rule: ShortageRule, free: Fen | None, seed: str
) -> dict[int, AwardDecision]:
    """Decide what waits for one day: in turns, or shared in proportion."""
    candidates = [
        Candidate(each.id, each.applied_on, each.case.contract.score)
        for _, each, _ in batch.values()
    ]
    turns = [c.contract_id for c in rule.turns(candidates, seed=seed)]
    asked = [Fen(batch[turn][2].asked) for turn in turns]
    # Without a pot there is always enough.
    pot = Fen(sum(a.amount for a in asked)) if free is None else free
    shares: Sequence[Fen | None] = [None] * len(turns)
    if rule.shortage is Shortage.PRO_RATA:
        shares = share_pot(asked, pot=pot)
    decisions = {}
    for turn, share in zip(turns, shares, strict=True):
        number, application, entitled = batch[turn]
        decision = grant(_assessed(application, entitled), pot=pot, share=share)
        decisions[number] = decision
        pot -= decision.amount
    for turn in batch.keys() - set(turns):
        number, application, entitled = batch[turn]
        decisions[number] = grant(_assessed(application, entitled), pot=pot, is_admitted=False)
    return decisions


def _assessed(application: Application, entitled: Entitled) -> Assessed:
    return Assessed(
        contract_id=application.id,
        applicant_id=application.case.applicant.id,
        is_eligible=entitled.is_eligible,
        entitled=entitled.amount,
    )
