"""How terms are written."""

from collections.abc import Mapping
from fractions import Fraction
from itertools import pairwise
from typing import Any

from evernormal.domain.policy import (
    ClaimDocuments,
    Clawback,
    ClawbackTrigger,
    DesignatedClasses,
    FundingShare,
    FundingSplit,
    IdleRecall,
    Payee,
    PayeeRule,
    Pot,
    PotTranche,
    PublicNotice,
    Reporting,
    ReserveFund,
    Review,
    ReviewTier,
    Shortage,
    ShortageRule,
    Text,
    Tranche,
    TrancheRelease,
    Tranches,
    VoucherExtension,
    VoucherTerm,
)
from evernormal.domain.values import Fen
from evernormal.schemes.form_keys.selectors import MONTHS_MAX, SLUGS
from evernormal.schemes.kinds import (
    Unfit,
    list_kind,
    money_kind,
    ratio_kind,
    slug_kind,
    table_kind,
    text_kind,
    whole_kind,
    word_kind,
    words_kind,
)

_DAYS_MAX = 36_500
_YEARS_MAX = 100
_PARTS_MAX = 20
_SCORE_MAX = 1_000_000
_CLASSES_MAX = 100

_MONTHS = {"months": whole_kind(1, MONTHS_MAX)}


def _pot(amount: Fen, tranches: tuple[PotTranche, ...] = ()) -> Pot:
    if tranches:
        _demand_whole(t.ratio for t in tranches)
        if any(later.month <= earlier.month for earlier, later in pairwise(tranches)):
            raise Unfit("The months are not in order. Put the tranches in order of months.")
    return Pot(amount=amount, tranches=tranches)


def _funding_split(shares: tuple[FundingShare, ...]) -> FundingSplit:
    if len({share.funder for share in shares}) < len(shares):
        raise Unfit("A funder stands twice. Add its shares up.")
    _demand_whole(share.ratio for share in shares)
    return FundingSplit(shares)


def _tranches(parts: tuple[Tranche, ...]) -> Tranches:
    _demand_whole(part.ratio for part in parts)
    return Tranches(parts)


def _demand_whole(ratios: Any) -> None:
    total = sum(ratios, Fraction(0))
    if total != 1:
        raise Unfit(f"The ratios together are {total}, not 1. Correct them.")


def _shortage(
    shortage: Shortage, least_score: int | None = None, sure_score: int | None = None
) -> ShortageRule:
    if sure_score is not None and shortage is not Shortage.LOTTERY:
        raise Unfit("sure_score belongs to LOTTERY. Leave it out.")
    if least_score is not None and shortage in {Shortage.FIRST_COME, Shortage.PRO_RATA}:
        raise Unfit("least_score belongs to RANKED and LOTTERY. Leave it out.")
    if least_score is not None and sure_score is not None and sure_score <= least_score:
        raise Unfit("sure_score must lie above least_score: nothing would be drawn.")
    return ShortageRule(shortage, least_score=least_score, sure_score=sure_score)


def _review_tier(reviewer: Text, at_most: Fen | None = None) -> ReviewTier:
    return ReviewTier(reviewer=reviewer, at_most=at_most)


def _review(tiers: tuple[ReviewTier, ...]) -> Review:
    for earlier, later in pairwise(tiers):
        if earlier.at_most is None or (later.at_most and later.at_most <= earlier.at_most):
            raise Unfit("The tiers are not in order. Put the smallest first, the open one last.")
    return Review(tiers)


def _reporting(after_months: tuple[int, ...]) -> Reporting:
    if list(after_months) != sorted(after_months):
        raise Unfit("The months are not in order. Put the earliest first.")
    return Reporting(after_months)


_POT_TRANCHE = table_kind({"month": whole_kind(1, 12), "ratio": ratio_kind()}, PotTranche)
_SHARE = table_kind(
    {"funder": slug_kind(), "label": words_kind(), "ratio": ratio_kind()}, FundingShare
)
_TRANCHE = table_kind({"ratio": ratio_kind(), "on": word_kind(TrancheRelease)}, Tranche)
_REVIEW_TIER = table_kind(
    {"reviewer": words_kind(), "at_most": money_kind(low=1)},
    _review_tier,
    optional=frozenset({"at_most"}),
)

FORMS: Mapping[str, tuple[Any, ...]] = {
    PayeeRule.name: ({"payee": word_kind(Payee)}, PayeeRule),
    Pot.name: (
        {"amount": money_kind(low=1), "tranches": list_kind(_POT_TRANCHE, most=12)},
        _pot,
        {"optional": ["tranches"]},
    ),
    FundingSplit.name: ({"shares": list_kind(_SHARE, most=_PARTS_MAX)}, _funding_split),
    Tranches.name: ({"parts": list_kind(_TRANCHE, most=_PARTS_MAX, same=True)}, _tranches),
    ReserveFund.name: ({"ratio": ratio_kind()}, ReserveFund),
    VoucherTerm.name: (_MONTHS, VoucherTerm),
    VoucherExtension.name: ({**_MONTHS, "times": whole_kind(1, 100)}, VoucherExtension),
    DesignatedClasses.name: (
        {"device_classes": list_kind(text_kind("A100"), most=_CLASSES_MAX)},
        DesignatedClasses,
    ),
    IdleRecall.name: ({"days": whole_kind(1, _DAYS_MAX)}, IdleRecall),
    ShortageRule.name: (
        {
            "shortage": word_kind(Shortage),
            "least_score": whole_kind(0, _SCORE_MAX),
            "sure_score": whole_kind(0, _SCORE_MAX),
        },
        _shortage,
        {"optional": ["least_score", "sure_score"]},
    ),
    Review.name: ({"tiers": list_kind(_REVIEW_TIER, most=_PARTS_MAX)}, _review),
    PublicNotice.name: (
        {"days": whole_kind(0, _DAYS_MAX), "objection_days": whole_kind(0, _DAYS_MAX)},
        PublicNotice,
    ),
    ClaimDocuments.name: ({"documents": SLUGS}, ClaimDocuments),
    Reporting.name: (
        {"after_months": list_kind(whole_kind(1, MONTHS_MAX), most=_PARTS_MAX)},
        _reporting,
    ),
    Clawback.name: (
        {
            "triggers": list_kind(word_kind(ClawbackTrigger), most=len(ClawbackTrigger)),
            "ratio": ratio_kind(),
            "interest_per_year": ratio_kind(zero=True),
            "exclusion_years": whole_kind(0, _YEARS_MAX),
        },
        Clawback,
    ),
}
