"""Which version of a rule is in force."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from evernormal.domain.policy import (
    Cap,
    CapScope,
    DatedValue,
    NoRuleInForce,
    Rate,
    Rule,
    Scheme,
    Settlement,
    Source,
    Text,
    Unit,
    Unknown,
    UnknownRule,
)
from evernormal.domain.values import Fen

TEXT = Text("x", "甲")
SOURCE = Source(
    title=Text("Notice", "通知"),
    issuer=Text("City", "市"),
    clause=Text("1", "第一条"),
    read_on=date(2026, 1, 1),
    verified=False,
)
FIRST, SECOND = date(2026, 3, 1), date(2026, 7, 1)
LOW, HIGH = Rate(Fraction(1, 5), is_ceiling=False), Rate(Fraction(1, 2), is_ceiling=True)
SHARE = Rule("share", TEXT, (DatedValue(FIRST, LOW, SOURCE), DatedValue(SECOND, HIGH, SOURCE)))
CEILING, OTHER = Cap(CapScope.FIRM, Fen(9)), Cap(CapScope.FIRM_YEAR, Fen(8))
CAP = Rule("cap", TEXT, (DatedValue(SECOND, CEILING, SOURCE),))
CAP_YEAR = Rule("cap_year", TEXT, (DatedValue(SECOND, OTHER, SOURCE),))
SCHEME = Scheme("test", TEXT, TEXT, Settlement.REIMBURSE_VOUCHER, (CAP, SHARE, CAP_YEAR), ())


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
    assert list(SCHEME.in_force(SECOND)) == [
        ("cap", CEILING),
        ("share", HIGH),
        ("cap_year", OTHER),
    ]


def test_a_rule_that_is_missing_is_named() -> None:
    with pytest.raises(UnknownRule) as refusal:
        SCHEME.get(Cap, FIRST)
    assert (refusal.value.scheme_id, refusal.value.form) == ("test", "cap")
    with pytest.raises(UnknownRule) as unknown:
        SCHEME.get_rule("nothing")
    assert unknown.value.form == "nothing"
    assert SCHEME.get_rule("share") is SHARE


def test_all_rules_of_a_form_are_found_in_order_and_the_first_of_them() -> None:
    assert SCHEME.find_all(Cap, SECOND) == [("cap", CEILING), ("cap_year", OTHER)]
    assert SCHEME.find_all(Cap, FIRST) == []
    assert SCHEME.find(Cap, SECOND) == ("cap", CEILING)


def test_what_the_source_does_not_state_is_not_stated() -> None:
    unknown = (Unknown(TEXT, "cap"), Unknown(TEXT))
    silent = replace(SCHEME, unknown=unknown)

    assert (silent.states("cap"), silent.states("rate")) == (False, True)
    assert SCHEME.states("cap")


@pytest.mark.parametrize(
    ("unit", "column", "is_money"),
    [
        (Unit.CNY, "yuan", True),
        (Unit.EUR, "eur", True),
        (Unit.CARD_HOUR, "card_hours", False),
        (Unit.CREDIT, "credits", False),
    ],
)
def test_a_unit_names_its_column(unit: Unit, column: str, *, is_money: bool) -> None:
    assert (unit.column, unit.is_money) == (column, is_money)


MODES = "ABCDEFGH"


def test_what_each_mode_of_settlement_has() -> None:
    traits = {mode.value: mode.traits for mode in Settlement}

    assert "".join(traits) == MODES
    assert [m for m in MODES if traits[m].has_voucher] == [*"ACFGH"]
    assert [m for m in MODES if traits[m].is_deducted] == [*"CFGH"]
    assert [m for m in MODES if traits[m].is_claimed] == [*"ABCDF"]
    assert [m for m in MODES if not traits[m].pays_money] == [*"GH"]
    assert {m: [p.value for p in traits[m].payees] for m in MODES} == {
        "A": ["APPLICANT"],
        "B": ["APPLICANT"],
        "C": ["PROVIDER"],
        "D": ["APPLICANT", "PROVIDER", "EITHER"],
        "E": ["APPLICANT"],
        "F": ["PROVIDER"],
        "G": ["NOBODY"],
        "H": ["NOBODY"],
    }
