"""Sending an order to the platform, and telling from its answer what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from evernormal.formats.order_request import MEDIA_TYPE, decode, receipt_facts, sign
from evernormal.formats.usage_answer import BatchProblem, read_problems

_TAKEN: Final = frozenset({200, 201})
_TIMEOUT_SECONDS: Final = 30


@dataclass(frozen=True, slots=True)
class OrderAnswer:
    """What the platform said. `told` is its receipt; None where it refused, for `problems`.

    status   of HTTP; 0 when there was no answer: the same bytes may be sent again
    """

    status: int
    told: Mapping[str, Any] | None
    problems: tuple[BatchProblem, ...] = ()


def send_order(body: bytes, *, url: str, programme_id: str, key: Ed25519PrivateKey) -> OrderAnswer:
    """Send an order once.

    body     as `order_request.encode` wrote it
    url      of the service, without a path
    returns  `told` only on a receipt for these very bytes
    """
    address = f"{url.rstrip('/')}/v1/programmes/{programme_id}/orders"
    headers = {"Content-Type": MEDIA_TYPE, "Accept": "application/json", **sign(body, key=key)}
    try:
        # What the environment says about proxies and passwords is not for us to guess.
        with httpx.Client(timeout=_TIMEOUT_SECONDS, trust_env=False) as client:
            answer = client.post(address, content=body, headers=headers)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        said = f"{type(error).__name__}: {error}"
        todo = "Send the same order again: it is placed once."
        return OrderAnswer(0, None, (BatchProblem("", "order.no_answer", said, todo),))
    told = _receipt(answer.content, body) if answer.status_code in _TAKEN else None
    if told is None:
        return OrderAnswer(answer.status_code, None, read_problems(answer.content))
    return OrderAnswer(answer.status_code, told)


def _receipt(answer: bytes, body: bytes) -> Mapping[str, Any] | None:
    """The answer, if it is a receipt for a body: a page of some gateway that says 200 is none."""
    try:
        told = msgspec.json.decode(answer)
    except (ValueError, RecursionError):
        return None
    wanted = receipt_facts(order_id=decode(body).id, body=body)
    is_ours = isinstance(told, dict) and {name: told.get(name) for name in wanted} == wanted
    return told if is_ours else None
