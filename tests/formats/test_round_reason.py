"""A round's reason in both languages, and words for whatever a reason can say."""

from fractions import Fraction

import pytest

from evernormal.domain.allocation import (
    BoundKind,
    ChangeKind,
    Mechanism,
    Outcome,
    Round,
    clear_in_turn,
    why,
)
from evernormal.formats.explanation.round_reason import reason_lines
from evernormal.locale import LANGS, Lang, words
from tests.engines.clearing.rounds import arc, pool, request


def ranked(round_: Round) -> Outcome:
    return clear_in_turn(round_, Mechanism.RANKED)


def short_round() -> Round:
    requests = (
        request("R1", arc("A"), score=8, work=16),
        request("R2", arc("A", gang=2), score=5, work=9, budget=7),
    )
    return Round("RD1", 4, (pool("A", cards=4),), requests)


def test_a_request_that_came_too_late_is_told_who_was_before_it() -> None:
    round_ = short_round()
    reason = why(round_, ranked(round_), "R2", clear=ranked)

    assert reason_lines(reason, words("en")) == [
        "R2 got 0 card-hours: 0 units of work of 9, for 0.00 yuan at posted prices.",
        "It missed 9 units of work.",
        "Cards of A went to those before it: R1. Its turn was number 2.",
        "A (C1): 100 % used, posted price 0.01 yuan per card-hour.",
        "Tried, and not enough: none found up to 1.17 yuan more budget.",
        "It would have got something with: 1 card more in A.",
        "Tried, and not enough: none found down to gangs of 1 card.",
        "It would have got something with: a score of at least 9.",
    ]
    assert reason_lines(reason, words("zh_Hans"))[2] == (
        "A 的卡已由排序在前的需求取得：R1。本需求顺位为第 2 位。"
    )


@pytest.mark.parametrize("lang", LANGS)
def test_every_bound_and_change_is_said_with_the_facts_that_a_reason_has(lang: Lang) -> None:
    facts = {"pool_id": "A", "place": 2, "before": ("R1",), "amount": 3, "tried": 2}
    for kind in BoundKind:
        assert words(lang).say(f"bound.{kind.value}", **facts)
    for change in ChangeKind:
        assert words(lang).say(f"change.{change.value}", **facts)
        assert words(lang).say(f"no_change.{change.value}", **facts)


def test_a_pool_with_a_price_and_work_that_is_met_are_said() -> None:
    round_ = short_round()
    priced = Outcome("RD1", Mechanism.DRF, ranked(round_).grants, {"A": Fraction(3)})

    lines = reason_lines(why(round_, priced, "R1", clear=ranked), words("en"))

    assert lines[1:] == [
        "All its work is met.",
        "4 cards of A from hour 0 to hour 4.",
        "A (C1): 100 % used, posted price 0.01 yuan and scarcity 0.02 yuan per card-hour.",
    ]
