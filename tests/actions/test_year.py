"""The whole year, and that running it again, or going on with it, changes nothing."""

from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.db import connection

from evernormal.actions.desk import Desk
from evernormal.actions.year import run_year
from evernormal.domain.policy import AppliedWithin, Shortage
from evernormal.store.models import Account, AuditRecord, Award, Claim, PaymentInstruction
from tests.actions.office import (
    APPLIED_ON,
    OPENS_ON,
    Year,
    rolled_back,
)
from tests.actions.reading import acts, all_rows, books_hold, run, voucher_parts, voucher_row
from tests.actions.years import YEARS, deducting, reimbursing, sharing, subsidising
from tests.domain.sample import contract

pytestmark = pytest.mark.django_db

D = date


@pytest.mark.parametrize("name", YEARS)
def test_a_year_that_is_run_again_changes_no_row(name: str) -> None:
    desk = YEARS[name].desk()
    run(desk)
    before = all_rows()
    assert before["Award"]
    books_hold()

    run(desk)

    assert all_rows() == before


class Killed(Exception):
    """Stands for the power going off."""


def run_until_killed(desk: Desk) -> None:
    """Run until one more act is written, as a process that is killed at its next one would."""
    written = 0

    def write(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001
        nonlocal written
        if sql.startswith('INSERT INTO "audit_record"'):
            if written:
                raise Killed
            written += 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(write):
        run(desk)


def log() -> list[tuple[str, str]]:
    return list(AuditRecord.objects.order_by("number").values_list("key", "hash"))


@pytest.mark.parametrize("name", YEARS)
def test_a_year_that_is_killed_after_every_record_goes_on_to_the_same_log(name: str) -> None:
    desk = YEARS[name].desk()
    with rolled_back():
        run(desk)
        undisturbed = log()

    written: list[tuple[str, str]] = []
    while len(written) < len(undisturbed):
        with suppress(Killed):
            run_until_killed(desk)
        # What a batch charges is written together: that is more than one record.
        assert len(log()) > len(written)
        written = log()
        assert written == undisturbed[: len(written)]


def test_claim_and_deduct_from_pot_to_payment() -> None:
    run(deducting().desk())

    # 2 card-hours of job 1 and 1 of job 2 at 10.00, half of it: then job 1 was only 1 hour long.
    assert voucher_parts("O1") == 1_000
    claim = Claim.objects.get()
    assert (claim.approved_fen, claim.cut_fen, claim.limb) == (1_000, 0, "share")
    assert PaymentInstruction.objects.get().amount_fen == 1_000
    voucher = voucher_row()
    assert (voucher.face_fen, voucher.captured_fen) == (50_000, 1_000)
    treasury = Account.objects.get(account_id="TREASURY")
    assert (treasury.debits_posted, treasury.credits_posted) == (10_000_000, 1_000)


def test_reimburse_voucher_is_captured_by_claims_until_it_is_used_up() -> None:
    run(reimbursing().desk())

    claims = Claim.objects.order_by("claimed_on")
    assert [(c.approved_fen, c.limb) for c in claims] == [(30_000, "share"), (20_000, "share")]
    voucher = voucher_row()
    assert (voucher.face_fen, voucher.captured_fen, voucher.held_fen) == (50_000, 50_000, 0)


@pytest.mark.parametrize("shortage", Shortage)
def test_a_post_use_subsidy_is_claimed_once(shortage: Shortage) -> None:
    run(subsidising(shortage).desk())

    assert list(Claim.objects.values_list("approved_fen", "limb")) == [(30_000, "share")]
    assert PaymentInstruction.objects.get().amount_fen == 30_000


def test_a_pot_that_is_shared_is_shared_in_proportion_and_used_up() -> None:
    run(sharing().desk())

    awards = Award.objects.order_by("award_id").values_list("award_id", "amount_fen", "reason")
    assert list(awards) == [
        ("A-C1", 33_334, "CUT_TO_POT"),
        ("A-C2", 33_334, "CUT_TO_POT"),
        ("A-C3", 33_333, "CUT_TO_POT"),
    ]
    assert Account.objects.get(account_id="POT").credits_posted == 100_001
    assert acts("AWARD") == ["AWARD/C1", "AWARD/C2", "AWARD/C3"]


def test_a_pot_that_is_enough_is_not_cut() -> None:
    run(replace(sharing(), pot=150_000).desk())

    assert set(Award.objects.values_list("amount_fen", "reason")) == {(50_000, "ENTITLED")}


def test_an_application_after_the_call_is_decided_too() -> None:
    late = contract(4, applied_on=D(2026, 2, 3))
    year = sharing()

    run(replace(year, contracts=(*year.contracts, late)).desk())

    assert Award.objects.get(award_id="A-C4").reason == "NOT_ELIGIBLE"


def test_a_programme_may_open_before_its_rules_are_in_force() -> None:
    year = Year(rules_since=D(2026, 1, 8))

    run(year.desk())

    assert Award.objects.get().amount_fen == 50_000


def test_first_come_first_served_until_the_pot_is_empty() -> None:
    contracts = (contract(2), contract(1), contract(3, applied_on=D(2026, 1, 9)))

    run(Year(pot=120_000, contracts=contracts).desk())

    awards = Award.objects.order_by("act__number").values_list("award_id", "amount_fen", "reason")
    assert list(awards) == [
        ("A-C3", 50_000, "ENTITLED"),
        ("A-C1", 50_000, "ENTITLED"),
        ("A-C2", 20_000, "CUT_TO_POT"),
    ]
    assert voucher_row(2).face_fen == 20_000


def test_days_with_work_are_told_in_order() -> None:
    told: list[date] = []

    run_year(reimbursing().desk(), progress=told.append)

    assert told == [
        OPENS_ON,
        APPLIED_ON,
        D(2026, 2, 1),
        D(2026, 2, 10),
        D(2026, 3, 10),
        D(2026, 3, 25),
    ]


def with_two_calls(desk: Desk, *, second_from: date) -> Desk:
    """The same year with a call in January and, by a later version, one to 28 February."""
    second = AppliedWithin(second_from, D(2026, 2, 28))
    rules = []
    for rule in desk.scheme.rules:
        first = rule.versions[0]
        later = replace(first, starts_on=second_from, form=second)
        rules.append(replace(rule, versions=(first, later)) if rule.id == "call" else rule)
    return replace(desk, scheme=replace(desk.scheme, rules=tuple(rules)))


@pytest.mark.parametrize("second_from", [D(2026, 2, 1), D(2026, 1, 25)])
def test_each_call_shares_what_the_call_before_it_left(second_from: date) -> None:
    contracts = (contract(1), *(contract(n, applied_on=D(2026, 2, 10)) for n in (2, 3)))
    year = replace(sharing(), pot=110_000, contracts=contracts)

    run(with_two_calls(year.desk(), second_from=second_from))

    awards = Award.objects.order_by("award_id").values_list("award_id", "amount_fen")
    assert list(awards) == [("A-C1", 50_000), ("A-C2", 30_000), ("A-C3", 30_000)]
