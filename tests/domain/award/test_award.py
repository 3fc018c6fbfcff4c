"""Grants, shares of a pot and assessments."""

from dataclasses import replace
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
    entitle_deducted,
    grant,
    share_pot,
)
from evernormal.domain.policy import (
    Cap,
    CapacitySupport,
    CapCount,
    CapScope,
    Form,
    Measure,
    NoOtherSupport,
    ProviderRegistered,
    Scheme,
    Settlement,
    Text,
    TierBasis,
    TieredRate,
    UnknownRule,
)
from evernormal.domain.values import Fen
from tests.domain.sample import amount_rules, case, contract, provider, request, rule


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


@pytest.mark.parametrize(
    ("eligible", "entitled", "pot", "reason"),
    [
        (True, 100, 500, AwardReason.NOT_ADMITTED),
        (True, 100, 0, AwardReason.NOT_ADMITTED),
        (True, 0, 500, AwardReason.NOTHING_DUE),
        (False, 100, 500, AwardReason.NOT_ELIGIBLE),
    ],
)
def test_whose_score_is_too_low_gets_nothing(
    *, eligible: bool, entitled: int, pot: int, reason: AwardReason
) -> None:
    assessed = Assessed("C7", "S7", is_eligible=eligible, entitled=Fen(entitled))

    award = grant(assessed, pot=Fen(pot), is_admitted=False)

    assert (award.amount, award.reason) == (Fen(0), reason)
    assert award.asked == Fen(entitled if eligible else 0)


def test_a_pot_that_is_overdrawn_grants_nothing() -> None:
    assessed = Assessed("C7", "S7", is_eligible=True, entitled=Fen(5))

    assert grant(assessed, pot=Fen(-1)).reason is AwardReason.POT_EXHAUSTED
    assert grant(assessed, pot=Fen(-1)).amount == Fen(0)


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


def test_an_assessment_has_every_check_and_the_entitlement_also_when_not_eligible() -> None:
    unlisted = case(provider=provider(is_registered=False))

    good = assess(scheme(), case=case(), request=request(101), on=date(2026, 1, 10))
    bad = assess(scheme(), case=unlisted, request=request(101), on=date(2026, 1, 10))

    assert [(c.rule_id, c.passed) for c in good.checks] == [("listed", True), ("other", True)]
    assert [(c.rule_id, c.passed) for c in bad.checks] == [("listed", False), ("other", True)]
    assert (good.is_eligible, bad.is_eligible) == (True, False)
    assert (good.contract_id, good.applicant_id) == ("C1", "S1")
    assert good.entitlement == bad.entitlement
    assert (good.entitlement.amount, good.entitlement.limb) == (Fen(50), "share")


@pytest.mark.parametrize(
    ("without", "named"),
    [(["rounding"], "rounding"), (["share"], "rate"), (["rounding", "share"], "rate")],
)
def test_a_scheme_without_rate_or_rounding_is_refused_the_rate_first(
    without: list[str], named: str
) -> None:
    with pytest.raises(UnknownRule) as refusal:
        assess(scheme(*without), case=case(), request=request(1), on=date(2026, 1, 10))

    assert (refusal.value.scheme_id, refusal.value.form) == ("test", named)


@pytest.mark.parametrize(
    "form",
    [CapacitySupport(Fen(7)), TieredRate(Measure.COST, TierBasis.WHOLE, False, ())],  # noqa: FBT003
)
def test_whatever_gives_an_amount_is_a_rate(form: Form) -> None:
    other = replace(scheme("share"), rules=(*scheme("share").rules, rule("other", form)))
    measured = case(contract=contract(capacity_pflops=3))

    found = assess(other, case=measured, request=request(case=measured), on=date(2026, 1, 10))

    assert found.entitlement.amount == Fen(21 if isinstance(form, CapacitySupport) else 0)


# --- Claims of a provider for what was captured ---------------------------------------------------


@pytest.mark.parametrize(
    ("evidenced", "captured", "charged", "due"),
    [
        (300, 100, 300, 100),  # all of it: all that was captured, to the fen
        (200, 100, 300, 66),  # two thirds, cut
        (0, 100, 300, 0),
        (300, 0, 0, 0),  # nothing charged gives nothing
        (300, 50, 300, 50),
    ],
)
def test_a_claim_is_paid_at_the_rate_at_which_the_use_was_captured(
    evidenced: int, captured: int, charged: int, due: int
) -> None:
    found = entitle_deducted(
        scheme(),
        request=request(evidenced, counted_on=CapCount.CLAIM),
        on=date(2026, 1, 10),
        captured=Fen(captured),
        charged=Fen(charged),
    )

    assert (found.amount, [s.form for s in found.steps]) == (Fen(due), ["eligible_cost", "rate"])


def test_caps_hold_for_a_claim_of_what_was_captured() -> None:
    capped = replace(
        scheme(), rules=(*scheme().rules, rule("cap", Cap(CapScope.PROVIDER_YEAR, Fen(90))))
    )
    asked = request(300, already={CapScope.PROVIDER_YEAR: Fen(31)})

    found = entitle_deducted(
        capped, request=asked, on=date(2026, 1, 10), captured=Fen(100), charged=Fen(300)
    )

    assert (found.amount, found.limb) == (Fen(59), "cap")


def test_without_a_rate_nothing_was_captured_that_could_be_claimed() -> None:
    with pytest.raises(UnknownRule):
        entitle_deducted(
            scheme("share"),
            request=request(),
            on=date(2026, 1, 10),
            captured=Fen(1),
            charged=Fen(1),
        )
