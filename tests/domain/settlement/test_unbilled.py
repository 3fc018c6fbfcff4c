"""Support that rests on another programme's award, or on a capacity that was measured."""

from fractions import Fraction

import pytest

from evernormal.domain.policy import Check, CostCategory, Step
from evernormal.domain.settlement import Match, match_capacity, match_upstream, with_check
from evernormal.domain.values import Fen
from tests.domain.sample import case, contract

COSTS = {CostCategory.COMPUTE: Fen(700), CostCategory.STORAGE: Fen(50)}
MATCHED = case(contract=contract(costs=COSTS), upstream="national")


def check(name: str, failing: str = "") -> Check:
    return Check(f"match.{name}", name, passed=not failing, facts={"failing": failing})


@pytest.mark.parametrize(
    ("award_id", "before", "missing", "twice"),
    [
        ("N-7", set(), "", ""),
        ("N-7", {"N-8"}, "", ""),
        (None, set(), "C1", ""),
        ("", {"N-7"}, "C1", ""),
        ("N-7", {"N-7", "N-8"}, "", "N-7"),
    ],
)
def test_an_award_of_another_programme_is_matched_once(
    award_id: str | None, before: set[str], missing: str, twice: str
) -> None:
    found = match_upstream(MATCHED, upstream_award_id=award_id, matched_before=before)

    cost, facts = Fraction(750), {"upstream": "national", "upstream_award": award_id}
    assert found == Match(
        checks=(check("upstream_present", missing), check("upstream_matched_once", twice)),
        steps=(Step("match.accepted_upstream", "accepted_upstream", cost, cost, cost, facts),),
        costs={} if missing or twice else COSTS,
    )


@pytest.mark.parametrize(("pflops", "failing"), [(0, "C1"), (1, "")])
def test_a_capacity_must_have_been_measured(pflops: int, failing: str) -> None:
    measured = case(contract=contract(capacity_pflops=pflops))

    assert match_capacity(measured) == Match((check("capacity_measured", failing),), (), {})


def test_one_check_more_that_fails_leaves_no_cost_to_support() -> None:
    match = match_upstream(MATCHED, upstream_award_id="N-7", matched_before=())
    passed, failed = check("papers"), check("papers", "invoice")

    assert with_check(match, passed) == Match((*match.checks, passed), match.steps, COSTS)
    assert with_check(match, failed) == Match((*match.checks, failed), match.steps, {})
