"""POST /v1/programmes/{programme}/usage-batches: a batch of meter readings comes in."""

import asyncio

from starlette.requests import Request
from starlette.responses import JSONResponse

from evernormal import clock
from evernormal.actions.live import BatchReused, NotOpenYet, Sent, Taken, WorkStuck
from evernormal.api.body import demand_said_size, read_body
from evernormal.api.problems import Problem, Refusal
from evernormal.api.served_programme import ServedProgramme, served_by
from evernormal.connectors.received import ReceivedFull, ReceivedUnwritable
from evernormal.formats.signed_request import KEY_HEADER, SIGNATURE_HEADER, NotSigned
from evernormal.formats.usage_answer import BatchProblem, BatchProblems, receipt_facts
from evernormal.formats.usage_batch import MEDIA_TYPE


async def post_usage_batch(request: Request) -> JSONResponse:
    """Take in a batch: 201 when it is new, 200 when these bytes were taken before."""
    service = served_by(request)
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != MEDIA_TYPE or request.headers.get("content-encoding"):
        raise Problem(Refusal.MEDIA_TYPE)
    demand_said_size(request)
    try:
        # Whose key nobody registered sends nothing that would be held in memory.
        service.writer.year.agent_of(request.headers.get(KEY_HEADER, ""), now=clock.now())
    except NotSigned as refusal:
        raise Problem(Refusal.NOT_SIGNED) from refusal
    async with service.bodies:
        return await _take(service, request)


async def _take(service: ServedProgramme, request: Request) -> JSONResponse:
    body = await read_body(request)
    try:
        sent = await _read(service, request, body)
        taken = await service.writer.do(lambda year: year.receive(sent, now=clock.now()))
    except NotSigned as refusal:
        raise Problem(Refusal.NOT_SIGNED) from refusal
    except BatchProblems as refusal:
        raise Problem(Refusal.REFUSED, problems=refusal.problems) from refusal
    except BatchReused as refusal:
        todo = "Send these bytes under a new id."
        message = "Was received before with other bytes."
        problem = BatchProblem("batch", refusal.code, message, todo)
        raise Problem(Refusal.REUSED, problems=[problem]) from refusal
    except ReceivedFull as refusal:
        raise Problem(Refusal.FULL) from refusal
    except NotOpenYet as refusal:
        raise Problem(Refusal.AWAY, headers={"Retry-After": "3600"}) from refusal
    except (ReceivedUnwritable, WorkStuck) as refusal:
        service.tell_fault(refusal)
        raise Problem(Refusal.AWAY) from refusal
    service.metrics.count_taken(taken)
    return JSONResponse(_receipt(taken, body), status_code=201 if taken.is_new else 200)


async def _read(service: ServedProgramme, request: Request, body: bytes) -> Sent:
    """Read a batch beside the event loop: the largest takes a tenth of a second."""
    key = request.headers.get(KEY_HEADER, "")
    signature = request.headers.get(SIGNATURE_HEADER, "")
    year, now = service.writer.year, clock.now()
    return await asyncio.to_thread(year.read, body, key=key, signature=signature, now=now)


def _receipt(taken: Taken, body: bytes) -> dict[str, object]:
    outcome = taken.outcome
    return {
        **receipt_facts(batch_id=taken.batch.id, body=body),
        "received_at": outcome.at.isoformat(timespec="microseconds"),
        "records": outcome.records,
        "kept": outcome.kept,
        "duplicates": outcome.duplicates,
        "charged_fen": outcome.charged_fen,
        "act": outcome.number,
    }
