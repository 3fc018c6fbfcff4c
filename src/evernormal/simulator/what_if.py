"""What a scheme would do with a population: the whole answer."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from evernormal.domain.award import AwardReason
from evernormal.domain.policy import Scheme, Shortage, ShortageRule
from evernormal.domain.values import Fen
from evernormal.simulator.application import Application, Outcome
from evernormal.simulator.awarding import PotChoice, rule_on
from evernormal.simulator.concentration import Concentration, concentration_of
from evernormal.simulator.spending import PotYear, pot_years
from evernormal.simulator.year import outcomes_of


@dataclass(frozen=True, slots=True)
class ShortageLine:
    """Who would get how much, were the pot shared by one of the rules of shortage.

    is_own       the scheme's rule, or the one chosen
    full         applications granted all they ask
    part, none   of those that ask: granted less, granted nothing
    firms        that got something
    """

    shortage: Shortage
    is_own: bool
    full: int
    part: int
    none: int
    firms: int
    granted: Fen
    concentration: Concentration


@dataclass(frozen=True, slots=True)
class LimbLine:
    """What bound, over eligible applications.

    cut      fen that caps and stacking limits took from what the rate gives
    """

    limb: str
    applications: int
    entitled: Fen
    cut: Fen


@dataclass(frozen=True, slots=True)
class FailedLine:
    """A condition that applications did not meet; one may fail several.

    entitled  fen that the amount rules would have given them
    """

    rule_id: str
    applications: int
    entitled: Fen


@dataclass(frozen=True, slots=True)
class NotAdmitted:
    """Eligible applications without a turn: their score is below the least, or not stated."""

    applications: int
    asked: Fen


@dataclass(frozen=True, slots=True)
class GroupLine:
    """Applications that have a fact in common. `cost` is the eligible cost of the eligible."""

    key: str
    applications: int
    eligible: int
    firms: int
    cost: Fen
    asked: Fen
    granted: Fen

    @property
    def rate(self) -> Fraction:
        """The effective rate: what was granted of each unit of eligible cost."""
        return Fraction(self.granted.amount, self.cost.amount) if self.cost.amount else Fraction(0)


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What a scheme would do with a population. `whole` is one group of all applications."""

    outcomes: tuple[Outcome, ...]
    years: tuple[PotYear, ...]
    whole: GroupLine
    concentration: Concentration
    shortages: tuple[ShortageLine, ...]
    limbs: tuple[LimbLine, ...]
    failed: tuple[FailedLine, ...]
    not_admitted: NotAdmitted
    sizes: tuple[GroupLine, ...]
    origins: tuple[GroupLine, ...]


_NO_CHOICE = PotChoice()


def what_if(
    scheme: Scheme, applications: Sequence[Application], choice: PotChoice = _NO_CHOICE
) -> WhatIf:
    """Apply a scheme to a population, and measure what comes of it.

    applications  [n], n >= 1, in any order: the result is the same
    choice        a pot, a rule of shortage or a seed in place of the scheme's own
    raises        UnknownRule when the scheme gives no amount on one of the days
    source        docs/how-to/ask-what-a-policy-would-do.md
    """
    outcomes = outcomes_of(scheme, applications, choice)
    return WhatIf(
        outcomes=outcomes,
        years=pot_years(scheme, outcomes, choice),
        whole=_group("", outcomes),
        concentration=concentration_of(outcomes),
        shortages=tuple(_shortages(scheme, applications, choice, outcomes)),
        limbs=_limbs(outcomes),
        failed=_failed(outcomes),
        not_admitted=_not_admitted(outcomes),
        sizes=_groups(outcomes, lambda o: o.application.case.applicant.size.value),
        origins=_groups(outcomes, lambda o: o.application.case.contract.device_origin.value),
    )


def _shortages(
    scheme: Scheme,
    applications: Sequence[Application],
    choice: PotChoice,
    outcomes: Sequence[Outcome],
) -> Iterable[ShortageLine]:
    """The scheme's own rule beside the others, each on the same pot."""
    own = rule_on(scheme, outcomes[-1].application.applied_on, choice)
    for shortage in Shortage:
        if shortage is own.shortage:
            yield _shortage(shortage, outcomes, is_own=True)
        else:
            other = replace(choice, shortage=ShortageRule(shortage))
            found = outcomes_of(scheme, applications, other)
            yield _shortage(shortage, found, is_own=False)


def _shortage(shortage: Shortage, outcomes: Sequence[Outcome], *, is_own: bool) -> ShortageLine:
    asking = [o for o in outcomes if o.asked.amount]
    full = sum(1 for o in asking if o.reason is AwardReason.ENTITLED)
    none = sum(1 for o in asking if not o.granted.amount)
    return ShortageLine(
        shortage=shortage,
        is_own=is_own,
        full=full,
        part=len(asking) - full - none,
        none=none,
        firms=len({o.application.case.applicant.id for o in asking if o.granted.amount}),
        granted=_sum(o.granted for o in outcomes),
        concentration=concentration_of(outcomes),
    )


def _limbs(outcomes: Sequence[Outcome]) -> tuple[LimbLine, ...]:
    by_limb: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        if outcome.is_eligible:
            by_limb[outcome.limb].append(outcome)
    lines = [
        LimbLine(
            limb=limb,
            applications=len(found),
            entitled=_sum(o.entitled for o in found),
            cut=_sum(o.unlimited - o.entitled for o in found),
        )
        for limb, found in by_limb.items()
    ]
    return tuple(sorted(lines, key=lambda line: (-line.applications, line.limb)))


def _failed(outcomes: Sequence[Outcome]) -> tuple[FailedLine, ...]:
    by_rule: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        for rule_id in outcome.failed:
            by_rule[rule_id].append(outcome)
    lines = [
        FailedLine(rule_id, len(found), _sum(o.entitled for o in found))
        for rule_id, found in by_rule.items()
    ]
    return tuple(sorted(lines, key=lambda line: (-line.applications, line.rule_id)))


def _not_admitted(outcomes: Sequence[Outcome]) -> NotAdmitted:
    found = [o for o in outcomes if o.reason is AwardReason.NOT_ADMITTED]
    return NotAdmitted(len(found), _sum(o.asked for o in found))


def _groups(outcomes: Sequence[Outcome], key_of: Callable[[Outcome], str]) -> tuple[GroupLine, ...]:
    by_key: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        by_key[key_of(outcome)].append(outcome)
    return tuple(_group(key, found) for key, found in sorted(by_key.items()))


def _group(key: str, outcomes: Sequence[Outcome]) -> GroupLine:
    return GroupLine(
        key=key,
        applications=len(outcomes),
        eligible=sum(1 for o in outcomes if o.is_eligible),
        firms=len({o.application.case.applicant.id for o in outcomes}),
        cost=_sum(o.cost for o in outcomes if o.is_eligible),
        asked=_sum(o.asked for o in outcomes),
        granted=_sum(o.granted for o in outcomes),
    )


def _sum(amounts: Iterable[Fen]) -> Fen:
    return Fen(sum(amount.amount for amount in amounts))
