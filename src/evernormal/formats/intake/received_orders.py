"""Orders that applicants sent while the year ran: the register names them, each is read again."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC
from zoneinfo import ZoneInfo

from evernormal.formats.intake.programme_file import ProgrammeFile
from evernormal.formats.intake.register import ORDERS, Receipt, RegisterReader
from evernormal.formats.intake.year_input import Buyer, ReceivedOrder
from evernormal.formats.order_request import OrderRequest, decode
from evernormal.formats.problems import Problem


def received_order_of(
    request: OrderRequest, *, body: bytes, receipt: Receipt, zone: ZoneInfo
) -> ReceivedOrder:
    """An order as the year knows it; its day is the local one of its receipt.

    zone   of the programme
    """
    return ReceivedOrder(
        order=request.to_order(ordered_on=receipt.received_at.astimezone(zone).date()),
        applicant_id=request.applicant_id,
        path=receipt.file,
        received_at=receipt.received_at.astimezone(UTC),
        sha256=hashlib.sha256(body).hexdigest(),
        signed_by=receipt.key,
    )


def read_received_orders(
    files: Mapping[str, bytes],
    *,
    programme: ProgrammeFile,
    buyers: Sequence[Buyer],
    problems: list[Problem],
) -> tuple[ReceivedOrder, ...]:
    """Read every order that the register names, in the order in which they came.

    files    bytes by path
    buyers   of programme.toml
    """
    zone = ZoneInfo(programme.find("timezone") or "UTC")

    def opened(body: bytes, receipt: Receipt, _: Buyer) -> tuple[str, str, ReceivedOrder]:
        request = decode(body)
        order = received_order_of(request, body=body, receipt=receipt, zone=zone)
        return request.applicant_id, request.id, order

    return RegisterReader(ORDERS, files, programme, buyers, opened).read(problems)
