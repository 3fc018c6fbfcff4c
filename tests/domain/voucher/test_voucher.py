"""What each act does to a voucher, and what each refuses. The laws' machines try them together."""

from dataclasses import replace
from datetime import date

import pytest

from evernormal.domain.award import AwardDecision, AwardReason
from evernormal.domain.values import Fen
from evernormal.domain.voucher import (
    CaptureExceedsHold,
    CaptureReversed,
    FaceRaised,
    Hold,
    HoldAlreadyResolved,
    HoldCaptured,
    HoldExceedsBalance,
    HoldPlaced,
    HoldReleased,
    HoldState,
    ReversalExceedsCapture,
    Voucher,
    VoucherExpired,
    VoucherExtended,
    VoucherIssued,
    VoucherLapsed,
    VoucherRecalled,
    VoucherStillValid,
    after,
    capture,
    demand_valid,
    extend,
    issue,
    lapse,
    place,
    raise_face,
    recall,
    release,
    reverse,
    voucher_id_of,
)

LAPSES_ON = date(2026, 7, 31)
PLAIN = Voucher("V-C1", "A-C1", "S1", Fen(100), date(2026, 1, 31), LAPSES_ON)


def voucher(*, held: int = 0, captured: int = 0, lapsed: int = 0) -> Voucher:
    return Voucher(
        "V-C1", "A-C1", "S1", Fen(100), date(2026, 1, 31), LAPSES_ON,
        held=Fen(held), captured=Fen(captured), lapsed=Fen(lapsed),
    )  # fmt: skip


def hold(fen: int = 40, state: HoldState = HoldState.OPEN) -> Hold:
    return Hold("H-O1-1", "V-C1", "O1", Fen(fen), LAPSES_ON, state)


def test_a_voucher_is_issued_for_the_award_and_lapses_months_later() -> None:
    award = AwardDecision("A-C1", "C1", "S1", AwardReason.ENTITLED, Fen(100), Fen(100), Fen(900))

    issued = issue(award, on=date(2026, 1, 31), valid_months=6)

    assert issued == VoucherIssued(PLAIN)
    assert issue(award, on=date(2026, 8, 31), valid_months=6).voucher.lapses_on == date(2027, 2, 28)
    assert voucher_id_of("A-C-A-1") == "V-C-A-1"
    assert after(voucher(held=9), issued) == PLAIN


def test_what_is_available_is_the_face_less_all_that_has_become_of_it() -> None:
    assert voucher(held=10, captured=30, lapsed=5).available == Fen(55)


def test_a_hold_reserves_at_most_what_is_available() -> None:
    placed = place(hold(40), available=Fen(40))

    assert placed == HoldPlaced("H-O1-1", "V-C1", "O1", Fen(40), LAPSES_ON)
    assert after(voucher(held=1), placed) == voucher(held=41)


@pytest.mark.parametrize("fen", [41, 0, -1])
def test_a_hold_of_more_or_of_nothing_is_refused(fen: int) -> None:
    with pytest.raises(HoldExceedsBalance) as refusal:
        place(hold(fen), available=Fen(40))

    assert (refusal.value.asked, refusal.value.available) == (Fen(fen), Fen(40))


@pytest.mark.parametrize(("fen", "rest"), [(40, 0), (39, 1), (1, 39)])
def test_a_capture_spends_and_releases_the_rest(fen: int, rest: int) -> None:
    captured = capture(hold(40), amount=Fen(fen))

    assert captured == HoldCaptured("H-O1-1", "V-C1", Fen(fen), Fen(rest))
    assert after(voucher(held=45, captured=2), captured) == voucher(held=5, captured=2 + fen)


@pytest.mark.parametrize("fen", [41, 0, -1])
def test_a_capture_of_more_or_of_nothing_is_refused(fen: int) -> None:
    with pytest.raises(CaptureExceedsHold) as refusal:
        capture(hold(40), amount=Fen(fen))

    assert (refusal.value.asked, refusal.value.held) == (Fen(fen), Fen(40))


@pytest.mark.parametrize(
    ("on", "state"),
    [
        (None, HoldState.VOIDED),
        (date(2026, 7, 30), HoldState.VOIDED),
        (LAPSES_ON, HoldState.EXPIRED),
        (date(2026, 8, 1), HoldState.EXPIRED),
    ],
)
def test_a_release_gives_all_of_it_back(on: date | None, state: HoldState) -> None:
    released = release(hold(40), on=on)

    assert released == HoldReleased("H-O1-1", "V-C1", Fen(40), state)
    assert after(voucher(held=45), released) == voucher(held=5)


