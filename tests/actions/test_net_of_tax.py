"""Cost without its tax, through a year's acts: the firm's year is net, and so is a share."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from evernormal.domain.policy import (
    Bound,
    Measure,
    MinimumSpend,
    NetOfTax,
    Settlement,
    Text,
    Tier,
    TierBasis,
    TieredRate,
)
from evernormal.domain.values import Fen
from evernormal.store.models import Claim, Decision
from tests.actions.office import Year, invoice, payment_of, small_order
from tests.actions.reading import books_hold, run, voucher_row
from tests.domain.sample import contract

pytestmark = pytest.mark.django_db

TAX = ("tax", NetOfTax(Fraction(1, 4)))
SAY = Text("tier", "档")
ONE_OF_EACH = (contract(1), contract(2, applicant_id="S1"))


def tiers(edge: int, basis: TierBasis, measure: Measure) -> TieredRate:
    """Three tenths below an amount, a half from there on."""
    low, high = Bound(Fen(edge), is_inside=False), Bound(Fen(edge), is_inside=True)
    both = (Tier(SAY, Fraction(3, 10), high=low), Tier(SAY, Fraction(1, 2), low=high))
    return TieredRate(measure, basis, is_ceiling=False, tiers=both)


def run_with(rate: TieredRate, year: Year) -> None:
    """Run the year with another rate in place of the flat one."""
    desk = replace(year, rules=(*year.rules, ("tiers", rate))).desk()
    rules = tuple(rule for rule in desk.scheme.rules if rule.id != "share")
    run(replace(desk, scheme=replace(desk.scheme, rules=rules)))


@pytest.mark.parametrize(("floor", "second"), [(160_000, 40_000), (160_001, 0)])
def test_the_firms_year_before_an_award_is_net(floor: int, second: int) -> None:
    """Two contracts of 1,000 yuan with a tax of a quarter are 1,600 without it."""
    least = ("floor", MinimumSpend(Fen(floor), Measure.FIRM_YEAR_COST))

    run(Year(rules=(TAX, least), contracts=ONE_OF_EACH).desk())

    assert list(Decision.objects.values_list("cost_fen", "entitled_fen")) == [
        (80_000, 0),
        (80_000, second),
    ]


@pytest.mark.parametrize(("edge", "each"), [(320_001, 24_000), (320_000, 40_000)])
def test_the_award_sees_the_net_cost_and_every_claim_has_its_share(edge: int, each: int) -> None:
    days = (date(2026, 2, 10), date(2026, 3, 1))
    lines = tuple(invoice(f"F{n}", day, amount=Fen(100_000)) for n, day in enumerate(days))
    large = replace(contract(1), costs=dict.fromkeys(contract(1).costs, Fen(400_000)))
    year = Year(
        settlement=Settlement.REIMBURSE_VOUCHER,
        rules=(TAX,),
        contracts=(large,),
        invoices=lines,
        payments=tuple(payment_of(line) for line in lines),
    )

    run_with(tiers(edge, TierBasis.WHOLE, Measure.FIRM_YEAR_COST), year)

    claims = Claim.objects.order_by("claimed_on").values_list("approved_fen", flat=True)
    assert list(claims) == [each, each]
    books_hold()


def test_a_voucher_pays_its_share_of_a_price_with_tax() -> None:
    """Half of what 2,000 fen are without a tax of a quarter: two fifths of them."""
    run(Year(rules=(TAX,), orders=(small_order(),)).desk())

    assert Decision.objects.get().share == "1/2"
    assert voucher_row().holds.get().amount_fen == 800
    books_hold()


def test_a_share_of_many_digits_is_read_back_as_it_was_found() -> None:
    odd = replace(contract(1), costs=dict.fromkeys(contract(1).costs, Fen(123_456_789)))
    parts = tiers(5_000_000, TierBasis.MARGINAL, Measure.COST)

    run_with(parts, Year(pot=10**9, contracts=(odd,), orders=(small_order(),)))

    share = (5_000_000 * Fraction(3, 10) + 118_456_789 * Fraction(1, 2)) / 123_456_789
    assert Decision.objects.get().share == f"{share.numerator}/{share.denominator}"
    assert voucher_row().holds.get().amount_fen == int(2_000 * share)
    books_hold()
