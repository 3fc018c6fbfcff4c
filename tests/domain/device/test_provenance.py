"""Papers for cards, what a policy says of those without, and what a site may buy."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from evernormal.domain.device import (
    CapacityTrust,
    DeviceAnswer,
    DeviceClass,
    DeviceFinding,
    DevicePolicy,
    DeviceRule,
    Holding,
    HoldingReview,
    NoDevicePolicy,
    PaperKind,
    PaperLevel,
    ProvenanceRecord,
    PurchaseOutcome,
    SiteFunding,
    policy_on,
    review_devices,
    review_purchase,
)
from tests.domain.device.sample import CARD, GAME, ON, OWN, PURCHASE, RULES

HOLDING = Holding("H1", "P1", "site", "Card 80G", CARD, cards=10)
STRICT = DevicePolicy(
    starts_on=date(2026, 1, 1),
    country="CN",
    gaming=DeviceAnswer.REFUSED,
    unknown=DeviceAnswer.REFUSED,
    undeclared=DeviceAnswer.REFUSED,
    unpapered=DeviceAnswer.REFUSED,
    contradiction=DeviceAnswer.REFUSED,
)
MILD = DevicePolicy(starts_on=date(2026, 2, 1), country="CN", undeclared=DeviceAnswer.ALLOWED)


def paper(kind: PaperKind, cards: int = 10) -> ProvenanceRecord:
    return ProvenanceRecord("H1", kind, PaperLevel.COPY_SEEN, cards, "N-1", date(2026, 1, 5))


def review(
    *papers: ProvenanceRecord, holding: Holding = HOLDING, policy: DevicePolicy = STRICT
) -> HoldingReview:
    (found,) = review_devices([holding], papers=papers, policy=policy, on=ON)
    return found


def findings(found: HoldingReview) -> list[tuple[DeviceRule, int, PaperKind | None]]:
    return [(one.rule, one.cards, one.paper) for one in found.findings]


def test_a_holding_with_all_its_papers_is_documented() -> None:
    found = review(paper(PaperKind.INVOICE), paper(PaperKind.IMPORT_DECLARATION))

    assert found == HoldingReview(HOLDING, (), DeviceAnswer.ALLOWED, 10, CapacityTrust.DOCUMENTED)


def test_cards_without_papers_and_cards_that_lack_one_are_told_apart() -> None:
    found = review(paper(PaperKind.INVOICE, 6), paper(PaperKind.IMPORT_DECLARATION, 4))

    assert findings(found) == [
        (DeviceRule.NO_PAPERS, 4, None),
        (DeviceRule.PAPER_MISSING, 2, PaperKind.IMPORT_DECLARATION),
    ]
    assert (found.answer, found.allowed_cards) == (DeviceAnswer.REFUSED, 4)
    assert found.trust is CapacityTrust.DECLARED


@pytest.mark.parametrize(
    "useless",
    [
        replace(paper(PaperKind.INVOICE), holding_id="H2"),
        replace(paper(PaperKind.INVOICE), level=PaperLevel.NAMED),
        replace(paper(PaperKind.INVOICE), issued_on=date(2026, 3, 2)),
        replace(paper(PaperKind.INVOICE), ends_on=ON),
    ],
)
def test_a_paper_counts_for_its_holding_in_its_time_and_looked_at(
    useless: ProvenanceRecord,
) -> None:
    assert findings(review(useless)) == [(DeviceRule.NO_PAPERS, 10, None)]


def test_a_certificate_contradicts_a_foreign_class() -> None:
    papers = [paper(kind) for kind in PaperKind if kind is not PaperKind.ATTESTATION]

    found = review(*papers)

    assert findings(found) == [(DeviceRule.CONTRADICTION, 10, PaperKind.DOMESTIC_CERTIFICATE)]
    assert found.allowed_cards == 0
    own = replace(HOLDING, device=OWN)
    assert review(paper(PaperKind.DOMESTIC_CERTIFICATE), holding=own).findings == ()


@pytest.mark.parametrize(
    ("device", "rule"), [(GAME, DeviceRule.GAMING_CLASS), (None, DeviceRule.UNKNOWN_CLASS)]
)
@pytest.mark.parametrize("policy", [STRICT, MILD])
def test_gaming_and_unclear_classes_go_by_the_policy(
    device: DeviceClass | None, rule: DeviceRule, policy: DevicePolicy
) -> None:
    papers = [paper(PaperKind.INVOICE), paper(PaperKind.IMPORT_DECLARATION)]

    found = review(*papers, holding=replace(HOLDING, device=device), policy=policy)

    answer = DeviceAnswer.REFUSED if policy is STRICT else DeviceAnswer.FLAGGED
    assert found.findings == (DeviceFinding("H1", rule, answer, 10),)
    assert found.answer is answer
    assert found.allowed_cards == (0 if policy is STRICT else 10)


def test_a_finding_that_is_allowed_is_still_told() -> None:
    found = review(policy=MILD)

    assert found.findings == (DeviceFinding("H1", DeviceRule.NO_PAPERS, DeviceAnswer.ALLOWED, 10),)
    assert (found.answer, found.allowed_cards) == (DeviceAnswer.ALLOWED, 10)


def test_trust_rises_with_what_was_seen() -> None:
    attested = review(paper(PaperKind.ATTESTATION), policy=MILD)
    metered = review(holding=replace(HOLDING, metered_cards=12))
    asked_nothing = review(policy=replace(MILD, for_foreign=()))

    assert attested.trust is CapacityTrust.ATTESTED
    assert metered.trust is CapacityTrust.METERED
    assert (DeviceRule.MORE_THAN_DECLARED, 2, None) in findings(metered)
    # The cards beyond are not among the declared, which lack their papers.
    assert metered.allowed_cards == 0
    assert asked_nothing.trust is CapacityTrust.DECLARED
    assert review(holding=replace(HOLDING, cards=0)).trust is CapacityTrust.DECLARED


def test_the_latest_policy_that_has_started_holds() -> None:
    assert policy_on([MILD, STRICT], date(2026, 1, 31)) is STRICT
    assert policy_on([STRICT, MILD], ON) is MILD
    with pytest.raises(NoDevicePolicy):
        policy_on([STRICT], date(2025, 12, 31))


def test_fewer_than_no_cards_are_a_mistake_of_the_program() -> None:
    with pytest.raises(ValueError, match="fewer than no cards"):
        replace(HOLDING, cards=-1)
    with pytest.raises(ValueError, match="covers 0 cards"):
        paper(PaperKind.INVOICE, 0)


@pytest.mark.parametrize(
    ("device", "funded", "completed", "outcome"),
    [
        (CARD, True, "0", PurchaseOutcome.DOMESTIC_ONLY),
        (CARD, True, "29/100", PurchaseOutcome.DOMESTIC_ONLY),
        (CARD, True, "30/100", PurchaseOutcome.OPEN),
        (CARD, False, "0", PurchaseOutcome.OPEN),
        (CARD, None, "0", PurchaseOutcome.UNKNOWN),
        (CARD, True, None, PurchaseOutcome.UNKNOWN),
        (CARD, False, None, PurchaseOutcome.OPEN),
        (OWN, True, "0", PurchaseOutcome.OPEN),
    ],
)
def test_a_state_funded_site_takes_domestic_cards_alone(
    device: DeviceClass, *, funded: bool | None, completed: str | None, outcome: PurchaseOutcome
) -> None:
    share = None if completed is None else Fraction(completed)
    site = SiteFunding("CN", is_state_funded=funded, completed=share)

    (found,) = review_purchase(device, site=site, rules=RULES, on=date(2025, 11, 5))

    assert (found.rule, found.outcome) == (PURCHASE, outcome)


def test_a_purchase_rule_holds_in_its_country_from_its_day() -> None:
    day_before = review_purchase(CARD, site=SiteFunding("CN"), rules=RULES, on=date(2025, 11, 4))
    elsewhere = review_purchase(CARD, site=SiteFunding("SG"), rules=RULES, on=ON)

    assert (day_before, elsewhere) == ((), ())