@pytest.mark.parametrize("state", [HoldState.CAPTURED, HoldState.VOIDED, HoldState.EXPIRED])
def test_a_resolved_hold_stays_resolved(state: HoldState) -> None:
    with pytest.raises(HoldAlreadyResolved) as refusal:
        capture(hold(40, state), amount=Fen(1))
    assert (refusal.value.hold_id, refusal.value.state) == ("H-O1-1", state)
    with pytest.raises(HoldAlreadyResolved):
        release(hold(40, state), on=None)


def test_what_is_left_lapses_on_the_day_and_not_before() -> None:
    left = voucher(captured=30)

    assert lapse(left, on=LAPSES_ON) == VoucherLapsed("V-C1", Fen(70))
    assert after(left, VoucherLapsed("V-C1", Fen(70))) == voucher(captured=30, lapsed=70)
    with pytest.raises(VoucherStillValid) as early:
        lapse(left, on=date(2026, 7, 30))
    assert (early.value.lapses_on, early.value.held) == (LAPSES_ON, Fen(0))
    with pytest.raises(VoucherStillValid) as held:
        lapse(voucher(held=1), on=LAPSES_ON)
    assert held.value.held == Fen(1)


def test_nothing_new_is_held_from_the_last_day_on() -> None:
    demand_valid(PLAIN, on=date(2026, 7, 30))
    with pytest.raises(VoucherExpired) as refusal:
        demand_valid(PLAIN, on=LAPSES_ON)
    assert (refusal.value.voucher_id, refusal.value.lapses_on) == ("V-C1", LAPSES_ON)


def test_captured_value_comes_back_at_most_once() -> None:
    spent = voucher(captured=30)

    assert reverse(spent, amount=Fen(30)) == CaptureReversed("V-C1", Fen(30))
    assert after(spent, CaptureReversed("V-C1", Fen(30))) == voucher()
    for fen in (31, 0, -1):
        with pytest.raises(ReversalExceedsCapture) as refusal:
            reverse(spent, amount=Fen(fen))
        assert (refusal.value.asked, refusal.value.captured) == (Fen(fen), Fen(30))


# --- Extension, recall, and a face that is released in parts --------------------------------------

LAST_DAY = date(2026, 7, 30)


def test_a_voucher_may_be_issued_with_a_part_of_the_award_and_raised_later() -> None:
    award = AwardDecision("A-C1", "C1", "S1", AwardReason.ENTITLED, Fen(100), Fen(100), Fen(900))
    issued = issue(award, on=date(2026, 1, 31), valid_months=6, face=Fen(60)).voucher

    raised = raise_face(issued, amount=Fen(40), on=LAST_DAY)

    assert issued == replace(PLAIN, face=Fen(60))
    assert raised == FaceRaised("V-C1", "A-C1", Fen(40))
    assert after(replace(issued, captured=Fen(50)), raised) == voucher(captured=50)


def test_an_extended_voucher_lives_longer_never_shorter() -> None:
    later, sooner = date(2026, 9, 30), date(2026, 3, 1)

    extended = extend(PLAIN, until=later, on=LAST_DAY)

    assert extended == VoucherExtended("V-C1", later)
    assert after(voucher(held=9), extended) == replace(voucher(held=9), lapses_on=later)
    assert extend(PLAIN, until=sooner, on=LAST_DAY) == VoucherExtended("V-C1", LAPSES_ON)


def test_what_is_left_of_an_idle_voucher_goes_back_and_it_ends_that_day() -> None:
    recalled = recall(voucher(captured=30, lapsed=5), on=LAST_DAY)

    assert recalled == VoucherRecalled("V-C1", Fen(65), LAST_DAY)
    ended = after(voucher(captured=30, lapsed=5), recalled)
    assert ended == replace(voucher(captured=30, lapsed=70), lapses_on=LAST_DAY)
    assert ended.available == Fen(0)
    with pytest.raises(VoucherExpired):
        demand_valid(ended, on=LAST_DAY)


def test_a_voucher_with_something_on_hold_is_not_recalled() -> None:
    with pytest.raises(VoucherStillValid) as refusal:
        recall(voucher(held=1), on=LAST_DAY)

    assert (refusal.value.voucher_id, refusal.value.held) == ("V-C1", Fen(1))


def test_a_voucher_that_lapsed_is_neither_recalled_nor_extended_nor_raised() -> None:
    with pytest.raises(VoucherExpired):
        recall(PLAIN, on=LAPSES_ON)
    with pytest.raises(VoucherExpired):
        extend(PLAIN, until=date(2027, 1, 1), on=LAPSES_ON)
    with pytest.raises(VoucherExpired) as refusal:
        raise_face(PLAIN, amount=Fen(1), on=LAPSES_ON)
    assert (refusal.value.voucher_id, refusal.value.lapses_on) == ("V-C1", LAPSES_ON)
