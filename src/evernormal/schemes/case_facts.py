"""The facts of a case as files state them, and the domain's case and request made of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from evernormal.domain.policy import (
    Applicant,
    ApplicantType,
    CapCount,
    CapScope,
    Case,
    ClawbackTrigger,
    Contract,
    CostCategory,
    DeviceOrigin,
    FirmSize,
    OtherSupport,
    Provider,
    Route,
    Side,
    SupportRequest,
    Use,
)
from evernormal.domain.values import Fen, Uscc
from evernormal.schemes.kinds import (
    DAY_MIN,
    Kind,
    day_kind,
    flag_kind,
    list_kind,
    map_kind,
    money_kind,
    period_of,
    place_code_kind,
    slug_kind,
    table_kind,
    text_kind,
    whole_kind,
    word_kind,
)

_COUNT_MAX = 10_000_000
_AWARDS_MAX = 1_000
_DAYS_MAX = 36_500
_WORDS_MAX = 100

# Two codes with a right check character, of no firm in particular.
_BUYER = Uscc("91350100M000100Y43")
_SELLER = Uscc("91110000000000000E")


def _costs(**costs: Fen) -> dict[CostCategory, Fen]:
    return {CostCategory(name): cost for name, cost in costs.items()}


def _scopes(**amounts: Fen) -> dict[CapScope, Fen]:
    return {CapScope(name): amount for name, amount in amounts.items()}


_CATEGORIES = {category.value: money_kind() for category in CostCategory}
_SCOPES = {scope.value: money_kind() for scope in CapScope}
_SLUGS = list_kind(slug_kind(), most=_WORDS_MAX, least=0)

NEEDED: Mapping[str, Kind[Any]] = {
    "applied_on": day_kind(),
    "applicant_type": word_kind(ApplicantType),
    "place": place_code_kind(),
    "signed_on": day_kind(),
    "term": table_kind({"first": day_kind(), "last": day_kind()}, period_of),
    "cost": table_kind(_CATEGORIES, _costs, optional=frozenset(_CATEGORIES)),
    "use": word_kind(Use),
}
"""Facts that every case states."""

OPTIONAL: Mapping[str, Kind[Any]] = {
    "size": word_kind(FirmSize),
    "founded_on": day_kind(),
    "staff": whole_kind(0, _COUNT_MAX),
    "revenue": money_kind(),
    "sectors": _SLUGS,
    "filings": _SLUGS,
    "lists": _SLUGS,
    "traits": _SLUGS,
    "last_dishonesty_on": day_kind(),
    "provider_listed": flag_kind(),
    "provider_connected": flag_kind(),
    "provider_place": place_code_kind(),
    "facility": slug_kind(),
    "scale": map_kind(slug_kind(), whole_kind(0, _COUNT_MAX), most=_WORDS_MAX),
    "shared_owner": flag_kind(),
    "service": word_kind(CostCategory),
    "device_origin": word_kind(DeviceOrigin),
    "route": word_kind(Route),
    "side": word_kind(Side),
    "upstream": slug_kind(),
    "documents": _SLUGS,
    "other_support": flag_kind(),
    "other_supports": map_kind(slug_kind(), money_kind(), most=_WORDS_MAX),
    "facility_id": text_kind("DC-1"),
    "capacity_pflops": whole_kind(0, _COUNT_MAX),
    "price_per_card_hour": money_kind(),
    "score": whole_kind(0, _COUNT_MAX),
    "awards_on_contract": whole_kind(0, _AWARDS_MAX),
    "awards_other_side": whole_kind(0, _AWARDS_MAX),
    "counted_on": word_kind(CapCount),
    "already": table_kind(_SCOPES, _scopes, optional=frozenset(_SCOPES)),
    "firm_year_cost_before": money_kind(),
}
"""Facts of an application that may be left out: not stated is no, none or nothing."""

AFTERWARDS: Mapping[str, Kind[Any]] = {
    "pot_free": money_kind(),
    "last_used_on": day_kind(),
    "extensions": whole_kind(0, _AWARDS_MAX),
    "paid": money_kind(),
    "clawed_back_for": word_kind(ClawbackTrigger),
    "days_since_paid": whole_kind(0, _DAYS_MAX),
    "claim_documents": _SLUGS,
    "device_class": text_kind("A100"),
}
"""What a worked case says about the time after the assessment."""

FACTS: Mapping[str, Kind[Any]] = {**NEEDED, **OPTIONAL, **AFTERWARDS}


@dataclass(frozen=True, slots=True)
class StatedCase:
    """A case as stated, ready to be assessed."""

    case: Case
    request: SupportRequest

    @property
    def applied_on(self) -> date:
        """The day that chooses the versions of the rules."""
        return self.case.contract.applied_on


def stated_case(
    facts: Mapping[str, Any], *, contract_id: str = "contract", applicant_id: str = "applicant"
) -> StatedCase:
    """Make the domain's case and request of facts that were read.

    facts    values by name, as the kinds of FACTS read them; every NEEDED one is there
    """
    owners = frozenset({"person:shared"}) if facts.get("shared_owner") else frozenset()
    case = Case(
        _applicant(facts, applicant_id, owners),
        _provider(facts, owners),
        _contract(facts, contract_id, applicant_id),
        awards_on_contract=facts.get("awards_on_contract", 0),
        awards_other_side=facts.get("awards_other_side", 0),
        upstream=facts.get("upstream", ""),
    )
    request = SupportRequest(
        case=case,
        costs=facts["cost"],
        term=facts["term"],
        counted_on=facts.get("counted_on", CapCount.AWARD),
        already=facts.get("already", {}),
        firm_year_cost_before=facts.get("firm_year_cost_before", Fen(0)),
        other_support=case.contract.other_support,
    )
    return StatedCase(case, request)


def _applicant(facts: Mapping[str, Any], applicant_id: str, owners: frozenset[str]) -> Applicant:
    return Applicant(
        id=applicant_id,
        name=applicant_id,
        uscc=_BUYER,
        type=facts["applicant_type"],
        size=facts.get("size", FirmSize.SMALL),
        founded_on=facts.get("founded_on", DAY_MIN),
        place=facts["place"],
        owners=owners,
        last_dishonesty_on=facts.get("last_dishonesty_on"),
        sectors=frozenset(facts.get("sectors", ())),
        filings=frozenset(facts.get("filings", ())),
        lists=frozenset(facts.get("lists", ())),
        traits=frozenset(facts.get("traits", ())),
        staff=facts.get("staff"),
        revenue=facts.get("revenue"),
    )


def _provider(facts: Mapping[str, Any], owners: frozenset[str]) -> Provider:
    return Provider(
        id="provider",
        name="provider",
        uscc=_SELLER,
        is_registered=facts.get("provider_listed", False),
        place=facts.get("provider_place", facts["place"]),
        owners=owners,
        facility=facts.get("facility", ""),
        is_connected=facts.get("provider_connected", False),
        scale=facts.get("scale", {}),
    )


def _contract(facts: Mapping[str, Any], contract_id: str, applicant_id: str) -> Contract:
    supports: Mapping[str, Fen] = facts.get("other_supports", {})
    return Contract(
        id=contract_id,
        applicant_id=applicant_id,
        provider_id="provider",
        signed_on=facts["signed_on"],
        term=facts["term"],
        costs=facts["cost"],
        use=facts["use"],
        has_other_support=facts.get("other_support", False) or bool(supports),
        applied_on=facts["applied_on"],
        service=facts.get("service", CostCategory.COMPUTE),
        device_origin=facts.get("device_origin", DeviceOrigin.UNDECLARED),
        route=facts.get("route", Route.APPLIED),
        side=facts.get("side", Side.DEMAND),
        documents=frozenset(facts.get("documents", ())),
        supports=tuple(OtherSupport(name, amount) for name, amount in supports.items()),
        capacity_pflops=facts.get("capacity_pflops", 0),
        facility_id=facts.get("facility_id", ""),
        score=facts.get("score"),
        price_per_card_hour=facts.get("price_per_card_hour"),
    )
