"""Every form of rule: its keys in a scheme file, and how they make the domain's value."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from evernormal.domain.policy import (
    AllowedUse,
    ApplicantType,
    ApplicantTypeIn,
    AppliedWithin,
    CapCount,
    CleanRecord,
    CostCategory,
    CostWindow,
    EligibleCost,
    FirmCap,
    FirmYearCap,
    Form,
    MinimumSpend,
    NoOtherSupport,
    OneAwardPerContract,
    Payee,
    PayeeRule,
    ProviderRegistered,
    Rate,
    RegisteredIn,
    RoundingRule,
    Shortage,
    ShortageRule,
    SignedFrom,
    TermAtMost,
    UnrelatedParty,
    Use,
    VoucherTerm,
)
from evernormal.domain.values import DayCount, Fen, Rounding, RoundingMode
from evernormal.schemes.kinds import (
    Kind,
    day_kind,
    flag_kind,
    list_kind,
    money_kind,
    period_of,
    place_code_kind,
    ratio_kind,
    table_kind,
    whole_kind,
    word_kind,
)
from evernormal.schemes.problems import Place

# A century of months or years, and a thousand yuan as a unit of rounding: more is a slip.
_MONTHS_MAX = 1_200
_YEARS_MAX = 100
_UNIT_FEN_MAX = 100_000
_PLACES_MAX = 100


@dataclass(frozen=True, slots=True)
class FormKeys:
    """How one form is written: kind by key of its `value`, and what the values become."""

    keys: Mapping[str, Kind[Any]]
    build: Callable[..., Form]

    def read(self, value: object, place: Place) -> Form | None:
        """Read the form with its values; None after the place was told what is wrong."""
        return table_kind(self.keys, self.build).read(value, place)


def _applied_within(first: date, last: date) -> AppliedWithin:
    period_of(first, last)  # refuses a call that ends before it opens
    return AppliedWithin(first=first, last=last)


def _cost_window(first: date, last: date, day_count: DayCount) -> CostWindow:
    return CostWindow(window=period_of(first, last), day_count=day_count)


def _minimum_spend(yuan: Fen) -> MinimumSpend:
    return MinimumSpend(spend=yuan)


def _rate(*, ratio: Fraction, up_to: bool) -> Rate:
    return Rate(ratio=ratio, is_ceiling=up_to)


def _firm_year_cap(yuan: Fen, counted_on: tuple[CapCount, ...]) -> FirmYearCap:
    return FirmYearCap(cap=yuan, counted_on=counted_on)


def _firm_cap(yuan: Fen) -> FirmCap:
    return FirmCap(cap=yuan)


def _rounding(*, mode: RoundingMode, unit_fen: int, at_each_step: bool) -> RoundingRule:
    return RoundingRule(rounding=Rounding(mode, unit_fen), at_each_step=at_each_step)


_MONTHS = {"months": whole_kind(1, _MONTHS_MAX)}
_CAP = money_kind(low=1)

FORMS: Mapping[str, FormKeys] = {
    ApplicantTypeIn.name: FormKeys(
        {"types": list_kind(word_kind(ApplicantType), most=len(ApplicantType))}, ApplicantTypeIn
    ),
    RegisteredIn.name: FormKeys(
        {"places": list_kind(place_code_kind(), most=_PLACES_MAX)}, RegisteredIn
    ),
    CleanRecord.name: FormKeys({"years": whole_kind(1, _YEARS_MAX)}, CleanRecord),
    ProviderRegistered.name: FormKeys({}, ProviderRegistered),
    UnrelatedParty.name: FormKeys({}, UnrelatedParty),
    SignedFrom.name: FormKeys({"day": day_kind()}, SignedFrom),
    TermAtMost.name: FormKeys(_MONTHS, TermAtMost),
    OneAwardPerContract.name: FormKeys({}, OneAwardPerContract),
    AllowedUse.name: FormKeys({"uses": list_kind(word_kind(Use), most=len(Use))}, AllowedUse),
    NoOtherSupport.name: FormKeys({}, NoOtherSupport),
    AppliedWithin.name: FormKeys({"first": day_kind(), "last": day_kind()}, _applied_within),
    EligibleCost.name: FormKeys(
        {"categories": list_kind(word_kind(CostCategory), most=len(CostCategory))}, EligibleCost
    ),
    CostWindow.name: FormKeys(
        {"first": day_kind(), "last": day_kind(), "day_count": word_kind(DayCount)}, _cost_window
    ),
    MinimumSpend.name: FormKeys({"yuan": _CAP}, _minimum_spend),
    Rate.name: FormKeys({"ratio": ratio_kind(), "up_to": flag_kind()}, _rate),
    FirmYearCap.name: FormKeys(
        {"yuan": _CAP, "counted_on": list_kind(word_kind(CapCount), most=len(CapCount))},
        _firm_year_cap,
    ),
    FirmCap.name: FormKeys({"yuan": _CAP}, _firm_cap),
    RoundingRule.name: FormKeys(
        {
            "mode": word_kind(RoundingMode),
            "unit_fen": whole_kind(1, _UNIT_FEN_MAX),
            "at_each_step": flag_kind(),
        },
        _rounding,
    ),
    PayeeRule.name: FormKeys({"payee": word_kind(Payee)}, PayeeRule),
    VoucherTerm.name: FormKeys(_MONTHS, VoucherTerm),
    ShortageRule.name: FormKeys({"shortage": word_kind(Shortage)}, ShortageRule),
}
