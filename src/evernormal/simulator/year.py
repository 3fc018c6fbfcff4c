"""A population goes through a scheme: who asks what, told by whom came before, and gets what."""

import heapq
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from evernormal.domain.award import AwardDecision, check_under
from evernormal.domain.policy import Scheme, Shortage
from evernormal.domain.values import Fen
from evernormal.simulator.application import Application, Outcome, eligible_cost
from evernormal.simulator.awarding import PotChoice, decide_all, decided_on, rule_on
from evernormal.simulator.entitling import Entitled, entitle_all, without_limits
from evernormal.simulator.standing import Counting, Standing, Weight

if TYPE_CHECKING:
    from datetime import date

_NOTHING = Fen(0)


def outcomes_of(
    scheme: Scheme, applications: Iterable[Application], choice: PotChoice
) -> tuple[Outcome, ...]:
    """What becomes of each application of a population.

    Caps, the firm's yearly cost and awards on a contract count the earlier applications: an
    award with what was granted, an application that waits with what it asks.

    returns  in order of days of application, within a day by id; the same for any input order
    raises   UnknownRule when the scheme gives no amount on one of the days
    source   docs/how-to/ask-what-a-policy-would-do.md
    """
    line = sorted(applications, key=lambda each: each.place_in_line)
    year = _Year(scheme, line, choice)
    # Once more than there are applications, to find that nothing changes any more.
    for _ in range(len(line) + 1):
        if not year.go_through():
            return year.outcomes()
    raise AssertionError("what an application gets depends on a later one")


class _Year:
    """The line of applications, gone through again until nothing changes.

    What an application gets depends on earlier ones only, so that each time at least one more
    of the line is settled for good; in practice a handful of times are enough.
    """

    def __init__(self, scheme: Scheme, line: Sequence[Application], choice: PotChoice) -> None:
        self._scheme, self._line, self._choice = scheme, line, choice
        self._counting = Counting.of(scheme)
        self._costs = [eligible_cost(scheme, each) for each in line]
        self._decided_on = [decided_on(scheme, each, choice) for each in line]
        self._told = list(line)
        self._counted: list[tuple[int, ...] | None] = [None] * len(line)
        self._entitled = [Entitled(is_eligible=False, amount=_NOTHING, limb="")] * len(line)
        self._decisions: Sequence[AwardDecision] = ()

    def go_through(self) -> bool:
        """Tell each application what is counted before it; assess those told something new."""
        changed = self._tell()
        if not changed:
            return False
        found = entitle_all(self._scheme, [self._told[number] for number in changed])
        for number, entitled in zip(changed, found, strict=True):
            self._entitled[number] = entitled
        self._decisions = decide_all(self._scheme, self._line, self._entitled, self._choice)
        return True

    def _tell(self) -> list[int]:
        standing = Standing(self._counting)
        waiting: list[tuple[date, int]] = []
        changed = []
        for number, application in enumerate(self._line):
            while waiting and waiting[0][0] < application.applied_on:
                _, decided = heapq.heappop(waiting)
                standing.add(self._line[decided], self._weight(decided), times=-1)
                standing.add(self._line[decided], self._weight(decided, is_decided=True))
            counted = standing.before(application)
            if counted != self._counted[number]:
                self._counted[number] = counted
                self._told[number] = standing.told(application)
                changed.append(number)
            is_decided = self._is_served_at_once(application)
            standing.add(application, self._weight(number, is_decided=is_decided))
            if not is_decided:
                heapq.heappush(waiting, (self._decided_on[number], number))
        return changed

    def _is_served_at_once(self, application: Application) -> bool:
        """Whether the next in line finds it decided; who shares a pot or is ranked waits."""
        rule = rule_on(self._scheme, application.applied_on, self._choice)
        return rule.shortage is Shortage.FIRST_COME

    def _weight(self, number: int, *, is_decided: bool = False) -> Weight:
        cost = self._costs[number].amount
        if is_decided and self._decisions:
            return Weight.decided(self._decisions[number], cost=cost)
        return Weight.waiting(self._entitled[number], cost=cost)

    def outcomes(self) -> tuple[Outcome, ...]:
        """Gather what was found, once nothing changes any more."""
        unlimited = entitle_all(without_limits(self._scheme), self._told)
        return tuple(
            Outcome(
                application=told,
                is_eligible=entitled.is_eligible,
                cost=cost,
                entitled=entitled.amount,
                unlimited=free.amount,
                limb=entitled.limb,
                failed=() if entitled.is_eligible else self._failed(told),
                reason=decision.reason,
                granted=decision.amount,
                decided_on=day,
            )
            for told, entitled, free, decision, day, cost in zip(
                self._told,
                self._entitled,
                unlimited,
                self._decisions,
                self._decided_on,
                self._costs,
                strict=True,
            )
        )

    def _failed(self, application: Application) -> tuple[str, ...]:
        checks = check_under(self._scheme, case=application.case, on=application.applied_on)
        return tuple(check.rule_id for check in checks if not check.passed)
