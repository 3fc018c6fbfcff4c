"""How conditions are written."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from evernormal.domain.policy import (
    AgeAtLeast,
    AgeAtMost,
    AllowedUse,
    AnyOf,
    ApplicantType,
    ApplicantTypeIn,
    AppliedWithin,
    CapacityAtLeast,
    CleanRecord,
    Documents,
    FacilityIn,
    Filed,
    FirmSize,
    NoOtherSupport,
    NotListed,
    OneAwardPerContract,
    OneSideOnly,
    OtherSupportFrom,
    PriceAtMost,
    ProviderConnected,
    ProviderIn,
    ProviderRegistered,
    RegisteredIn,
    RequestBetween,
    RevenueAtMost,
    ScaleAtLeast,
    SectorIn,
    SignedFrom,
    SizeIn,
    StaffAtMost,
    TermAtMost,
    UnrelatedParty,
    UpstreamAward,
    Use,
)
from evernormal.domain.values import Fen
from evernormal.schemes.form_keys.selectors import (
    ALTERNATIVE,
    COUNT_MAX,
    MONTHS_MAX,
    PLACES,
    SLUGS,
    WORDS_MAX,
)
from evernormal.schemes.kinds import (
    Unfit,
    day_kind,
    list_kind,
    money_kind,
    period_of,
    slug_kind,
    whole_kind,
    word_kind,
)

# A century of years: more is a slip.
_YEARS_MAX = 100

_MONTHS = {"months": whole_kind(1, MONTHS_MAX)}
_FIRST_LAST = {"first": day_kind(), "last": day_kind()}
_REPEATS = {"repeats": True}


def _applied_within(first: date, last: date) -> AppliedWithin:
    period_of(first, last)  # refuses a call that ends before it opens
    return AppliedWithin(first=first, last=last)


def _any_of(any_of: tuple[Any, ...]) -> AnyOf:
    return AnyOf(alternatives=any_of)


def _request_between(at_least: Fen, at_most: Fen) -> RequestBetween:
    if at_most < at_least:
        raise Unfit("at_most is below at_least. Swap or correct them.")
    return RequestBetween(at_least=at_least, at_most=at_most)


FORMS: Mapping[str, tuple[Any, ...]] = {
    ApplicantTypeIn.name: (
        {"types": list_kind(word_kind(ApplicantType), most=len(ApplicantType))},
        ApplicantTypeIn,
    ),
    SizeIn.name: ({"sizes": list_kind(word_kind(FirmSize), most=len(FirmSize))}, SizeIn),
    AgeAtMost.name: (_MONTHS, AgeAtMost),
    AgeAtLeast.name: (_MONTHS, AgeAtLeast),
    StaffAtMost.name: ({"people": whole_kind(0, COUNT_MAX)}, StaffAtMost),
    RevenueAtMost.name: ({"amount": money_kind()}, RevenueAtMost),
    RegisteredIn.name: ({"places": PLACES}, RegisteredIn),
    SectorIn.name: ({"sectors": SLUGS}, SectorIn),
    Filed.name: ({"filings": SLUGS}, Filed),
    NotListed.name: ({"lists": SLUGS}, NotListed),
    CleanRecord.name: ({"years": whole_kind(1, _YEARS_MAX)}, CleanRecord),
    AnyOf.name: ({"any_of": list_kind(ALTERNATIVE, most=WORDS_MAX)}, _any_of, _REPEATS),
    ProviderRegistered.name: ({}, ProviderRegistered),
    ProviderConnected.name: ({}, ProviderConnected),
    ProviderIn.name: ({"places": PLACES}, ProviderIn),
    FacilityIn.name: ({"facilities": SLUGS}, FacilityIn),
    ScaleAtLeast.name: (
        {"measure": slug_kind(), "least": whole_kind(1, COUNT_MAX)},
        ScaleAtLeast,
        _REPEATS,
    ),
    UnrelatedParty.name: ({}, UnrelatedParty),
    SignedFrom.name: ({"day": day_kind()}, SignedFrom),
    TermAtMost.name: (_MONTHS, TermAtMost),
    OneAwardPerContract.name: ({}, OneAwardPerContract),
    OneSideOnly.name: ({}, OneSideOnly),
    AllowedUse.name: ({"uses": list_kind(word_kind(Use), most=len(Use))}, AllowedUse),
    CapacityAtLeast.name: ({"pflops": whole_kind(1, COUNT_MAX)}, CapacityAtLeast),
    PriceAtMost.name: ({"amount": money_kind(low=1)}, PriceAtMost),
    RequestBetween.name: ({"at_least": money_kind(), "at_most": money_kind()}, _request_between),
    AppliedWithin.name: (_FIRST_LAST, _applied_within),
    Documents.name: ({"documents": SLUGS}, Documents),
    NoOtherSupport.name: ({}, NoOtherSupport),
    OtherSupportFrom.name: ({"programmes": SLUGS}, OtherSupportFrom),
    UpstreamAward.name: ({"programmes": SLUGS}, UpstreamAward),
}
