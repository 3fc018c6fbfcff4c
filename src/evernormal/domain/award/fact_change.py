"""An application with one fact put otherwise, so that a test or a condition holds."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from typing import Any

from evernormal.domain.policy import (
    EVERY_CASE,
    AgeAtLeast,
    AgeAtMost,
    AllowedUse,
    AnyOf,
    ApplicantTypeIn,
    AppliedWithin,
    CapacityAtLeast,
    Case,
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
    Selector,
    SignedFrom,
    SizeIn,
    StaffAtMost,
    SupportRequest,
    TermAtMost,
    UnrelatedParty,
    UpstreamAward,
)
from evernormal.domain.policy.findings import Fact
from evernormal.domain.values import Fen, Period, add_months

_Changed = tuple[str, Fact, Case]
_NOTHING = Fen(0)


@dataclass(frozen=True, slots=True)
class FactChange:
    """One fact put otherwise.

    fact     its name as cases state it (docs/reference/scheme-file.md)
    value    what it would be: a code, a day as text, a number; money in fen
    request  the request with the fact changed, in its case too
    """

    fact: str
    value: Fact
    request: SupportRequest


def changes_to_match(selector: Selector, request: SupportRequest) -> Iterator[FactChange]:
    """Every single fact that, put otherwise, would make a selector match.

    Nothing when it matches already, or when more than one of its tests fails.
    """
    failing = [name for name in _tests_of(selector) if not _holds(selector, name, request.case)]
    if len(failing) == 1:
        wanted = getattr(selector, failing[0])
        for fact, value, case in _MATCHING[failing[0]](wanted, request.case):
            yield FactChange(fact, value, replace(request, case=case))


def changes_to_pass(condition: Condition, request: SupportRequest) -> Iterator[FactChange]:
    """Every single fact that, put otherwise, would make a condition hold that fails now."""
    if isinstance(condition, AnyOf):
        for alternative in condition.alternatives:
            yield from changes_to_match(alternative.when, request)
    elif isinstance(condition, RequestBetween):
        yield from _cost_between(condition, request)
    else:
        for fact, value, case in _PASSING[type(condition)](condition, request.case):
            yield FactChange(fact, value, _with_case(request, case))


def with_more_cost(request: SupportRequest, category: Any, more: int) -> SupportRequest:
    """The request with more cost in a category, in its contract too.

    more     fen; negative: less
    """
    case = request.case
    costs = _more(request.costs, category, more)
    contract = replace(case.contract, costs=_more(case.contract.costs, category, more))
    return replace(request, costs=costs, case=replace(case, contract=contract))


def _more(costs: Mapping[Any, Fen], category: Any, more: int) -> Mapping[Any, Fen]:
    now = costs.get(category, _NOTHING).amount
    return {**costs, category: Fen(max(now + more, 0))}


def _with_case(request: SupportRequest, case: Case) -> SupportRequest:
    """The request about a changed case, whose term and other support it shares.

    In another calendar year nothing is counted yet that is counted by the year.
    """
    changed = replace(request, case=case)
    if case.contract.applied_on.year != request.case.contract.applied_on.year:
        kept = {scope: fen for scope, fen in request.already.items() if not scope.is_yearly}
        changed = replace(changed, already=kept, firm_year_cost_before=_NOTHING)
    if case.contract.term != request.case.contract.term:
        changed = replace(changed, term=case.contract.term)
    if case.contract.supports != request.case.contract.supports:
        changed = replace(changed, other_support=case.contract.other_support)
    return changed


def _tests_of(selector: Selector) -> Iterator[str]:
    for field in fields(Selector):
        if getattr(selector, field.name) != getattr(EVERY_CASE, field.name):
            yield field.name


def _holds(selector: Selector, name: str, case: Case) -> bool:
    tests: dict[str, Any] = {name: getattr(selector, name)}
    return replace(EVERY_CASE, **tests).matches(case)


def _applicant(case: Case, **facts: Any) -> Case:
    return replace(case, applicant=replace(case.applicant, **facts))


def _provider(case: Case, **facts: Any) -> Case:
    return replace(case, provider=replace(case.provider, **facts))


def _contract(case: Case, **facts: Any) -> Case:
    return replace(case, contract=replace(case.contract, **facts))


_Put = Callable[..., Case]


def _each_code(put: _Put, field: str, fact: str) -> Callable[..., Iterator[_Changed]]:
    """One of several codes, such as a size class."""

    def change(wanted: Any, case: Case) -> Iterator[_Changed]:
        for code in wanted:
            yield fact, code.value, put(case, **{field: code})

    return change


def _each_text(put: _Put, field: str, fact: str) -> Callable[..., Iterator[_Changed]]:
    """One of several texts, such as a place."""

    def change(wanted: Any, case: Case) -> Iterator[_Changed]:
        for text in wanted:
            yield fact, text, put(case, **{field: text})

    return change


def _each_word(field: str) -> Callable[..., Iterator[_Changed]]:
    """One more word of the applicant's own, such as a trait."""

    def change(wanted: Any, case: Case) -> Iterator[_Changed]:
        for word in wanted:
            words = getattr(case.applicant, field) | {word}
            yield field, word, _applicant(case, **{field: words})

    return change


