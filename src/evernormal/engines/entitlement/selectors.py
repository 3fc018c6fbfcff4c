"""Which rows a tier, a cap or an alternative is for."""

from evernormal.domain.policy import EVERY_CASE, Selector
from evernormal.engines.entitlement.arrays import FlagColumn, all_of
from evernormal.engines.entitlement.rows import Rows

_CODES = {
    "applicant_types": "applicant_type",
    "sizes": "size",
    "uses": "use",
    "services": "service",
    "device_origins": "device_origin",
    "routes": "route",
    "sides": "side",
}
_WORD_SETS = ("sectors", "traits", "filings")


def matching(selector: Selector, rows: Rows) -> FlagColumn | None:
    """Rows that pass every test that is set, as `Selector.matches`. None: every row."""
    if selector == EVERY_CASE:
        return None
    tests: list[FlagColumn | None] = []
    for name, column in _CODES.items():
        if members := getattr(selector, name):
            tests.append(rows.is_one_of(column, members))
    asked = ((name, getattr(selector, name)) for name in _WORD_SETS)
    tests.extend(rows.meets(name, words) for name, words in asked if words)
    if selector.places:
        tests.append(rows.starts_with("place", selector.places))
    if selector.facilities:
        tests.append(rows.is_word_of("facility", selector.facilities))
    tests.extend(_sizes(selector, rows))
    return all_of(tests)


def _sizes(selector: Selector, rows: Rows) -> list[FlagColumn]:
    tests: list[FlagColumn] = [
        rows.scale(measure) >= least for measure, least in selector.scale_at_least.items()
    ]
    if selector.age_months_at_most is not None:
        tests.append(rows.age_at_most(selector.age_months_at_most))
    if selector.staff_at_most is not None:
        tests.append(rows.is_stated_at_most("staff", selector.staff_at_most))
    if selector.revenue_at_most is not None:
        tests.append(rows.is_stated_at_most("revenue", selector.revenue_at_most.amount))
    return tests
