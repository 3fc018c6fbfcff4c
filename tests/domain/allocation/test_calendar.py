"""The calendar of a pool, case by case."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from evernormal.domain.allocation import (
    Arc,
    Block,
    Calendar,
    CalendarTerms,
    Grant,
    IdleCardsRecalled,
    NoCalendarTerms,
    NoRoomOnCalendar,
    NoticeTooShort,
    NotWholeGangs,
    PassedOver,
    Pool,
    Request,
    Reservation,
    ReservationAmended,
    ReservationCancelled,
    ReservationKnown,
    ReservationOver,
    ReservationPreempted,
    Round,
    SpotOffer,
    UnknownReservation,
    UnknownWaiting,
    Unplaced,
    UnplacedReason,
    Waiting,
    WaitingExpired,
    WaitingKnown,
    WaitingPromoted,
    Waitlist,
    place_plan,
    recall_idle,
    terms_on,
    withdraw_cards,
)
from evernormal.domain.values import Fen

R1 = Reservation("R1", cards=8, gang_cards=4, starts=2, ends=10, number=1)
TERMS = CalendarTerms(date(2026, 1, 1), 2, 4, Fraction(1, 2), "notice of the pool")


def calendar(*reservations: Reservation, cards: int = 16) -> Calendar:
    made = Calendar("P1", cards)
    for one in reservations:
        made.place(one, at=0)
    return made


def test_a_pool_has_no_fewer_cards_than_none() -> None:
    with pytest.raises(ValueError, match="-1 cards"):
        Calendar("P1", -1)


def test_what_cannot_be_placed_is_refused_by_name() -> None:
    made = calendar(R1)
    with pytest.raises(ReservationKnown):
        made.place(R1, at=0)
    with pytest.raises(NoticeTooShort):
        made.place(replace(R1, id="R2"), at=0, notice=3)
    with pytest.raises(NotWholeGangs):
        made.place(replace(R1, id="R2", cards=6), at=0)
    with pytest.raises(NotWholeGangs):
        made.place(replace(R1, id="R2", ends=2), at=0)
    with pytest.raises(NoRoomOnCalendar) as refused:
        made.place(replace(R1, id="R2", cards=12), at=0)
    assert refused.value.free == 8
    assert made.reservations == (R1,)
    assert made.earliest_fit(17, 1, not_before=0) is None
    assert made.earliest_fit(16, 3, not_before=0) == 10


def test_a_cancelled_reservation_keeps_the_hours_that_were_used() -> None:
    made = calendar(R1)
    assert made.cancel("R1", at=4) == ReservationCancelled(R1, freed_from=4)
    assert made.get("R1") == replace(R1, ends=4)
    with pytest.raises(ReservationOver):
        made.cancel("R1", at=4)
    with pytest.raises(UnknownReservation):
        made.cancel("R2", at=0)


def test_an_amended_reservation_keeps_what_has_happened() -> None:
    made = calendar(R1, Reservation("R2", 8, 8, 10, 12, number=2))
    longer = replace(R1, ends=12)
    assert made.amend(longer, at=5) == ReservationAmended(R1, longer)
    for wrong in (replace(longer, cards=4), replace(longer, starts=3), replace(longer, ends=4)):
        with pytest.raises(ReservationOver):
            made.amend(wrong, at=5)
    with pytest.raises(NoticeTooShort):
        made.amend(Reservation("R2", 8, 8, 6, 8), at=5, notice=2)
    with pytest.raises(NoRoomOnCalendar):
        made.amend(Reservation("R2", 16, 8, 10, 12), at=5)
    later = Reservation("R2", 16, 8, 12, 14, number=2)
    assert made.amend(later, at=5, notice=2).after == later
    assert made.reservations == (longer, later)


def test_a_reservation_is_put_back_where_it_is_not() -> None:
    made = calendar(R1)
    with pytest.raises(NoRoomOnCalendar):
        made.put_back(Reservation("R2", 12, 4, 2, 4))
    assert made.reservations == (R1,)


def test_spot_is_what_is_left_in_whole_gangs() -> None:
    made = calendar(R1, Reservation("R2", 1, 1, 4, 6, number=2), Reservation("R3", 8, 8, 6, 8))
    assert made.spot(starts=0, ends=12, gang_cards=4) == (
        SpotOffer(16, 0, 2),
        SpotOffer(8, 2, 4),
        SpotOffer(4, 4, 6),
        SpotOffer(8, 8, 10),
        SpotOffer(16, 10, 12),
    )
    near = calendar(Reservation("R2", 1, 1, 0, 2), Reservation("R3", 2, 1, 2, 4))
    assert near.spot(starts=0, ends=4, gang_cards=8) == (SpotOffer(8, 0, 4),)


def test_terms_are_dated() -> None:
    later = replace(TERMS, starts_on=date(2026, 7, 1), notice_hours=6)
    assert terms_on((later, TERMS), date(2026, 6, 30)) == TERMS
    assert terms_on((later, TERMS), date(2026, 7, 1)) == later
    with pytest.raises(NoCalendarTerms):
        terms_on((later, TERMS), date(2025, 12, 31))
    with pytest.raises(ValueError, match="such terms"):
        replace(TERMS, idle_hours=0)


def test_an_idle_reservation_gives_its_cards_back_after_the_notice() -> None:
    made = calendar(
        R1,
        Reservation("R2", 4, 4, 0, 10, number=2),
        Reservation("R3", 4, 4, 4, 10, number=3),
        Reservation("R4", 4, 4, 10, 20, number=4),
        cards=32,
    )
    # R1 used half of its 32 card-hours, R2 less, R3 has had its cards for two hours only.
    assert recall_idle(made, used={"R1": 16, "R2": 7}, at=6, terms=TERMS) == (
        IdleCardsRecalled(Reservation("R2", 4, 4, 0, 10, number=2), 8, 7, Fraction(8)),
    )
    assert made.get("R2").ends == 8
    assert recall_idle(made, used={}, at=8, terms=TERMS) == ()


def test_who_has_started_ends_and_who_has_not_loses_gangs() -> None:
    made = calendar(
        R1,
        Reservation("R2", 8, 4, 4, 8, number=2),
        Reservation("R3", 4, 4, 8, 12, priority=1, number=3),
    )
    done = withdraw_cards(made, 4, starts=4, ends=6, at=3)
    assert done.from_spot == 0
    assert done.preempted == (
        ReservationPreempted(
            Reservation("R2", 8, 4, 4, 8, number=2), Reservation("R2", 4, 4, 4, 8, number=2)
        ),
    )
    assert done.preempted[0].card_hours_lost == 16
    lost = withdraw_cards(made, 12, starts=9, ends=10, at=9).preempted
    assert lost == (ReservationPreempted(R1, replace(R1, ends=9)),)
    gone = withdraw_cards(made, 4, starts=10, ends=12, at=3)
    assert (gone.from_spot, gone.preempted) == (4, ())
    all_of_it = withdraw_cards(made, 12, starts=7, ends=8, at=7).preempted
    assert [one.before.id for one in all_of_it] == ["R1"]  # R2 alone would not do


def test_who_has_no_gang_left_is_off_the_calendar() -> None:
    made = calendar(R1)
    (lost,) = withdraw_cards(made, 16, starts=0, ends=4, at=0).preempted
    assert (lost.after, lost.card_hours_lost, made.reservations) == (None, 64, ())


def test_only_who_meets_a_short_hour_is_asked_and_the_rest_keep_their_cards() -> None:
    low = Reservation("R3", 4, 4, 6, 8, number=3)
    made = calendar(
        Reservation("R1", 16, 4, 3, 5, number=1),
        Reservation("R2", 8, 4, 0, 2, number=2),
        replace(low, number=4),
        Reservation("R4", 8, 4, 0, 2, number=3),
    )
    done = withdraw_cards(made, 4, starts=0, ends=8, at=0)
    assert [one.before.id for one in done.preempted] == ["R4", "R1"]
    both = calendar(
        Reservation("R1", 12, 4, 0, 4, number=1), Reservation("R2", 12, 4, 4, 6, number=2)
    )
    near = Reservation("R3", 4, 4, 3, 5, number=3)
    both.place(near, at=0)
    assert [one.before.id for one in withdraw_cards(both, 4, starts=0, ends=6, at=0).preempted] == [
        "R3"
    ]
    with pytest.raises(NoRoomOnCalendar):
        both.withdraw(4, starts=0, ends=1)


def test_who_does_not_fit_is_passed_over_and_keeps_its_place() -> None:
    waitlist, made = Waitlist(), calendar(R1)
    waitlist.join(Waiting("W1", 16, 8, 3, deadline=10))
    waitlist.join(Waiting("W2", 8, 8, 3))
    placed = Reservation("W2", 8, 8, 0, 3, number=2)
    assert waitlist.promote(made, at=0, number=2) == (
        WaitingPromoted(placed, 2, (PassedOver("W1", 16, 3),)),
    )
    assert [one.id for one in waitlist.waiting] == ["W1"]


def test_a_waitlist_is_joined_left_and_outlived() -> None:
    waitlist, made = Waitlist(), calendar(R1)
    first = Waiting("W1", 16, 8, 3, deadline=10)
    assert [waitlist.join(first), waitlist.join(Waiting("W2", 8, 8, 3))] == [1, 2]
    with pytest.raises(WaitingKnown):
        waitlist.join(first)
    with pytest.raises(NotWholeGangs):
        waitlist.join(Waiting("W3", 6, 4, 1))
    with pytest.raises(UnknownWaiting):
        waitlist.leave("W3")
    assert waitlist.promote(made, at=8, number=2)[0] == WaitingExpired(first)
    assert waitlist.waiting == ()


def test_a_plan_is_placed_and_what_is_not_has_a_reason() -> None:
    pool = Pool("P1", "PR1", "S1", "C1", 12, Fen(1), {"g": 4})
    asked = [
        _request(1, group="g", deadline=4),
        _request(2),
        _request(3, deadline=3),
        _request(4),
        _request(5, group="g", earliest=4),
        _request(6, group="g"),
    ]
    blocks = [
        Block("R1", "P1", 12, 4),
        Block("R2", "P1", 8, 4),
        Block("R3", "P1", 8, 7),
        Block("R4", "P1", 16, 1),
        Block("R5", "P1", 4, 3),
        Block("R6", "P1", 8, 8),
    ]

    done = place_plan(Round("RD1", 8, (pool,), tuple(asked)), blocks)

    placed = {grant.request_id: grant.card_hours for grant in done.grants}
    missing = {one.block.request_id: one.card_hours for one in done.unplaced}
    assert all(
        placed.get(b.request_id, 0) + missing.get(b.request_id, 0) == b.card_hours for b in blocks
    )
    reasons = {one.block.request_id: one.reason for one in done.unplaced}
    assert reasons["R3"] is UnplacedReason.WINDOW
    assert reasons["R4"] is UnplacedReason.CARDS
    assert reasons["R6"] is UnplacedReason.FULL


def test_a_group_takes_its_own_cards_first_and_others_never() -> None:
    pool = Pool("P1", "PR1", "S1", "C1", 8, Fen(1), {"g": 4})
    asked = [_request(1, group="g"), _request(2), _request(3)]
    blocks = [Block("R1", "P1", 4, 2), Block("R2", "P1", 4, 2), Block("R3", "P1", 8, 1)]

    done = place_plan(Round("RD1", 2, (pool,), tuple(asked)), blocks)

    assert done.grants == (Grant("R1", "P1", 4, 0, 2), Grant("R2", "P1", 4, 0, 2))
    assert done.unplaced == (Unplaced(blocks[2], 8, UnplacedReason.CARDS),)


def test_blocks_that_fit_are_placed_one_after_the_other() -> None:
    pool = Pool("P1", "PR1", "S1", "C1", 4, Fen(1))
    blocks = [Block("R1", "P1", 4, 2), Block("R2", "P1", 4, 1)]
    done = place_plan(Round("RD1", 3, (pool,), (_request(1), _request(2))), blocks)
    assert done.grants == (Grant("R1", "P1", 4, 0, 2), Grant("R2", "P1", 4, 2, 1))
    assert (done.unplaced, done.card_hours) == ((), 12)


def test_where_nothing_is_free_any_more_the_pool_is_full() -> None:
    pool = Pool("P1", "PR1", "S1", "C1", 4, Fen(1))
    blocks = [Block("R1", "P1", 4, 2), Block("R2", "P1", 4, 1)]
    done = place_plan(Round("RD1", 2, (pool,), (_request(1), _request(2))), blocks)
    assert done.unplaced == (Unplaced(blocks[1], 4, UnplacedReason.FULL),)


def _request(
    number: int, *, group: str = "", earliest: int = 0, deadline: int | None = None
) -> Request:
    return Request(
        f"R{number}",
        "A1",
        (Arc("P1", 1, 4, 16),),
        work=1_000,
        budget=Fen(1_000),
        group=group,
        number=number,
        earliest=earliest,
        deadline=deadline,
    )
