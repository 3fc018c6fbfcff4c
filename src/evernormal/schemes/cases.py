"""Worked cases beside a scheme: facts in, what the rules must say out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from fractions import Fraction
from typing import Any

from evernormal.domain.award import Assessment, assess
from evernormal.domain.policy import (
    Applicant,
    ApplicantType,
    CapCount,
    Case,
    Contract,
    CostCategory,
    FirmSize,
    Payee,
    PayeeRule,
    Provider,
    Rate,
    Scheme,
    Shortage,
    ShortageRule,
    SupportRequest,
    UnknownRule,
    Use,
    VoucherTerm,
)
from evernormal.domain.values import Fen, Uscc
from evernormal.schemes.kinds import (
    Kind,
    day_kind,
    flag_kind,
    list_kind,
    money_kind,
    period_of,
    place_code_kind,
    read_table,
    table_kind,
    text_kind,
    whole_kind,
    word_kind,
)
from evernormal.schemes.problems import Place, SchemeProblems
from evernormal.schemes.scheme_file import RULES_MAX, parse, untouched

CASES_MAX = 1_000
"""Every case is worked at each reading; a scheme's limits from both sides need some dozens."""

_AWARDS_MAX = 1_000

# Two codes with a right check character, of no firm in particular.
_BUYER = Uscc("91350100M000100Y43")
_SELLER = Uscc("91110000000000000E")


def _costs(**costs: Fen) -> dict[CostCategory, Fen]:
    return {CostCategory(name): cost for name, cost in costs.items()}


_CATEGORIES = {category.value: money_kind() for category in CostCategory}

FACTS: Mapping[str, Kind[Any]] = {
    "applied_on": day_kind(),
    "applicant_type": word_kind(ApplicantType),
    "place": place_code_kind(),
    "last_dishonesty_on": day_kind(),
    "provider_listed": flag_kind(),
    "shared_owner": flag_kind(),
    "signed_on": day_kind(),
    "term": table_kind({"first": day_kind(), "last": day_kind()}, period_of),
    "cost_yuan": table_kind(_CATEGORIES, _costs, optional=frozenset(_CATEGORIES)),
    "use": word_kind(Use),
    "other_support": flag_kind(),
    "awards_on_contract": whole_kind(0, _AWARDS_MAX),
    "counted_on": word_kind(CapCount),
    "firm_year_before_yuan": money_kind(),
    "firm_before_yuan": money_kind(),
}
"""What `given` states. Only `last_dishonesty_on` may be missing: no record is known."""

_NO_RECORD = frozenset({"last_dishonesty_on"})


def _read_steps(value: object, place: Place) -> dict[str, Fen] | None:
    known = {key: money_kind() for key in value} if isinstance(value, dict) else {}
    return read_table(value, place, known)


_STEPS: Kind[dict[str, Fen]] = Kind(
    "a table of <rule id>_yuan = the amount after that rule", {"type": "object"}, _read_steps
)
_RULE_IDS = list_kind(text_kind(), most=RULES_MAX, least=0)

OUTCOMES: Mapping[str, Kind[Any]] = {
    "eligible": flag_kind(),
    "failed": _RULE_IDS,
    "support_yuan": money_kind(),
    "limb": text_kind(),
    "steps": _STEPS,
    "rules_in_force": _RULE_IDS,
    "refused": text_kind(),
    "up_to": flag_kind(),
    "payee": word_kind(Payee),
    "voucher_months": whole_kind(1, 1_200),
    "shortage": word_kind(Shortage),
}
"""What `then` may state; whatever it states must be so."""

