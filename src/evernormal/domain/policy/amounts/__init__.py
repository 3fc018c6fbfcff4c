"""Forms that turn cost into support, and what they are asked."""

from evernormal.domain.policy.amounts.caps import BOTH_ACTS, Cap, StackingCap
from evernormal.domain.policy.amounts.cost import (
    CostWindow,
    EligibleCost,
    MinimumSpend,
    NetOfTax,
)
from evernormal.domain.policy.amounts.entitlement import (
    AmountForm,
    RateForm,
    RoundingRule,
    entitle,
    in_order,
)
from evernormal.domain.policy.amounts.rates import (
    Bound,
    CapacitySupport,
    Rate,
    Tier,
    TierBasis,
    TieredRate,
)
from evernormal.domain.policy.amounts.request import (
    CapCount,
    CapScope,
    Entitlement,
    Measure,
    SupportRequest,
)

__all__ = [
    "BOTH_ACTS",
    "AmountForm",
    "Bound",
    "Cap",
    "CapCount",
    "CapScope",
    "CapacitySupport",
    "CostWindow",
    "EligibleCost",
    "Entitlement",
    "Measure",
    "MinimumSpend",
    "NetOfTax",
    "Rate",
    "RateForm",
    "RoundingRule",
    "StackingCap",
    "SupportRequest",
    "Tier",
    "TierBasis",
    "TieredRate",
    "entitle",
    "in_order",
]
