"""What the rules give each application, told what earlier ones count for."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from evernormal.domain.award import assess
from evernormal.domain.policy import Cap, Rule, Scheme, StackingCap
from evernormal.domain.values import Fen
from evernormal.engines.entitlement import (
    AmountBeyondColumns,
    FactBeyondColumns,
    assess_columns,
    columns_of,
)
from evernormal.simulator.application import Application


@dataclass(frozen=True, slots=True)
class Entitled:
    """What the rules give one application, before the pot."""

    is_eligible: bool
    amount: Fen
    limb: str

    @property
    def asked(self) -> int:
        """Fen asked of the pot."""
        return self.amount.amount if self.is_eligible else 0


def entitle_all(scheme: Scheme, applications: Sequence[Application]) -> list[Entitled]:
    """Assess many applications, each as it stands, under the versions of its day.

    returns  in the order given, the same as `domain.award.assess` says of each
    raises   UnknownRule when the scheme gives no amount or no rounding on one of the days
    """
    if not applications:
        return []
    try:
        return _by_columns(scheme, applications)
    except (AmountBeyondColumns, FactBeyondColumns):
        return [entitle_one(scheme, application) for application in applications]


def entitle_one(scheme: Scheme, application: Application) -> Entitled:
    """Assess one application by the plain function."""
    found = assess(
        scheme, case=application.case, request=application.request, on=application.applied_on
    )
    return Entitled(found.is_eligible, found.entitlement.amount, found.entitlement.limb)


def _by_columns(scheme: Scheme, applications: Sequence[Application]) -> list[Entitled]:
    columns = columns_of([a.case for a in applications], [a.request for a in applications])
    found = assess_columns(scheme, columns)
    return [
        Entitled(is_eligible, Fen(amount), found.limb_at(row))
        for row, (is_eligible, amount) in enumerate(
            zip(found.is_eligible.tolist(), found.amount.tolist(), strict=True)
        )
    ]


def without_limits(scheme: Scheme) -> Scheme:
    """The scheme without caps and stacking limits: what its rate alone would give."""
    return replace(scheme, rules=tuple(rule for rule in scheme.rules if not _is_limit(rule)))


def _is_limit(rule: Rule) -> bool:
    return isinstance(rule.versions[0].form, Cap | StackingCap)
