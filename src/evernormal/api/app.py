"""The service as an ASGI application: its routes, and what becomes of every refusal."""

import contextlib
from collections.abc import AsyncIterator

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from evernormal.actions.live import LiveYear
from evernormal.api import usage_queries
from evernormal.api.balances import get_balances
from evernormal.api.body import pass_over_body
from evernormal.api.checkpoints import get_checkpoint
from evernormal.api.health import get_health, get_metrics
from evernormal.api.orders import post_order
from evernormal.api.problems import Problem, Refusal, answer_of
from evernormal.api.served_programme import ServedProgramme
from evernormal.api.usage_batches import post_usage_batch
from evernormal.api.writer import Writer

_OF_PROGRAMME = "/v1/programmes/{programme}"


def create_app(year: LiveYear, *, key: Ed25519PrivateKey) -> Starlette:
    """The application that serves a year.

    year   nothing else touches it while the application runs
    key    the office's, which signs checkpoints
    """
    service = ServedProgramme(Writer(year), key)

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with service.writer.working():
            yield

    app = Starlette(
        routes=[
            Route(f"{_OF_PROGRAMME}/usage-batches", post_usage_batch, methods=["POST"]),
            Route(f"{_OF_PROGRAMME}/orders", post_order, methods=["POST"]),
            Route(f"{_OF_PROGRAMME}/balances", get_balances, methods=["GET"]),
            Route(f"{_OF_PROGRAMME}/checkpoint", get_checkpoint, methods=["GET"]),
            *usage_queries.routes,
            Route("/v1/health", get_health, methods=["GET"]),
            Route("/v1/metrics", get_metrics, methods=["GET"]),
        ],
        exception_handlers={
            Problem: _tell_problem,
            HTTPException: _tell_status,
            ClientDisconnect: _tell_nobody,
            Exception: _tell_fault,
        },
        lifespan=lifespan,
    )
    # "/v1/health/" is no other name of anything: a signed path is one path.
    app.router.redirect_slashes = False
    app.state.service = service
    return app


async def _tell_problem(request: Request, problem: Exception) -> Response:
    if not isinstance(problem, Problem):
        raise TypeError(problem)
    request.app.state.service.metrics.count_refused(problem.refusal)
    await pass_over_body(request)
    return answer_of(problem, request)


async def _tell_status(request: Request, error: Exception) -> Response:
    """Answer what the framework refuses: an unknown path, another method."""
    status = error.status_code if isinstance(error, HTTPException) else 0
    known = {refusal.value for refusal in Refusal}
    refusal = Refusal(status) if status in known else Refusal.BAD_REQUEST
    headers = error.headers if isinstance(error, HTTPException) else None
    return await _tell_problem(request, Problem(refusal, headers=headers))


async def _tell_nobody(_request: Request, _error: Exception) -> Response:
    """Who hung up before the end of the body hears no answer; nothing was taken in."""
    return Response(status_code=Refusal.BAD_REQUEST.value)


async def _tell_fault(request: Request, _error: Exception) -> Response:
    """Answer a fault of ours without a word of it; the server writes it to its own log."""
    return await _tell_problem(request, Problem(Refusal.FAULT))
