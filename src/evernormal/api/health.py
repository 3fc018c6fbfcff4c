"""GET /v1/health and /v1/metrics: whether the service works, and what it has counted."""

import asyncio

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from evernormal.actions.live import WorkStuck, demand_database
from evernormal.api.limits import DATABASE_SECONDS_MAX
from evernormal.api.problems import Problem, Refusal
from evernormal.api.served_programme import served_by

_METRICS_TYPE = "text/plain; version=0.0.4"


async def get_health(request: Request) -> JSONResponse:
    """200 while the database answers and what is due is done."""
    service = served_by(request)
    try:
        async with asyncio.timeout(DATABASE_SECONDS_MAX):
            await asyncio.to_thread(demand_database)
    except (TimeoutError, WorkStuck) as fault:
        service.tell_fault(fault)
        raise Problem(Refusal.AWAY) from fault
    if service.writer.is_stuck:
        raise Problem(Refusal.AWAY)
    return JSONResponse({"status": "ok", "programme": service.programme_id})


async def get_metrics(request: Request) -> Response:
    """Everything that is counted, for Prometheus."""
    service = served_by(request)
    text = service.metrics.encode(
        worked_until=service.writer.year.worked_until, is_stuck=service.writer.is_stuck
    )
    return PlainTextResponse(text, media_type=_METRICS_TYPE)
