"""The three roundings."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis.strategies import fractions, integers, sampled_from

from evernormal.domain.values import Fen, Rounding, RoundingMode

T, U, E = RoundingMode.TRUNCATE, RoundingMode.HALF_UP, RoundingMode.HALF_EVEN


@pytest.mark.parametrize(
    ("exact", "truncated", "half_up", "half_even"),
    [
        ("0", 0, 0, 0),
        ("49/100", 0, 0, 0),
        ("1/2", 0, 1, 0),
        ("51/100", 0, 1, 1),
        ("3/2", 1, 2, 2),
        ("5/2", 2, 3, 2),
        ("-1/2", 0, -1, 0),
        ("-49/100", 0, 0, 0),
        ("-3/2", -1, -2, -2),
        ("-5/2", -2, -3, -2),
        ("-299/100", -2, -3, -3),
        ("7", 7, 7, 7),
    ],
)
def test_each_mode_on_both_signs(exact: str, truncated: int, half_up: int, half_even: int) -> None:
    rounded = [Rounding(mode).to_fen(Fraction(exact)).amount for mode in (T, U, E)]

    assert rounded == [truncated, half_up, half_even]


@pytest.mark.parametrize(
    ("mode", "fen", "rounded"),
    [(T, 199, 100), (U, 149, 100), (U, 150, 200), (E, 150, 200), (E, 250, 200), (T, -199, -100)],
)
def test_to_whole_yuan(mode: RoundingMode, fen: int, rounded: int) -> None:
    assert Rounding(mode, 100).to_fen(Fraction(fen)) == Fen(rounded)


@given(exact=fractions(-(10**9), 10**9), mode=sampled_from(RoundingMode), unit=integers(1, 10_000))
def test_result_is_a_near_multiple_and_keeps_the_sign(
    exact: Fraction, mode: RoundingMode, unit: int
) -> None:
    rounding = Rounding(mode, unit)
    rounded = rounding.to_fen(exact).amount

    assert rounded % unit == 0
    away = abs(rounded - exact)
    assert away < unit if mode is T else 2 * away <= unit
    if mode is T:
        assert abs(rounded) <= abs(exact)
    assert rounding.to_fen(-exact) == Fen(-rounded)
    assert rounding.to_fen(Fraction(rounded)) == Fen(rounded)


@pytest.mark.parametrize("unit", [0, -1, 1.0, True])
def test_a_unit_is_a_whole_number_of_fen(unit: int) -> None:
    with pytest.raises(ValueError, match="whole number of fen"):
        Rounding(T, unit)
