"""Ratios, card-seconds and proportional shares."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis.strategies import fractions, integers, lists

from evernormal.domain.values import (
    CardSeconds,
    NegativeUse,
    NotARatio,
    parse_ratio,
    pro_rata,
    ratio_text,
)


@given(ratio=fractions(0, 1, max_denominator=999_999_999))
def test_ratio_reads_back(ratio: Fraction) -> None:
    assert parse_ratio(ratio_text(ratio)) == ratio


def test_a_ratio_need_not_be_in_lowest_terms() -> None:
    assert parse_ratio("30/100") == Fraction(3, 10)
    assert ratio_text(Fraction(30, 100)) == "3/10"
    assert parse_ratio("0/7") == Fraction(0)


@pytest.mark.parametrize("written", ["", "1", "1/0", "-1/2", "1/-2", "0.3", "1/2 ", "30%", "1/2/3"])
def test_anything_else_is_not_a_ratio(written: str) -> None:
    with pytest.raises(NotARatio) as refusal:
        parse_ratio(written)

    assert refusal.value.text == written


def test_card_seconds_are_whole_and_not_negative() -> None:
    assert CardSeconds(1) + CardSeconds(2) == CardSeconds(3)
    with pytest.raises(NegativeUse) as refusal:
        CardSeconds(-1)
    assert refusal.value.count == -1
    for count in (1.0, True):
        with pytest.raises(TypeError):
            CardSeconds(count)  # type: ignore[arg-type]


@given(asked=lists(integers(0, 10**9), max_size=40), capacity=integers(0, 10**10))
def test_pro_rata_uses_all_it_can_and_grants_no_more_than_asked(
    asked: list[int], capacity: int
) -> None:
    granted = pro_rata(asked, capacity)

    assert all(g <= a for g, a in zip(granted, asked, strict=True))
    assert sum(granted) == min(capacity, sum(asked))


@given(asked=lists(integers(0, 10**6), min_size=1, max_size=20), capacity=integers(0, 10**7))
def test_pro_rata_is_within_one_of_the_exact_share(asked: list[int], capacity: int) -> None:
    whole = max(sum(asked), capacity, 1)

    for given_, want in zip(pro_rata(asked, capacity), asked, strict=True):
        assert abs(given_ - Fraction(want * capacity, whole)) < 1


def test_the_largest_remainder_comes_first_and_ties_go_to_the_earlier() -> None:
    assert pro_rata([50, 50, 33], 100) == [38, 37, 25]
    assert pro_rata([1, 1, 1], 2) == [1, 1, 0]
    assert pro_rata([], 5) == []
    assert pro_rata([0, 0], 0) == [0, 0]
