"""What the rules are asked: awards and claims before this one, counted by the scope of each cap."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest

from evernormal.domain.policy import (
    Bound,
    Cap,
    CapCount,
    CapScope,
    ClaimDocuments,
    CostCategory,
    Measure,
    MinimumSpend,
    OneSideOnly,
    OtherSupport,
    Selector,
    Settlement,
    Side,
    StackingCap,
    Text,
    Tier,
    TierBasis,
    TieredRate,
)
from evernormal.domain.values import Fen
from evernormal.store.models import Account, Award, Claim, Decision
from tests.actions.office import Year, invoice, payment_of
from tests.actions.reading import acts, books_hold, run, voucher_row
from tests.actions.years import building, matching
from tests.domain.sample import applicant, contract, provider

pytestmark = pytest.mark.django_db

D = date
SAY = Text("tier", "档")
NEXT_YEAR = D(2027, 1, 11)


def decisions() -> dict[str, tuple[int, str]]:
    rows = Decision.objects.values_list("contract_id", "entitled_fen", "limb")
    return {contract_id: (fen, limb) for contract_id, fen, limb in rows}


def capped(scope: CapScope, fen: int = 70_000, **changes: object) -> Year:
    """Three contracts of 500.00 each: of firm 1, of firm 1 again, of firm 2."""
    plain = Year(
        rules=(("cap", Cap(scope, Fen(fen))),),
        contracts=(contract(1), contract(2, applicant_id="S1"), contract(3, applicant_id="S2")),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        (CapScope.CLAIM, (50_000, 50_000, 50_000)),
        (CapScope.CONTRACT, (50_000, 50_000, 50_000)),
        (CapScope.PROVIDER_YEAR, (50_000, 20_000, 0)),
        (CapScope.FIRM_YEAR, (50_000, 20_000, 50_000)),
        (CapScope.FIRM, (50_000, 20_000, 50_000)),
        (CapScope.GROUP_YEAR, (50_000, 20_000, 50_000)),
        (CapScope.GROUP, (50_000, 20_000, 50_000)),
    ],
)
def test_each_scope_counts_its_own_contracts(
    scope: CapScope, expected: tuple[int, int, int]
) -> None:
    run(capped(scope).desk())

    assert tuple(fen for fen, _ in decisions().values()) == expected


def test_a_cap_below_one_request_cuts_it_under_every_scope() -> None:
    run(capped(CapScope.CLAIM, 30_000).desk())

    assert set(decisions().values()) == {(30_000, "cap")}


def test_a_providers_year_counts_the_contracts_of_that_provider_only() -> None:
    contracts = (contract(1), contract(2), contract(3, provider_id="P2"))
    run(
        capped(
            CapScope.PROVIDER_YEAR, contracts=contracts, providers=(provider(1), provider(2))
        ).desk()
    )

    assert [fen for fen, _ in decisions().values()] == [50_000, 20_000, 50_000]


def test_firms_of_one_group_share_its_cap_and_a_firm_without_a_group_has_its_own() -> None:
    firms = {
        "S1": applicant(1, group="north"),
        "S2": applicant(2, group="north"),
        "S3": applicant(3),
        "S4": applicant(4),
    }
    contracts = tuple(contract(n) for n in (1, 2, 3, 4))
    year = capped(CapScope.GROUP, contracts=contracts, changed={"applicants": firms})

    run(year.desk())

    assert [fen for fen, _ in decisions().values()] == [50_000, 20_000, 50_000, 50_000]


@pytest.mark.parametrize(
    ("scope", "second"), [(CapScope.FIRM_YEAR, 50_000), (CapScope.FIRM, 20_000)]
)
def test_a_year_is_a_calendar_year_and_a_life_is_all_of_them(scope: CapScope, second: int) -> None:
    contracts = (contract(1), contract(2, applicant_id="S1", applied_on=NEXT_YEAR))
    run(capped(scope, contracts=contracts, closes_on=D(2027, 2, 1)).desk())

    assert [fen for fen, _ in decisions().values()] == [50_000, second]


def test_a_cap_for_other_cases_or_other_acts_cuts_nothing() -> None:
    others = Cap(CapScope.FIRM, Fen(100), when=Selector(staff_at_most=5))
    at_claims = Cap(CapScope.FIRM, Fen(200), (CapCount.CLAIM,))

    run(Year(rules=(("others", others), ("claims", at_claims))).desk())

    assert decisions() == {"C1": (50_000, "share")}


def test_a_refused_application_uses_up_no_cap() -> None:
    year = capped(CapScope.FIRM, pot=10_000_000)
    spent = replace(year.contracts[0], documents=frozenset())
    rules = (*year.rules, ("floor", MinimumSpend(Fen(100_000))))
    small = replace(spent, costs=dict.fromkeys(spent.costs, Fen(99_999)))

    run(replace(year, rules=rules, contracts=(small, *year.contracts[1:])).desk())

    assert [fen for fen, _ in decisions().values()] == [0, 50_000, 50_000]
    assert decisions()["C1"][1] == "floor"


def tiers(measure: Measure) -> TieredRate:
    """A fifth below 1,500 yuan, a half from there on."""
    edge = Fen(150_000)
    return TieredRate(
        measure=measure,
        basis=TierBasis.WHOLE,
        is_ceiling=False,
        tiers=(
            Tier(SAY, Fraction(1, 5), high=Bound(edge, is_inside=False)),
            Tier(SAY, Fraction(1, 2), low=Bound(edge, is_inside=True)),
        ),
    )


def tiered(measure: Measure, **changes: object) -> Year:
    plain = Year(
        contracts=(
            contract(1),
            contract(2, applicant_id="S1"),
            contract(3, applicant_id="S1", applied_on=NEXT_YEAR),
        ),
        closes_on=D(2027, 2, 1),
        changed={},
    )
    year = replace(plain, **changes)  # type: ignore[arg-type]
    return replace(year, rules=(*year.rules, ("tiers", tiers(measure))))


def with_tiers_alone(year: Year) -> object:
    """The year's desk without the flat rate, whose place the tiers take."""
    desk = year.desk()
    rules = tuple(rule for rule in desk.scheme.rules if rule.id != "share")
    return replace(desk, scheme=replace(desk.scheme, rules=rules))


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        (Measure.COST, [20_000, 20_000, 20_000]),
        # With the second contract the firm's year reaches 2,000 yuan; the next year begins anew.
        (Measure.FIRM_YEAR_COST, [20_000, 50_000, 20_000]),
    ],
)
def test_a_tier_by_the_firms_year_counts_the_cost_before(
    measure: Measure, expected: list[int]
) -> None:
    run(with_tiers_alone(tiered(measure)))  # type: ignore[arg-type]

    assert [fen for fen, _ in decisions().values()] == expected


