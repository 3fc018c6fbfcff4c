"""What a clearing round decided, as spreadsheets."""

import csv
import io
from collections.abc import Iterable, Sequence
from fractions import Fraction

from evernormal.domain.allocation import (
    Outcome,
    Request,
    Round,
    bound_of,
    cost_of,
    used_part,
    work_of,
)
from evernormal.domain.values import Rounding, RoundingMode

_TO_FEN = Rounding(RoundingMode.HALF_UP)


def outcome_files(round_: Round, outcome: Outcome) -> dict[str, bytes]:
    """The files of a decided round, by name.

    returns  grants.csv: which cards in which hours; results.csv: what each request got and what
             bound it; prices.csv: posted and shadow price of each pool, and how full it is.
             Amounts are in yuan, shadow prices rounded half up to the fen
    """
    requests = sorted(round_.requests, key=lambda request: request.id)
    return {
        "grants.csv": _csv(
            ("request_id", "pool_id", "cards", "starts_hour", "ends_hour", "card_hours"),
            (
                (g.request_id, g.pool_id, g.cards, g.starts, g.ends, g.card_hours)
                for g in outcome.grants
            ),
        ),
        "results.csv": _csv(
            (
                "request_id",
                "applicant_id",
                "card_hours",
                "work",
                "missed_work",
                "cost_yuan",
                "bound",
                "bound_pool",
            ),
            (_result(round_, outcome, request) for request in requests),
        ),
        "prices.csv": _csv(
            (
                "pool_id",
                "device_class",
                "cards",
                "posted_yuan_per_card_hour",
                "shadow_yuan_per_card_hour",
                "used_percent",
            ),
            _prices(round_, outcome),
        ),
    }


def _result(round_: Round, outcome: Outcome, request: Request) -> Sequence[object]:
    grants = outcome.of(request.id)
    work, bound = work_of(request, grants), bound_of(round_, outcome, request)
    return (
        request.id,
        request.applicant_id,
        sum(grant.card_hours for grant in grants),
        work,
        request.work - work,
        cost_of(round_, grants).yuan,
        bound.kind.value,
        bound.pool_id,
    )


def _prices(round_: Round, outcome: Outcome) -> Iterable[Sequence[object]]:
    for pool in sorted(round_.pools, key=lambda pool: pool.id):
        price = outcome.prices.get(pool.id)
        shadow = "" if price is None else _TO_FEN.to_fen(price - pool.price.amount).yuan
        used = Fraction(100) * used_part(round_, outcome, pool)
        yield (
            pool.id,
            pool.device_class,
            pool.cards,
            pool.price.yuan,
            shadow,
            f"{float(used):.1f}",
        )


def _csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode("utf-8")
