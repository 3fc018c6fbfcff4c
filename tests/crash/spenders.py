"""Many processes that spend one voucher at the same moment: `spenders.py COUNT`."""

import json
import os
import sys
from collections import Counter
from dataclasses import replace

import django

from evernormal.domain.errors import DomainError
from evernormal.domain.policy import CostCategory
from evernormal.domain.values import Fen
from tests.actions.office import APPLIED_ON, Year, small_order
from tests.domain.sample import contract

CARD_HOURS, FACE = 40, 500_000
HOLD = 20_000
"""What each order asks of the voucher, in fen: half of 40 card-hours at 10 yuan."""


def main(count: int) -> None:
    """Have each process place an order of its own; print what became of the voucher."""
    from django.core.management import call_command  # noqa: PLC0415 - needs the settings
    from django.db import connection  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    orders = tuple(
        small_order(n, contract_id="C1", card_hours=CARD_HOURS, cards=1)
        for n in range(1, count + 1)
    )
    bought = replace(contract(1), costs={CostCategory.COMPUTE: Fen(2 * FACE)})
    desk = Year(contracts=(bought,), orders=orders, cards=9_999).desk()
    from evernormal.actions.applications import (  # noqa: PLC0415
        assess_application,
        award_application,
        issue_voucher,
    )
    from evernormal.actions.holds import place_order  # noqa: PLC0415
    from evernormal.actions.programme import open_programme  # noqa: PLC0415

    open_programme(desk)
    assess_application(desk, "C1")
    issue_voucher(desk, award_application(desk, "C1", on=APPLIED_ON), on=APPLIED_ON)
    connection.close()
    start, go = os.pipe()
    spenders = []
    for order in orders:
        spender = os.fork()
        if spender == 0:
            os.close(go)
            os.read(start, 1)  # all of them begin when the last has come
            try:
                place_order(desk, order, voucher_id="V-C1", on=APPLIED_ON)
            except DomainError:
                os._exit(1)
            os._exit(0)
        spenders.append(spender)
    os.close(go)
    codes = Counter(os.waitstatus_to_exitcode(os.waitpid(s, 0)[1]) for s in spenders)
    print(json.dumps({"codes": codes, **_told()}))  # noqa: T201 - this is its answer


def _told() -> dict[str, object]:
    from evernormal.store.models import AuditRecord, Hold, Voucher  # noqa: PLC0415
    from tests.crash.books import demand_books  # noqa: PLC0415

    demand_books("prog")
    voucher = Voucher.objects.get()
    return {
        "face": voucher.face_fen,
        "held": voucher.held_fen,
        "holds": sorted(Hold.objects.values_list("amount_fen", flat=True)),
        "acts": AuditRecord.objects.filter(key__startswith="PLACE_HOLD/").count(),
    }


if __name__ == "__main__":
    django.setup()
    main(int(sys.argv[1]))
