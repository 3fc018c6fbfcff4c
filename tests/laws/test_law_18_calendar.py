"""Law 18.

A calendar never reserves more cards than its pool has in an hour; blocks are contiguous and
gang-sized; what is cancelled and placed again is as it was; a waitlist keeps its order; and a
withdrawal takes no more than it needs, from the lowest claims first.
"""

import pytest
from hypothesis import assume, given
from hypothesis.strategies import DrawFn, composite, integers, lists, randoms, sampled_from

from evernormal.domain.allocation import (
    Calendar,
    NoRoomOnCalendar,
    Reservation,
    ReservationPreempted,
    Waiting,
    WaitingPromoted,
    Waitlist,
    WithdrawalExceedsPool,
    withdraw_cards,
)

CARDS, HOURS = 16, 24


@composite
def reservations(draw: DrawFn) -> list[Reservation]:
    found = []
    for number in range(draw(integers(0, 14))):
        gang = draw(sampled_from((1, 2, 4)))
        starts = draw(integers(0, HOURS - 1))
        found.append(
            Reservation(
                f"R{number}",
                cards=gang * draw(integers(1, 3)),
                gang_cards=gang,
                starts=starts,
                ends=draw(integers(starts + 1, HOURS)),
                priority=draw(integers(0, 2)),
                number=number,
            )
        )
    return found


def calendar_of(wanted: list[Reservation], *, cards: int = CARDS) -> Calendar:
    """A calendar with those that fit, in turn."""
    calendar = Calendar("P1", cards)
    for one in wanted:
        if calendar.free(starts=one.starts, ends=one.ends) >= one.cards:
            calendar.place(one, at=0)
        else:
            with pytest.raises(NoRoomOnCalendar):
                calendar.place(one, at=0)
    return calendar


def used(calendar: Calendar, hour: int) -> int:
    """Cards reserved in an hour, from the reservations themselves."""
    return sum(r.cards for r in calendar.reservations if r.starts <= hour < r.ends)


def free_by_hour(calendar: Calendar) -> list[int]:
    return [calendar.free(starts=hour, ends=hour + 1) for hour in range(HOURS)]


@given(wanted=reservations(), cards=integers(1, 6), hours=integers(1, 9), first=integers(0, 20))
def test_no_hour_has_more_cards_than_the_pool_and_the_first_fit_is_the_first(
    wanted: list[Reservation], cards: int, hours: int, first: int
) -> None:
    calendar = calendar_of(wanted)

    assert free_by_hour(calendar) == [CARDS - used(calendar, hour) for hour in range(HOURS)]
    assert min(free_by_hour(calendar)) >= 0
    assert all(r.cards % r.gang_cards == 0 for r in calendar.reservations)
    fits = [
        start
        for start in range(first, HOURS - hours + 1)
        if all(CARDS - used(calendar, hour) >= cards for hour in range(start, start + hours))
    ]
    found = calendar.earliest_fit(cards, hours, not_before=first, deadline=HOURS)
    assert found == (fits[0] if fits else None)
    spot = [0] * HOURS
    for offer in calendar.spot(starts=0, ends=HOURS):
        spot[offer.starts : offer.ends] = [offer.cards] * (offer.ends - offer.starts)
    assert spot == free_by_hour(calendar)


@given(wanted=reservations(), chance=randoms(use_true_random=False))
def test_cancelled_and_placed_again_is_as_it_was_and_cancels_go_in_any_order(
    wanted: list[Reservation], chance: object
) -> None:
    calendar, other = calendar_of(wanted), calendar_of(wanted)
    placed, free = calendar.reservations, free_by_hour(calendar)
    gone = list(placed[::2])
    for one in gone:
        calendar.cancel(one.id, at=0)
    chance.shuffle(gone)  # type: ignore[attr-defined]
    for one in gone:
        other.cancel(one.id, at=0)
    assert free_by_hour(calendar) == free_by_hour(other)
    assert calendar.reservations == other.reservations
    for one in gone:
        calendar.place(one, at=0)

    assert (calendar.reservations, free_by_hour(calendar)) == (placed, free)


