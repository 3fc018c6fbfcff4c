"""Orders as bytes: what a start-up signs and the platform takes in.

There is one way to write an order (canonical JSON), so that its hash and its signature mean one
thing everywhere.
source  docs/reference/http-api.md
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any, Final, get_type_hints

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Meta, Struct

from evernormal.domain.market import Order
from evernormal.domain.values import Period
from evernormal.formats.body_fields import NOT_CANONICAL, decoded, field_problems
from evernormal.formats.signed_request import sign_body, verify_body
from evernormal.formats.usage_answer import BatchProblem, BatchProblems

FORMAT: Final = "evernormal-order/1"
MEDIA_TYPE: Final = "application/vnd.evernormal.order+json"

# Fourteen fields, of which the longest has 140 characters of up to six bytes.
BYTES_MAX: Final = 16 * 1024
# Three times the largest cluster there is, as in a batch of usage.
CARDS_MAX: Final = 1_000_000
# As in orders.csv: a whole number of nine digits.
CARD_HOURS_MAX: Final = 999_999_999

_LINE = r"\A(?!\s)[^\x00-\x1f\x7f-\x9f\u2028\u2029]+(?<!\s)\Z"
_LINE_OR_NONE = rf"\A\Z|{_LINE}"
_ID = r"\A[A-Za-z0-9][A-Za-z0-9._-]{0,21}\Z"
_SECOND = r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z\Z"
_DAY = r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}\Z"

_Id = Annotated[str, Meta(pattern=_ID)]
_Day = Annotated[str, Meta(pattern=_DAY)]
_Name = Annotated[str, Meta(pattern=_LINE_OR_NONE, max_length=140)]
_Cards = Annotated[int, Meta(ge=1, le=CARDS_MAX)]


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """What a start-up orders. `id` is its own; no two orders of a programme have the same.

    site, plan         "" where the order names none
    starts_on, last_on first and last day, both of them in it
    made_at            counts whole seconds
    """

    id: str
    applicant_id: str
    made_at: datetime
    contract_id: str
    provider_id: str
    device_class: str
    site: str
    plan: str
    cards: int
    gang_cards: int
    card_hours: int
    starts_on: date
    last_on: date

    def to_order(self, *, ordered_on: date) -> Order:
        """The order, approved by its provider within the capacity that it offers.

        ordered_on  local day on which the request was received
        """
        return Order(
            id=self.id,
            contract_id=self.contract_id,
            provider_id=self.provider_id,
            device_class=self.device_class,
            cards=self.cards,
            gang_cards=self.gang_cards,
            card_hours=self.card_hours,
            period=Period.of_days(self.starts_on, self.last_on),
            ordered_on=ordered_on,
            site=self.site,
            plan=self.plan,
        )


def encode(request: OrderRequest) -> bytes:
    """Write an order.

    returns  canonical JSON (domain/audit/canonical.py)
    raises   BatchProblems when it is not what `decode` accepts
    """
    body = _ENCODER.encode(
        _Body(
            applicant=request.applicant_id,
            card_hours=request.card_hours,
            cards=request.cards,
            contract=request.contract_id,
            device_class=request.device_class,
            ends_on=request.last_on.isoformat(),
            format=FORMAT,
            gang_cards=request.gang_cards,
            made_at=request.made_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            order=request.id,
            plan=request.plan,
            provider=request.provider_id,
            site=request.site,
            starts_on=request.starts_on.isoformat(),
        )
    )
    decode(body)
    return body


def decode(body: bytes) -> OrderRequest:
    """Read an order.

    raises   BatchProblems, with everything that is wrong
    """
    if len(body) > BYTES_MAX:
        message = f"Has {len(body)} bytes."
        raise BatchProblems([_whole("too_large", message, f"Send at most {BYTES_MAX}.")])
    try:
        wire = _DECODER.decode(body)
        request = _request(wire)
    except (ValueError, RecursionError):
        # A name that stands there twice is read otherwise by each of the two looks.
        raise BatchProblems(_all_problems(body) or [_not_canonical()]) from None
    days, cards = (request.starts_on, request.last_on), (request.cards, request.gang_cards)
    if problems := list(_contradictions(days, cards)):
        raise BatchProblems(problems)
    if _ENCODER.encode(wire) != body:
        raise BatchProblems([_not_canonical()])
    return request


def sign(body: bytes, *, key: Ed25519PrivateKey) -> dict[str, str]:
    """The headers that sign an order."""
    return sign_body(body, key=key)


def verify(body: bytes, *, signature: str, public_key: bytes) -> None:
    """Check the signature of an order.

    raises   NotSigned
    """
    verify_body(body, signature=signature, public_key=public_key)


def receipt_facts(*, order_id: str, body: bytes) -> dict[str, str]:
    """What the JSON object of every answer 200 or 201 must hold, beside whatever else it tells."""
    return {"order": order_id, "sha256": hashlib.sha256(body).hexdigest()}


# --- Looking for everything that is wrong ---------------------------------------------------------


class _Body(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The fields are in the order of canonical JSON: do not move them."""

    applicant: _Id
    card_hours: Annotated[int, Meta(ge=1, le=CARD_HOURS_MAX)]
    cards: _Cards
    contract: _Id
    device_class: Annotated[str, Meta(pattern=_LINE, max_length=140)]
    ends_on: _Day
    format: Annotated[str, Meta(pattern=rf"\A{re.escape(FORMAT)}\Z")]
    gang_cards: _Cards
    made_at: Annotated[str, Meta(pattern=_SECOND)]
    order: _Id
    plan: _Name
    provider: _Id
    site: _Name
    starts_on: _Day


