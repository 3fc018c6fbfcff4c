"""What each term of a scheme works out."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis.strategies import integers, lists

from evernormal.domain.policy import (
    ClaimDocuments,
    Clawback,
    ClawbackTrigger,
    FundingShare,
    FundingSplit,
    IdleRecall,
    Pot,
    PotTranche,
    PublicNotice,
    Reporting,
    ReserveFund,
    Review,
    ReviewTier,
    Text,
    Tranche,
    TrancheRelease,
    Tranches,
    VoucherExtension,
)
from evernormal.domain.values import Fen

TEXT = Text("x", "甲")


def fen(*amounts: int) -> tuple[Fen, ...]:
    return tuple(Fen(amount) for amount in amounts)


# --- Money ----------------------------------------------------------------------------------------

HALVES = Pot(Fen(9), (PotTranche(3, Fraction(1, 2)), PotTranche(7, Fraction(1, 2))))


@pytest.mark.parametrize(
    ("opens_on", "day", "released"),
    [
        (date(2026, 1, 5), date(2026, 1, 1), 0),
        (date(2026, 1, 5), date(2026, 2, 28), 0),
        (date(2026, 1, 5), date(2026, 3, 1), 500),
        (date(2026, 1, 5), date(2026, 6, 30), 500),
        (date(2026, 1, 5), date(2026, 7, 1), 1_001),
        (date(2026, 1, 5), date(2026, 12, 31), 1_001),
        (date(2026, 1, 5), date(2027, 1, 1), 1_001),
        # Opened in May, the tranche of March comes in the next calendar year.
        (date(2026, 5, 2), date(2026, 6, 30), 0),
        (date(2026, 5, 2), date(2026, 7, 1), 500),
        (date(2026, 5, 2), date(2027, 2, 28), 500),
        (date(2026, 5, 2), date(2027, 3, 1), 1_001),
    ],
)
def test_a_pot_is_released_by_the_month_and_cut_to_the_fen(
    opens_on: date, day: date, released: int
) -> None:
    assert HALVES.released_on(day, pot=Fen(1_001), opens_on=opens_on) == Fen(released)


def test_a_pot_without_tranches_is_released_at_once() -> None:
    day = date(2026, 1, 1)

    assert Pot(Fen(9)).released_on(day, pot=Fen(1_001), opens_on=day) == Fen(1_001)


def split_by(*ratios: str) -> FundingSplit:
    return FundingSplit(
        tuple(FundingShare(f"f{n}", TEXT, Fraction(ratio)) for n, ratio in enumerate(ratios))
    )


@pytest.mark.parametrize(
    ("ratios", "amount", "parts"),
    [
        (("1/2", "1/2"), 80_000_000, (40_000_000, 40_000_000)),  # Henan: province and city
        (("1/2", "1/2"), 1, (1, 0)),  # a tie: the earlier share
        (("1/3", "2/3"), 100, (33, 67)),
        (("2/3", "1/3"), 100, (67, 33)),
        (("1/3", "1/3", "1/3"), 100, (34, 33, 33)),
        (("3/10", "7/10"), 5, (2, 3)),
        (("1/6", "1/2", "1/3"), 4, (1, 2, 1)),
        (("1/2", "1/2"), 0, (0, 0)),
        (("1/1",), 7, (7,)),
    ],
)
def test_levels_of_government_share_a_payment_and_a_spare_fen_has_one_owner(
    ratios: tuple[str, ...], amount: int, parts: tuple[int, ...]
) -> None:
    assert split_by(*ratios).split(Fen(amount)) == fen(*parts)


@given(weights=lists(integers(1, 99), min_size=1, max_size=6), amount=integers(0, 10**14))
def test_the_parts_of_levels_add_up_and_are_off_by_less_than_a_fen(
    weights: list[int], amount: int
) -> None:
    ratios = [Fraction(weight, sum(weights)) for weight in weights]
    split = FundingSplit(tuple(FundingShare("f", TEXT, ratio) for ratio in ratios))

    parts = split.split(Fen(amount))

    assert sum(part.amount for part in parts) == amount
    assert all(
        abs(part.amount - amount * ratio) < 1 for part, ratio in zip(parts, ratios, strict=True)
    )


@pytest.mark.parametrize(
    ("ratios", "amount", "parts"),
    [
        (("1/2", "1/2"), 40_000_000, (20_000_000, 20_000_000)),  # ACCESS
        (("1/2", "1/2"), 101, (50, 51)),
        (("1/3", "1/3", "1/3"), 101, (33, 33, 35)),
        (("1/3", "2/3"), 0, (0, 0)),
        (("1/1",), 101, (101,)),
    ],
)
def test_an_award_in_parts_leaves_what_was_cut_to_the_last(
    ratios: tuple[str, ...], amount: int, parts: tuple[int, ...]
) -> None:
    tranches = Tranches(tuple(Tranche(Fraction(r), TrancheRelease.AWARD) for r in ratios))

    assert tranches.split(Fen(amount)) == fen(*parts)


def test_an_advance_is_cut_to_the_fen() -> None:
    assert ReserveFund(Fraction(3, 10)).advance_of(Fen(999)) == Fen(299)
    assert ReserveFund(Fraction(1)).advance_of(Fen(999)) == Fen(999)


# --- Voucher --------------------------------------------------------------------------------------


def test_a_voucher_is_extended_so_many_times_and_no_more() -> None:
    rule = VoucherExtension(months=6, times=2)
    lapses_on = date(2026, 8, 31)

    assert [rule.extended(lapses_on, before=n) for n in (0, 1, 2, 3)] == [
        date(2027, 2, 28),
        date(2027, 2, 28),
        None,
        None,
    ]


@pytest.mark.parametrize(
    ("last_used_on", "recalled_on"),
    [
        (None, date(2026, 3, 2)),
        (date(2026, 2, 10), date(2026, 3, 12)),
        (date(2026, 1, 31), date(2026, 3, 2)),
        (date(2025, 12, 1), date(2026, 3, 2)),  # use of an earlier voucher does not shorten it
    ],
)
def test_a_voucher_is_idle_so_many_days_after_its_last_use(
    last_used_on: date | None, recalled_on: date
) -> None:
    found = IdleRecall(30).recalled_on(issued_on=date(2026, 1, 31), last_used_on=last_used_on)

    assert found == recalled_on


# --- What an award asks of both sides -------------------------------------------------------------

DESK, PANEL = Text("desk", "经办"), Text("panel", "评审组")


@pytest.mark.parametrize(
    ("asked", "reviewer"), [(0, DESK), (100, DESK), (101, PANEL), (200, PANEL)]
)
def test_the_amount_asked_says_who_decides(asked: int, reviewer: Text) -> None:
    closed = Review((ReviewTier(DESK, Fen(100)), ReviewTier(PANEL, Fen(200))))
    open_ = Review((ReviewTier(DESK, Fen(100)), ReviewTier(PANEL, None)))

    assert closed.reviewer_of(Fen(asked)) == open_.reviewer_of(Fen(asked)) == reviewer


def test_above_every_tier_nobody_decides() -> None:
    assert Review((ReviewTier(DESK, Fen(100)),)).reviewer_of(Fen(101)) is None
    assert Review((ReviewTier(DESK, None),)).reviewer_of(Fen(10**14)) == DESK


@pytest.mark.parametrize(("days", "objection", "ends"), [(7, 5, 8), (5, 7, 8), (0, 0, 1)])
def test_an_award_is_final_after_notice_and_objections(
    days: int, objection: int, ends: int
) -> None:
    assert PublicNotice(days, objection).ends_on(date(2026, 3, 1)) == date(2026, 3, ends)


def test_papers_that_are_missing_are_named_in_order() -> None:
    rule = ClaimDocuments(("invoice", "contract", "log"))

    assert rule.missing([]) == ("contract", "invoice", "log")
    assert rule.missing({"log", "contract", "photo"}) == ("invoice",)
    assert rule.missing(("contract", "invoice", "log")) == ()


def test_reports_fall_due_months_after_the_award() -> None:
    assert Reporting((1, 12)).due_on(date(2026, 1, 31)) == (date(2026, 2, 28), date(2027, 1, 31))


RED, FALSE = ClawbackTrigger.RED_LETTER_INVOICE, ClawbackTrigger.FALSE_STATEMENT


@pytest.mark.parametrize(
    ("ratio", "interest", "days", "due"),
    [
        ("1/1", "0/1", 365, 100_000),
        ("1/2", "0/1", 365, 50_000),
        ("1/1", "5/100", 0, 100_000),
        ("1/1", "5/100", 365, 105_000),
        ("1/1", "5/100", 1, 100_013),  # 100,013.69 fen, cut
        ("1/2", "5/100", 730, 55_000),  # simple, on what is due
    ],
)
def test_what_is_due_back_bears_simple_interest_by_the_day(
    ratio: str, interest: str, days: int, due: int
) -> None:
    rule = Clawback((RED,), Fraction(ratio), Fraction(interest), exclusion_years=2)

    assert rule.due(Fen(100_000), trigger=RED, days=days) == Fen(due)
    assert rule.due(Fen(100_000), trigger=FALSE, days=days) == Fen(0)


def test_one_who_was_found_out_is_out_for_years() -> None:
    rule = Clawback((FALSE,), Fraction(1), Fraction(0), exclusion_years=2)

    assert rule.excluded_until(date(2024, 2, 29)) == date(2026, 2, 28)
    assert Clawback((FALSE,), Fraction(1), Fraction(0), 0).excluded_until(date(2024, 2, 29)) == (
        date(2024, 2, 29)
    )