@given(
    wanted=reservations(),
    cards=integers(1, CARDS),
    hours=lists(integers(0, HOURS), min_size=2, max_size=2, unique=True),
)
def test_a_withdrawal_takes_no_more_than_it_needs_from_the_lowest_claims(
    wanted: list[Reservation], cards: int, hours: list[int]
) -> None:
    starts, ends = sorted(hours)
    calendar = calendar_of(wanted)
    before = calendar.reservations

    done = withdraw_cards(calendar, cards, starts=starts, ends=ends, at=starts)

    there = [CARDS - cards * (starts <= hour < ends) for hour in range(HOURS)]
    assert all(used(calendar, hour) <= there[hour] for hour in range(HOURS))
    assert all(r.cards % r.gang_cards == 0 for r in calendar.reservations)
    kept = {r.id: r for r in calendar.reservations}
    for lost in done.preempted:
        assert lost.before in before
        assert kept.get(lost.before.id) == lost.after
        _demand_that_no_lower_claim_would_do(lost, kept, cards, (starts, ends))
    untouched = {r.id for r in before} - {lost.before.id for lost in done.preempted}
    assert all(kept[r.id] == r for r in before if r.id in untouched)


def _demand_that_no_lower_claim_would_do(
    lost: ReservationPreempted, kept: dict[str, Reservation], cards: int, span: tuple[int, int]
) -> None:
    """Were every lower claim gone, one gang more would still be too many in some hour.

    One gang more, or all of it where it had started. So it loses no more than is needed, and
    nothing that lower claims could have given.
    """
    held = lost.before
    has = 0 if lost.after is None else lost.after.cards
    more = held.cards if held.starts < span[0] else has + held.gang_cards
    others = [r for r in kept.values() if claim(r) > claim(held)]
    hours = range(max(held.starts, span[0]), min(held.ends, span[1]))
    in_use = [sum(r.cards for r in others if r.starts <= h < r.ends) for h in hours]
    assert any(cards + n + more > CARDS for n in in_use)


def claim(held: Reservation) -> tuple[int, int]:
    return (held.priority, -held.number)


@given(wanted=reservations(), queue=lists(integers(1, 8), max_size=8), gone=integers(0, 13))
def test_a_waitlist_keeps_its_order(wanted: list[Reservation], queue: list[int], gone: int) -> None:
    calendar, waitlist = calendar_of(wanted), Waitlist()
    assume(calendar.reservations)
    for place, cards in enumerate(queue, start=1):
        hours = 1 + cards % 5
        assert waitlist.join(Waiting(f"W{place}", cards, 1, hours, deadline=HOURS)) == place
    calendar.cancel(calendar.reservations[gone % len(calendar.reservations)].id, at=0)
    mirror = Calendar("P1", CARDS)
    for one in calendar.reservations:
        mirror.place(one, at=0)
    waited = waitlist.waiting

    said = waitlist.promote(calendar, at=0, number=100)

    promoted = {p.reservation.id: p for p in said if isinstance(p, WaitingPromoted)}
    for who in waited:  # in the order of the list, whoever fits is promoted, and no one else
        fits = mirror.earliest_fit(who.cards, who.hours, not_before=0, deadline=HOURS)
        assert (fits is not None) == (who.id in promoted)
        if fits is not None:
            mirror.place(promoted[who.id].reservation, at=0)
    assert waitlist.waiting == tuple(who for who in waited if who.id not in promoted)
    passed = [who.id for who in waited if who.id not in promoted]
    for up in promoted.values():
        before = [i for i in passed if int(i[1:]) < up.place]
        assert [p.waiting_id for p in up.passed_over] == before


def test_more_than_the_pool_has_cannot_be_withdrawn_and_changes_nothing() -> None:
    calendar = calendar_of([Reservation("R1", 4, 2, 0, 6)])
    withdraw_cards(calendar, 10, starts=2, ends=4, at=0)
    before = calendar.reservations, free_by_hour(calendar)
    for cards in (7, 17):
        with pytest.raises(WithdrawalExceedsPool) as refused:
            withdraw_cards(calendar, cards, starts=0, ends=5, at=0)
        assert refused.value.left == 6
    assert (calendar.reservations, free_by_hour(calendar)) == before