_ENCODER: Final = msgspec.json.Encoder()
_DECODER: Final = msgspec.json.Decoder(_Body)
_FIELDS: Final[Mapping[str, Any]] = get_type_hints(_Body, include_extras=True)

_ID_TODO: Final = "Write the id in the programme: up to 22 of A-Z a-z 0-9 . _ -"
_DAY_TODO: Final = "Write a day: 2026-01-31."
_NAME_TODO: Final = "Write up to 140 characters on one line, without blanks around them; or none."
_CARDS_TODO: Final = f"Write a whole number of cards from 1 to {CARDS_MAX}."
_TODO: Final[Mapping[str, str]] = {
    "applicant": _ID_TODO,
    "card_hours": f"Write a whole number of card-hours from 1 to {CARD_HOURS_MAX}.",
    "cards": _CARDS_TODO,
    "contract": _ID_TODO,
    "device_class": "Write 1 to 140 characters on one line, without blanks around them.",
    "ends_on": _DAY_TODO,
    "format": f"Write {FORMAT}.",
    "gang_cards": _CARDS_TODO,
    "made_at": "Write an instant in UTC to the second: 2026-01-31T08:00:00Z.",
    "order": "Write an id of your own: up to 22 of A-Z a-z 0-9 . _ -",
    "plan": _NAME_TODO,
    "provider": _ID_TODO,
    "site": _NAME_TODO,
    "starts_on": _DAY_TODO,
}
_CALENDAR: Final = ("made_at", "starts_on", "ends_on")


def _request(wire: _Body) -> OrderRequest:
    return OrderRequest(
        id=wire.order,
        applicant_id=wire.applicant,
        made_at=datetime.fromisoformat(wire.made_at),
        contract_id=wire.contract,
        provider_id=wire.provider,
        device_class=wire.device_class,
        site=wire.site,
        plan=wire.plan,
        cards=wire.cards,
        gang_cards=wire.gang_cards,
        card_hours=wire.card_hours,
        starts_on=date.fromisoformat(wire.starts_on),
        last_on=date.fromisoformat(wire.ends_on),
    )


def _all_problems(body: bytes) -> list[BatchProblem]:
    try:
        fields = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    except (ValueError, RecursionError) as error:
        return [_whole("not_json", f"Is no JSON object: {error}.", NOT_CANONICAL)]
    found = list(field_problems(fields, _FIELDS, _TODO, code="order"))
    for name in _CALENDAR:
        text = decoded(fields.get(name), _FIELDS[name])
        if isinstance(text, str) and not _is_of_calendar(text):
            message = f"{text} is in no calendar."
            found.append(BatchProblem(name, "order.value", message, _TODO[name]))
    days = [decoded(fields.get(name), date) for name in ("starts_on", "ends_on")]
    cards = [decoded(fields.get(name), _Cards) for name in ("cards", "gang_cards")]
    return found + list(_contradictions(days, cards))


def _is_of_calendar(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _contradictions(days: Sequence[object], cards: Sequence[object]) -> Iterator[BatchProblem]:
    """What is wrong between two fields, where both could be read."""
    match days:
        case (date() as starts_on, date() as last_on) if last_on < starts_on:
            message = f"{last_on} is before starts_on, {starts_on}."
            todo = "Correct one of the two."
            yield BatchProblem("ends_on", "order.ends_before_start", message, todo)
    match cards:
        case (int() as wanted, int() as gang) if wanted % gang:
            message = f"{wanted} is not a multiple of {gang}."
            yield BatchProblem("cards", "order.part_of_a_gang", message, "Order whole gangs.")


def _whole(code: str, message: str, todo: str) -> BatchProblem:
    return BatchProblem("", f"order.{code}", message, todo)


def _not_canonical() -> BatchProblem:
    return _whole("not_canonical", "Is not canonical JSON.", NOT_CANONICAL)
