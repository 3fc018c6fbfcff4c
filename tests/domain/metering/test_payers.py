"""Who pays a charge: one voucher to its end, then the next, the last one the rest."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis.strategies import DrawFn, composite, integers, lists, sampled_from

from evernormal.domain.metering import Charge, Part, Payer, share_out
from evernormal.domain.values import Fen, Period, Rounding, RoundingMode
from evernormal.domain.voucher import Voucher, in_burn_order

FIRST = date(2026, 3, 1)
CUT = Rounding(RoundingMode.TRUNCATE)
YEAR = Period(FIRST, FIRST + timedelta(365))


def charge(fen: int, *, day: int = 0, seconds: int = 0) -> Charge:
    return Charge("O1", "A100", FIRST + timedelta(day), seconds, Fen(1_000), Fen(fen))


def payer(  # noqa: PLR0913 - a payer has these
    contract_id: str = "C1",
    *,
    share: Fraction = Fraction(1, 2),
    held: int = 100,
    charged: int = 0,
    captured: int = 0,
    reversible: int = 0,
    covered: Period = YEAR,
) -> Payer:
    return Payer(
        contract_id,
        share,
        CUT,
        Fen(charged),
        Fen(captured),
        Fen(held),
        Fen(reversible),
        covered,
    )


def parts_of(
    charges: Sequence[Charge], payers: Sequence[Payer]
) -> list[list[tuple[str, int, int]]]:
    shared = share_out(charges, payers)
    return [[(p.contract_id, p.amount.amount, p.voucher.amount) for p in each] for each in shared]


def test_the_first_pays_until_its_hold_is_spent_and_the_next_goes_on() -> None:
    payers = [payer("C1", held=100), payer("C2", share=Fraction(1, 4), held=50)]

    # With 200 fen the first is spent: half of them is 100. The other 100 at a quarter are 25.
    assert parts_of([charge(150), charge(150), charge(300)], payers) == [
        [("C1", 150, 75)],
        [("C1", 50, 25), ("C2", 100, 25)],
        [("C2", 300, 25)],
    ]


def test_the_user_pays_what_no_voucher_can() -> None:
    assert parts_of([charge(500)], [payer(held=100)]) == [[("C1", 500, 100)]]
    assert parts_of([charge(500)], [payer(share=Fraction(0)), payer("C2", held=0)]) == [
        [("C2", 500, 0)]
    ]


def test_what_is_charged_back_is_taken_from_the_last_that_has_something() -> None:
    payers = [
        payer("C1", charged=200, captured=100, held=0, reversible=100),
        payer("C2", charged=40, captured=20, reversible=20),
    ]

    assert parts_of([charge(-60)], payers) == [[("C2", -40, -20), ("C1", -20, -10)]]
    assert parts_of([charge(-40)], payers) == [[("C2", -40, -20)]]


def test_what_a_claim_has_settled_does_not_come_back() -> None:
    settled = payer(charged=200, captured=100, held=0, reversible=30)

    assert parts_of([charge(-200), charge(100)], [settled]) == [
        [("C1", -200, -30)],
        [("C1", 100, 0)],
    ]


def test_a_voucher_pays_for_the_days_it_covers_only() -> None:
    until = FIRST + timedelta(2)
    payers = [payer("C1", covered=Period(FIRST, until)), payer("C2")]

    assert parts_of([charge(10, day=1), charge(10, day=2)], payers) == [
        [("C1", 10, 5)],
        [("C2", 10, 5)],
    ]


def test_seconds_are_shared_as_the_amount_is_and_none_is_lost() -> None:
    payers = [payer("C1", held=100), payer("C2", held=100)]

    (parts,) = share_out([charge(300, seconds=1_000)], payers)
    assert parts == (
        Part("C1", Fen(200), Fen(100), 666),
        Part("C2", Fen(100), Fen(50), 334),
    )
    # More seconds that cost nothing more belong to the last payer.
    assert share_out([charge(0, seconds=7)], payers) == [(Part("C2", Fen(0), Fen(0), 7),)]


def test_large_roundings_end_too() -> None:
    yuan = Rounding(RoundingMode.TRUNCATE, unit_fen=100)
    payers = [replace(payer("C1", held=300), rounding=yuan), payer("C2")]

    # Half of 599 fen, cut to the yuan, is 200, half of 600 is 300.
    assert parts_of([charge(1_000)], payers) == [[("C1", 600, 300), ("C2", 400, 100)]]
    odd = [replace(payers[0], held=Fen(350)), payers[1]]
    assert parts_of([charge(1_000)], odd) == [[("C1", 800, 350), ("C2", 200, 100)]]


def voucher(number: str, *, lapses: int, issued: int) -> Voucher:
    return Voucher(
        number, f"A-{number}", "F1", Fen(100), FIRST + timedelta(issued), FIRST + timedelta(lapses)
    )


def test_the_order_of_burning_is_priority_expiry_issue_number() -> None:
    late, early = voucher("V-1", lapses=90, issued=0), voucher("V-2", lapses=60, issued=5)
    older, same = voucher("V-3", lapses=60, issued=1), voucher("V-0", lapses=60, issued=5)
    first = voucher("V-9", lapses=300, issued=9)

    found = in_burn_order([late, early, older, same, first], priority={"V-1": 1, "V-9": -1})

    assert [v.id for v in found] == ["V-9", "V-3", "V-0", "V-2", "V-1"]


# --- The same, fen by fen -------------------------------------------------------------------------

SHARES = sampled_from([Fraction(0), Fraction(1, 3), Fraction(1, 2), Fraction(7, 10), Fraction(1)])


@composite
def payer_lists(draw: DrawFn) -> list[Payer]:
    return [
        payer(f"C{number}", share=draw(SHARES), held=draw(integers(0, 60)))
        for number in range(draw(integers(1, 3)))
    ]


def fen_by_fen(amounts: list[int], payers: list[Payer]) -> list[dict[str, int]]:
    """The independent reckoning: each fen goes to the first that has something left to spend."""
    charged = {p.contract_id: 0 for p in payers}
    told = []
    for amount in amounts:
        before = dict(charged)
        for _ in range(amount):
            fitting = [
                p
                for p in payers[:-1]
                if p.share and int(charged[p.contract_id] * p.share) < p.held.amount
            ]
            charged[(fitting or payers[-1:])[0].contract_id] += 1
        for _ in range(-amount):
            having = [p for p in payers if charged[p.contract_id] > 0]
            charged[having[-1].contract_id] -= 1
        told.append({c: charged[c] - before[c] for c in charged if charged[c] != before[c]})
    return told


@given(payers=payer_lists(), wanted=lists(integers(-80, 120), min_size=1, max_size=6))
def test_as_if_every_fen_were_charged_by_itself(payers: list[Payer], wanted: list[int]) -> None:
    amounts, total = [], 0
    for amount in wanted:
        amounts.append(max(amount, -total))
        total += amounts[-1]
    fully_reversible = [replace(p, reversible=Fen(10**9)) for p in payers]

    shared = share_out([charge(amount) for amount in amounts], fully_reversible)

    found = [{p.contract_id: p.amount.amount for p in each if p.amount.amount} for each in shared]
    assert found == fen_by_fen(amounts, payers)
    for payer_ in payers:
        theirs = [
            part for each in shared for part in each if part.contract_id == payer_.contract_id
        ]
        charged = sum(part.amount.amount for part in theirs)
        paid = sum(part.voucher.amount for part in theirs)
        assert paid == min(int(charged * payer_.share), payer_.held.amount)


@pytest.mark.parametrize("split", [1, 7, 50, 99])
def test_the_split_of_a_charge_changes_nothing(split: int) -> None:
    payers = [payer("C1", held=40), payer("C2", share=Fraction(1, 3), held=10), payer("C3")]

    def sums(amounts: list[int]) -> dict[str, tuple[int, int]]:
        found: dict[str, tuple[int, int]] = {}
        for part in (p for each in share_out([charge(a) for a in amounts], payers) for p in each):
            amount, paid = found.get(part.contract_id, (0, 0))
            found[part.contract_id] = amount + part.amount.amount, paid + part.voucher.amount
        return found

    assert sums([split, 200 - split]) == sums([200])
