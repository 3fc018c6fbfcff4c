"""Every form of condition, applied to rows: which of them pass. None: every row.

Each function says of every row what the form's own `check` says of its case.
"""

from functools import singledispatch

from evernormal.domain.policy import (
    AgeAtLeast,
    AgeAtMost,
    AllowedUse,
    AnyOf,
    ApplicantTypeIn,
    AppliedWithin,
    CapacityAtLeast,
    CleanRecord,
    Condition,
    Documents,
    FacilityIn,
    Filed,
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
)
from evernormal.engines.entitlement.arrays import DayColumn, FlagColumn
from evernormal.engines.entitlement.calendar import months_later
from evernormal.engines.entitlement.rows import Rows
from evernormal.engines.entitlement.selectors import matching

Passed = FlagColumn | None


@singledispatch
def passing(form: Condition, _rows: Rows) -> Passed:
    """Rows that pass a condition. None: every row."""
    raise TypeError(f"No twin of {form.name}: write it in this file.")


@passing.register
def _(form: ApplicantTypeIn, rows: Rows) -> Passed:
    return rows.is_one_of("applicant_type", form.types)


@passing.register
def _(form: SizeIn, rows: Rows) -> Passed:
    return rows.is_one_of("size", form.sizes)


@passing.register
def _(form: AgeAtMost, rows: Rows) -> Passed:
    return rows.age_at_most(form.months)


@passing.register
def _(form: AgeAtLeast, rows: Rows) -> Passed:
    return rows.age_at_least(form.months)


@passing.register
def _(form: StaffAtMost, rows: Rows) -> Passed:
    return rows.is_stated_at_most("staff", form.people)


@passing.register
def _(form: RevenueAtMost, rows: Rows) -> Passed:
    return rows.is_stated_at_most("revenue", form.amount.amount)


@passing.register
def _(form: RegisteredIn, rows: Rows) -> Passed:
    return rows.starts_with("place", form.places)


@passing.register
def _(form: SectorIn, rows: Rows) -> Passed:
    return rows.meets("sectors", form.sectors)


@passing.register
def _(form: Filed, rows: Rows) -> Passed:
    return rows.has_all("filings", form.filings)


@passing.register
def _(form: NotListed, rows: Rows) -> Passed:
    return ~rows.meets("lists", form.lists)


@passing.register
def _(form: CleanRecord, rows: Rows) -> Passed:
    def since(days: DayColumn) -> DayColumn:
        return months_later(days, -12 * form.years)

    # A day of 0, for no record, is before every day.
    clean: FlagColumn = rows.read("last_dishonesty_on") < rows.later_days(
        "applied_on", ("since", form.years), since
    )
    return clean


@passing.register
def _(form: AnyOf, rows: Rows) -> Passed:
    found = rows.nowhere()
    for alternative in form.alternatives:
        mask = matching(alternative.when, rows)
        if mask is None:
            return None
        found |= mask
    return found


@passing.register
def _(_form: ProviderRegistered, rows: Rows) -> Passed:
    registered: FlagColumn = rows.read("is_registered")
    return registered


@passing.register
def _(_form: ProviderConnected, rows: Rows) -> Passed:
    connected: FlagColumn = rows.read("is_connected")
    return connected


@passing.register
def _(form: ProviderIn, rows: Rows) -> Passed:
    return rows.starts_with("provider_place", form.places)


@passing.register
def _(form: FacilityIn, rows: Rows) -> Passed:
    return rows.is_word_of("facility", form.facilities)


@passing.register
def _(form: ScaleAtLeast, rows: Rows) -> Passed:
    return rows.scale(form.measure) >= form.least


@passing.register
def _(_form: UnrelatedParty, rows: Rows) -> Passed:
    unrelated: FlagColumn = ~rows.read("is_related")
    return unrelated


@passing.register
def _(form: SignedFrom, rows: Rows) -> Passed:
    signed: FlagColumn = rows.read("signed_on") >= form.day.toordinal()
    return signed


@passing.register
def _(form: TermAtMost, rows: Rows) -> Passed:
    def latest(days: DayColumn) -> DayColumn:
        return months_later(days, form.months, spill=True)

    short: FlagColumn = rows.read("term_ends_on") <= rows.later_days(
        "term_starts_on", ("latest", form.months), latest
    )
    return short


@passing.register
def _(_form: OneAwardPerContract, rows: Rows) -> Passed:
    first: FlagColumn = rows.read("awards_on_contract") == 0
    return first


@passing.register
def _(_form: OneSideOnly, rows: Rows) -> Passed:
    alone: FlagColumn = rows.read("awards_other_side") == 0
    return alone


@passing.register
def _(form: AllowedUse, rows: Rows) -> Passed:
    return rows.is_one_of("use", form.uses)


@passing.register
def _(form: CapacityAtLeast, rows: Rows) -> Passed:
    enough: FlagColumn = rows.read("capacity_pflops") >= form.pflops
    return enough


@passing.register
def _(form: PriceAtMost, rows: Rows) -> Passed:
    return rows.is_stated_at_most("price_per_card_hour", form.amount.amount)


@passing.register
def _(form: RequestBetween, rows: Rows) -> Passed:
    asked = rows.read("contract_cost")
    between: FlagColumn = (form.at_least.amount <= asked) & (asked <= form.at_most.amount)
    return between


@passing.register
def _(form: AppliedWithin, rows: Rows) -> Passed:
    applied_on = rows.read("applied_on")
    first, last = form.first.toordinal(), form.last.toordinal()
    within: FlagColumn = (first <= applied_on) & (applied_on <= last)
    return within


@passing.register
def _(form: Documents, rows: Rows) -> Passed:
    return rows.has_all("documents", form.documents)


@passing.register
def _(_form: NoOtherSupport, rows: Rows) -> Passed:
    declared: FlagColumn = rows.read("has_other_support")
    return ~(declared | rows.has_others("support_programmes", ()))


@passing.register
def _(form: OtherSupportFrom, rows: Rows) -> Passed:
    declared: FlagColumn = rows.read("has_other_support")
    is_unnamed = declared & ~rows.has_others("support_programmes", ())
    return ~(rows.has_others("support_programmes", form.programmes) | is_unnamed)


@passing.register
def _(form: UpstreamAward, rows: Rows) -> Passed:
    return rows.is_word_of("upstream", form.programmes)
