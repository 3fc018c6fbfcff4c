"""Edges of posting in batches that random transfers hardly reach."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis.strategies import integers, lists, tuples

from evernormal.domain.ledger import (
    Account,
    AccountKind,
    Overdraft,
    Phase,
    Transfer,
    TransferCode,
    UnknownAccount,
)
from evernormal.engines.posting import (
    AMOUNT_MAX,
    TRANSFER,
    AmountBeyondBooks,
    BatchBooks,
    Counters,
    KeySpans,
    Outcome,
    Transfers,
    post_batch,
    records_with,
    set_starts,
    spans_of,
)

DAY = date(2026, 1, 1)


def move(number: str, amount: int, phase: Phase = Phase.SINGLE) -> Transfer:
    return Transfer(number, "TREASURY", "POT", amount, phase, TransferCode.AWARD, DAY)


def books() -> BatchBooks:
    accounts = {kind.value: Account(kind.value, kind) for kind in AccountKind}
    return BatchBooks(accounts, [], set())


@pytest.mark.parametrize("amount", [AMOUNT_MAX + 1, 1 << 63, 1 << 80])
def test_an_amount_that_no_column_holds_is_refused(amount: int) -> None:
    posted = books()

    refusals = posted.post([[move("a", 5)], [move("b", amount)], [move("c", 6)]])

    assert {n: type(r) for n, r in refusals.items()} == {1: AmountBeyondBooks}
    assert str(amount) in str(refusals[1])
    assert posted.accounts()["POT"].credits_posted == 11


@pytest.mark.parametrize("phase", [Phase.SINGLE, Phase.PENDING])
def test_no_counter_wraps_around(phase: Phase) -> None:
    posted = books()

    first = posted.post([[move("a", AMOUNT_MAX, phase)]])
    second = posted.post([[move("b", 1, phase)]])

    assert first == {}
    assert isinstance(second[0], AmountBeyondBooks)


def test_a_smaller_transfer_after_a_refused_one_is_still_posted() -> None:
    posted = books()
    out = Transfer("x", "POT", "VOUCHER", 9, Phase.SINGLE, TransferCode.ISSUE, DAY)
    less = Transfer("y", "POT", "VOUCHER", 5, Phase.SINGLE, TransferCode.ISSUE, DAY)

    refusals = posted.post([[move("a", 7)], [out], [less]])

    assert isinstance(refusals[1], Overdraft)
    assert (refusals[1].asked_fen, refusals[1].free_fen) == (9, 7)
    assert posted.accounts()["VOUCHER"].credits_posted == 5


@pytest.mark.parametrize("side", ["debit", "credit"])
def test_an_account_that_is_not_open_is_named(side: str) -> None:
    posted = books()
    there = {"debit": "TREASURY", "credit": "POT"} | {side: "VOUCHER:none"}
    stray = Transfer("x", there["debit"], there["credit"], 9, Phase.SINGLE, TransferCode.ISSUE, DAY)

    refusals = posted.post([[stray]])

    assert isinstance(refusals[0], UnknownAccount)
    assert refusals[0].account_id == "VOUCHER:none"


@pytest.mark.parametrize("number", [-5, 0, 2, 4, 99])
def test_a_number_of_no_account_is_refused(number: int) -> None:
    counters = Counters(np.array([1, 3]), np.zeros((2, 4), np.int64), np.array([True, False]))
    batch = np.zeros(1, TRANSFER)
    batch["key_low"], batch["debit"], batch["credit"], batch["amount"] = 1, 1, number, 5

    posted = post_batch(counters, batch)

    assert posted.outcome.tolist() == [Outcome.UNKNOWN_ACCOUNT]
    assert posted.account.tolist() == [number]
    assert not counters.values.any()
    assert counters.place(number) == -1


def test_sets_end_where_nothing_is_linked() -> None:
    batch = np.zeros(5, TRANSFER)
    batch["linked"] = [1, 0, 0, 1, 1]

    assert set_starts(batch).tolist() == [0, 2, 3, 5]
    assert set_starts(batch[:0]).tolist() == [0]


def records_of_keys(keys: list[tuple[int, int]]) -> Transfers:
    records = np.zeros(len(keys), TRANSFER)
    for place, (high, low) in enumerate(keys):
        records[place]["key_high"], records[place]["key_low"] = high, low
    return records


KEYS = tuples(integers(0, 3), integers(0, 40)).filter(any)


@given(pages=lists(lists(KEYS, min_size=1, max_size=4), max_size=300), keys=lists(KEYS, max_size=5))
def test_a_key_is_found_wherever_it_is(
    pages: list[list[tuple[int, int]]], keys: list[tuple[int, int]]
) -> None:
    spans = KeySpans()
    for page in pages:
        if len(page) == 1:
            spans.append_one(*page[0])
        else:
            spans.append(spans_of(records_of_keys(page), len(page)))
    wanted = np.array(keys, np.uint64).reshape(len(keys), 2)

    found = spans.pages_of(wanted).tolist()

    assert found == [
        n for n, page in enumerate(pages) if any(min(page) <= key <= max(page) for key in keys)
    ]
    assert spans.most == max((max(page) for page in pages), default=(0, 0))
    beyond = spans.beyond(wanted[:, 0], wanted[:, 1]).tolist()
    assert beyond == [key > spans.most for key in keys]


@given(stored=lists(KEYS, max_size=20), keys=lists(KEYS, max_size=5))
def test_records_are_chosen_by_their_keys(
    stored: list[tuple[int, int]], keys: list[tuple[int, int]]
) -> None:
    chosen = records_with(records_of_keys(stored), np.array(keys, np.uint64).reshape(len(keys), 2))

    assert [(int(r["key_high"]), int(r["key_low"])) for r in chosen] == [
        key for key in stored if key in keys
    ]


@given(keys=lists(KEYS, max_size=20), size=integers(1, 7))
def test_every_page_says_its_lowest_and_highest_key(keys: list[tuple[int, int]], size: int) -> None:
    spans = spans_of(records_of_keys(keys), size).tolist()

    assert spans == [
        [*min(keys[begin : begin + size]), *max(keys[begin : begin + size])]
        for begin in range(0, len(keys), size)
    ]