def _founded_since(months: int, case: Case) -> Iterator[_Changed]:
    founded_on = add_months(case.contract.applied_on, -months)
    yield "founded_on", founded_on.isoformat(), _applicant(case, founded_on=founded_on)


def _staff(people: int, case: Case) -> Iterator[_Changed]:
    yield "staff", people, _applicant(case, staff=people)


def _revenue(amount: Fen, case: Case) -> Iterator[_Changed]:
    yield "revenue", amount.amount, _applicant(case, revenue=amount)


def _scale(least: Mapping[str, int], case: Case) -> Iterator[_Changed]:
    scale = {**case.provider.scale}
    for name, figure in least.items():
        scale[name] = max(scale.get(name, 0), figure)
    text = " ".join(f"{name}={figure}" for name, figure in least.items())
    yield "scale", text, _provider(case, scale=scale)


_MATCHING: Mapping[str, Callable[[Any, Case], Iterator[_Changed]]] = {
    "applicant_types": _each_code(_applicant, "type", "applicant_type"),
    "sizes": _each_code(_applicant, "size", "size"),
    "places": _each_text(_applicant, "place", "place"),
    "sectors": _each_word("sectors"),
    "traits": _each_word("traits"),
    "filings": _each_word("filings"),
    "uses": _each_code(_contract, "use", "use"),
    "services": _each_code(_contract, "service", "service"),
    "device_origins": _each_code(_contract, "device_origin", "device_origin"),
    "facilities": _each_text(_provider, "facility", "facility"),
    "routes": _each_code(_contract, "route", "route"),
    "sides": _each_code(_contract, "side", "side"),
    "age_months_at_most": _founded_since,
    "staff_at_most": _staff,
    "revenue_at_most": _revenue,
    "scale_at_least": _scale,
}


def _like(test: str, field: str) -> Callable[[Any, Case], Iterator[_Changed]]:
    """A condition whose `field` asks what a selector's test asks."""
    return lambda rule, case: _MATCHING[test](getattr(rule, field), case)


def _age_at_least(rule: AgeAtLeast, case: Case) -> Iterator[_Changed]:
    founded_on = case.applicant.founded_on
    day = add_months(founded_on, rule.months)
    if day.day < founded_on.day:
        # The month is too short for the day: the month is full on the first of the next.
        day += timedelta(days=1)
    yield "applied_on", day.isoformat(), _contract(case, applied_on=day)


def _filed(rule: Filed, case: Case) -> Iterator[_Changed]:
    missing = sorted(set(rule.filings) - case.applicant.filings)
    filings = case.applicant.filings | set(rule.filings)
    yield "filings", " ".join(missing), _applicant(case, filings=filings)


def _not_listed(rule: NotListed, case: Case) -> Iterator[_Changed]:
    yield "lists", "", _applicant(case, lists=case.applicant.lists - set(rule.lists))


def _clean_record(_rule: CleanRecord, case: Case) -> Iterator[_Changed]:
    yield "last_dishonesty_on", None, _applicant(case, last_dishonesty_on=None)


def _scale_at_least(rule: ScaleAtLeast, case: Case) -> Iterator[_Changed]:
    return _scale({rule.measure: rule.least}, case)


def _unrelated(_rule: UnrelatedParty, case: Case) -> Iterator[_Changed]:
    buyer, seller = case.applicant, case.provider
    apart = _applicant(case, owners=buyer.owners - seller.owners - {seller.uscc.text})
    apart = _provider(apart, owners=seller.owners - buyer.owners - {buyer.uscc.text})
    yield "shared_owner", False, apart


