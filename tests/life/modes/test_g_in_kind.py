"""Mode G: card-hours by lot; answered, extended, recalled; no bills and no payments."""

import hashlib
import tomllib

import pytest

from tests.life.modes.sound import acts, balances, demand_explained, demand_sound, voucher
from tests.life.money import fen
from tests.life.shelf import Books, Shelf


@pytest.fixture
def books(shelf: Shelf) -> Books:
    return shelf.of("mode-g-in-kind")


def without_usage(books: Books) -> list[tuple[str, str]]:
    return [(day, key) for day, key in acts(books) if not key.startswith(("ACCEPT", "CHARGE"))]


def test_the_year_is_told_in_its_acts(books: Books) -> None:
    assert without_usage(books) == [
        ("2026-03-03", "ASSESS/EX-G-01"),
        ("2026-03-04", "ASSESS/EX-G-02"),
        ("2026-03-05", "ASSESS/EX-G-03"),
        ("2026-03-06", "ASSESS/EX-G-04"),
        ("2026-03-09", "ASSESS/EX-G-05"),
        ("2026-03-13", "AWARD/EX-G-01"),
        ("2026-03-13", "ISSUE_VOUCHER/V-EX-G-01"),
        ("2026-03-13", "PLACE_HOLD/EX-G-O1"),
        ("2026-03-13", "AWARD/EX-G-05"),
        ("2026-03-13", "ISSUE_VOUCHER/V-EX-G-05"),
        ("2026-03-13", "PLACE_HOLD/EX-G-O5"),
        ("2026-03-13", "AWARD/EX-G-02"),
        ("2026-03-13", "ISSUE_VOUCHER/V-EX-G-02"),
        ("2026-03-13", "PLACE_HOLD/EX-G-O2"),
        ("2026-03-13", "AWARD/EX-G-03"),
        ("2026-03-13", "ISSUE_VOUCHER/V-EX-G-03"),
        ("2026-03-13", "PLACE_HOLD/EX-G-O4"),
        ("2026-03-13", "AWARD/EX-G-04"),
        ("2026-04-03", "PLACE_HOLD/EX-G-O3"),
        ("2026-04-12", "RECALL_VOUCHER/V-EX-G-05"),
        ("2026-05-12", "ASSESS/EX-G-06"),
        ("2026-05-22", "AWARD/EX-G-06"),
        ("2026-05-22", "ISSUE_VOUCHER/V-EX-G-06"),
        ("2026-05-22", "PLACE_HOLD/EX-G-O6"),
        ("2026-06-01", "EXTEND_VOUCHER/EX-G-03/20260601"),
        ("2026-06-05", "RECALL_VOUCHER/V-EX-G-02"),
        ("2026-06-06", "RECALL_VOUCHER/V-EX-G-01"),
        ("2026-07-12", "RECALL_VOUCHER/V-EX-G-06"),
        ("2026-07-13", "LAPSE_VOUCHER/V-EX-G-03"),
    ]


def test_the_published_seed_puts_the_lots_in_order(books: Books) -> None:
    seed = tomllib.loads(books.files["inputs/programme.toml"].decode())["lottery_seed"]

    def lot(contract: str) -> str:
        return hashlib.sha256(f"{seed}\n{contract}".encode()).hexdigest()

    drawn = sorted(["EX-G-02", "EX-G-03", "EX-G-05"], key=lot)
    awarded = [key.removeprefix("AWARD/") for _, key in acts(books) if key.startswith("AWARD/")]
    # The score of 95 is sure, the one of 55 has no turn, and the second call comes after.
    assert awarded == ["EX-G-01", *drawn, "EX-G-04", "EX-G-06"]
    decided = {r["contract_id"]: r["reason"] for r in books.rows("decisions.csv")}
    assert decided[drawn[-1]] == "CUT_TO_POT"
    assert decided["EX-G-04"] == "NOT_ADMITTED"


