"""Mode H: credits by rank, exchanged for card-hours, half of them after a report."""

import pytest

from tests.life.modes.sound import acts, balances, demand_explained, demand_sound, voucher
from tests.life.shelf import Books, Shelf, transfers_of


@pytest.fixture
def books(shelf: Shelf) -> Books:
    return shelf.of("mode-h-credits")


def test_the_year_is_told_in_its_acts(books: Books) -> None:
    assert acts(books) == [
        ("2026-01-14", "ASSESS/EX-H-01"),
        ("2026-01-16", "ASSESS/EX-H-03"),
        ("2026-01-20", "ASSESS/EX-H-02"),
        ("2026-01-29", "ASSESS/EX-H-04"),
        ("2026-01-30", "AWARD/EX-H-02"),
        ("2026-01-30", "ISSUE_VOUCHER/V-EX-H-02"),
        ("2026-01-30", "PLACE_HOLD/EX-H-O3"),
        ("2026-01-30", "AWARD/EX-H-01"),
        ("2026-01-30", "ISSUE_VOUCHER/V-EX-H-01"),
        ("2026-01-30", "PLACE_HOLD/EX-H-O1"),
        ("2026-01-30", "AWARD/EX-H-03"),
        ("2026-01-30", "ISSUE_VOUCHER/V-EX-H-03"),
        ("2026-01-30", "PLACE_HOLD/EX-H-O5"),
        ("2026-01-30", "AWARD/EX-H-04"),
        ("2026-03-05", "PLACE_HOLD/EX-H-O4"),
        ("2026-05-06", "ACCEPT_USAGE/usage/lantian-2026-04.csv"),
        ("2026-05-06", "CHARGE/EX-H-O1/usage/lantian-2026-04.csv"),
        ("2026-05-06", "CHARGE/EX-H-O4/usage/lantian-2026-04.csv"),
        ("2026-05-06", "CHARGE/EX-H-O5/usage/lantian-2026-04.csv"),
        ("2026-05-18", "RELEASE_TRANCHE/EX-H-01/1"),
        ("2026-05-20", "PLACE_HOLD/EX-H-O2"),
        ("2026-07-20", "ACCEPT_USAGE/usage/lantian-2026-07.csv"),
        ("2026-07-20", "CHARGE/EX-H-O2/usage/lantian-2026-07.csv"),
        ("2026-07-30", "EXPIRE_HOLD/H-EX-H-O1-2"),
        ("2026-07-30", "EXPIRE_HOLD/H-EX-H-O2-2"),
        ("2026-07-30", "EXPIRE_HOLD/H-EX-H-O4-2"),
        ("2026-07-30", "EXPIRE_HOLD/H-EX-H-O5-2"),
        ("2026-07-30", "LAPSE_VOUCHER/V-EX-H-01"),
        ("2026-07-30", "LAPSE_VOUCHER/V-EX-H-02"),
        ("2026-07-30", "LAPSE_VOUCHER/V-EX-H-03"),
        ("2026-08-10", "RELEASE_TRANCHE/EX-H-03/1"),
    ]


def test_the_higher_score_goes_first_and_the_last_is_cut(books: Books) -> None:
    awards = {
        act.facts["contract"]: (act.facts["reason"], act.facts["amount_fen"])
        for act in books.acts
        if act.act == "AWARD"
    }

    assert list(awards.items()) == [
        ("EX-H-02", ("ENTITLED", 6_000_00)),
        ("EX-H-01", ("ENTITLED", 10_000_01)),
        ("EX-H-03", ("CUT_TO_POT", 3_999_99)),
        ("EX-H-04", ("NOT_ADMITTED", 0)),
    ]


def test_half_comes_with_the_award_and_the_rest_to_the_hundredth_after_the_report(
    books: Books,
) -> None:
    released = books.facts("RELEASE_TRANCHE/EX-H-01/1")

    assert books.facts("ISSUE_VOUCHER/V-EX-H-01")["face_fen"] == 5_000_00
    assert (released["number"], released["amount_fen"]) == (1, 5_000_01)
    (act,) = (a for a in books.acts if a.key == "RELEASE_TRANCHE/EX-H-01/1")
    (transfer,) = transfers_of(act)
    assert (transfer["debit"], transfer["credit"]) == ("AWARD:A-EX-H-01", "VOUCHER:V-EX-H-01")
    # Less than 500.00 of the first half was free: the order of 20 May draws on the second.
    assert books.facts("PLACE_HOLD/EX-H-O2")["amount_fen"] == 1_000 * 4_00


def test_credits_buy_card_hours_at_the_rate_of_the_day(books: Books) -> None:
    charges = {
        (r["order_id"], r["day"]): (r["price_credits_per_card_hour"], r["amount_credits"])
        for r in books.rows("charges.csv")
        if r["order_id"] == "EX-H-O2"
    }

    # 16 cards for 12 hours on each side of the change of price.
    assert charges == {
        ("EX-H-O2", "2026-06-30"): ("4.00", "768.00"),
        ("EX-H-O2", "2026-07-01"): ("3.60", "691.20"),
        ("EX-H-O2", "2026-07-06"): ("3.60", "576.00"),
    }
    assert voucher(books, "EX-H-01", unit="credits") == {
        "face": 10_000_01,
        "available": 0,
        "held": 0,
        "captured": 360 * 12_50 + 2_035_20,
        "lapsed": 10_000_01 - 6_535_20,
    }


def test_a_declined_order_holds_nothing_and_another_may_come(books: Books) -> None:
    declined, placed = books.facts("PLACE_HOLD/EX-H-O3"), books.facts("PLACE_HOLD/EX-H-O4")

    assert (declined["amount_fen"], declined["allocation"]["limb"]) == (0, "PROVIDER")
    assert (placed["amount_fen"], placed["allocation"]["limb"]) == (700 * 4_00, "REQUEST")


def test_what_no_report_released_goes_back_when_the_voucher_lapses(books: Books) -> None:
    lapses = {
        act.facts["voucher"]: (act.facts["amount_fen"], act.facts["unreleased_fen"])
        for act in books.acts
        if act.act == "LAPSE_VOUCHER"
    }
    late = books.facts("RELEASE_TRANCHE/EX-H-03/1")

    assert lapses == {
        "V-EX-H-01": (3_464_81, 0),
        "V-EX-H-02": (440_00, 3_000_00),
        "V-EX-H-03": (1_023_99, 2_000_00),
    }
    assert (late["amount_fen"], late["held_back_fen"]) == (0, 2_000_00)
    assert set(balances(books, "AWARD").values()) == {0}
    used = 2_560_00 + 6_535_20 + 976_00
    assert balances(books, "ACCRUED") == {"P-LANTIAN": used}
    assert balances(books, "POT") == {"": 20_000_00 - used}


def test_the_books_hold_and_every_number_is_told(books: Books) -> None:
    demand_sound(books, unit="credits", pot=20_000_00)
    demand_explained(books, "EX-H-O2", "EX-H-O3", "H-EX-H-O1-2")
    assert "no report had released" in books.explain("V-EX-H-02")
