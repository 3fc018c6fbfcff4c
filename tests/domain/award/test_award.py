"""Grants, shares of a pot and assessments."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis.strategies import booleans, integers, lists, none

from evernormal.domain.award import (
    Assessed,
    AwardDecision,
    AwardReason,
    assess,
    grant,
    share_pot,
)
from evernormal.domain.policy import (
    CapCount,
    NoOtherSupport,
    ProviderRegistered,
    Scheme,
    Settlement,
    SupportRequest,
    Text,
    UnknownRule,
)
from evernormal.domain.values import Fen
from tests.domain.sample import amount_rules, case, contract, provider, rule


@pytest.mark.parametrize(
    ("eligible", "entitled", "pot", "share", "amount", "reason"),
    [
        (True, 100, 100, None, 100, AwardReason.ENTITLED),
        (True, 100, 99, None, 99, AwardReason.CUT_TO_POT),
        (True, 100, 0, None, 0, AwardReason.POT_EXHAUSTED),
        (True, 0, 100, None, 0, AwardReason.NOTHING_DUE),
        (True, 0, 0, None, 0, AwardReason.NOTHING_DUE),
        (False, 100, 100, None, 0, AwardReason.NOT_ELIGIBLE),
        (False, 0, 0, None, 0, AwardReason.NOT_ELIGIBLE),
        (True, 100, 500, 40, 40, AwardReason.CUT_TO_POT),
        (True, 100, 500, 100, 100, AwardReason.ENTITLED),
        (True, 100, 500, 0, 0, AwardReason.POT_EXHAUSTED),
        (True, 100, 30, 40, 30, AwardReason.CUT_TO_POT),
    ],
)
def test_grant(  # noqa: PLR0913 - one row of the table
    *, eligible: bool, entitled: int, pot: int, share: int | None, amount: int, reason: AwardReason
) -> None:
    assessed = Assessed("C7", "S7", is_eligible=eligible, entitled=Fen(entitled))

    award = grant(assessed, pot=Fen(pot), share=None if share is None else Fen(share))

    assert award == AwardDecision(
        award_id="A-C7",
        contract_id="C7",
        applicant_id="S7",
        reason=reason,
        asked=Fen(entitled if eligible else 0),
        amount=Fen(amount),
        pot_before=Fen(pot),
    )
    assert award.is_granted is (amount > 0)


AMOUNTS = integers(0, 10**12)


@given(eligible=booleans(), entitled=AMOUNTS, pot=AMOUNTS, share=none() | AMOUNTS)
def test_a_grant_never_exceeds_pot_entitlement_or_share(
    *, eligible: bool, entitled: int, pot: int, share: int | None
) -> None:
    assessed = Assessed("C", "S", is_eligible=eligible, entitled=Fen(entitled))
    limits = [entitled if eligible else 0, pot, *([] if share is None else [share])]

    award = grant(assessed, pot=Fen(pot), share=None if share is None else Fen(share))

    assert award.amount.amount == min(limits)


@given(asked=lists(AMOUNTS, max_size=20), pot=AMOUNTS)
def test_shares_of_a_pot_use_all_of_it_that_was_asked(asked: list[int], pot: int) -> None:
    shares = share_pot([Fen(a) for a in asked], pot=Fen(pot))

    assert sum(s.amount for s in shares) == min(sum(asked), pot)


def scheme(*without: str) -> Scheme:
    rules = [
        ("listed", ProviderRegistered()),
        *amount_rules(Fraction(1, 2)),
        ("other", NoOtherSupport()),
    ]
    text = Text("x", "x")
    return Scheme(
        id="test",
        title=text,
        issuer=text,
        settlement=Settlement.REIMBURSE_VOUCHER,
        rules=tuple(rule(rule_id, form) for rule_id, form in rules if rule_id not in without),
        unknown=(),
    )


def request_of(fen: int) -> SupportRequest:
    deal = contract()
    return SupportRequest(
        costs=dict.fromkeys(deal.costs, Fen(fen)),
        term=deal.term,
        counted_on=CapCount.AWARD,
        firm_year_before=Fen(0),
        firm_before=Fen(0),
    )


def test_an_assessment_has_every_check_and_the_entitlement_also_when_not_eligible() -> None:
    unlisted = case(provider=provider(is_registered=False))

    good = assess(scheme(), case=case(), request=request_of(101), on=date(2026, 1, 10))
    bad = assess(scheme(), case=unlisted, request=request_of(101), on=date(2026, 1, 10))

    assert [(c.rule_id, c.passed) for c in good.checks] == [("listed", True), ("other", True)]
    assert [(c.rule_id, c.passed) for c in bad.checks] == [("listed", False), ("other", True)]
    assert (good.is_eligible, bad.is_eligible) == (True, False)
    assert (good.contract_id, good.applicant_id) == ("C1", "S1")
    assert good.entitlement == bad.entitlement
    assert (good.entitlement.amount, good.entitlement.limb) == (Fen(50), "share")


def test_a_scheme_without_rounding_is_refused() -> None:
    with pytest.raises(UnknownRule) as refusal:
        assess(scheme("rounding"), case=case(), request=request_of(1), on=date(2026, 1, 10))

    assert refusal.value.form == "rounding"
