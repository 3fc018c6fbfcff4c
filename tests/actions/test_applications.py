"""Assessing, awarding, issuing, opening: once each, and refused without a trace."""

from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

import pytest

from evernormal.actions.applications import (
    assess_application,
    award_application,
    issue_voucher,
)
from evernormal.actions.closing import close_books, log_of
from evernormal.actions.holds import bind_voucher, place_order
from evernormal.actions.programme import OtherInputs, digest_of, inputs_digest, open_programme
from evernormal.domain.audit import Act, verify_chain
from evernormal.domain.errors import DomainError
from evernormal.domain.ledger import AccountKind, Overdraft, Phase, TransferCode
from evernormal.domain.ledger.posting import Move
from evernormal.domain.policy import (
    Cap,
    CapCount,
    CapScope,
    OneAwardPerContract,
    ProviderRegistered,
    Settlement,
    UnknownRule,
)
from evernormal.domain.settlement import MeterControl, SameOfficer
from evernormal.domain.values import Fen, Period
from evernormal.store.models import AuditRecord, Award, Claim, Decision, Programme
from evernormal.store.queries.summary import summarise
from evernormal.store.transaction import UnknownProgramme, transaction
from evernormal.store.vouchers import UnknownVoucher
from tests.actions.office import APPLIED_ON, OFFICE, Year, invoice, payment_of, small_order
from tests.actions.reading import acts, all_rows, books_hold, run, voucher_row
from tests.domain.sample import contract, provider

pytestmark = pytest.mark.django_db
D = date


def test_each_act_done_twice_is_done_once() -> None:
    desk = Year(orders=(small_order(),)).desk()

    def award() -> None:
        issue_voucher(desk, award_application(desk, "C1", on=APPLIED_ON), on=APPLIED_ON)

    steps: list[partial[Any]] = [
        partial(open_programme, desk),
        partial(assess_application, desk, "C1"),
        partial(award),
        partial(place_order, desk, desk.year.orders[0], voucher_id="V-C1", on=APPLIED_ON),
        partial(close_books, desk),
    ]
    for step in steps:
        step()
        before = all_rows()
        step()
        assert all_rows() == before
    assert acts() == [
        "OPEN_PROGRAMME",
        "ASSESS/C1",
        "AWARD/C1",
        "ISSUE_VOUCHER/V-C1",
        "PLACE_HOLD/O1",
        "CLOSE_BOOKS",
    ]
    books_hold()


def test_an_award_that_is_asked_for_again_is_the_same_award() -> None:
    desk = Year(pot=20_000).desk()
    open_programme(desk)
    assess_application(desk, "C1")

    first = award_application(desk, "C1", on=APPLIED_ON)
    again = award_application(desk, "C1", on=APPLIED_ON)

    assert (first.amount, first.asked) == (Fen(20_000), Fen(50_000))
    assert again == first


def test_a_programme_on_other_files_is_refused_and_nothing_changes() -> None:
    desk = Year().desk()
    open_programme(desk)
    before = all_rows()
    others = [
        replace(desk, scheme_bytes=b"other rules"),
        Year(changed={"files": {"programme.toml": b"tesT"}}).desk(),
        Year(changed={"files": {"programme.toml": b"test", "more.csv": b""}}).desk(),
    ]

    for other in others:
        with pytest.raises(OtherInputs) as refusal:
            open_programme(other)
        assert refusal.value.programme_id == "prog"
        assert inputs_digest(other) != inputs_digest(desk)
    assert all_rows() == before


def test_a_digest_names_the_block_that_changed() -> None:
    data = bytes(5_000)
    changed = data[:3_000] + b"x" + data[3_001:]
    one, other = str(digest_of(data)["blocks"]), str(digest_of(changed)["blocks"])

    differing = [i for i in range(5) if one[8 * i : 8 * i + 8] != other[8 * i : 8 * i + 8]]
    assert (len(one), differing) == (40, [2])


def test_acts_on_a_programme_that_is_not_open_are_refused() -> None:
    desk = Year().desk()

    with pytest.raises(UnknownProgramme):
        assess_application(desk, "C1")

    assert not any(all_rows().values())


def test_an_act_without_a_record_is_a_bug_and_leaves_no_row() -> None:
    desk = Year().desk()
    open_programme(desk)
    before = all_rows()

    with pytest.raises(AssertionError, match="no audit record"), transaction("prog"):
        Programme.objects.create(id="x", scheme_id="", inputs_digest="", opened_on=APPLIED_ON)
    assert all_rows() == before


def test_an_act_with_two_records_is_a_bug_and_leaves_no_row() -> None:
    desk = Year().desk()
    open_programme(desk)
    before = all_rows()

    def twice() -> None:
        with transaction("prog") as tx:
            for key in ("a", "b"):
                tx.append(Act.AWARD, key=key, by="x", at=desk.at(APPLIED_ON), facts={})

    with pytest.raises(AssertionError, match="one audit record"):
        twice()
    assert all_rows() == before