def test_cost_that_was_refused_is_not_counted_in_the_firms_year() -> None:
    year = tiered(Measure.FIRM_YEAR_COST, rules=(("one_side", OneSideOnly()),))
    first, _, third = year.contracts
    supply = replace(first, facility_id="F", side=Side.SUPPLY)
    refused = contract(2, applicant_id="S1", facility_id="F", side=Side.DEMAND)
    later = contract(4, applicant_id="S1", applied_on=D(2026, 2, 1))

    run(with_tiers_alone(replace(year, contracts=(supply, refused, later, third))))  # type: ignore[arg-type]

    # 1,000 yuan of the refused one do not count: 2,000 with the last, not 3,000.
    facts = Decision.objects.get(contract_id="C4").act.body
    assert '"firm_year_cost_before_fen":100000' in facts
    assert not Decision.objects.get(contract_id="C2").is_eligible


@pytest.mark.parametrize("settlement", [Settlement.CLAIM_AND_DEDUCT, Settlement.POST_USE_SUBSIDY])
def test_a_floor_by_the_firms_year_lets_in_the_contract_that_reaches_it(
    settlement: Settlement,
) -> None:
    """1,000 yuan are below a floor of 1,500 a year; with 1,000 more the second passes it."""
    floor = ("floor", MinimumSpend(Fen(150_000), Measure.FIRM_YEAR_COST))
    contracts = (contract(1), contract(2, applicant_id="S1"), contract(3))
    day = contracts[0].applied_on
    lines = tuple(
        invoice(
            f"F{n}",
            day,
            contract_id=f"C{n}",
            buyer=applicant(firm).uscc,
            amount=Fen(100_000),
            issued_on=D(2026, 1, 5),
        )
        for n, firm in ((1, 1), (2, 1), (3, 3))
    )
    year = Year(
        settlement=settlement,
        rules=(floor,),
        contracts=contracts,
        invoices=lines,
        payments=tuple(payment_of(line) for line in lines),
    )

    run(year.desk())

    assert decisions() == {"C1": (0, "floor"), "C2": (50_000, "share"), "C3": (0, "floor")}
    if settlement is Settlement.POST_USE_SUBSIDY:
        claims = Claim.objects.values_list("contract_id", "approved_fen", "limb")
        assert list(claims) == [("C2", 50_000, "share")]


