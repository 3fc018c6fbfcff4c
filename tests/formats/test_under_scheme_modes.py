"""What each mode of settlement asks of a folder, and what a unit, a pot and a draw ask of it."""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from evernormal.domain.policy import (
    Form,
    Pot,
    Scheme,
    Settlement,
    Shortage,
    ShortageRule,
    Tranche,
    TrancheRelease,
    Tranches,
    Unit,
    VoucherExtension,
)
from evernormal.domain.values import Fen
from evernormal.formats.intake import YearInput, read_year
from evernormal.formats.intake.under_scheme import scheme_problems
from evernormal.formats.intake.year_input import UpstreamRecord
from evernormal.schemes import read_library_scheme
from tests.domain.sample import rule
from tests.formats.broken_folder import sound_folder

YEAR = read_year(sound_folder())
SCHEME, _ = read_library_scheme(YEAR.programme.scheme_id)
(CONTRACT,) = YEAR.contracts.values()
SINCE = date(2023, 9, 1)
HALVES = Tranches(tuple(Tranche(Fraction(1, 2), on) for on in TrancheRelease))
AT_ONCE = Tranches((Tranche(Fraction(1), TrancheRelease.AWARD),))
Place = tuple[str, int | None, str | int | None, str]


def places(year: YearInput, scheme: Scheme) -> list[Place]:
    found = scheme_problems(year, scheme=scheme)
    assert all(problem.message and problem.todo for problem in found)
    return [(p.file, p.line, p.column, p.code) for p in found]


def having(form: Form, *, settlement: Settlement = Settlement.REIMBURSE_VOUCHER) -> Scheme:
    """The scheme with one form in the place of its own of that kind."""
    kept = [r for r in SCHEME.rules if not isinstance(r.versions[0].form, type(form))]
    rules = (*kept, rule("own", form, since=SINCE))
    return replace(SCHEME, rules=rules, settlement=settlement)


def year(**changes: Any) -> YearInput:
    return replace(YEAR, **changes)


def with_contract(**changes: Any) -> YearInput:
    return year(contracts={CONTRACT.id: replace(CONTRACT, **changes)})


def with_programme(**changes: Any) -> YearInput:
    return year(programme=replace(YEAR.programme, **changes))


def test_the_programme_counts_in_the_unit_of_its_scheme() -> None:
    expected = [("programme.toml", None, "unit", "programme.unit")]

    assert places(with_programme(unit=Unit.EUR), SCHEME) == expected
    assert places(YEAR, replace(SCHEME, unit=Unit.CREDIT)) == expected


def test_a_year_has_no_more_than_the_scheme_gives() -> None:
    pot = YEAR.programme.pot

    assert places(YEAR, having(Pot(pot))) == []
    assert places(YEAR, having(Pot(pot - Fen(1)))) == [
        ("programme.toml", None, "pot", "programme.pot_above_scheme")
    ]


def test_money_needs_a_day_on_which_it_is_paid() -> None:
    assert places(with_programme(payment_days=()), SCHEME) == [
        ("programme.toml", None, "payment_day", "payment_day.missing")
    ]
    in_kind = replace(SCHEME, unit=Unit.CREDIT, settlement=Settlement.EXCHANGED_CREDITS)
    unpaid = with_programme(payment_days=(), unit=Unit.CREDIT)
    assert places(replace(unpaid, invoices=()), in_kind) == []


@pytest.mark.parametrize(
    ("shortage", "asks_score", "asks_seed"),
    [
        (ShortageRule(Shortage.FIRST_COME), False, False),
        (ShortageRule(Shortage.PRO_RATA), False, False),
        (ShortageRule(Shortage.RANKED), True, False),
        (ShortageRule(Shortage.RANKED, least_score=60), True, False),
        (ShortageRule(Shortage.LOTTERY), False, True),
        (ShortageRule(Shortage.LOTTERY, least_score=60), True, True),
        (ShortageRule(Shortage.LOTTERY, sure_score=90), True, True),
    ],
)
def test_ranking_asks_for_scores_and_a_draw_for_its_seed(
    shortage: ShortageRule, *, asks_score: bool, asks_seed: bool
) -> None:
    scheme = having(shortage)
    no_score: Place = ("contracts.csv", None, "score", "contract.no_score")
    no_seed: Place = ("programme.toml", None, "lottery_seed", "programme.no_lottery_seed")

    assert places(YEAR, scheme) == [*[no_score] * asks_score, *[no_seed] * asks_seed]
    scored = replace(with_contract(score=0), programme=with_programme(lottery_seed="x").programme)
    assert places(scored, scheme) == []


def test_an_extension_needs_a_rule_that_allows_it() -> None:
    extended = year(extensions=((CONTRACT.id, date(2025, 6, 1)),))

    assert places(extended, SCHEME) == [
        ("extensions.csv", None, "contract_id", "extension.not_allowed")
    ]
    assert places(extended, having(VoucherExtension(months=1, times=1))) == []


def test_a_report_needs_a_part_of_the_award_that_waits_for_it() -> None:
    reported = year(reports=((CONTRACT.id, date(2025, 6, 1)),))
    expected = [("reports.csv", None, "contract_id", "report.no_tranches")]
    deducted = Settlement.CLAIM_AND_DEDUCT

    assert places(reported, SCHEME) == expected
    assert places(reported, having(AT_ONCE, settlement=deducted)) == expected
    assert places(reported, having(HALVES, settlement=deducted)) == []


@pytest.mark.parametrize("settlement", Settlement)
def test_parts_after_a_report_need_orders_that_draw_on_them(settlement: Settlement) -> None:
    found = {code for _, _, _, code in places(YEAR, having(HALVES, settlement=settlement))}

    is_refused = "scheme.tranches_not_carried_out" in found
    assert is_refused is not settlement.traits.is_deducted


def test_a_capacity_award_needs_a_measured_capacity_of_a_named_facility() -> None:
    scheme = replace(SCHEME, settlement=Settlement.CAPACITY_AWARD)
    unbilled = replace(YEAR, invoices=())

    assert places(unbilled, scheme) == [
        ("contracts.csv", None, "capacity_pflops", "contract.no_capacity"),
        ("contracts.csv", None, "facility_id", "contract.no_capacity"),
    ]
    measured = with_contract(capacity_pflops=100, facility_id="F1")
    assert places(replace(measured, invoices=()), scheme) == []


def test_an_automatic_match_needs_an_award_to_match() -> None:
    scheme = replace(SCHEME, settlement=Settlement.AUTOMATIC_MATCH)
    unbilled = replace(YEAR, invoices=())
    record = UpstreamRecord("U1", "province", CONTRACT.id, date(2025, 1, 12), Fen(1), Fen(0))

    assert places(unbilled, scheme) == [
        ("upstream_awards.csv", None, "contract_id", "upstream.missing")
    ]
    assert places(replace(unbilled, upstream={CONTRACT.id: record}), scheme) == []


@pytest.mark.parametrize("settlement", Settlement)
def test_an_invoice_that_nobody_looks_at_is_refused(settlement: Settlement) -> None:
    found = places(YEAR, replace(SCHEME, settlement=settlement))

    unbilled = {
        Settlement.CAPACITY_AWARD,
        Settlement.AUTOMATIC_MATCH,
        Settlement.IN_KIND,
        Settlement.EXCHANGED_CREDITS,
    }
    expected = ("invoices.csv", None, "invoice_number", "invoice.not_looked_at")
    assert (expected in found) is (settlement in unbilled)
