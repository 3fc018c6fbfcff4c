"""A strategy for each form of condition and of amount."""

from collections.abc import Callable
from datetime import timedelta
from fractions import Fraction
from typing import Any

from hypothesis.strategies import (
    DrawFn,
    SearchStrategy,
    booleans,
    builds,
    composite,
    dictionaries,
    integers,
    just,
    lists,
    none,
    one_of,
    sampled_from,
)

from evernormal.domain import policy
from evernormal.domain.values import DayCount, Fen, Period, Rounding, RoundingMode
from tests.engines.words import BOUNDS, DAYS, PREFIXES, WORDS

TEXT = policy.Text("x", "甲")


def some(elements: Any, least: int = 1) -> SearchStrategy[tuple[Any, ...]]:
    return lists(sampled_from(list(elements)), min_size=least, max_size=3).map(tuple)


DAY = sampled_from(DAYS)
AMOUNT = sampled_from(BOUNDS).map(Fen)
LARGE_AMOUNT = one_of(AMOUNT, AMOUNT, AMOUNT, sampled_from([10**14, 2**61, 2**70]).map(Fen))
RATIO = one_of(
    builds(Fraction, integers(0, 12), sampled_from([1, 2, 3, 7, 10, 100])),
    sampled_from([Fraction(1, 999_999_937), Fraction(999_999_937, 3)]),
)
COUNT = integers(0, 3)
MONTHS = sampled_from([0, 1, 12, 13, 24, 47, 48, 60])


@composite
def selectors(draw: DrawFn) -> policy.Selector:
    """Up to three tests, or none."""
    tests: dict[str, SearchStrategy[Any]] = {
        "applicant_types": some(policy.ApplicantType),
        "sizes": some(policy.FirmSize),
        "places": some(PREFIXES),
        "sectors": some(WORDS),
        "traits": some(WORDS),
        "filings": some(WORDS),
        "uses": some(policy.Use),
        "services": some(policy.CostCategory),
        "device_origins": some(policy.DeviceOrigin),
        "facilities": some(WORDS),
        "routes": some(policy.Route),
        "sides": some(policy.Side),
        "age_months_at_most": MONTHS,
        "staff_at_most": COUNT,
        "revenue_at_most": LARGE_AMOUNT,
        "scale_at_least": dictionaries(sampled_from(WORDS), integers(1, 3), max_size=2),
    }
    names = draw(lists(sampled_from(sorted(tests)), max_size=3, unique=True))
    return policy.Selector(**{name: draw(tests[name]) for name in names})


def bounds() -> SearchStrategy[policy.Bound | None]:
    return one_of(none(), builds(policy.Bound, LARGE_AMOUNT, booleans()))


TIERS = builds(policy.Tier, just(TEXT), RATIO, when=selectors(), low=bounds(), high=bounds())
ALTERNATIVES = builds(policy.Alternative, just(TEXT), selectors())
WINDOWS = builds(
    lambda start, days: Period(start, start + timedelta(days)),
    DAY,
    sampled_from([1, 2, 30, 365, 366, 20_000]),
)
Made = Callable[[], SearchStrategy[Any]]

CONDITIONS: list[Made] = [
    lambda: builds(policy.ApplicantTypeIn, some(policy.ApplicantType)),
    lambda: builds(policy.SizeIn, some(policy.FirmSize)),
    lambda: builds(policy.AgeAtMost, MONTHS),
    lambda: builds(policy.AgeAtLeast, MONTHS),
    lambda: builds(policy.StaffAtMost, COUNT),
    lambda: builds(policy.RevenueAtMost, LARGE_AMOUNT),
    lambda: builds(policy.RegisteredIn, some(PREFIXES)),
    lambda: builds(policy.SectorIn, some(WORDS)),
    lambda: builds(policy.Filed, some(WORDS)),
    lambda: builds(policy.NotListed, some(WORDS)),
    lambda: builds(policy.CleanRecord, integers(0, 10)),
    lambda: builds(policy.AnyOf, lists(ALTERNATIVES, min_size=1, max_size=3).map(tuple)),
    lambda: builds(policy.ProviderRegistered),
    lambda: builds(policy.ProviderConnected),
    lambda: builds(policy.ProviderIn, some(PREFIXES)),
    lambda: builds(policy.FacilityIn, some(WORDS)),
    lambda: builds(policy.ScaleAtLeast, sampled_from(WORDS), COUNT),
    lambda: builds(policy.UnrelatedParty),
    lambda: builds(policy.SignedFrom, DAY),
    lambda: builds(policy.TermAtMost, MONTHS),
    lambda: builds(policy.OneAwardPerContract),
    lambda: builds(policy.OneSideOnly),
    lambda: builds(policy.AllowedUse, some(policy.Use)),
    lambda: builds(policy.CapacityAtLeast, COUNT),
    lambda: builds(policy.PriceAtMost, LARGE_AMOUNT),
    lambda: builds(policy.RequestBetween, AMOUNT, LARGE_AMOUNT),
    lambda: builds(policy.AppliedWithin, DAY, DAY),
    lambda: builds(policy.Documents, some(WORDS)),
    lambda: builds(policy.NoOtherSupport),
    lambda: builds(policy.OtherSupportFrom, some(WORDS)),
    lambda: builds(policy.UpstreamAward, some(WORDS)),
]
RATES: list[Made] = [
    lambda: builds(policy.Rate, RATIO, booleans()),
    lambda: builds(
        policy.TieredRate,
        sampled_from(policy.Measure),
        sampled_from(policy.TierBasis),
        booleans(),
        lists(TIERS, min_size=1, max_size=3).map(tuple),
    ),
    lambda: builds(policy.CapacitySupport, LARGE_AMOUNT),
]
_MOST_CATEGORIES = some(list(policy.CostCategory)[:3])
AMOUNTS: list[Made] = [
    lambda: builds(policy.NetOfTax, RATIO),
    lambda: builds(policy.CostWindow, WINDOWS, sampled_from(DayCount)),
    lambda: builds(policy.MinimumSpend, LARGE_AMOUNT, sampled_from(policy.Measure)),
    lambda: builds(policy.StackingCap, RATIO),
    lambda: builds(
        policy.Cap,
        sampled_from(policy.CapScope),
        LARGE_AMOUNT,
        counted_on=some(policy.CapCount),
        when=selectors(),
    ),
    lambda: builds(policy.Cap, sampled_from(policy.CapScope), AMOUNT),
]


def COSTS() -> SearchStrategy[Any]:  # noqa: N802 - stands beside the lists of the others
    """Which of the first three categories count."""
    return builds(policy.EligibleCost, _MOST_CATEGORIES)


def ROUNDINGS() -> SearchStrategy[Any]:  # noqa: N802 - stands beside the lists of the others
    """Roundings of every mode, at each step or at the end."""
    return builds(
        policy.RoundingRule,
        builds(Rounding, sampled_from(RoundingMode), sampled_from([1, 7, 100, 10_000])),
        booleans(),
    )