def test_what_found_no_money_is_not_counted_in_the_firms_year() -> None:
    floor = ("floor", MinimumSpend(Fen(150_000), Measure.FIRM_YEAR_COST))
    first = contract(1)
    big = replace(first, costs=dict.fromkeys(first.costs, Fen(150_000)))
    later = contract(2, applicant_id="S1", applied_on=D(2026, 2, 1))

    run(Year(pot=0, rules=(floor,), contracts=(big, later)).desk())

    assert decisions() == {"C1": (75_000, "share"), "C2": (0, "floor")}


def test_a_group_has_one_cap_at_claims_too() -> None:
    cap = ("cap", Cap(CapScope.GROUP_YEAR, Fen(600), (CapCount.CLAIM,)))
    days = {1: D(2026, 2, 10), 2: D(2026, 3, 1)}
    lines = tuple(
        invoice(f"F{n}", days[n], contract_id=f"C{n}", buyer=applicant(n).uscc) for n in days
    )
    firms = {f"S{n}": applicant(n, group="north") for n in days}

    run(
        Year(
            settlement=Settlement.REIMBURSE_VOUCHER,
            rules=(cap,),
            contracts=(contract(1), contract(2)),
            invoices=lines,
            payments=tuple(payment_of(line) for line in lines),
            changed={"applicants": firms},
        ).desk()
    )

    claims = Claim.objects.order_by("claimed_on").values_list("approved_fen", "limb")
    assert list(claims) == [(500, "share"), (100, "cap")]


def test_a_claim_without_its_papers_is_refused_and_the_voucher_keeps_its_value() -> None:
    line = invoice("F1", D(2026, 2, 10))
    papers = ("papers", ClaimDocuments(("delivery_proof", "invoice")))
    year = Year(
        settlement=Settlement.REIMBURSE_VOUCHER,
        rules=(papers,),
        contracts=(contract(1, documents=frozenset({"invoice"})),),
        invoices=(line,),
        payments=(payment_of(line),),
        payment_days=(D(2026, 3, 1),),
    )

    run(year.desk())

    claim = Claim.objects.get()
    assert (claim.approved_fen, claim.limb, claim.failed_checks) == (0, "match", "papers")
    assert '"missing":"delivery_proof"' in claim.act.body
    assert (voucher_row().held_fen, acts("PAY")) == (50_000, [])
    books_hold()


def test_the_other_side_of_a_facility_is_refused_and_an_own_second_award_is_not() -> None:
    run(building().desk())

    rows = Award.objects.order_by("award_id").values_list("award_id", "amount_fen", "reason")
    assert list(rows) == [
        ("A-C1", 10_010, "ENTITLED"),
        ("A-C2", 0, "NOT_ELIGIBLE"),
        ("A-C3", 0, "NOTHING_DUE"),
        ("A-C4", 10_010, "ENTITLED"),
    ]
    assert Decision.objects.get(contract_id="C3").limb == "match"
    books_hold()


def test_an_award_of_another_programme_is_matched_once() -> None:
    run(matching().desk())

    assert decisions() == {
        "C1": (40_000, "stacking"),
        "C2": (40_000, "stacking"),
        "C3": (0, "match"),
    }
    assert acts("DECIDE") == ["DECIDE_CLAIM/CL-C1-20260110", "DECIDE_CLAIM/CL-C2-20260110"]
    third = Decision.objects.get(contract_id="C3").act.body
    assert '"failing":"UP-1"' in third
    assert not Account.objects.filter(account_id="AWARD:A-C3").exists()
    books_hold()


@pytest.mark.parametrize(
    ("parts", "gives"),
    [([100_000], [30_000]), ([50_000, 50_000], [0, 30_000]), ([60_000, 40_000], [10_000, 20_000])],
)
def test_other_support_is_set_off_once_however_the_cost_is_claimed(
    parts: list[int], gives: list[int]
) -> None:
    """30 % of 100,000 beside 50,000 of the district, together at most what was evidenced."""
    days = [date(2026, 2, 10) + timedelta(days=9 * n) for n in range(len(parts))]
    lines = tuple(
        invoice(f"F{n}", day, amount=Fen(fen))
        for n, (day, fen) in enumerate(zip(days, parts, strict=True))
    )
    helped = replace(
        contract(1),
        costs={CostCategory.COMPUTE: Fen(100_000)},
        supports=(OtherSupport("district", Fen(50_000)),),
    )
    year = Year(
        settlement=Settlement.REIMBURSE_VOUCHER,
        ratio=Fraction(3, 10),
        rules=(("stacking", StackingCap(Fraction(1))),),
        contracts=(helped,),
        invoices=lines,
        payments=tuple(payment_of(line) for line in lines),
    )

    run(year.desk())

    rows = Claim.objects.order_by("claimed_on").values_list("approved_fen", flat=True)
    assert list(rows) == gives
    books_hold()
