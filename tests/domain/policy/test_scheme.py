"""Which version of a rule is in force."""

from datetime import date
from fractions import Fraction

import pytest

from evernormal.domain.policy import (
    DatedValue,
    FirmCap,
    NoRuleInForce,
    Rate,
    Rule,
    Scheme,
    Settlement,
    Source,
    Text,
    UnknownRule,
)
from evernormal.domain.values import Fen

TEXT = Text("x", "甲")
SOURCE = Source(
    title=Text("Notice", "通知"),
    clause=Text("1", "第一条"),
    read_on=date(2026, 1, 1),
    verified=False,
)
FIRST, SECOND = date(2026, 3, 1), date(2026, 7, 1)
LOW, HIGH = Rate(Fraction(1, 5), is_ceiling=False), Rate(Fraction(1, 2), is_ceiling=True)
SHARE = Rule("share", TEXT, (DatedValue(FIRST, LOW, SOURCE), DatedValue(SECOND, HIGH, SOURCE)))
CAP = Rule("cap", TEXT, (DatedValue(SECOND, FirmCap(Fen(9)), SOURCE),))
SCHEME = Scheme("test", TEXT, TEXT, Settlement.REIMBURSE_VOUCHER, (CAP, SHARE), ())


@pytest.mark.parametrize(
    ("day", "form"),
    [(FIRST, LOW), (date(2026, 6, 30), LOW), (SECOND, HIGH), (date(2030, 1, 1), HIGH)],
)
def test_the_version_in_force_is_the_latest_that_has_started(day: date, form: Rate) -> None:
    assert SHARE.on(day).form == form
    assert SCHEME.get(Rate, day) == ("share", form)


def test_before_its_first_version_a_rule_is_not_in_force() -> None:
    before = date(2026, 2, 28)

    with pytest.raises(NoRuleInForce) as refusal:
        SHARE.on(before)
    assert (refusal.value.rule_id, refusal.value.day) == ("share", before)
    assert list(SCHEME.in_force(before)) == []
    assert SCHEME.find(Rate, before) is None


def test_rules_in_force_keep_the_order_of_the_scheme() -> None:
    assert list(SCHEME.in_force(FIRST)) == [("share", LOW)]
    assert list(SCHEME.in_force(SECOND)) == [("cap", FirmCap(Fen(9))), ("share", HIGH)]


def test_a_rule_that_is_missing_is_named() -> None:
    with pytest.raises(UnknownRule) as refusal:
        SCHEME.get(FirmCap, FIRST)
    assert (refusal.value.scheme_id, refusal.value.form) == ("test", "firm_cap")
    with pytest.raises(UnknownRule) as unknown:
        SCHEME.get_rule("nothing")
    assert unknown.value.form == "nothing"
    assert SCHEME.get_rule("share") is SHARE
