"""One byte form for every value."""

import json
from fractions import Fraction
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis.strategies import booleans, dictionaries, integers, lists, none, recursive, text

from evernormal.domain.audit import Json, NotCanonical, canonical_bytes

VALUES = recursive(
    none() | booleans() | integers() | text(),
    lambda inner: lists(inner, max_size=4) | dictionaries(text(), inner, max_size=4),
    max_leaves=12,
)


@given(value=VALUES)
def test_canonical_bytes_read_back(value: Json) -> None:
    assert json.loads(canonical_bytes(value)) == value


@given(value=dictionaries(text(), integers(), max_size=6))
def test_the_order_in_which_keys_came_does_not_matter(value: dict[str, int]) -> None:
    assert canonical_bytes(value) == canonical_bytes(dict(reversed(value.items())))


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ({"b": 1, "a": [True, None, False, -5]}, '{"a":[true,null,false,-5],"b":1}'),
        (("x", "y"), '["x","y"]'),
        ({"名": '券"\\\n\x01'}, '{"名":"券\\"\\\\\\n\\u0001"}'),
        (10**30, "1" + "0" * 30),
        (MappingProxyType({"b": MappingProxyType({}), "a": 1}), '{"a":1,"b":{}}'),
    ],
)
def test_the_form(value: Json, written: str) -> None:
    assert canonical_bytes(value) == written.encode()


def test_keys_are_sorted_as_rfc_8785_says_by_utf_16_units() -> None:
    # U+10000 is written with surrogates D800 DC00, which come before U+E000.
    assert canonical_bytes({"\ue000": 1, "\U00010000": 2}) == '{"\U00010000":2,"\ue000":1}'.encode()


@pytest.mark.parametrize(
    ("value", "place"),
    [
        (1.0, "$"),
        ({"a": {"b": [1, 2.5]}}, "$.a.b[1]"),
        ({"a": Fraction(1, 3)}, "$.a"),
        ({1: "x"}, "$"),
        ([{"a": {2: "x"}}], "$[0].a"),
        ({"a": {1, 2}}, "$.a"),
        (b"x", "$"),
        ({"a": "\ud800"}, "$.a"),  # half a surrogate pair: JSON can carry it, UTF-8 cannot
    ],
)
def test_what_has_no_form_is_refused_by_its_place(value: Any, place: str) -> None:
    with pytest.raises(NotCanonical) as refusal:
        canonical_bytes(value)

    assert refusal.value.place == place


class Word(str):
    """A text with a name of its own, as an enum's is."""

    __slots__ = ()


class Count(int):
    """A whole number with a name of its own."""


def test_kinds_of_texts_and_numbers_are_written_as_such() -> None:
    assert canonical_bytes({"word": Word("a"), "count": Count(3)}) == b'{"count":3,"word":"a"}'
