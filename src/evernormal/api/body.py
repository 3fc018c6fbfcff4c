"""The body of a request, read within its limits."""

import asyncio

from starlette.requests import ClientDisconnect, Request

from evernormal.api.limits import BODY_BYTES_MAX, BODY_SECONDS_MAX, PASSED_OVER_BYTES_MAX
from evernormal.api.problems import Problem, Refusal


def demand_said_size(request: Request, *, count_max: int = BODY_BYTES_MAX) -> None:
    """Refuse a body that says it is too large, before any of it comes.

    raises   Problem
    """
    if _is_said_to_exceed(request, count_max):
        raise Problem(Refusal.TOO_LARGE, headers={"Connection": "close"})


async def read_body(request: Request, *, count_max: int = BODY_BYTES_MAX) -> bytes:
    """Read a body; one that shows that it is too large is not read to its end.

    raises   Problem
    """
    try:
        async with asyncio.timeout(BODY_SECONDS_MAX):
            return await _read(request, count_max)
    except TimeoutError as error:
        raise Problem(Refusal.TOO_SLOW, headers={"Connection": "close"}) from error


async def _read(request: Request, count_max: int) -> bytes:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > count_max:
            raise Problem(Refusal.TOO_LARGE, headers={"Connection": "close"})
    return bytes(body)


async def pass_over_body(request: Request) -> None:
    """Let what is left of a body come in unread: else the line breaks before its sender listens."""
    waits_for_word = request.headers.get("expect", "").lower() == "100-continue"
    if waits_for_word or _is_said_to_exceed(request, PASSED_OVER_BYTES_MAX):
        return
    left = PASSED_OVER_BYTES_MAX
    try:
        async with asyncio.timeout(BODY_SECONDS_MAX):
            async for part in request.stream():
                left -= len(part)
                if left < 0:
                    return
    except (RuntimeError, ClientDisconnect, TimeoutError):
        # It was read already, or its sender is gone or too slow.
        return


def _is_said_to_exceed(request: Request, count_max: int) -> bool:
    said = request.headers.get("content-length", "")
    is_count = said.isascii() and said.isdigit()
    return is_count and (len(said) > len(str(count_max)) or int(said) > count_max)