def _signed_from(rule: SignedFrom, case: Case) -> Iterator[_Changed]:
    yield "signed_on", rule.day.isoformat(), _contract(case, signed_on=rule.day)


def _term_at_most(rule: TermAtMost, case: Case) -> Iterator[_Changed]:
    first = case.contract.term.starts_on
    term = Period(first, add_months(first, rule.months))
    yield "term.last", term.last_on.isoformat(), _contract(case, term=term)


def _capacity(rule: CapacityAtLeast, case: Case) -> Iterator[_Changed]:
    yield "capacity_pflops", rule.pflops, _contract(case, capacity_pflops=rule.pflops)


def _price(rule: PriceAtMost, case: Case) -> Iterator[_Changed]:
    changed = _contract(case, price_per_card_hour=rule.amount)
    yield "price_per_card_hour", rule.amount.amount, changed


def _applied_within(rule: AppliedWithin, case: Case) -> Iterator[_Changed]:
    day = rule.first if case.contract.applied_on < rule.first else rule.last
    yield "applied_on", day.isoformat(), _contract(case, applied_on=day)


def _documents(rule: Documents, case: Case) -> Iterator[_Changed]:
    missing = sorted(set(rule.documents) - case.contract.documents)
    documents = case.contract.documents | set(rule.documents)
    yield "documents", " ".join(missing), _contract(case, documents=documents)


def _no_other(_rule: NoOtherSupport | OtherSupportFrom, case: Case) -> Iterator[_Changed]:
    yield "other_support", False, _contract(case, has_other_support=False, supports=())


def _upstream(rule: UpstreamAward, case: Case) -> Iterator[_Changed]:
    for programme in rule.programmes:
        yield "upstream", programme, replace(case, upstream=programme)


_PASSING: Mapping[type[Any], Callable[[Any, Case], Iterator[_Changed]]] = {
    ApplicantTypeIn: _like("applicant_types", "types"),
    SizeIn: _like("sizes", "sizes"),
    AgeAtMost: _like("age_months_at_most", "months"),
    AgeAtLeast: _age_at_least,
    StaffAtMost: _like("staff_at_most", "people"),
    RevenueAtMost: _like("revenue_at_most", "amount"),
    RegisteredIn: _like("places", "places"),
    SectorIn: _like("sectors", "sectors"),
    Filed: _filed,
    NotListed: _not_listed,
    CleanRecord: _clean_record,
    ProviderRegistered: lambda _, case: iter(
        [("provider_listed", True, _provider(case, is_registered=True))]
    ),
    ProviderConnected: lambda _, case: iter(
        [("provider_connected", True, _provider(case, is_connected=True))]
    ),
    ProviderIn: lambda rule, case: _each_text(_provider, "place", "provider_place")(
        rule.places, case
    ),
    FacilityIn: _like("facilities", "facilities"),
    ScaleAtLeast: _scale_at_least,
    UnrelatedParty: _unrelated,
    SignedFrom: _signed_from,
    TermAtMost: _term_at_most,
    OneAwardPerContract: lambda _, case: iter(
        [("awards_on_contract", 0, replace(case, awards_on_contract=0))]
    ),
    OneSideOnly: lambda _, case: iter(
        [("awards_other_side", 0, replace(case, awards_other_side=0))]
    ),
    AllowedUse: _like("uses", "uses"),
    CapacityAtLeast: _capacity,
    PriceAtMost: _price,
    AppliedWithin: _applied_within,
    Documents: _documents,
    NoOtherSupport: _no_other,
    OtherSupportFrom: _no_other,
    UpstreamAward: _upstream,
}
"""How each condition would be met; AnyOf and RequestBetween are met in their own way."""


def _cost_between(rule: RequestBetween, request: SupportRequest) -> Iterator[FactChange]:
    """The cost, put at the bound that it misses, in the category that costs most."""
    costs = request.case.contract.costs
    asked = sum(cost.amount for cost in costs.values())
    if not costs:
        return
    category = max(costs, key=lambda name: costs[name].amount)
    bound = rule.at_least.amount if asked < rule.at_least.amount else rule.at_most.amount
    value = costs[category].amount + bound - asked
    if value >= 0:
        changed = with_more_cost(request, category, bound - asked)
        yield FactChange(f"cost.{category.value}", value, changed)
