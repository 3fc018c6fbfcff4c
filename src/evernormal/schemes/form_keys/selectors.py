"""How tests on a case are written, in tiers, caps and alternatives."""

from typing import Any

from evernormal.domain.policy import (
    Alternative,
    ApplicantType,
    CostCategory,
    DeviceOrigin,
    FirmSize,
    Route,
    Selector,
    Side,
    Use,
)
from evernormal.schemes.kinds import (
    Kind,
    Unfit,
    list_kind,
    map_kind,
    money_kind,
    place_code_kind,
    slug_kind,
    table_kind,
    whole_kind,
    word_kind,
    words_kind,
)

WORDS_MAX = 100
MONTHS_MAX = 1_200
COUNT_MAX = 10_000_000

SLUGS: Kind[tuple[str, ...]] = list_kind(slug_kind(), most=WORDS_MAX)
PLACES: Kind[tuple[str, ...]] = list_kind(place_code_kind(), most=WORDS_MAX)


def _selector(**tests: Any) -> Selector:
    if not tests:
        raise Unfit("This tests nothing. Write at least one test, or leave it out for every case.")
    return Selector(**tests)


_TESTS: dict[str, Kind[Any]] = {
    "applicant_types": list_kind(word_kind(ApplicantType), most=len(ApplicantType)),
    "sizes": list_kind(word_kind(FirmSize), most=len(FirmSize)),
    "places": PLACES,
    "sectors": SLUGS,
    "traits": SLUGS,
    "filings": SLUGS,
    "uses": list_kind(word_kind(Use), most=len(Use)),
    "services": list_kind(word_kind(CostCategory), most=len(CostCategory)),
    "device_origins": list_kind(word_kind(DeviceOrigin), most=len(DeviceOrigin)),
    "facilities": SLUGS,
    "routes": list_kind(word_kind(Route), most=len(Route)),
    "sides": list_kind(word_kind(Side), most=len(Side)),
    "age_months_at_most": whole_kind(1, MONTHS_MAX),
    "staff_at_most": whole_kind(0, COUNT_MAX),
    "revenue_at_most": money_kind(),
    "scale_at_least": map_kind(slug_kind(), whole_kind(1, COUNT_MAX), most=WORDS_MAX),
}

SELECTOR: Kind[Selector] = table_kind(_TESTS, _selector, optional=frozenset(_TESTS))
"""`when = { device_origins = ["DOMESTIC"] }`: every test that is written must hold."""

ALTERNATIVE: Kind[Alternative] = table_kind({"label": words_kind(), "when": SELECTOR}, Alternative)
