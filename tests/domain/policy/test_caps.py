"""Caps: by scope, by act, by case; and the total of all public support."""

from fractions import Fraction

import pytest

from evernormal.domain.policy import (
    Cap,
    CapCount,
    CapScope,
    FirmSize,
    Selector,
    StackingCap,
)
from evernormal.domain.values import Fen
from tests.domain.sample import applicant, case, request

BEFORE, BASE = Fraction(500), Fraction(1_000)
OTHER_SCOPES = [(scope, other) for scope in CapScope for other in CapScope if scope is not other]


@pytest.mark.parametrize("scope", CapScope)
@pytest.mark.parametrize(
    ("already", "after", "left"),
    [(0, 500, 600), (99, 500, 501), (100, 500, 500), (101, 499, 499), (600, 0, 0), (700, 0, 0)],
)
def test_caps_leave_what_is_left_of_their_scope(
    scope: CapScope, already: int, after: int, left: int
) -> None:
    asked = request(already={scope: Fen(already)})

    assert Cap(scope, Fen(600)).apply(BEFORE, asked, BASE) == (
        Fraction(after),
        {
            "scope": scope.value,
            "cap_fen": 600,
            "counted_on": "AWARD",
            "before_fen": already,
            "left_fen": left,
        },
    )


@pytest.mark.parametrize(("scope", "other"), OTHER_SCOPES)
def test_what_was_given_under_another_scope_does_not_count(
    scope: CapScope, other: CapScope
) -> None:
    asked = request(already={other: Fen(600)})

    assert Cap(scope, Fen(600)).apply(BEFORE, asked, BASE)[0] == BEFORE


def test_a_cap_does_nothing_on_an_act_it_does_not_name() -> None:
    cap = Cap(CapScope.FIRM_YEAR, Fen(1), (CapCount.CLAIM,))

    assert cap.apply(BEFORE, request(counted_on=CapCount.CLAIM), BASE)[0] == 1
    assert cap.apply(BEFORE, request(), BASE) == (
        BEFORE,
        {"scope": "FIRM_YEAR", "cap_fen": 1, "counted_on": "OTHER", "before_fen": 0},
    )


def test_a_cap_counts_on_both_acts_unless_told_otherwise() -> None:
    cap = Cap(CapScope.CLAIM, Fen(1))

    assert [cap.apply(BEFORE, request(counted_on=act), BASE)[0] for act in CapCount] == [1, 1]


def test_a_cap_does_nothing_in_a_case_it_is_not_for() -> None:
    cap = Cap(CapScope.FIRM, Fen(1), when=Selector(sizes=(FirmSize.MICRO,)))
    micro = request(case=case(applicant=applicant(size=FirmSize.MICRO)))

    assert cap.apply(BEFORE, micro, BASE)[0] == 1
    assert cap.apply(BEFORE, request(), BASE) == (
        BEFORE,
        {"scope": "FIRM", "cap_fen": 1, "counted_on": "OTHER_CASE", "before_fen": 0},
    )


@pytest.mark.parametrize(
    ("total", "other", "after", "left", "left_fen"),
    [
        ("60/100", 0, "500", 600, 600),
        ("60/100", 100, "500", 500, 500),
        ("60/100", 101, "499", 499, 499),
        ("60/100", 600, "0", 0, 0),
        ("60/100", 9_999, "0", 0, 0),
        ("1/3", 0, "1000/3", "1000/3", 333),
    ],
)
def test_all_public_support_together_is_at_most_a_share_of_the_base(
    total: str, other: int, after: str, left: object, left_fen: int
) -> None:
    found = StackingCap(Fraction(total)).apply(BEFORE, request(other_support=Fen(other)), BASE)

    share = "3/5" if total == "60/100" else total
    assert found == (
        Fraction(after),
        {"total": share, "base": 1_000, "other_fen": other, "left": left, "left_fen": left_fen},
    )
