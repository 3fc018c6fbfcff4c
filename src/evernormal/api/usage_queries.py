"""GET /v1/programmes/{programme}/usage: a provider asks how much of its cards was used, by whom.

Questions are signed as those for balances are, and told of the asker's own cards alone.
"""

import base64
import binascii
import json
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Final, TypeVar

import polars as pl
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from evernormal.actions.live import LiveYear
from evernormal.api.problems import Problem, Refusal
from evernormal.api.served_programme import asker_of, served_by
from evernormal.formats.intake.kinds_time import YEAR_MAX, YEAR_MIN
from evernormal.formats.usage_answer import BatchProblem
from evernormal.store.queries.usage import (
    Dimension,
    UsageFilter,
    UsageQuestion,
    UsageView,
    dimensions_of,
    use_of,
    view_of,
)
from evernormal.store.queries.usage_readings import (
    ORDER,
    PAGE_MAX,
    Place,
    ReadingsQuestion,
    hours_of,
    place_of,
    readings_of,
)
from evernormal.store.transaction import UnknownProgramme
from evernormal.store.usage_lake import LakeFileMissing

T = TypeVar("T")

_SETS: Final = {
    "voucher": "vouchers",
    "applicant": "applicants",
    "contract": "contracts",
    "cluster": "clusters",
    "device_class": "device_classes",
}
"""Parameters that may be repeated, and what they are called in a filter."""
_ONCE: Final = frozenset({"by", "from", "to", "limit", "cursor"})


async def get_usage(request: Request) -> JSONResponse:
    """Sums of use, a page of them."""
    asked = _Asked(request.query_params, knows=_ONCE | _SETS.keys())
    by = asked.read("by", dimensions_of) or ()
    after = asked.read("cursor", lambda text: _after(text, by)) or ()
    limit = asked.limit()
    where = asked.filter(asker_of(request))
    asked.demand_sound()
    question = UsageQuestion(where, by, after=after, limit=limit)
    view = await _view(request, started_before=None)
    told = await _ask(request, lambda: use_of(view, question))
    is_more = bool(by) and len(told) == limit
    last = [_text(value) for value in told.row(-1)[: len(by)]] if is_more else None
    return _page(told, last)


async def get_readings(request: Request) -> JSONResponse:
    """The readings behind a sum, a page of them: `from` and `to` are needed."""
    asked = _Asked(request.query_params, knows=(_ONCE - {"by"}) | _SETS.keys())
    zone = served_by(request).writer.year.desk.zone.key
    where = asked.filter(asker_of(request))
    if where.since is None or where.until is None or where.until <= where.since:
        asked.refuse("from", "usage.no_days", "The days are missing.", "Give from and a later to.")
    after = asked.read("cursor", _after_reading)
    limit = asked.limit()
    asked.demand_sound()
    if where.since is None or where.until is None:
        raise Problem(Refusal.BAD_REQUEST)
    starts_at, ends_at = hours_of(where.since, where.until, zone=zone)
    question = ReadingsQuestion(where, starts_at, ends_at, after=after, limit=limit)
    view = await _view(request, started_before=ends_at)
    told = await _ask(request, lambda: readings_of(view, question))
    last = [str(part) for part in place_of(told)] if len(told) == limit else None
    return _page(told, last)


routes: Final = [
    Route("/v1/programmes/{programme}/usage", get_usage, methods=["GET"]),
    Route("/v1/programmes/{programme}/usage/readings", get_readings, methods=["GET"]),
]
"""To be mounted by the application."""


async def _view(request: Request, *, started_before: datetime | None) -> UsageView:
    """What counts, read by the one thread that works on the tables."""

    def read(year: LiveYear) -> UsageView:
        return view_of(year.desk.programme_id, started_before=started_before)

    try:
        return await served_by(request).writer.do(read)
    except UnknownProgramme as refusal:
        # Its books open with the year; until then there is nothing to ask.
        raise Problem(Refusal.AWAY, headers={"Retry-After": "3600"}) from refusal


