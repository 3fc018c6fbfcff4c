"""Classes of cases: those that a scheme's tiers, caps and alternatives tell apart."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum
from itertools import product
from typing import Any

from evernormal.domain.policy import (
    EVERY_CASE,
    AgeAtLeast,
    AgeAtMost,
    AllowedUse,
    AnyOf,
    ApplicantType,
    ApplicantTypeIn,
    Cap,
    Case,
    CostCategory,
    DeviceOrigin,
    FacilityIn,
    Filed,
    FirmSize,
    Form,
    RegisteredIn,
    RevenueAtMost,
    Route,
    ScaleAtLeast,
    Scheme,
    SectorIn,
    Selector,
    Side,
    SizeIn,
    StaffAtMost,
    TieredRate,
    Use,
)
from evernormal.domain.values import Fen, add_months

Choice = tuple[str, Callable[[Case], Case]]
"""What a class has of a fact, in words of the rules, and how a case is made to have it."""


@dataclass(frozen=True, slots=True)
class CaseClass:
    """Cases that the rules treat alike. `facts`: what it has of each fact that tells them apart.

    A fact is a code, several with blanks between, or a figure behind "≤", ">" or "≥"; "-": none
    of what the rules name.
    """

    facts: Mapping[str, str]
    case: Case


def classes_of(
    scheme: Scheme, *, case: Case, on: date, fixed: Collection[str] = ()
) -> list[CaseClass]:
    """List the classes that the rules in force tell apart, starting from a case.

    case      has what no class changes
    on        the day that chooses the versions of the rules
    fixed     names of facts that stay as the case has them
    returns   every combination of the facts that selectors read, each with a case that has it;
              the case alone where they read none
    """
    dimensions = dimensions_of(scheme, case=case, on=on, fixed=fixed)
    found = []
    for choices in product(*dimensions.values()):
        made = case
        for _, change in choices:
            made = change(made)
        facts = {name: word for name, (word, _) in zip(dimensions, choices, strict=True)}
        found.append(CaseClass(facts, made))
    return found


def dimensions_of(
    scheme: Scheme, *, case: Case, on: date, fixed: Collection[str] = ()
) -> dict[str, list[Choice]]:
    """The facts that tell classes apart, with what a case may have of each.

    returns   by the name of the fact; the product of the lengths is the number of classes
    """
    forms = [form for _, form in scheme.in_force(on)]
    read = [selector for form in forms for selector in _selectors(form)]
    # Conditions tell cases apart too, but only within facts that tiers, caps or alternatives read.
    told_apart = [*read, *(s for form in forms if (s := _as_selector(form)) is not None)]
    found = {}
    for name, (field, choices) in _FACTS.items():
        if name not in fixed and any(getattr(selector, field) for selector in read):
            found[name] = choices([getattr(selector, field) for selector in told_apart], case)
    if "scale" not in fixed and any(selector.scale_at_least for selector in read):
        found |= _scales([selector.scale_at_least for selector in told_apart])
    return found


def _selectors(form: Form) -> Iterator[Selector]:
    match form:
        case TieredRate():
            yield from (tier.when for tier in form.tiers if tier.when != EVERY_CASE)
        case Cap():
            yield form.when
        case AnyOf():
            yield from (alternative.when for alternative in form.alternatives)
        case _:  # no other form holds selectors
            pass


def _as_selector(form: Form) -> Selector | None:
    """A condition as the selector that tells the same cases apart."""
    if isinstance(form, AgeAtLeast):
        return Selector(age_months_at_most=form.months - 1)
    if isinstance(form, ScaleAtLeast):
        return Selector(scale_at_least={form.measure: form.least})
    for kind, field, own in _CONDITIONS:
        if isinstance(form, kind):
            return Selector(**{field: getattr(form, own)})
    return None


_CONDITIONS: tuple[tuple[type[Any], str, str], ...] = (
    (ApplicantTypeIn, "applicant_types", "types"),
    (SizeIn, "sizes", "sizes"),
    (RegisteredIn, "places", "places"),
    (SectorIn, "sectors", "sectors"),
    (Filed, "filings", "filings"),
    (AllowedUse, "uses", "uses"),
    (FacilityIn, "facilities", "facilities"),
    (AgeAtMost, "age_months_at_most", "months"),
    (StaffAtMost, "staff_at_most", "people"),
    (RevenueAtMost, "revenue_at_most", "amount"),
)


def _alike(
    words: Sequence[Any], tests: Sequence[tuple[Any, ...]], passes: Callable[[Any, Any], bool]
) -> list[list[Any]]:
    """Group words that pass the same tests."""
    groups: dict[tuple[bool, ...], list[Any]] = {}
    for word in words:
        groups.setdefault(tuple(passes(word, test) for test in tests if test), []).append(word)
    return list(groups.values())


def _is_in(word: object, test: tuple[object, ...]) -> bool:
    return word in test


def _codes(
    codes: type[Enum], part: str, field: str
) -> Callable[[Sequence[tuple[Any, ...]], Case], list[Choice]]:
    """Choices among the codes of an enum; codes that the rules treat alike are one choice."""

    def choices(tests: Sequence[tuple[Any, ...]], _case: Case) -> list[Choice]:
        return [
            (" ".join(code.value for code in group), _setter(part, **{field: group[0]}))
            for group in _alike(list(codes), tests, _is_in)
        ]

    return choices


def _setter(part: str, **changes: Any) -> Callable[[Case], Case]:
    def change(case: Case) -> Case:
        return replace(case, **{part: replace(getattr(case, part), **changes)})

    return change


def _places(tests: Sequence[tuple[str, ...]], case: Case) -> list[Choice]:
    outside = next(code for code in ("99", "98", "97") if not any(code in t for t in tests))
    known = dict.fromkeys([*(place for test in tests for place in test), outside])
    groups = _alike(list(known), tests, lambda place, test: bool(place.startswith(test)))
    return [
        (
            "-" if group[0] == outside else " ".join(group),
            _setter("applicant", place=_own_place(case, group)),
        )
        for group in groups
    ]


def _own_place(case: Case, group: list[str]) -> str:
    """The case's own place where it is one of the group, else the group's first."""
    own = case.applicant.place
    return own if own in group else group[0]


def _facilities(tests: Sequence[tuple[str, ...]], _case: Case) -> list[Choice]:
    known = dict.fromkeys([*(word for test in tests for word in test), ""])
    return [
        (" ".join(group).strip() or "-", _setter("provider", facility=group[0]))
        for group in _alike(list(known), tests, _is_in)
    ]


def _words(field: str) -> Callable[[Sequence[tuple[str, ...]], Case], list[Choice]]:
    """Choices among words of which a firm may have several: every combination of them."""

    def choices(tests: Sequence[tuple[str, ...]], _case: Case) -> list[Choice]:
        known = frozenset(word for test in tests for word in test)
        groups = _alike(sorted(known), tests, _is_in)
        chosen: list[Choice] = []
        for has in product((False, True), repeat=len(groups)):
            own = [group for group, is_there in zip(groups, has, strict=True) if is_there]
            word = " ".join("/".join(group) for group in own) or "-"
            chosen.append((word, _wording(field, known, frozenset(group[0] for group in own))))
        return chosen

    return choices


def _wording(field: str, known: frozenset[str], own: frozenset[str]) -> Callable[[Case], Case]:
    def change(case: Case) -> Case:
        words = (getattr(case.applicant, field) - known) | own
        # Traits may stand at the contract as well: there, none of those named may be left.
        bare = replace(case.contract, traits=case.contract.traits - known)
        return replace(
            case,
            applicant=replace(case.applicant, **{field: words}),
            contract=bare if field == "traits" else case.contract,
        )

    return change


def _limits(tests: Sequence[int | None]) -> Iterator[tuple[str, int, int]]:
    """Each limit with its word, and the word for what is above all of them, from the least."""
    limits = sorted({limit for limit in tests if limit is not None})
    for limit in limits:
        yield "≤", limit, limit
    yield ">", limits[-1], limits[-1] + 1


def _staff(tests: Sequence[int | None], _case: Case) -> list[Choice]:
    return [
        (f"{sign} {limit}", _setter("applicant", staff=people))
        for sign, limit, people in _limits(tests)
    ]


def _revenues(tests: Sequence[Fen | None], _case: Case) -> list[Choice]:
    return [
        (f"{sign} {Fen(limit).yuan}", _setter("applicant", revenue=Fen(fen)))
        for sign, limit, fen in _limits([None if t is None else t.amount for t in tests])
    ]


def _ages(tests: Sequence[int | None], case: Case) -> list[Choice]:
    applied_on = case.contract.applied_on
    return [
        (f"{sign} {limit}", _setter("applicant", founded_on=add_months(applied_on, -months)))
        for sign, limit, months in _limits(tests)
    ]


def _scales(tests: Sequence[Mapping[str, int]]) -> dict[str, list[Choice]]:
    """Choices by measure: below the least figure named, and from each one on."""
    found: dict[str, list[Choice]] = {}
    for measure in sorted({name for test in tests for name in test}):
        least = sorted({test[measure] for test in tests if measure in test})
        found[f"scale.{measure}"] = [
            ("-", _scaled(measure, 0)),
            *((f"≥ {figure}", _scaled(measure, figure)) for figure in least),
        ]
    return found


def _scaled(measure: str, figure: int) -> Callable[[Case], Case]:
    def change(case: Case) -> Case:
        provider = replace(case.provider, scale={**case.provider.scale, measure: figure})
        return replace(case, provider=provider)

    return change


_FACTS: Mapping[str, tuple[str, Callable[[Sequence[Any], Case], list[Choice]]]] = {
    "applicant_type": ("applicant_types", _codes(ApplicantType, "applicant", "type")),
    "size": ("sizes", _codes(FirmSize, "applicant", "size")),
    "place": ("places", _places),
    "sectors": ("sectors", _words("sectors")),
    "traits": ("traits", _words("traits")),
    "filings": ("filings", _words("filings")),
    "use": ("uses", _codes(Use, "contract", "use")),
    "service": ("services", _codes(CostCategory, "contract", "service")),
    "device_origin": ("device_origins", _codes(DeviceOrigin, "contract", "device_origin")),
    "facility": ("facilities", _facilities),
    "route": ("routes", _codes(Route, "contract", "route")),
    "side": ("sides", _codes(Side, "contract", "side")),
    "founded_on": ("age_months_at_most", _ages),
    "staff": ("staff_at_most", _staff),
    "revenue": ("revenue_at_most", _revenues),
}
"""By the fact's name in files: the selector's field that reads it, and the choices."""