def test_card_hours_to_the_last_hundredth(books: Books) -> None:
    vouchers = {
        f"EX-G-0{n}": voucher(books, f"EX-G-0{n}", unit="card_hours") for n in (1, 2, 3, 5, 6)
    }

    def state(face: int, captured: int) -> dict[str, int]:
        lapsed = face - captured
        return {"face": face, "available": 0, "held": 0, "captured": captured, "lapsed": lapsed}

    assert vouchers == {
        "EX-G-01": state(1_500_00, (60 + 70 + 20) * 8_00),
        "EX-G-02": state(1_200_00, 48_25 * 4 + 20 * 4_00),
        "EX-G-03": state(1_700_00, 1_600_00),
        "EX-G-05": state(1_600_00, 0),
        "EX-G-06": state(1_000_00, 50 * 8_00),
    }
    used = sum(v["captured"] for v in vouchers.values())
    assert balances(books, "ACCRUED") == {"P-GONGYUN": used}
    assert balances(books, "POT") == {"": 6_000_00 - used}


def test_nobody_bills_and_nobody_is_paid(books: Books) -> None:
    assert books.rows("claims.csv") == []
    assert [path for path in books.files if path.startswith("payments")] == []
    assert [r for r in books.rows("accounts.csv") if r["kind"] == "PAYABLE"] == []
    assert balances(books, "TREASURY") == {"": -6_000_00}


def test_the_provider_answers_an_order(books: Books) -> None:
    modified, declined = books.facts("PLACE_HOLD/EX-G-O1"), books.facts("PLACE_HOLD/EX-G-O2")

    assert (modified["answer"], modified["amount_fen"]) == ("MODIFIED", 1_200_00)
    assert modified["allocation"] == {"cards": 8, "limb": "REQUEST"}
    assert (declined["answer"], declined["hold"], declined["amount_fen"]) == ("DECLINED", None, 0)
    assert declined["allocation"] == {"cards": 0, "limb": "PROVIDER"}
    assert books.where("charges.csv", order_id="EX-G-O2") == []
    assert "agreed to 1,200 of 1,500 card-hours" in books.explain("EX-G-O1")
    assert "declined the order of 1,200 card-hours" in books.explain("EX-G-O2")


def test_what_lies_idle_goes_back_with_its_hold_and_its_cards_and_is_awarded_again(
    books: Books,
) -> None:
    facts = books.facts("RECALL_VOUCHER/V-EX-G-05")

    assert (facts["holds"], facts["amount_fen"]) == (["H-EX-G-O5-1"], 1_600_00)
    assert books.facts("AWARD/EX-G-06")["pot_before_fen"] == 1_600_00
    # 8 and 4 and 8 of the 32 cards are still booked: the recalled order's 8 are free again.
    assert books.facts("PLACE_HOLD/EX-G-O6")["allocation"] == {"cards": 8, "limb": "REQUEST"}
    told = "Awards come to 1,000.00 card-hours more than the pot"
    assert told in books.files["report.html"].decode()


def test_use_that_comes_in_on_the_day_of_recall_keeps_a_voucher(books: Books) -> None:
    due = [key for day, key in acts(books) if day == "2026-04-12"]

    assert due == [
        "ACCEPT_USAGE/usage/gongyun-2026-04-12.csv",
        "CHARGE/EX-G-O3/usage/gongyun-2026-04-12.csv",
        "RECALL_VOUCHER/V-EX-G-05",
    ]


def test_an_extension_lets_the_hold_live_on(books: Books) -> None:
    facts = books.facts("EXTEND_VOUCHER/EX-G-03/20260601")
    late = books.facts("CHARGE/EX-G-O4/usage/gongyun-2026-06-30.csv")

    assert (facts["extended"], facts["lapsed_on_before"], facts["lapses_on"]) == (
        True,
        "2026-06-13",
        "2026-07-13",
    )
    # Use after the first day of lapse is paid as far as the hold reaches: 436 of 800 card-hours.
    assert late["captured_fen"] - late["captured_before_fen"] == 436_00
    assert (late["charged_fen"], late["hold_left_fen"]) == (1_964_00, 0)


def test_the_books_hold_and_every_number_is_told(books: Books) -> None:
    demand_sound(books, unit="card_hours", pot=6_000_00)
    demand_explained(books, "EX-G-O3", "H-EX-G-O4-1", "H-EX-G-O5-1")
    assert fen(books.row("decisions.csv", contract_id="EX-G-03")["awarded_card_hours"]) == 1_700_00
