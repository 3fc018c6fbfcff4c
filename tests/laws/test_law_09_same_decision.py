"""Law 9: the same inputs and rule version give the same decision, years later."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis.strategies import dates, fractions, integers

from evernormal.domain.audit import canonical_bytes
from evernormal.domain.audit.facts import of_assessment
from evernormal.domain.award import assess
from evernormal.domain.policy import (
    DatedValue,
    Rate,
    Rule,
    Scheme,
    Settlement,
    Text,
)
from evernormal.store.models import AuditRecord
from tests.actions.office import rolled_back
from tests.actions.reading import run
from tests.actions.years import YEARS
from tests.domain.sample import amount_rules, request, rule

TEXT = Text("x", "x")
SINCE = date(2020, 1, 1)


def scheme(ratio: Fraction, *later: tuple[date, Fraction]) -> Scheme:
    rules: list[Rule] = []
    for rule_id, form in amount_rules(ratio):
        made = rule(rule_id, form, since=SINCE)
        if rule_id == "share":
            first = made.versions[0]
            more = [
                DatedValue(day, Rate(share, is_ceiling=False), first.source) for day, share in later
            ]
            made = replace(made, versions=(first, *more))
        rules.append(made)
    return Scheme("t", TEXT, TEXT, Settlement.REIMBURSE_VOUCHER, tuple(rules), ())


def decision(under: Scheme, *, on: date, fen: int) -> bytes:
    asked = request(fen)
    return canonical_bytes(of_assessment(assess(under, case=asked.case, request=asked, on=on)))


RATIOS = fractions(0, 1, max_denominator=100)


@given(
    ratio=RATIOS,
    other=RATIOS,
    on=dates(SINCE, date(2030, 1, 1)),
    days=integers(1, 900),
    fen=integers(0, 10**12),
)
def test_a_later_version_of_a_rule_changes_no_earlier_decision(
    *, ratio: Fraction, other: Fraction, on: date, days: int, fen: int
) -> None:
    before = decision(scheme(ratio), on=on, fen=fen)

    changed = scheme(ratio, (on + timedelta(days), other))

    assert decision(changed, on=on, fen=fen) == before
    assert decision(changed, on=on + timedelta(days), fen=fen) == decision(
        scheme(other), on=on, fen=fen
    )


@pytest.mark.django_db
@pytest.mark.parametrize("name", YEARS)
def test_a_year_run_in_another_database_gives_the_same_log(name: str) -> None:
    logs = []
    for _ in range(2):
        with rolled_back():
            run(YEARS[name].desk())
            logs.append(list(AuditRecord.objects.order_by("number").values_list("body", "hash")))

    assert logs[0] == logs[1]
    assert len(logs[0]) > 3
