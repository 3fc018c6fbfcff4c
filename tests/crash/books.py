"""Looks at a database from outside: the laws hold, and what is in it. `books.py FOLDER` prints it.

A program of its own, because the database is another one than that of the tests.
"""

import json
import sys
from collections import Counter
from pathlib import Path
from typing import TypedDict

import django

from evernormal.connectors.folder import read_folder
from evernormal.domain.audit import verify_chain
from evernormal.domain.ledger import AccountKind, Books, Phase, Transfer, TransferCode


class Found(TypedDict):
    """What is in a database. Sums and counts of readings that count, by provider; fen by order."""

    card_seconds: dict[str, int]
    records: dict[str, int]
    charged: dict[str, int]
    captured: dict[str, int]
    due: int
    charges: int
    batches: int


def look(folder: Path) -> Found:
    """Assert laws 1 to 6 of what is stored, and add it up."""
    from evernormal.store.models import Charge, OrderTotal, UsageBatch  # noqa: PLC0415
    from tests.actions.reading import readings, use_holds  # noqa: PLC0415

    from evernormal.actions.closing import log_of  # noqa: PLC0415  # isort: skip
    from evernormal.actions.desk import Desk  # noqa: PLC0415  # isort: skip
    from evernormal.cli.opening import scheme_of  # noqa: PLC0415  # isort: skip
    from evernormal.domain.market import PriceList  # noqa: PLC0415  # isort: skip
    from evernormal.formats.intake import read_year  # noqa: PLC0415  # isort: skip
    from evernormal.store.charging import due_uses  # noqa: PLC0415  # isort: skip
    from evernormal.store.models import Programme  # noqa: PLC0415  # isort: skip

    year = read_year(read_folder(folder))
    desk = Desk(year, *scheme_of(year), PriceList(year.prices, year.exchange_rates))
    lines, head = log_of(desk)
    verify_chain(lines, checkpoint=head)
    demand_books(desk.programme_id)
    use_holds(desk)
    seconds, records = Counter[str](), Counter[str]()
    for row in readings():
        seconds[row["provider"]] += row["cards"] * (row["ends_at"] - row["starts_at"])
        records[row["provider"]] += 1
    totals = OrderTotal.objects.order_by("order_id")
    uses = due_uses(Programme.objects.get(), {order.id for order in year.orders})
    return Found(
        card_seconds=dict(seconds),
        records=dict(records),
        charged=dict(totals.values_list("order_id", "charged_fen")),
        captured=dict(totals.values_list("order_id", "captured_fen")),
        due=len(uses),
        charges=Charge.objects.count(),
        batches=UsageBatch.objects.count(),
    )


def demand_books(programme_id: str) -> None:
    """Assert that the stored books are what their journal makes of the plain rules."""
    from evernormal.store.queries.journal import read_accounts, read_journal  # noqa: PLC0415
    from tests.actions.reading import books_hold  # noqa: PLC0415

    books_hold()
    plain, resolved = Books(), Counter[str]()
    for row in read_journal(programme_id):
        transfer = Transfer(
            id=row.transfer_id,
            debit=row.debit,
            credit=row.credit,
            amount=row.amount_fen,
            phase=Phase(row.phase),
            code=TransferCode(row.code),
            on=row.on,
            pending_id=row.pending_id or None,
        )
        for name in (row.debit, row.credit):
            if name not in plain.accounts:
                plain.open_account(name, AccountKind(name.split(":", 1)[0]))
        plain.post([transfer])
        resolved[row.pending_id] += 1
    del resolved[""]
    stored = {row.account_id: row for row in read_accounts(programme_id)}
    counters = ("debits_pending", "debits_posted", "credits_pending", "credits_posted")
    for name, account in plain.accounts.items():
        assert [getattr(account, c) for c in counters] == [
            getattr(stored[name], c) for c in counters
        ], name
    assert set(resolved.values()) <= {1}


if __name__ == "__main__":
    django.setup()
    print(json.dumps(look(Path(sys.argv[1]))))  # noqa: T201 - this is its answer
