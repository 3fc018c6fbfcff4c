"""The pot: what tranches of the year hold back, and what comes back to be awarded again."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from evernormal.domain.policy import Pot, PotTranche, Shortage
from evernormal.domain.values import Fen
from evernormal.store.models import Account, Award
from tests.actions.office import Year
from tests.actions.reading import books_hold, run, voucher_row
from tests.actions.years import CALL, granting, lending
from tests.domain.sample import contract

pytestmark = pytest.mark.django_db

D = date
THIRDS = tuple(PotTranche(month, Fraction(1, 3)) for month in (1, 2, 3))


def in_thirds(pot: int, *days: date, **changes: object) -> Year:
    """A pot of which a third may be awarded from January, February and March on."""
    contracts = tuple(contract(n, applied_on=day) for n, day in enumerate(days, start=1))
    plain = Year(pot=pot, rules=(("pot", Pot(Fen(pot), THIRDS)),), contracts=contracts)
    return replace(plain, **changes)  # type: ignore[arg-type]


def awards() -> list[tuple[int, int, str]]:
    rows = Award.objects.order_by("act__number")
    return list(rows.values_list("pot_before_fen", "amount_fen", "reason"))


def test_awards_wait_for_the_part_of_the_pot_that_their_month_releases() -> None:
    days = (D(2026, 1, 10), D(2026, 1, 20), D(2026, 1, 25), D(2026, 2, 1), D(2026, 3, 1))

    run(in_thirds(200_000, *days).desk())

    # 666.66 until January ends, 1,333.33 until February ends, then all of it.
    assert awards() == [
        (66_666, 50_000, "ENTITLED"),
        (16_666, 16_666, "CUT_TO_POT"),
        (0, 0, "POT_EXHAUSTED"),
        (66_667, 50_000, "ENTITLED"),
        (83_334, 50_000, "ENTITLED"),
    ]
    assert Account.objects.get(account_id="POT").credits_posted == 200_000
    books_hold()


def test_before_the_first_part_nothing_is_awarded() -> None:
    late = tuple(PotTranche(month, Fraction(1, 2)) for month in (2, 3))
    year = in_thirds(200_000, D(2026, 1, 10), D(2026, 2, 10))

    run(replace(year, rules=(("pot", Pot(Fen(200_000), late)),)).desk())

    assert awards() == [(0, 0, "POT_EXHAUSTED"), (100_000, 50_000, "ENTITLED")]


def test_the_parts_are_of_the_programmes_pot_not_of_the_schemes() -> None:
    rules = (("pot", Pot(Fen(900_000), THIRDS)),)

    run(replace(in_thirds(90_000, D(2026, 1, 10)), rules=rules).desk())

    assert awards() == [(30_000, 30_000, "CUT_TO_POT")]


def test_a_pot_that_is_shared_is_shared_as_far_as_it_was_released() -> None:
    days = (D(2026, 1, 10), D(2026, 1, 11))
    rules = (CALL, ("pot", Pot(Fen(200_001), THIRDS)))

    run(in_thirds(200_001, *days, shortage=Shortage.PRO_RATA, rules=rules).desk())

    assert awards() == [(66_667, 33_334, "CUT_TO_POT"), (33_333, 33_333, "CUT_TO_POT")]


def test_what_a_recalled_voucher_gives_back_is_awarded_again() -> None:
    run(lending().desk())

    assert awards() == [
        (150_000, 100_000, "ENTITLED"),
        (50_000, 50_000, "CUT_TO_POT"),
        # The 500.00 of the second, called back on 30 January.
        (50_000, 50_000, "CUT_TO_POT"),
    ]
    books_hold()


def test_what_a_lapsed_voucher_gives_back_is_awarded_again() -> None:
    first, later = contract(1), contract(2, applied_on=D(2026, 3, 11))

    run(Year(pot=50_000, months=2, contracts=(first, later)).desk())

    assert awards() == [(50_000, 50_000, "ENTITLED"), (50_000, 50_000, "ENTITLED")]
    assert (voucher_row(1).lapsed_fen, voucher_row(2).lapsed_fen) == (50_000, 0)


def test_what_no_report_released_goes_back_with_the_voucher() -> None:
    year = granting()
    run(year.desk())

    balances = {
        account.account_id: account.credits_posted - account.debits_posted
        for account in Account.objects.filter(kind__in=("AWARD", "POT"))
    }
    used = 3_000
    assert balances == {"AWARD:A-C1": 0, "AWARD:A-C2": 0, "AWARD:A-C3": 0, "POT": year.pot - used}
    books_hold()
