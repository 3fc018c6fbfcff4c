"""5. An order reserves cards, and the part of the voucher that its use will need."""

from collections.abc import Iterator
from datetime import date

from tests.life.money import fen
from tests.life.sacct import price_on
from tests.life.shelf import Books, Row

PERCENT = 30
CARDS_GIVEN = {"O-06-A": 4}
"""The one order that gets fewer cards than it asks for: 44 of the 48 A100 are gone by then."""


def test_an_order_holds_the_vouchers_share_of_its_quote(guizhou: Books) -> None:
    """Hold = 30 % of the list price of the hours asked for, in proportion to the cards given."""
    placed = {
        r["act_key"]: (r["debit"], r["credit"], fen(r["amount_yuan"]))
        for r in guizhou.where("journal.csv", code="HOLD")
        if r["act_key"].startswith("PLACE_HOLD/")
    }
    expected = {}
    for order in guizhou.rows("inputs/orders.csv"):
        price = price_on(guizhou, order["device_class"], date.fromisoformat(order["starts_on"]))
        listed = int(order["card_hours"]) * price
        given = CARDS_GIVEN.get(order["order_id"], int(order["cards"]))
        expected[f"PLACE_HOLD/{order['order_id']}"] = (
            f"VOUCHER:V-{order['contract_id']}",
            "ACCRUED:P-GUIAN",
            listed * PERCENT // 100 * given // int(order["cards"]),
        )

    assert len(placed) == 18
    assert placed == expected


def test_no_more_cards_are_given_than_stand_in_the_centre(guizhou: Books) -> None:
    capacity = {r["device_class"]: int(r["cards"]) for r in guizhou.rows("inputs/capacity.csv")}
    given: dict[str, int] = dict.fromkeys(capacity, 0)
    for order in guizhou.rows("inputs/orders.csv"):
        facts = guizhou.facts(f"PLACE_HOLD/{order['order_id']}")["allocation"]
        given[order["device_class"]] += facts["cards"]
        short = order["order_id"] in CARDS_GIVEN
        assert facts == {
            "cards": CARDS_GIVEN.get(order["order_id"], int(order["cards"])),
            "limb": "CAPACITY" if short else "REQUEST",
        }

    assert given == {"A100-80G": 48, "H100-80G": 31, "Ascend-910B": 16}
    assert all(given[pool] <= capacity[pool] for pool in capacity)


def test_a_reimburse_voucher_is_bound_whole_to_its_contract(beijing: Books) -> None:
    bound = {
        r["debit"].removeprefix("VOUCHER:"): r["amount_yuan"]
        for r in beijing.where("journal.csv", code="HOLD")
        if r["act_key"].startswith("PLACE_HOLD/")
    }

    assert len(bound) == 8
    assert bound == {r["voucher_id"]: r["face_yuan"] for r in beijing.rows("vouchers.csv")}


def chain(books: Books, order_id: str) -> Iterator[tuple[Row, list[Row]]]:
    """An order's holds, each with what resolved it."""
    journal = books.rows("journal.csv")
    for row in journal:
        key = row["act_key"].split("/")
        if row["code"] == "HOLD" and key[1] == order_id:
            yield row, [r for r in journal if r["pending_id"] == row["transfer_id"]]


def test_a_hold_that_is_captured_in_part_rolls_over_to_the_fen(guizhou: Books) -> None:
    rolled = 0
    for order in guizhou.rows("inputs/orders.csv"):
        holds = list(chain(guizhou, order["order_id"]))
        for (hold, resolved), following in zip(holds, [*holds[1:], None], strict=True):
            captured = sum(fen(r["amount_yuan"]) for r in resolved)
            left = fen(hold["amount_yuan"]) - captured
            assert [r["code"] for r in resolved] in ([], ["CAPTURE"])
            if following is None:
                assert not resolved or left == 0
            else:
                rolled += 1
                assert fen(following[0]["amount_yuan"]) == left > 0
                assert following[0]["act_key"] == resolved[0]["act_key"]

    assert rolled >= 16


def test_what_is_still_on_hold_at_the_end_is_what_the_voucher_says(guizhou: Books) -> None:
    held = dict.fromkeys((r["voucher_id"] for r in guizhou.rows("vouchers.csv")), 0)
    for order in guizhou.rows("inputs/orders.csv"):
        for hold, resolved in chain(guizhou, order["order_id"]):
            if not resolved:
                held[hold["debit"].removeprefix("VOUCHER:")] += fen(hold["amount_yuan"])

    assert held == {r["voucher_id"]: fen(r["held_yuan"]) for r in guizhou.rows("vouchers.csv")}
    assert sum(held.values()) > 0
