"""POST /v1/programmes/{programme}/orders: a start-up places an order, and its hold."""

from starlette.requests import Request
from starlette.responses import JSONResponse

from evernormal import clock
from evernormal.actions.live import NotOpenYet, WorkStuck
from evernormal.actions.live_orders import OrderReused, SentOrder, TakenOrder, read_order
from evernormal.api.body import demand_said_size, read_body
from evernormal.api.limits import ORDER_BYTES_MAX
from evernormal.api.problems import Problem, Refusal
from evernormal.api.served_programme import ServedProgramme, served_by
from evernormal.connectors.received import ReceivedFull, ReceivedUnwritable
from evernormal.formats.intake.year_input import Buyer
from evernormal.formats.order_request import MEDIA_TYPE, receipt_facts
from evernormal.formats.signed_request import KEY_HEADER, SIGNATURE_HEADER, NotSigned
from evernormal.formats.usage_answer import BatchProblem, BatchProblems


async def post_order(request: Request) -> JSONResponse:
    """Take in an order: 201 when it is new, 200 when these bytes were taken before."""
    service = served_by(request)
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != MEDIA_TYPE or request.headers.get("content-encoding"):
        raise Problem(Refusal.MEDIA_TYPE, about="order")
    demand_said_size(request, count_max=ORDER_BYTES_MAX)
    try:
        # Whose key nobody registered sends nothing that would be held in memory.
        buyer = service.writer.year.buyer_of(request.headers.get(KEY_HEADER, ""), now=clock.now())
    except NotSigned as refusal:
        raise Problem(Refusal.NOT_SIGNED) from refusal
    async with service.bodies:
        body = await read_body(request, count_max=ORDER_BYTES_MAX)
        signature = request.headers.get(SIGNATURE_HEADER, "")
        return await _take(service, body, buyer, signature)


async def _take(
    service: ServedProgramme, body: bytes, buyer: Buyer, signature: str
) -> JSONResponse:
    try:
        # Small: reading it takes less time than handing it to another thread.
        sent = read_order(body, buyer=buyer, signature=signature)
        taken = await _placed(service, sent)
    except NotSigned as refusal:
        raise Problem(Refusal.NOT_SIGNED) from refusal
    except BatchProblems as refusal:
        raise Problem(Refusal.REFUSED, problems=refusal.problems, about="order") from refusal
    except OrderReused as refusal:
        todo = "Send these bytes under a new id."
        message = "Was received before with other bytes."
        problem = BatchProblem("order", refusal.code, message, todo)
        raise Problem(Refusal.REUSED, problems=[problem], about="order") from refusal
    service.metrics.count_order(taken)
    return JSONResponse(_answer(taken, body), status_code=201 if taken.is_new else 200)


async def _placed(service: ServedProgramme, sent: SentOrder) -> TakenOrder:
    try:
        return await service.writer.do(lambda year: year.receive_order(sent, now=clock.now()))
    except ReceivedFull as refusal:
        raise Problem(Refusal.FULL, about="order") from refusal
    except NotOpenYet as refusal:
        raise Problem(Refusal.AWAY, headers={"Retry-After": "3600"}) from refusal
    except (ReceivedUnwritable, WorkStuck) as refusal:
        service.tell_fault(refusal)
        raise Problem(Refusal.AWAY) from refusal


def _answer(taken: TakenOrder, body: bytes) -> dict[str, object]:
    outcome = taken.outcome
    facts = outcome.facts
    # What each voucher gives, where the order draws on several; else what the only one does.
    names = ("draws",) if "draws" in facts else ("contract", "voucher", "expires_on", "quote")
    return {
        **receipt_facts(order_id=taken.request.id, body=body),
        "received_at": outcome.at.isoformat(timespec="microseconds"),
        "cards": facts["allocation"]["cards"],
        "limb": facts["allocation"]["limb"],
        "hold_fen": facts["amount_fen"],
        **{name: facts[name] for name in names},
        "act": outcome.number,
    }
