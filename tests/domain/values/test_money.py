"""Fen and yuan."""

import pytest
from hypothesis import given
from hypothesis.strategies import integers, text

from evernormal.domain.values import Fen, NotMoney


@given(amount=integers(-(10**17) + 1, 10**17 - 1))
def test_yuan_reads_back_to_the_same_fen(amount: int) -> None:
    assert Fen.from_yuan(Fen(amount).yuan) == Fen(amount)


@pytest.mark.parametrize(
    ("written", "fen"),
    [("0", 0), ("12", 1_200), ("12.3", 1_230), ("12.34", 1_234), ("-0.05", -5), ("-12.3", -1_230)],
)
def test_yuan_may_have_no_one_or_two_decimals(written: str, fen: int) -> None:
    assert Fen.from_yuan(written) == Fen(fen)


@pytest.mark.parametrize(
    "written",
    ["", "1,000", "1.", ".5", "1.234", "+1", "1e3", " 1", "1 ", "1\n", "--1", "\uff11", "9" * 16],
)
def test_anything_else_is_not_money(written: str) -> None:
    with pytest.raises(NotMoney) as refusal:
        Fen.from_yuan(written)

    assert refusal.value.text == written
    assert refusal.value.code == "money.not_an_amount"
    # Schemes count in other units too.
    assert str(refusal.value).startswith(f"{written!r} is not an amount. Write digits")


@given(written=text(max_size=8))
def test_a_text_is_money_or_is_refused(written: str) -> None:
    try:
        fen = Fen.from_yuan(written)
    except NotMoney:
        return
    assert set(written) <= set("-.0123456789")
    assert Fen.from_yuan(fen.yuan) == fen


@pytest.mark.parametrize("amount", [1.0, True, "1", None])
def test_only_a_whole_number_is_fen(amount: object) -> None:
    with pytest.raises(TypeError, match="whole number"):
        Fen(amount)  # type: ignore[arg-type]


def test_fen_add_subtract_negate_compare_and_print() -> None:
    assert Fen(5) + Fen(-7) == Fen(-2)
    assert Fen(5) - Fen(7) == Fen(-2)
    assert -Fen(5) == Fen(-5)
    assert Fen(-1) < Fen(0) < Fen(1)
    assert (str(Fen(123_456)), str(Fen(-5))) == ("1234.56 yuan", "-0.05 yuan")