_FILE: Mapping[str, Kind[Any]] = {
    "given": untouched("a table of the facts that all cases share"),
    "case": untouched("a list, each under [[case]]"),
}
_CASE: Mapping[str, Kind[Any]] = {
    "name": text_kind(),
    "given": untouched("a table of facts"),
    "then": table_kind(OUTCOMES, dict, optional=frozenset(OUTCOMES)),
    "source": text_kind(),
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One outcome that is not as the case says."""

    key: str
    expected: str
    found: str


@dataclass(frozen=True, slots=True)
class CaseResult:
    """A case that was worked. `assessment` is None when the rules refused to give one."""

    name: str
    source: str
    line: int | None
    differences: tuple[Difference, ...]
    assessment: Assessment | None

    @property
    def is_as_stated(self) -> bool:
        """Whether every outcome is as the case says."""
        return not self.differences


def run_cases(scheme: Scheme, cases: bytes, *, path: str) -> list[CaseResult]:
    """Work every case of a cases file under a scheme.

    cases    TOML in UTF-8; its [given] holds the facts that its cases share
    path     the file's name, for messages only
    returns  one result a case, in the file's order, also where a case does not hold
    raises   SchemeProblems with every mistake of the file
    source   docs/reference/scheme-file.md
    """
    tables, place = parse(cases, path=path)
    found = read_table(tables, place, _FILE)
    stated = _stated_cases(tables, place) if found is not None else []
    if place.problems:
        raise SchemeProblems(place.problems)
    return [_work(scheme, case, facts, line) for case, facts, line in stated]


def _stated_cases(
    tables: dict[str, Any], place: Place
) -> list[tuple[dict[str, Any], dict[str, Any], int | None]]:
    """Read each case with its facts and its line; what cannot be read is told to the place."""
    entries, at = tables["case"], place.at("case")
    shared = read_table(tables["given"], place.at("given"), FACTS, optional=frozenset(FACTS))
    if not isinstance(entries, list) or not 1 <= len(entries) <= CASES_MAX:
        at.refuse(f"Write each case under [[case]], 1 to {CASES_MAX} of them.")
        return []
    stated = []
    for number, entry in enumerate(entries):
        here = at.at(number)
        case = read_table(entry, here, _CASE)
        given = entry.get("given") if isinstance(entry, dict) else None
        own = None
        if given is not None:
            own = read_table(given, here.at("given"), FACTS, optional=frozenset(FACTS))
        if case is None or own is None or shared is None:
            continue
        if not case["then"]:
            here.at("then").refuse(f"Nothing is stated. Write one of: {', '.join(OUTCOMES)}.")
        facts = shared | own
        missing = [key for key in FACTS if key not in facts and key not in _NO_RECORD]
        if missing:
            here.refuse(f"Facts missing: {', '.join(missing)}. Give them here or in [given].")
        stated.append((case, facts, here.line))
    return stated


def _work(
    scheme: Scheme, case: dict[str, Any], facts: dict[str, Any], line: int | None
) -> CaseResult:
    found: dict[str, Any] = _terms(scheme, on=facts["applied_on"])
    assessment = None
    try:
        assessment = assess(
            scheme, case=_case(facts), request=_request(facts), on=facts["applied_on"]
        )
        found |= _outcome(assessment)
    except UnknownRule as refusal:
        found["refused"] = refusal.code
    differences = [
        difference
        for key, expected in case["then"].items()
        for difference in _differences(key, expected, found.get(key))
    ]
    return CaseResult(
        name=case["name"],
        source=case["source"],
        line=line,
        differences=tuple(differences),
        assessment=assessment,
    )


def _terms(scheme: Scheme, *, on: date) -> dict[str, Any]:
    """Collect what is in force on a day, apart from any case."""
    found: dict[str, Any] = {"rules_in_force": tuple(rule for rule, _ in scheme.in_force(on))}
    if rate := scheme.find(Rate, on):
        found["up_to"] = rate[1].is_ceiling
    if payee := scheme.find(PayeeRule, on):
        found["payee"] = payee[1].payee
    if term := scheme.find(VoucherTerm, on):
        found["voucher_months"] = term[1].months
    if shortage := scheme.find(ShortageRule, on):
        found["shortage"] = shortage[1].shortage
    return found


def _outcome(assessment: Assessment) -> dict[str, Any]:
    return {
        "eligible": assessment.is_eligible,
        "failed": tuple(check.rule_id for check in assessment.checks if not check.passed),
        "support_yuan": assessment.entitlement.amount,
        "limb": assessment.entitlement.limb,
        "steps": {f"{s.rule_id}_yuan": s.after for s in assessment.entitlement.steps},
    }


def _differences(key: str, expected: Any, found: Any) -> list[Difference]:
    if key != "steps":
        return [] if found == expected else [Difference(key, _shown(expected), _shown(found))]
    amounts: Mapping[str, Fraction] = found or {}
    return [
        Difference(f"steps.{step}", _shown(fen), _shown(amounts.get(step)))
        for step, fen in expected.items()
        if amounts.get(step) != fen.amount
    ]


def _shown(value: object) -> str:
    match value:
        case Fraction():
            return str(Fen(value.numerator)) if value.denominator == 1 else f"{value} fen"
        case tuple():
            return ", ".join(value) or "none"
        case Enum():
            return str(value.value)
        case None:
            return "nothing"
        case _:
            return str(value).lower() if isinstance(value, bool) else str(value)


def _case(facts: Mapping[str, Any]) -> Case:
    """Make the case of the facts; names, size and founding day are asked by no rule."""
    owners = frozenset({"person:shared"}) if facts["shared_owner"] else frozenset()
    applicant = Applicant(
        id="applicant",
        name="applicant",
        uscc=_BUYER,
        type=facts["applicant_type"],
        size=FirmSize.SMALL,
        founded_on=date.min,
        place=facts["place"],
        owners=owners,
        last_dishonesty_on=facts.get("last_dishonesty_on"),
    )
    provider = Provider(
        id="provider",
        name="provider",
        uscc=_SELLER,
        is_registered=facts["provider_listed"],
        place=facts["place"],
        owners=owners,
    )
    contract = Contract(
        id="contract",
        applicant_id=applicant.id,
        provider_id=provider.id,
        signed_on=facts["signed_on"],
        term=facts["term"],
        costs=facts["cost_yuan"],
        use=facts["use"],
        has_other_support=facts["other_support"],
        applied_on=facts["applied_on"],
    )
    return Case(applicant, provider, contract, awards_on_contract=facts["awards_on_contract"])


def _request(facts: Mapping[str, Any]) -> SupportRequest:
    return SupportRequest(
        costs=facts["cost_yuan"],
        term=facts["term"],
        counted_on=facts["counted_on"],
        firm_year_before=facts["firm_year_before_yuan"],
        firm_before=facts["firm_before_yuan"],
    )
