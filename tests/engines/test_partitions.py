"""Partitions add up to the same, however they are cut and whoever works on them."""

import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evernormal.engines.partitions import (
    Ints,
    SumTooLarge,
    ThisProcess,
    add_exactly,
    in_parts,
    sum_partitions,
)
from evernormal.engines.partitions_ray import RayCluster, RayMissing

SHAPE = (2, 3)
MOST = 2**63 - 1


def _filled(number: int) -> Ints:
    return np.full(SHAPE, number, dtype=np.int64)


@given(data=st.data(), numbers=st.lists(st.integers(-(2**53), 2**53), max_size=30))
def test_parts_add_up_to_their_exact_sum_in_any_order(
    data: st.DataObject, numbers: list[int]
) -> None:
    shuffled = data.draw(st.permutations(numbers))

    total = sum_partitions(_filled, shuffled, workers=ThisProcess(), shape=SHAPE)

    assert total.tolist() == _filled(sum(numbers)).tolist()


@pytest.mark.parametrize("numbers", [(MOST, 1), (-MOST, -2), (2**62, 2**62)])
def test_a_sum_that_leaves_64_bits_is_refused_and_not_wrapped(numbers: tuple[int, ...]) -> None:
    with pytest.raises(SumTooLarge):
        add_exactly(map(_filled, numbers), shape=SHAPE)


def test_the_largest_sums_that_fit_are_given() -> None:
    assert add_exactly(map(_filled, (MOST - 1, 1)), shape=SHAPE).max() == MOST
    assert add_exactly(map(_filled, (-MOST, -1)), shape=SHAPE).min() == -MOST - 1


def test_a_part_of_another_shape_or_kind_is_no_part() -> None:
    with pytest.raises(TypeError, match="int64"):
        add_exactly([np.zeros(3, dtype=np.int64)], shape=SHAPE)
    with pytest.raises(TypeError, match="float64"):
        add_exactly([np.zeros(SHAPE)], shape=SHAPE)  # type: ignore[list-item]


@given(items=st.lists(st.integers()), at_most=st.integers(1, 7))
def test_parts_are_all_items_in_order_and_none_too_long(items: list[int], at_most: int) -> None:
    parts = in_parts(items, at_most=at_most)

    assert [item for part in parts for item in part] == items
    assert all(1 <= len(part) <= at_most for part in parts)


def test_without_ray_the_option_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)

    with pytest.raises(RayMissing, match=r"requirements-ray\.txt"):
        RayCluster("auto")