def test_an_overdraft_refuses_the_act_without_a_trace() -> None:
    desk = Year().desk()
    open_programme(desk)
    before = all_rows()
    moves = [
        Move("TREASURY", "POT", Fen(5), TransferCode.APPROPRIATE),
        Move("VOUCHER:V-9", "ACCRUED:P1", Fen(6), TransferCode.HOLD, Phase.PENDING),
    ]

    with pytest.raises(Overdraft) as refusal, transaction("prog") as tx:
        tx.append(Act.PLACE_HOLD, key="k", by="x", at=desk.at(APPLIED_ON), facts={}, moves=moves)

    assert refusal.value.account_id == f"{AccountKind.VOUCHER.value}:V-9"
    assert all_rows() == before


def test_a_refused_order_leaves_no_row() -> None:
    desk = Year(orders=(small_order(),)).desk()
    open_programme(desk)
    before = all_rows()

    with pytest.raises(UnknownVoucher) as refusal:
        place_order(desk, desk.year.orders[0], voucher_id="V-C1", on=APPLIED_ON)

    assert refusal.value.voucher_id == "V-C1"
    assert all_rows() == before


def test_a_failing_condition_is_kept_with_its_reason_and_gets_no_voucher() -> None:
    rules = (("listed", ProviderRegistered()),)
    unlisted = {"providers": {"P1": provider(1, is_registered=False)}}
    run(Year(rules=rules, changed=unlisted).desk())

    decision = Decision.objects.get()
    assert (decision.is_eligible, decision.failed_rules) == (False, "listed")
    award = Award.objects.get()
    assert (award.amount_fen, award.asked_fen, award.reason) == (0, 0, "NOT_ELIGIBLE")
    assert acts() == ["OPEN_PROGRAMME", "ASSESS/C1", "AWARD/C1"]


def test_a_cap_counts_what_the_firm_was_awarded_and_waits_for() -> None:
    cap = ("cap", Cap(CapScope.FIRM_YEAR, Fen(70_000), (CapCount.AWARD,)))
    firms = (contract(1), contract(2, applicant_id="S1"), contract(3))
    run(Year(rules=(cap, ("once", OneAwardPerContract())), contracts=firms).desk())

    awards = Decision.objects.order_by("contract_id").values_list("entitled_fen", "limb")
    assert list(awards) == [(50_000, "share"), (20_000, "cap"), (50_000, "share")]


def test_one_officer_for_both_is_refused_and_pays_nothing() -> None:
    line = invoice("F1", D(2026, 2, 10))
    year = Year(
        settlement=Settlement.REIMBURSE_VOUCHER,
        office=replace(OFFICE, approves=OFFICE.prepares),
        invoices=(line,),
        payments=(payment_of(line),),
        payment_days=(D(2026, 2, 20),),
    )

    with pytest.raises(SameOfficer):
        run(year.desk())

    assert Claim.objects.get().approved_fen == 500
    assert acts("PAY") == []
    books_hold()


def test_a_reimburse_voucher_is_bound_whole() -> None:
    desk = Year(settlement=Settlement.REIMBURSE_VOUCHER).desk()
    open_programme(desk)
    assess_application(desk, "C1")
    issue_voucher(desk, award_application(desk, "C1", on=APPLIED_ON), on=APPLIED_ON)
    bind_voucher(desk, "V-C1", contract_id="C1", on=APPLIED_ON)
    before = all_rows()

    bind_voucher(desk, "V-C1", contract_id="C1", on=APPLIED_ON)

    assert all_rows() == before
    assert voucher_row().held_fen == 50_000


def test_a_closed_year_has_a_log_that_holds_and_names_its_files() -> None:
    desk = Year().desk()
    run(desk)

    files = close_books(desk)
    records, head = log_of(desk)

    verify_chain(records, checkpoint=head)
    assert head.size == AuditRecord.objects.count() == len(records)
    last = records[-1][0].decode()
    assert files
    assert all(f'"{path}":' in last for path in files)
    assert close_books(desk) == files
    assert summarise("prog").awarded == Fen(50_000)


def test_an_application_before_any_rule_is_refused_by_name() -> None:
    desk = Year(rules_since=D(2026, 2, 1)).desk()
    open_programme(desk)
    before = all_rows()

    with pytest.raises(UnknownRule):
        assess_application(desk, "C1")

    assert all_rows() == before


def test_a_subsidy_applied_for_before_the_term_without_invoices_gets_nothing() -> None:
    later = contract(1, term=Period(D(2026, 2, 1), D(2026, 12, 1)))
    year = Year(
        settlement=Settlement.POST_USE_SUBSIDY,
        contracts=(later,),
        meter=MeterControl.PRESENCE,
    )

    run(year.desk())

    assert Award.objects.get().amount_fen == 0


def test_refusals_have_a_code_and_say_what_to_do() -> None:
    for refusal in (OtherInputs(programme_id="p"), UnknownProgramme(programme_id="p")):
        assert isinstance(refusal, DomainError)
        assert refusal.code.startswith("programme.")
        assert str(refusal).count(". ") >= 1
