"""Forms that admit or refuse an application. Each says what it compared."""

from collections.abc import Iterable

from evernormal.domain.policy.conditions.applicant import (
    AgeAtLeast,
    AgeAtMost,
    Alternative,
    AnyOf,
    ApplicantTypeIn,
    CleanRecord,
    Filed,
    NotListed,
    RegisteredIn,
    RevenueAtMost,
    SectorIn,
    SizeIn,
    StaffAtMost,
)
from evernormal.domain.policy.conditions.application import (
    AppliedWithin,
    Documents,
    NoOtherSupport,
    OtherSupportFrom,
    UpstreamAward,
)
from evernormal.domain.policy.conditions.contract import (
    AllowedUse,
    CapacityAtLeast,
    OneAwardPerContract,
    OneSideOnly,
    PriceAtMost,
    RequestBetween,
    SignedFrom,
    TermAtMost,
)
from evernormal.domain.policy.conditions.provider import (
    FacilityIn,
    ProviderConnected,
    ProviderIn,
    ProviderRegistered,
    ScaleAtLeast,
    UnrelatedParty,
)
from evernormal.domain.policy.facts import Case
from evernormal.domain.policy.findings import Check

Condition = (
    ApplicantTypeIn
    | SizeIn
    | AgeAtMost
    | AgeAtLeast
    | StaffAtMost
    | RevenueAtMost
    | RegisteredIn
    | SectorIn
    | Filed
    | NotListed
    | CleanRecord
    | AnyOf
    | ProviderRegistered
    | ProviderConnected
    | ProviderIn
    | FacilityIn
    | ScaleAtLeast
    | UnrelatedParty
    | SignedFrom
    | TermAtMost
    | OneAwardPerContract
    | OneSideOnly
    | AllowedUse
    | CapacityAtLeast
    | PriceAtMost
    | RequestBetween
    | AppliedWithin
    | Documents
    | NoOtherSupport
    | OtherSupportFrom
    | UpstreamAward
)

ProviderCondition = (
    ProviderRegistered | ProviderConnected | ProviderIn | FacilityIn | ScaleAtLeast | UnrelatedParty
)
"""Those that look at who sells: asked again of each further provider of an award."""


def check_conditions(rules: Iterable[tuple[str, Condition]], *, case: Case) -> tuple[Check, ...]:
    """Apply every condition, also after one has failed, so that all reasons are known at once.

    rules    (rule id, condition) in the scheme's order
    returns  one Check a rule, in the same order
    source   docs/rules/conditions.md
    """
    checks = []
    for rule_id, condition in rules:
        passed, facts = condition.check(case)
        checks.append(Check(rule_id=rule_id, form=condition.name, passed=passed, facts=facts))
    return tuple(checks)


__all__ = [
    "AgeAtLeast",
    "AgeAtMost",
    "AllowedUse",
    "Alternative",
    "AnyOf",
    "ApplicantTypeIn",
    "AppliedWithin",
    "CapacityAtLeast",
    "CleanRecord",
    "Condition",
    "Documents",
    "FacilityIn",
    "Filed",
    "NoOtherSupport",
    "NotListed",
    "OneAwardPerContract",
    "OneSideOnly",
    "OtherSupportFrom",
    "PriceAtMost",
    "ProviderCondition",
    "ProviderConnected",
    "ProviderIn",
    "ProviderRegistered",
    "RegisteredIn",
    "RequestBetween",
    "RevenueAtMost",
    "ScaleAtLeast",
    "SectorIn",
    "SignedFrom",
    "SizeIn",
    "StaffAtMost",
    "TermAtMost",
    "UnrelatedParty",
    "UpstreamAward",
    "check_conditions",
]
