"""Clearing rounds: what an outcome gives to each request is recorded before its orders are placed.

The outcome is an input of the year, checked in whole numbers when it was read
(formats/clearing_round/of_year.py); nothing is cleared here, so that any machine writes the same.
"""

import hashlib
from datetime import date

from evernormal.actions.desk import Desk
from evernormal.domain.allocation import Request, cost_of, work_of
from evernormal.domain.audit import Act, Json
from evernormal.formats.intake.year_input import RoundHeld
from evernormal.store.transaction import transaction


def hold_round(desk: Desk, held: RoundHeld, *, on: date) -> None:
    """Put the outcome of a clearing round into force: its orders are placed on this day."""
    key = f"{Act.CLEAR_ROUND.value}/{held.round.id}"
    prefix = f"{held.entry.folder}/"
    with transaction(desk.programme_id) as tx:
        if tx.is_done(key):
            return
        files: dict[str, Json] = {
            path: hashlib.sha256(data).hexdigest()
            for path, data in sorted(desk.year.files.items())
            if path.startswith(prefix)
        }
        tx.append(
            Act.CLEAR_ROUND,
            key=key,
            by=desk.year.programme.office.approves,
            at=desk.at(on),
            facts={
                "round": held.round.id,
                "mechanism": held.outcome.mechanism.value,
                "starts_on": held.entry.starts_on.isoformat(),
                "hours": held.round.hours,
                "pools": [
                    {
                        "pool": pool.id,
                        "provider": pool.provider_id,
                        "device_class": pool.device_class,
                        "cards": pool.cards,
                    }
                    for pool in held.round.pools
                ],
                "results": [_result(held, request) for request in held.round.requests],
                "files": files,
            },
        )


def _result(held: RoundHeld, request: Request) -> Json:
    grants = held.outcome.of(request.id)
    done = work_of(request, grants)
    return {
        "request": request.id,
        "applicant": request.applicant_id,
        "orders": list(held.orders[request.id]),
        "card_hours": sum(grant.card_hours for grant in grants),
        "work": done,
        "missed_work": request.work - done,
        "cost_fen": cost_of(held.round, grants).amount,
        "budget_fen": request.budget.amount,
    }
