"""Rating and rounding, from cases worked by hand."""

import tomllib
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from evernormal.domain.metering import CHARGE_ROUNDING, rate_use
from evernormal.domain.values import CardSeconds, Fen, Rounding, RoundingMode


def tables(name: str) -> list[Any]:
    """Every case of a file, whole."""
    table = tomllib.loads(Path(__file__).with_name(name).read_text(encoding="utf-8"))
    return [pytest.param(case, id=case["name"]) for case in table["case"]]


def cases(name: str) -> list[Any]:
    return [
        pytest.param(case["given"], case["then"], id=case["name"])
        for (case,) in (each.values for each in tables(name))
    ]


@pytest.mark.parametrize(("given", "then"), cases("rating.toml"))
def test_rating(given: dict[str, int], then: dict[str, int]) -> None:
    price = Fen(given["price_fen_per_card_hour"])
    charge = rate_use(CardSeconds(given["card_seconds"]), price, CHARGE_ROUNDING)

    assert charge == Fen(then["charge_fen"])


@pytest.mark.parametrize(("given", "then"), cases("rounding.toml"))
def test_rounding(given: dict[str, Any], then: dict[str, int]) -> None:
    exact, unit_fen = Fraction(given["exact"]), given["unit_fen"]

    assert {m.value: Rounding(m, unit_fen).to_fen(exact).amount for m in RoundingMode} == then
