"""What `evernormal rules what-if` writes: every application, every day, and the summary."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from evernormal.domain.policy import Scheme
from evernormal.domain.values import Fen, ratio_text
from evernormal.formats.books.tables import encode_table
from evernormal.simulator import (
    Concentration,
    FailedLine,
    GroupLine,
    LimbLine,
    Outcome,
    PotYear,
    ShortageLine,
    SpendDay,
    WhatIf,
)

AWARDS_FILE, CURVE_FILE, SUMMARY_FILE = "awards.csv", "curve.csv", "summary.json"


@dataclass(frozen=True, slots=True)
class AwardRow:
    """One application and what became of it. `limb` and `failed_rules` are rule ids."""

    application: str
    contract: str
    firm: str
    group: str
    provider: str
    size: str
    device_origin: str
    applied_on: date
    decided_on: date
    is_eligible: bool
    failed_rules: tuple[str, ...]
    eligible_cost_fen: int
    entitled_fen: int
    limb: str
    reason: str
    granted_fen: int


@dataclass(frozen=True, slots=True)
class CurveRow:
    """One day of the spend curve; sums run from 1 January."""

    day: date
    applications: int
    asked_fen: int
    granted_fen: int
    asked_so_far_fen: int
    granted_so_far_fen: int
    pot_released_fen: int | None


def tables_of(found: WhatIf, scheme: Scheme) -> dict[str, bytes]:
    """The two tables as CSV, by file name."""
    awards = [_award_row(outcome) for outcome in found.outcomes]
    curve = [_curve_row(day) for year in found.years for day in year.days]
    return {
        AWARDS_FILE: encode_table(AwardRow, awards, unit=scheme.unit),
        CURVE_FILE: encode_table(CurveRow, curve, unit=scheme.unit),
    }


def _award_row(outcome: Outcome) -> AwardRow:
    application = outcome.application
    case = application.case
    return AwardRow(
        application=application.id,
        contract=case.contract.id,
        firm=case.applicant.id,
        group=case.applicant.group,
        provider=case.provider.id,
        size=case.applicant.size.value,
        device_origin=case.contract.device_origin.value,
        applied_on=application.applied_on,
        decided_on=outcome.decided_on,
        is_eligible=outcome.is_eligible,
        failed_rules=outcome.failed,
        eligible_cost_fen=outcome.cost.amount,
        entitled_fen=outcome.entitled.amount,
        limb=outcome.limb,
        reason=outcome.reason.value,
        granted_fen=outcome.granted.amount,
    )


def _curve_row(day: SpendDay) -> CurveRow:
    return CurveRow(
        day=day.on,
        applications=day.applications,
        asked_fen=day.asked.amount,
        granted_fen=day.granted.amount,
        asked_so_far_fen=day.asked_so_far.amount,
        granted_so_far_fen=day.granted_so_far.amount,
        pot_released_fen=None if day.released is None else day.released.amount,
    )


def summary_bytes(summary: dict[str, Any]) -> bytes:
    """JSON in UTF-8 that people can read too."""
    return (json.dumps(summary, ensure_ascii=False, indent=2) + "\n").encode("utf-8")


def summary_of(found: WhatIf, scheme: Scheme) -> dict[str, Any]:
    """The whole answer but its single applications: amounts as text, ratios exact as "a/b"."""
    return {
        "scheme": scheme.id,
        "unit": scheme.unit.value,
        **_group(found.whole),
        "years": [_year(year) for year in found.years],
        "concentration": _concentration(found.concentration),
        "shortage_rules": [_shortage(line) for line in found.shortages],
        "limbs": [_limb(line) for line in found.limbs],
        "failed_rules": [_failed(line) for line in found.failed],
        "below_least_score": {
            "applications": found.not_admitted.applications,
            "asked": _money(found.not_admitted.asked),
        },
        "sizes": _groups("size", found.sizes),
        "device_origins": _groups("device_origin", found.origins),
    }


def _year(year: PotYear) -> dict[str, Any]:
    return {
        "year": year.year,
        "pot": _money(year.pot),
        "asked": _money(year.asked),
        "granted": _money(year.granted),
        "exhausted_on": _day(year.exhausted_on),
        "asked_passes_pot_on": _day(year.passed_on),
        "last_award_on": _day(year.last_award_on),
        "projected_exhaustion_on": _day(year.projected_on),
    }


def _concentration(found: Concentration) -> dict[str, Any]:
    return {
        "firms": found.firms,
        "firms_with_nothing": found.firms_empty,
        "share_of_firms_with_nothing": ratio_text(found.empty_share),
        "top_five_share": ratio_text(found.top_share),
        "hhi": found.hhi,
        "largest": [{"firm": firm, "granted": _money(fen)} for firm, fen in found.largest],
    }


def _shortage(line: ShortageLine) -> dict[str, Any]:
    return {
        "rule": line.shortage.value,
        "is_the_schemes": line.is_own,
        "in_full": line.full,
        "in_part": line.part,
        "nothing": line.none,
        "firms": line.firms,
        "granted": _money(line.granted),
        "top_five_share": ratio_text(line.concentration.top_share),
        "hhi": line.concentration.hhi,
    }


def _limb(line: LimbLine) -> dict[str, Any]:
    return {
        "rule": line.limb,
        "applications": line.applications,
        "entitled": _money(line.entitled),
        "cut": _money(line.cut),
    }


def _failed(line: FailedLine) -> dict[str, Any]:
    return {
        "rule": line.rule_id,
        "applications": line.applications,
        "entitled": _money(line.entitled),
    }


def _groups(name: str, lines: Sequence[GroupLine]) -> list[dict[str, Any]]:
    return [{name: line.key, **_group(line)} for line in lines]


def _group(line: GroupLine) -> dict[str, Any]:
    return {
        "applications": line.applications,
        "eligible": line.eligible,
        "firms": line.firms,
        "eligible_cost": _money(line.cost),
        "asked": _money(line.asked),
        "granted": _money(line.granted),
        "effective_rate": ratio_text(line.rate),
    }


def _money(amount: Fen | None) -> str | None:
    return None if amount is None else amount.yuan


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
