"""What befalls a voucher: further parts, extensions, recalls; each once, each with its act."""

import json
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from functools import partial

import pytest

from evernormal.actions.vouchers import extend_voucher, recall_voucher, release_tranche
from evernormal.domain.market import ProviderAnswer
from evernormal.domain.policy import (
    IdleRecall,
    Settlement,
    Tranche,
    TrancheRelease,
    Tranches,
    VoucherExtension,
)
from evernormal.domain.values import Fen, Period
from evernormal.store.models import Account, Allocation, AuditRecord, Charge, Hold
from tests.actions.office import Year, small_order, usage_file
from tests.actions.reading import acts, all_rows, books_hold, run, voucher_row
from tests.actions.years import granting, lending
from tests.domain.sample import contract, record

pytestmark = pytest.mark.django_db

D = date
FEB = D(2026, 2, 10)
ONCE = ("longer", VoucherExtension(months=1, times=1))


def kind(**changes: object) -> Year:
    """In kind at full share: 500.00 for the contract, an order of 20.00 at 10.00 a card-hour."""
    plain = Year(
        settlement=Settlement.IN_KIND,
        ratio=Fraction(1),
        months=2,
        orders=(small_order(card_hours=20),),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def body(key: str) -> str:
    return str(AuditRecord.objects.get(key=key).body)


def day_of(key: str) -> date:
    return datetime.fromisoformat(json.loads(body(key))["at"]).date()


# --- Parts ----------------------------------------------------------------------------------------


def test_a_report_releases_its_part_once_and_a_further_one_nothing() -> None:
    desk = granting().desk()
    run(desk)
    before = all_rows()

    for number in (1, 2):
        release_tranche(desk, "C2", number=number, on=D(2026, 2, 14))

    assert all_rows() == before
    assert acts("RELEASE") == ["RELEASE_TRANCHE/C2/1", "RELEASE_TRANCHE/C3/1"]
    assert [voucher_row(n).face_fen for n in (1, 2, 3)] == [50_000, 100_000, 10_000]
    assert '"amount_fen":0,"award":"A-C3","contract":"C3","held_back_fen":10001' in body(
        "RELEASE_TRANCHE/C3/1"
    )
    books_hold()


def test_an_order_after_the_report_draws_on_what_it_released() -> None:
    run(granting().desk())

    holds = Hold.objects.filter(order_id__in=("O2", "O5")).order_by("id")
    assert list(holds.values_list("hold_id", "amount_fen")) == [
        ("H-O2-1", 50_000),
        ("H-O2-2", 47_000),
        ("H-O5-1", 49_000),
    ]


def test_parts_follow_the_number_of_the_report() -> None:
    parts = (
        Tranche(Fraction(1, 5), TrancheRelease.AWARD),
        Tranche(Fraction(1, 2), TrancheRelease.REPORT),
        Tranche(Fraction(3, 10), TrancheRelease.REPORT),
    )
    reports = (("C1", D(2026, 1, 20)), ("C1", D(2026, 2, 20)), ("C1", D(2026, 2, 25)))

    run(kind(rules=(("parts", Tranches(parts)),), reports=reports).desk())

    assert acts("RELEASE") == ["RELEASE_TRANCHE/C1/1", "RELEASE_TRANCHE/C1/2"]
    issued = Account.objects.get(account_id="AWARD:A-C1")
    assert (issued.credits_posted, issued.debits_posted) == (100_000, 100_000)
    assert voucher_row().face_fen == 100_000
    assert '"face_fen":20000' in body("ISSUE_VOUCHER/V-C1")


def test_a_report_on_what_was_not_awarded_does_nothing() -> None:
    halves = Tranches(tuple(Tranche(Fraction(1, 2), on) for on in TrancheRelease))

    run(kind(pot=0, rules=(("parts", halves),), reports=(("C1", D(2026, 2, 1)),)).desk())

    assert acts() == ["OPEN_PROGRAMME", "ASSESS/C1", "AWARD/C1"]


# --- Extensions -----------------------------------------------------------------------------------


def test_an_extension_moves_the_day_of_the_voucher_and_of_its_holds() -> None:
    desk = kind(rules=(ONCE,), extensions=(("C1", FEB),), closes_on=D(2026, 4, 30)).desk()

    run(desk)

    assert acts("E") == ["EXTEND_VOUCHER/C1/20260210", "EXPIRE_HOLD/H-O1-1"]
    assert day_of("LAPSE_VOUCHER/V-C1") == D(2026, 4, 10)
    before = all_rows()
    extend_voucher(desk, "C1", on=FEB)
    assert all_rows() == before
    books_hold()


def test_use_after_the_first_day_of_lapse_is_paid_from_the_extended_hold() -> None:
    late = record("1", starts=24 * 40, ends=24 * 40 + 1, cards=1)
    plain = kind(usage=(usage_file("1", D(2026, 3, 20), late),), closes_on=D(2026, 4, 30))

    run(replace(plain, rules=(ONCE,), extensions=(("C1", FEB),)).desk())

    assert (voucher_row().captured_fen, Charge.objects.get().day) == (1_000, D(2026, 3, 13))


def test_without_an_extension_that_use_is_between_user_and_provider() -> None:
    late = record("1", starts=24 * 40, ends=24 * 40 + 1, cards=1)

    run(kind(usage=(usage_file("1", D(2026, 3, 20), late),)).desk())

    assert (voucher_row().captured_fen, Charge.objects.exists()) == (0, False)


@pytest.mark.parametrize(
    ("days", "extended"),
    [
        ((FEB, D(2026, 3, 1)), [True, False]),
        ((D(2026, 3, 9),), [True]),
        ((D(2026, 3, 10),), [False]),
    ],
)
def test_a_second_extension_and_one_from_the_last_day_on_change_nothing(
    days: tuple[date, ...], extended: list[bool]
) -> None:
    year = kind(rules=(ONCE,), extensions=tuple(("C1", day) for day in days))

    run(year.desk())

    told = [f'"extended":{str(is_extended).lower()}' for is_extended in extended]
    keys = acts("EXTEND")
    assert len(keys) == len(days)
    assert all(word in body(key) for word, key in zip(told, keys, strict=True))
    assert voucher_row().lapses_on == (D(2026, 4, 10) if any(extended) else D(2026, 3, 10))


# --- Recalls --------------------------------------------------------------------------------------


def idle(**changes: object) -> Year:
    return kind(**{"rules": (("idle", IdleRecall(20)),), **changes})


def test_an_unused_voucher_is_called_back_with_its_hold() -> None:
    desk = idle().desk()
    run(desk)

    assert acts("RECALL") == ["RECALL_VOUCHER/V-C1"]
    voucher = voucher_row()
    assert (voucher.held_fen, voucher.lapsed_fen, voucher.lapses_on) == (
        0,
        100_000,
        D(2026, 1, 30),
    )
    assert Hold.objects.get().state == "VOIDED"
    before = all_rows()
    recall_voucher(desk, "V-C1", on=D(2026, 1, 30))
    assert all_rows() == before
    books_hold()


@pytest.mark.parametrize(
    ("received_on", "received", "is_kept"),
    [(30, time(1), True), (30, time(1, 0, 1), False), (31, time(0), False)],
)
def test_use_counts_for_a_voucher_when_its_file_comes_before_the_recall(
    received_on: int, received: time, *, is_kept: bool
) -> None:
    used = record("1", starts=-72, ends=-71, cards=1)
    file = usage_file("1", D(2026, 1, received_on), used, received=received)

    run(idle(usage=(file,)).desk())

    recalled = day_of("RECALL_VOUCHER/V-C1")
    # Used on 29 January: 20 days more, unless nobody knew of it in time.
    assert recalled == (D(2026, 2, 18) if is_kept else D(2026, 1, 30))
    assert voucher_row().captured_fen == (1_000 if is_kept else 0)
    books_hold()


def test_a_voucher_that_lapses_first_is_not_called_back() -> None:
    run(idle(rules=(("idle", IdleRecall(59)),)).desk())

    assert (acts("RECALL"), acts("LAPSE")) == ([], ["LAPSE_VOUCHER/V-C1"])


def test_the_cards_of_a_recalled_voucher_are_free_again() -> None:
    contracts = (contract(1), contract(2, applied_on=D(2026, 2, 3)))
    orders = (small_order(1, cards=64), small_order(2, cards=64))

    run(idle(contracts=contracts, orders=orders).desk())

    given = Allocation.objects.order_by("id").values_list("order_id", "cards", "limb")
    assert list(given) == [("O1", 64, "REQUEST"), ("O2", 64, "REQUEST")]


def test_the_cards_of_a_voucher_that_lives_are_not() -> None:
    contracts = (contract(1), contract(2, applied_on=D(2026, 2, 3)))
    orders = (small_order(1, cards=64), small_order(2, cards=64))

    run(kind(contracts=contracts, orders=orders).desk())

    given = Allocation.objects.order_by("id").values_list("order_id", "cards", "limb")
    assert list(given) == [("O1", 64, "REQUEST"), ("O2", 0, "CAPACITY")]


def test_a_correction_down_after_a_recall_goes_to_the_pot() -> None:
    running = record("1", starts=-72, ends=-69, cards=1, final=False)
    shorter = record("1", starts=-72, ends=-71, cards=1)
    files = (
        usage_file("1", D(2026, 1, 30), running),
        usage_file("2", D(2026, 2, 25), shorter),
    )

    run(idle(usage=files).desk())

    voucher = voucher_row()
    assert (voucher.captured_fen, voucher.lapsed_fen, voucher.held_fen) == (1_000, 99_000, 0)
    books_hold()


# --- Orders of their own day, and answers ---------------------------------------------------------


def test_an_order_is_placed_on_its_day_and_use_before_it_is_not_its() -> None:
    ordered_on = D(2026, 2, 3)
    later = small_order(card_hours=20, ordered_on=ordered_on)
    readings = (record("1", cards=1), record("2", starts=48, ends=49, cards=1))

    run(kind(orders=(later,), usage=(usage_file("1", FEB, *readings),)).desk())

    assert day_of("PLACE_HOLD/O1") == ordered_on
    assert [charge.day for charge in Charge.objects.all()] == [ordered_on]
    assert voucher_row().captured_fen == 1_000


def test_an_order_before_its_voucher_is_placed_with_it_and_one_after_its_end_never() -> None:
    early = small_order(1, card_hours=20, ordered_on=D(2026, 1, 6))
    late = small_order(2, contract_id="C1", ordered_on=D(2026, 3, 10))

    run(kind(orders=(early, late)).desk())

    assert acts("PLACE_HOLD") == ["PLACE_HOLD/O1"]
    assert day_of("PLACE_HOLD/O1") == D(2026, 1, 10)


@pytest.mark.parametrize(
    ("answer", "answered", "expected"),
    [
        (ProviderAnswer.APPROVED, 0, (20_000, "REQUEST")),
        (ProviderAnswer.MODIFIED, 7, (7_000, "REQUEST")),
        (ProviderAnswer.MODIFIED, 90, (20_000, "REQUEST")),
        (ProviderAnswer.DECLINED, 0, (0, "PROVIDER")),
    ],
)
def test_the_hold_follows_what_the_provider_agreed_to(
    answer: ProviderAnswer, answered: int, expected: tuple[int, str]
) -> None:
    one = small_order(card_hours=20, answer=answer, answered_card_hours=answered)

    run(kind(orders=(one,)).desk())

    assert (voucher_row().lapsed_fen, acts("PLACE_HOLD")) == (100_000, ["PLACE_HOLD/O1"])
    amounts = list(Hold.objects.values_list("amount_fen", flat=True))
    assert (sum(amounts), Allocation.objects.get().limb) == expected
    assert f'"answer":"{answer.value}"' in body("PLACE_HOLD/O1")


def test_use_of_a_declined_order_is_charged_to_the_one_in_its_place_only() -> None:
    declined = small_order(1, card_hours=20, answer=ProviderAnswer.DECLINED)
    instead = small_order(2, contract_id="C1", card_hours=20, ordered_on=D(2026, 1, 20))

    run(
        kind(orders=(declined, instead), usage=(usage_file("1", FEB, record("1", cards=1)),)).desk()
    )

    assert list(Charge.objects.values_list("order_id", "voucher_fen")) == [("O2", 1_000)]


def test_an_order_is_priced_within_its_own_days() -> None:
    over = small_order(card_hours=20, period=Period(D(2026, 1, 1), D(2026, 1, 5)))

    run(kind(orders=(over,)).desk())

    assert Hold.objects.get().amount_fen == 20_000


def test_acts_on_a_voucher_that_was_never_issued_do_nothing() -> None:
    desk = kind(pot=0, rules=(ONCE,)).desk()
    run(desk)
    before = all_rows()

    for act in (
        partial(release_tranche, desk, "C1", number=1, on=FEB),
        partial(extend_voucher, desk, "C1", on=FEB + timedelta(1)),
    ):
        act()
    assert all_rows() == before


def test_in_kind_nothing_is_claimed_or_paid() -> None:
    run(replace(lending(), payment_days=(D(2026, 3, 1),)).desk())

    assert (acts("DECIDE"), acts("PAY")) == ([], [])
    accrued = Account.objects.get(account_id="ACCRUED:P1")
    assert Fen(accrued.credits_posted - accrued.debits_posted) == Fen(2_000)
