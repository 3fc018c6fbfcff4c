"""Schemes and cases of every kind, for tests that compare two ways to assess them.

Words, places, days and amounts come from short lists, so that rules and cases meet often: at their
bounds, one beside them, and far away.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from hypothesis.strategies import (
    DrawFn,
    SearchStrategy,
    booleans,
    builds,
    composite,
    dictionaries,
    frozensets,
    integers,
    just,
    lists,
    none,
    one_of,
    sampled_from,
    tuples,
)

from evernormal.domain.policy import (
    Applicant,
    ApplicantType,
    CapCount,
    CapScope,
    Case,
    Contract,
    CostCategory,
    DatedValue,
    DeviceOrigin,
    FirmSize,
    Form,
    OtherSupport,
    Provider,
    Route,
    Rule,
    Scheme,
    Settlement,
    Side,
    Source,
    SupportRequest,
    Text,
    Use,
)
from evernormal.domain.values import Fen, Period, Uscc
from tests.engines.generated_forms import AMOUNTS, CONDITIONS, COSTS, RATES, ROUNDINGS
from tests.engines.words import DAYS, FEN, FEN_HUGE, PLACES, WORDS

TEXT = Text("x", "甲")
BUYER, SELLER = Uscc("91350100M000100Y43"), Uscc("91110000000000000E")
OWNERS = frozensets(sampled_from(["person:1", "person:2", BUYER.text, SELLER.text]), max_size=1)


def some(elements: list[Any]) -> SearchStrategy[frozenset[Any]]:
    return frozensets(sampled_from(elements), max_size=len(elements))


@composite
def rules(draw: DrawFn, number: int, forms: SearchStrategy[Callable[[], Any]]) -> Rule:
    """A rule of one form with one to three versions; the first is mostly there from the start."""
    form = draw(forms)
    days = sorted(draw(frozensets(sampled_from(DAYS), max_size=2)))
    if not days or draw(integers(0, 9)) > 0:
        days.insert(0, date(1900, 1, 1))
    source = Source(TEXT, TEXT, TEXT, days[0], verified=False)
    versions = [DatedValue(day, draw(form()), source) for day in days]
    return Rule(f"rule_{number}", TEXT, tuple(versions))


@composite
def schemes(draw: DrawFn) -> Scheme:
    """Rules of all forms; now and then one without a rate or a rounding."""
    chosen: list[list[Callable[[], SearchStrategy[Form]]]] = [
        draw(lists(sampled_from(CONDITIONS), max_size=4)),
        [COSTS] if draw(integers(0, 9)) else [],
        draw(lists(sampled_from(AMOUNTS), max_size=4)),
        draw(lists(sampled_from(RATES), min_size=1, max_size=2)),
        [ROUNDINGS] if draw(integers(0, 19)) else [],
    ]
    forms = [form for group in chosen for form in group]
    if draw(booleans()):
        forms.reverse()
    made = [draw(rules(number, just(form))) for number, form in enumerate(forms)]
    return Scheme("t", TEXT, TEXT, Settlement.REIMBURSE_VOUCHER, tuple(made), ())


def costs(fen: SearchStrategy[int]) -> SearchStrategy[dict[CostCategory, Fen]]:
    return dictionaries(sampled_from(list(CostCategory)[:3]), builds(Fen, fen), max_size=3)


PERIODS = builds(
    lambda start, days: Period(start, start + timedelta(days)),
    sampled_from(DAYS),
    sampled_from([1, 2, 30, 31, 59, 364, 365, 366, 367, 730, 40_000]),
)
APPLICANTS = builds(
    Applicant,
    id=just("S1"),
    name=just("Firm"),
    uscc=just(BUYER),
    type=sampled_from(ApplicantType),
    size=sampled_from(FirmSize),
    founded_on=sampled_from(DAYS),
    place=sampled_from(PLACES),
    owners=OWNERS,
    last_dishonesty_on=one_of(none(), sampled_from(DAYS)),
    sectors=some(WORDS),
    filings=some(WORDS),
    lists=some(WORDS),
    traits=some(WORDS),
    staff=one_of(none(), integers(0, 3)),
    revenue=one_of(none(), builds(Fen, FEN)),
)
PROVIDERS = builds(
    Provider,
    id=just("P1"),
    name=just("Data centre"),
    uscc=just(SELLER),
    is_registered=booleans(),
    place=sampled_from(PLACES),
    owners=OWNERS,
    facility=sampled_from(["", *WORDS]),
    is_connected=booleans(),
    scale=dictionaries(sampled_from(WORDS), integers(0, 3), max_size=2),
)


@composite
def contracts(draw: DrawFn) -> Contract:
    return Contract(
        id="C1",
        applicant_id="S1",
        provider_id="P1",
        signed_on=draw(sampled_from(DAYS)),
        term=draw(PERIODS),
        costs=draw(costs(FEN)),
        use=draw(sampled_from(Use)),
        has_other_support=draw(booleans()),
        applied_on=draw(sampled_from(DAYS)),
        service=draw(sampled_from(CostCategory)),
        device_origin=draw(sampled_from(DeviceOrigin)),
        route=draw(sampled_from(Route)),
        side=draw(sampled_from(Side)),
        traits=draw(some(WORDS)),
        documents=draw(some(WORDS)),
        supports=draw(supports()),
        capacity_pflops=draw(integers(0, 3)),
        price_per_card_hour=draw(one_of(none(), builds(Fen, FEN))),
    )


def supports() -> SearchStrategy[tuple[OtherSupport, ...]]:
    one = builds(OtherSupport, sampled_from(WORDS), builds(Fen, FEN))
    return one_of(just(()), tuples(one), tuples(one, one))


@dataclass(frozen=True)
class Asked:
    """A case and what is asked for it."""

    case: Case
    request: SupportRequest


@composite
def asked(draw: DrawFn, fen: SearchStrategy[int]) -> Asked:
    contract = draw(contracts())
    case = Case(
        draw(APPLICANTS),
        draw(PROVIDERS),
        contract,
        awards_on_contract=draw(integers(0, 1)),
        awards_other_side=draw(integers(0, 1)),
        upstream=draw(sampled_from(["", *WORDS])),
    )
    request = SupportRequest(
        case=case,
        costs=contract.costs if draw(booleans()) else draw(costs(fen)),
        term=contract.term if draw(booleans()) else draw(PERIODS),
        counted_on=draw(sampled_from(CapCount)),
        already=draw(dictionaries(sampled_from(CapScope), builds(Fen, fen), max_size=2)),
        firm_year_cost_before=Fen(draw(fen)),
        other_support=Fen(draw(fen)),
    )
    return Asked(case, request)


def tables() -> SearchStrategy[list[Asked]]:
    """Cases with ordinary amounts, or with amounts of all sizes that fit into 64 bits."""
    ordinary = lists(asked(FEN), min_size=1, max_size=3)
    return one_of(ordinary, ordinary, lists(asked(FEN_HUGE), min_size=1, max_size=2))