async def _ask(request: Request, work: Callable[[], T]) -> T:
    """Ask the lake on a thread of its own: nobody's batch waits for it."""
    try:
        return await run_in_threadpool(work)
    except LakeFileMissing as fault:
        served_by(request).tell_fault(fault)
        raise Problem(Refusal.AWAY) from fault


def _page(told: pl.DataFrame, last: list[str] | None) -> JSONResponse:
    rows = [
        {name: _plain(value) for name, value in zip(told.columns, row, strict=True)}
        for row in told.iter_rows()
    ]
    cursor = None if last is None else base64.urlsafe_b64encode(json.dumps(last).encode()).decode()
    content = {"rows": rows, "cursor": cursor}
    return JSONResponse(content, headers={"Cache-Control": "no-store"})


class _Asked:
    """The parameters of a question, and what is wrong with them."""

    def __init__(self, parameters: QueryParams, *, knows: frozenset[str]) -> None:
        self._parameters = parameters
        self._problems: list[BatchProblem] = []
        for name in sorted(parameters.keys() - knows):
            todo = f"There are {', '.join(sorted(knows))}."
            self.refuse(name, "usage.unknown_parameter", "There is no such parameter.", todo)

    def refuse(self, place: str, code: str, message: str, todo: str) -> None:
        """Note one thing wrong."""
        self._problems.append(BatchProblem(place, code, message, todo))

    def demand_sound(self) -> None:
        """Refuse the question with all that is wrong with it."""
        if self._problems:
            raise Problem(Refusal.REFUSED, problems=self._problems)

    def read(self, name: str, reader: Callable[[str], T]) -> T | None:
        """One parameter, read; None where it is missing or wrong."""
        text = self._parameters.get(name)
        if text is None:
            return None
        try:
            return reader(text)
        except ValueError as error:
            todo = "Correct it or leave it out."
            self.refuse(name, "usage.unreadable", f"{text[:80]!r}: {error}.", todo)
            return None

    def limit(self) -> int:
        """Rows of a page."""
        return self.read("limit", _limit) or PAGE_MAX

    def filter(self, provider_id: str) -> UsageFilter:
        """Which use is asked for: only of the asker's cards."""
        sets: dict[str, Any] = {
            field: frozenset(self._parameters.getlist(name)) for name, field in _SETS.items()
        }
        return UsageFilter(
            providers=frozenset({provider_id}),
            since=self.read("from", _day),
            until=self.read("to", _day),
            **sets,
        )


def _day(text: str) -> date:
    day = date.fromisoformat(text)
    if not YEAR_MIN <= day.year <= YEAR_MAX:
        raise ValueError(f"its year must be {YEAR_MIN} to {YEAR_MAX}")
    return day


def _limit(text: str) -> int:
    limit = int(text)
    if not 1 <= limit <= PAGE_MAX:
        raise ValueError(f"it must be 1 to {PAGE_MAX}")
    return limit


def _place(text: str, parts: int) -> list[str]:
    try:
        place = json.loads(base64.urlsafe_b64decode(text.encode("ascii")))
    except (UnicodeError, binascii.Error) as error:
        raise ValueError("it is no cursor") from error
    if not isinstance(place, list) or len(place) != parts:
        raise ValueError("it is no cursor of this question")
    return [str(part) for part in place]


def _after(text: str, by: tuple[Dimension, ...]) -> tuple[str | date, ...]:
    place = zip(by, _place(text, len(by)), strict=True)
    days = {Dimension.DAY, Dimension.MONTH}
    return tuple(date.fromisoformat(part) if one in days else part for one, part in place)


def _after_reading(text: str) -> Place:
    starts_at, provider, cluster, job, device_class = _place(text, len(ORDER))
    return int(starts_at), provider, cluster, job, device_class


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value
