"""The rules of a day, asked about a device: three answers, one of them that nobody knows."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from evernormal.domain.device import (
    Comparison,
    Confidence,
    ExportOutcome,
    ExportRules,
    ExportTest,
    LicenceReview,
    Limit,
    Precision,
    Quantity,
    RuleKind,
    classify,
    performance_density,
    processing_performance,
)
from tests.domain.device.sample import CARD, GAME, KNOWN, ON, OWN, READ, REVIEW, RULE, RULES


def test_the_largest_rate_times_bits_counts_and_a_read_one_comes_first() -> None:
    unread = replace(CARD, evidence={"dense.FP16": KNOWN})
    even = replace(CARD, dense={Precision.FP16: Fraction(10), Precision.FP4: Fraction(40)})

    found = [processing_performance(device) for device in (CARD, unread, even)]

    assert [(int(one.tpp), one.precision) for one in found if one] == [
        (4992, Precision.FP16),
        (4992, Precision.INT8),
        (160, Precision.FP16),
    ]
    assert performance_density(CARD) == Fraction(4992, 826)


def test_what_is_compared_and_decides_is_told() -> None:
    found = classify(CARD, rules=RULES, on=ON)

    assert (found.outcome, found.control) == (ExportOutcome.CONTROLLED, "A")
    assert found.decided_by is RULE
    assert found.review is LicenceReview.CASE_BY_CASE
    assert found.notes == RULES.notes
    assert found.missing == ()
    # The die of the sample is general knowledge.
    assert found.confidence is Confidence.GENERAL_KNOWLEDGE
    assert [(one.rule_id, one.quantity, one.holds) for one in found.compared] == [
        ("rule", Quantity.TPP, True),
        ("rule", Quantity.TPP, True),
        ("rule", Quantity.PD, True),
        ("review", Quantity.DRAM_GB_S, True),
    ]
    assert classify(replace(CARD, evidence={}), rules=RULES, on=ON).confidence is Confidence.READ


def test_a_figure_that_matters_and_is_missing_leaves_the_answer_open() -> None:
    small = replace(CARD, dense={Precision.FP16: Fraction(125)})
    open_end = replace(small, die_area_mm2=None)
    rateless = replace(CARD, dense={})

    assert classify(small, rules=RULES, on=ON).outcome is ExportOutcome.NOT_CONTROLLED
    found = classify(open_end, rules=RULES, on=ON)
    assert (found.outcome, found.possible, found.missing) == (
        ExportOutcome.UNKNOWN,
        ("A", ""),
        (Quantity.PD,),
    )
    assert found.decided_by is None
    nothing = classify(rateless, rules=RULES, on=ON)
    assert (nothing.outcome, nothing.performance) == (ExportOutcome.UNKNOWN, None)
    assert nothing.missing == (Quantity.TPP, Quantity.PD)
    assert performance_density(rateless) is None


def test_a_later_rule_that_holds_bounds_what_is_possible() -> None:
    enough = ExportTest(limits={Quantity.TPP: Limit(at_least=Fraction(1000))})
    last = replace(RULE, id="last", control="B", tests=(enough,))
    device = replace(CARD, dense={Precision.FP16: Fraction(125)}, die_area_mm2=None)

    found = classify(device, rules=ExportRules((RULE, last)), on=ON)

    assert found.possible == ("A", "B")


def test_a_carve_out_comes_first_and_a_rule_for_others_says_nothing() -> None:
    free = replace(
        RULE, id="free", kind=RuleKind.CARVE_OUT, control="", review=None, tests=RULE.tests[:1]
    )

    found = classify(CARD, rules=ExportRules((free, RULE)), on=ON)
    assert (found.outcome, found.decided_by) == (ExportOutcome.NOT_CONTROLLED, free)
    only_datacentre = replace(RULE, tests=RULE.tests[1:])
    game = classify(GAME, rules=ExportRules((only_datacentre,)), on=ON)
    assert (game.outcome, game.compared) == (ExportOutcome.NOT_CONTROLLED, ())


@pytest.mark.parametrize(
    ("bandwidth", "review", "missing"),
    [
        (6499, LicenceReview.CASE_BY_CASE, ()),
        (6500, LicenceReview.PRESUMPTION_OF_DENIAL, ()),
        (None, None, (Quantity.DRAM_GB_S,)),
    ],
)
def test_a_licence_is_reviewed_by_the_rule_of_the_day(
    bandwidth: int | None, review: LicenceReview | None, missing: tuple[Quantity, ...]
) -> None:
    wide = None if bandwidth is None else Fraction(bandwidth)

    found = classify(replace(CARD, bandwidth_gb_s=wide), rules=RULES, on=ON)

    assert (found.review, found.missing) == (review, missing)


def test_a_vendor_at_home_needs_no_licence_to_sell_there() -> None:
    found = classify(OWN, rules=RULES, on=ON)

    assert (found.control, found.review, found.notes) == ("A", None, ())


def test_before_the_first_rule_nothing_is_controlled() -> None:
    early = date(2020, 1, 1)

    found = classify(replace(CARD, source=READ), rules=RULES, on=early)

    assert (found.outcome, found.compared, found.notes) == (ExportOutcome.NOT_CONTROLLED, (), ())


def test_a_limit_is_half_open_and_bounds_something() -> None:
    limit = Limit(at_least=Fraction(2), below=Fraction(4))
    figures = (Fraction(1), Fraction(2), Fraction(4), None)

    assert [Comparison("r", Quantity.PD, figure, limit).holds for figure in figures] == [
        False,
        True,
        False,
        None,
    ]
    with pytest.raises(ValueError, match="one side"):
        Limit()


def test_a_comparison_that_two_tests_share_is_told_once() -> None:
    twice = replace(RULE, tests=(RULE.tests[0], RULE.tests[0]))
    second = replace(REVIEW, id="second", tests=RULE.tests)
    never = ExportTest(limits={Quantity.IO_GB_S: Limit(below=Fraction(1))})
    first = replace(REVIEW, id="first", tests=(never,))

    found = classify(CARD, rules=ExportRules((twice, first, second)), on=ON)

    assert [one.rule_id for one in found.compared] == ["rule", "first", *["second"] * 3]
    assert found.review is second.review


def test_rules_of_a_day_keep_their_order() -> None:
    ended = replace(REVIEW, id="ended", ends_on=ON)

    assert ExportRules((ended, RULE, REVIEW)).in_force(ON) == (RULE, REVIEW)
