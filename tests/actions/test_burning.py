"""One order, several vouchers: the first is spent to its end, then the next, each fen once."""

from datetime import date, timedelta
from typing import Any

import pytest

from evernormal.actions.balances import list_balances
from evernormal.actions.desk import Desk
from evernormal.domain.metering import UsageRecord
from evernormal.domain.values import Fen
from evernormal.formats.explanation import as_text, explain, view_of
from evernormal.locale import Lang, words
from evernormal.store.models import Charge, Hold, OrderTotal, Programme
from evernormal.store.queries.books import read_books
from tests.actions.office import Year, invoice, payment_of, rolled_back, small_order, usage_file
from tests.actions.reading import books_hold, run, voucher_row
from tests.domain.sample import contract, record

pytestmark = pytest.mark.django_db

FIRST_DAY = date(2026, 2, 10)
TWO = (contract(1), contract(2, applicant_id="S1"))
# At 10 yuan, half from the voucher, all of it is 750 yuan; each voucher has 500.
BIG = small_order(card_hours=150, further_contracts=("C2",))


def hours(job: str, count: int, *, starts: int = 0, **changes: Any) -> UsageRecord:
    """So many card-hours of account lab-1."""
    return record(job, starts=starts, ends=starts + 1, cards=count, **changes)


def year(*batches: list[UsageRecord], **changes: Any) -> Year:
    files = tuple(
        usage_file(str(n), FIRST_DAY + timedelta(n), *records) for n, records in enumerate(batches)
    )
    return Year(contracts=TWO, orders=(BIG,), usage=files, **changes)


def parts() -> dict[str, tuple[int, int]]:
    """Fen charged, and the voucher's part, by contract."""
    rows = OrderTotal.objects.filter(order_id="O1")
    return {row.contract_id: (row.charged_fen, row.captured_fen) for row in rows}


def test_an_order_holds_the_first_voucher_to_its_end_and_the_next_for_the_rest() -> None:
    run(year().desk())

    holds = [(h.hold_id, h.voucher.voucher_id, h.amount_fen) for h in Hold.objects.order_by("pk")]
    assert holds == [("H-O1-1", "V-C1", 50_000), ("H-O1-2", "V-C2", 25_000)]
    books_hold()


def test_priority_turns_the_order_of_burning_round() -> None:
    run(year(changed={"burn_priority": {"V-C1": 5}}).desk())

    holds = [(h.voucher.voucher_id, h.amount_fen) for h in Hold.objects.order_by("pk")]
    assert holds == [("V-C2", 50_000), ("V-C1", 25_000)]


def test_a_charge_across_the_end_of_a_voucher_has_a_line_under_each_contract() -> None:
    run(year([hours("1", 90)], [hours("2", 30, starts=2)]).desk())

    lines = Charge.objects.order_by("pk").values_list(
        "charge_id", "contract_id", "used_seconds", "amount_fen", "voucher_fen"
    )
    # 120 card-hours are 1,200 yuan: with 1,000 of them the first voucher is spent.
    assert list(lines) == [
        ("CH-O1-20260201-1", "C1", 90 * 3_600, 90_000, 45_000),
        ("CH-O1-20260201-2", "C1", 36_000, 10_000, 5_000),
        ("CH-O1-20260201-3", "C2", 72_000, 20_000, 10_000),
    ]
    assert parts() == {"C1": (100_000, 50_000), "C2": (20_000, 10_000)}
    assert voucher_row(1).captured_fen == 50_000
    assert (voucher_row(2).captured_fen, voucher_row(2).held_fen) == (10_000, 15_000)
    books_hold()


@pytest.mark.parametrize("split", [(120,), (90, 30), (1, 59, 60), (100, 19, 1)])
def test_the_split_into_files_changes_no_part(split: tuple[int, ...]) -> None:
    batches = [[hours(str(n), count, starts=2 * n)] for n, count in enumerate(split)]
    run(year(*batches).desk())

    assert parts() == {"C1": (100_000, 50_000), "C2": (20_000, 10_000)}
    books_hold()


def test_a_correction_takes_back_from_the_last_voucher_first() -> None:
    long = [hours("1", 100), hours("2", 20, starts=2, final=False)]
    run(year(long, [hours("2", 5, starts=2)]).desk())

    # Of the 20 hours only 5 were used: 1,050 yuan in all.
    assert parts() == {"C1": (100_000, 50_000), "C2": (5_000, 2_500)}
    assert (voucher_row(2).captured_fen, voucher_row(2).held_fen) == (2_500, 22_500)
    books_hold()


def test_use_beyond_all_vouchers_is_the_users() -> None:
    run(year([hours("1", 200)]).desk())

    assert parts() == {"C1": (100_000, 50_000), "C2": (100_000, 25_000)}
    assert not Hold.objects.filter(state="OPEN").exists()
    books_hold()


def test_the_balance_is_of_both_vouchers_and_names_the_next_to_be_spent() -> None:
    day = FIRST_DAY + timedelta(3)

    def balance(desk: Desk) -> tuple[str, int, int]:
        run(desk)
        (found,) = list_balances(desk, "P1", on=day)
        return found.voucher_id, found.remaining_fen, found.remaining_card_seconds

    with rolled_back():
        assert balance(year().desk()) == ("V-C1", 75_000, 150 * 3_600)
    assert balance(year([hours("1", 110)]).desk()) == ("V-C2", 20_000, 144_000)


def test_claims_of_each_contract_settle_its_own_lines() -> None:
    lines = [
        invoice("F1", date(2026, 3, 10), amount=Fen(100_000)),
        invoice("F2", date(2026, 3, 10), amount=Fen(20_000), contract_id="C2"),
    ]
    desk = year(
        [hours("1", 120)],
        invoices=tuple(lines),
        payments=tuple(payment_of(line, line.amount.amount // 2) for line in lines),
        payment_days=(date(2026, 3, 20),),
    ).desk()
    run(desk)

    books = read_books("prog", zone=desk.zone, award_contract=desk.year.award_contract)
    assert [(c.contract_id, c.approved_fen) for c in books.claims] == [
        ("C1", 50_000),
        ("C2", 10_000),
    ]
    assert [(c.voucher_id, c.award_id) for c in books.charges] == [
        ("V-C1", "A-C1"),
        ("V-C2", "A-C2"),
    ]
    books_hold()


@pytest.mark.parametrize("lang", ["en", "zh_Hans"])
@pytest.mark.parametrize("identifier", ["O1", "H-O1-2", "CH-O1-20260201-2", "H-O1-4"])
def test_explain_names_both_vouchers(identifier: str, lang: Lang) -> None:
    desk = year([hours("1", 90)], [hours("2", 30, starts=2)]).desk()
    run(desk)
    books = read_books(
        Programme.objects.get().id, zone=desk.zone, award_contract=desk.year.award_contract
    )

    told = as_text(
        explain(identifier, acts=books.acts, scheme=view_of(desk.scheme), lang=lang),
        words=words(lang),
    )

    assert "V-C1" in told
    assert "V-C2" in told
