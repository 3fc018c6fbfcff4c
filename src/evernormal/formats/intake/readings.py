"""What meter readings say about contracts, prices and each other."""

from collections import ChainMap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from evernormal.domain.market import NoExchangeRate, NoPrice, Order, PriceKey, PriceList
from evernormal.domain.metering import UsageKey, UsageRecord, use_by_day
from evernormal.domain.values import Period
from evernormal.formats.intake.folder import Folder
from evernormal.formats.intake.price_relations import price_list
from evernormal.formats.intake.purchases import contract_rows
from evernormal.formats.intake.register import is_received
from evernormal.formats.intake.row import Row
from evernormal.formats.intake.usage import RECEIVED_FORMAT, Meter
from evernormal.formats.intake.usage_relations import asked_prices, unpriced_words
from evernormal.formats.intake.year_input import UsageFile, YearInput
from evernormal.formats.meters import Reading
from evernormal.formats.problems import Problem
from evernormal.formats.signed_request import CLOCKS_APART_MAX

Asked = dict[tuple[str, str], list[tuple[PriceKey, Period]]]
"""The prices that orders ask for and their days, by contract id and class."""

_NO_TIME: Final = timedelta(0)


@dataclass(frozen=True, slots=True)
class Known:
    """What readings are compared with.

    contracts  contract id, and its term where that could be read, by provider and meter account
    classes    (provider, class) of the price list and of capacity
    prices     None where the list is not sound
    """

    contracts: Mapping[tuple[str, str], tuple[str, Period | None]]
    asked: Asked
    classes: frozenset[tuple[str, str]]
    prices: PriceList | None
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class _Placed:
    """A reading as it is counted, and the file and line where it stands."""

    record: UsageRecord
    path: str
    line: int
    format: str | None

    def problem(self, column: str | None, code: str, message: str, todo: str) -> Problem:
        if self.format != RECEIVED_FORMAT:
            return Problem(self.path, self.line, column, code, message, todo)
        # A batch is one line of JSON; its readings are told by their number.
        place = f"readings[{self.line - 1}]"
        return Problem(self.path, 1, f"{place}.{column}" if column else place, code, message, todo)

    def __str__(self) -> str:
        if self.format == RECEIVED_FORMAT:
            return f"readings[{self.line - 1}] of {self.path}"
        return f"line {self.line} of {self.path}"


_Job = tuple[str, str, str, str]
_Runs = dict[UsageKey, _Placed]


def _ask(asked: Asked, order: Order) -> None:
    place = (order.contract_id, order.device_class)
    # A quote is only promised where there was a price, so that the list of the day tells enough.
    asked.setdefault(place, []).append((order.price_key.unquoted, order.period))


def usage_problems(folder: Folder) -> Iterator[Problem]:
    """Give what is wrong with the readings of our contracts, and readings that contradict."""
    if folder.programme is None or folder.programme.find("timezone") is None:
        return
    readings = Readings(_known_in(folder, ZoneInfo(folder.programme.find("timezone"))))
    for meter in folder.meters:
        yield from readings.add(meter)
    yield from readings.overlaps()


def known_of(year: YearInput, *, prices: PriceList) -> Known:
    """What later readings of a year are compared with."""
    asked: Asked = {}
    for order in year.orders:
        _ask(asked, order)
    classes = {(price.provider_id, price.device_class) for price in year.prices}
    return Known(
        contracts={
            place: (contract_id, year.contract(contract_id).term)
            for place, contract_id in year.meter_accounts.items()
        },
        asked=asked,
        classes=frozenset(classes | set(year.capacity)),
        prices=prices,
        zone=ZoneInfo(year.programme.zone),
    )


@dataclass(frozen=True, slots=True)
class _Counted:
    """Final readings by use and revision, and the runs of each job."""

    final: dict[tuple[UsageKey, int], _Placed] = field(default_factory=dict)
    runs: dict[_Job, _Runs] = field(default_factory=dict)


class Readings:
    """All readings so far, of which a further file must not say otherwise.

    A file that may still be refused is compared by a `trial`, which knows what was counted before
    and remembers its own; `keep` counts what it brought.
    """

    def __init__(self, known: Known, *, before: _Counted | None = None) -> None:
        """Begin with nothing of one's own.

        before   what was counted already
        """
        self._known, self._before = known, before or _Counted()
        self._own = _Counted()
        self._final = ChainMap(self._own.final, self._before.final)
        self._runs = ChainMap(self._own.runs, self._before.runs)

    def trial(self) -> "Readings":
        """The same readings, to which others can be added without changing these."""
        return Readings(self._known, before=self._before)

    def keep(self) -> None:
        """Count what was added, here and where this is a trial of."""
        self._before.final.update(self._own.final)
        self._before.runs.update(self._own.runs)
        self._own.final.clear()
        self._own.runs.clear()

    def count(self, file: UsageFile) -> None:
        """Add a file that was compared before."""
        form = RECEIVED_FORMAT if is_received(file.path) else None
        for record, line in zip(file.records, file.lines, strict=True):
            placed = _Placed(record, file.path, line, form)
            self._count(placed)
            if record.is_final:
                self._final.setdefault((record.key, record.revision), placed)

    def ask(self, order: Order) -> None:
        """Let an order that came in ask for its price, here and in trials."""
        _ask(self._known.asked, order)

    def add(self, meter: Meter) -> Iterator[Problem]:
        """Add a file's readings, and give what is wrong with each by itself, or read otherwise."""
        provider_id = meter.entry.provider_id
        reported: set[tuple[str, str]] = set()
        for reading in meter.readings if provider_id is not None else ():
            placed = _Placed(meter.record_of(reading), meter.path, reading.line, meter.entry.format)
            self._count(placed)
            yield from _late(meter, reading, placed)
            yield from self._conflict(placed)
            for problem in self._of_contract(meter, reading, placed):
                about = (problem.code, reading.card_type)
                if about not in reported:
                    reported.add(about)
                    yield problem

    def overlaps(self) -> Iterator[Problem]:
        """Refuse two runs of one job at one time: each would be counted.

        A requeued job's runs follow one another. Of the readings of a run only the one that
        counts is compared, and only of jobs of which something was added and not kept yet.
        """
        for of_job in self._own.runs.values():
            runs = [run for run in of_job.values() if run.record.cards]
            if len(runs) > 1:
                yield from _overlaps_of(sorted(runs, key=lambda run: run.record.key.starts_at))

    def _count(self, placed: _Placed) -> None:
        key = placed.record.key
        job = (key.provider_id, key.cluster, key.job, key.device_class)
        runs = self._runs.get(job, {})
        before = runs.get(key)
        if before is None or _reach(placed.record) > _reach(before.record):
            self._runs[job] = {**runs, key: placed}

    def _conflict(self, placed: _Placed) -> Iterator[Problem]:
        """Refuse two final readings of the same use that differ, unless one corrects the other."""
        record = placed.record
        if not record.is_final:
            return
        before = self._final.setdefault((record.key, record.revision), placed)
        known = before.record
        if known != record:
            message = (
                f"Job {record.key.job} is read otherwise on {before}: "
                f"{known.cards} cards for {known.account} to {known.ends_at.isoformat()}, "
                f"{known.state}."
            )
            todo = "Ask the provider which is right and remove the other."
            if placed.format == RECEIVED_FORMAT:
                todo = "If this one is right, send it with a higher revision."
            yield placed.problem(None, "usage.conflict", message, todo)

    def _of_contract(self, meter: Meter, reading: Reading, placed: _Placed) -> Iterator[Problem]:
        """Check the class of card and its price, for a reading of one of our contracts."""
        provider_id, card_type = placed.record.key.provider_id, reading.card_type
        contract = self._known.contracts.get((provider_id, reading.account))
        if contract is None:
            return
        classes = meter.entry.device_classes
        is_named = card_type in classes or card_type in classes.values()
        column = _CLASS_COLUMNS.get(placed.format or "")
        if not is_named and (classes or placed.format != "csv"):
            message = f'"{card_type}", used by {reading.account}, is not in device_classes.'
            yield placed.problem(
                column, "usage.unmapped_class", message, _mapping_todo(placed, card_type)
            )
            return
        if self._known.prices is None:
            return
        device_class = placed.record.key.device_class
        if not is_named and (provider_id, device_class) not in self._known.classes:
            message = f'"{device_class}" is not a class of {provider_id} in the price list.'
            todo = "Correct it, or add the class to the price list."
            yield placed.problem(column, "usage.unknown_class", message, todo)
            return
        refusal = self._unpriced(placed.record, *contract)
        if refusal is not None:
            message, todo = unpriced_words(refusal, provider_id)
            message = f"{message}, for job {reading.job}."
            yield placed.problem(column, refusal.code, message, todo)

    def _unpriced(
        self, record: UsageRecord, contract_id: str, term: Period | None
    ) -> NoPrice | NoExchangeRate | None:
        """Find the first use of a contract that could not be rated; None where nothing is known.

        Where its orders all ask for the plain price, or it has none, all of its term must be
        priced.
        """
        prices, zone = self._known.prices, self._known.zone
        if prices is None or term is None:
            return None
        plain = PriceKey(record.key.provider_id, record.key.device_class)
        asked = self._known.asked.get((contract_id, plain.device_class), [])
        if all(key == plain for key, _ in asked):
            asked = [(plain, term)]
        for key, period in asked:
            order = _taking(key, period)
            for use in use_by_day(order, [record], prices=prices, zone=zone):
                try:
                    prices.price_on(key, use.day, use.band)
                except (NoPrice, NoExchangeRate) as refusal:
                    return refusal
        return None


_CLASS_COLUMNS: Final = {"csv": "device_class", RECEIVED_FORMAT: "card_type"}


def _mapping_todo(placed: _Placed, card_type: str) -> str:
    whose = "the [[agent]]'s" if placed.format == RECEIVED_FORMAT else "this file's"
    return f'Add {card_type} = "..." to {whose} device_classes in programme.toml.'


def _late(meter: Meter, reading: Reading, placed: _Placed) -> Iterator[Problem]:
    received_at = meter.entry.received_at
    is_sent = placed.format == RECEIVED_FORMAT
    # An agent's clock may be ahead of ours; an office writes down a time that it knows.
    apart = CLOCKS_APART_MAX if is_sent else _NO_TIME
    if received_at and reading.ends_at > received_at + apart:
        at = received_at.isoformat(timespec="seconds")
        message = f"Job {reading.job} ends after the file was received, {at}."
        todo = "Correct received_at in programme.toml, or the zone of the file's times."
        if is_sent:
            todo = "Set the clock of the machine that made the reading."
        yield placed.problem("ends_at" if is_sent else None, "usage.after_receipt", message, todo)


def _reach(record: UsageRecord) -> tuple[int, bool, datetime]:
    return record.revision, record.is_final, record.ends_at


def _overlaps_of(runs: Sequence[_Placed]) -> Iterator[Problem]:
    """Compare a job's runs, by their starts, with the earlier one that reaches furthest."""
    furthest = runs[0]
    for run in runs[1:]:
        starts_at = run.record.key.starts_at
        if starts_at < min(run.record.ends_at, furthest.record.ends_at):
            message = (
                f"Job {run.record.key.job} starts {starts_at.isoformat()}, while its run on "
                f"{furthest} goes on to {furthest.record.ends_at.isoformat()}."
            )
            todo = "Ask the provider which is right and remove the other: both would be counted."
            column = "starts_at" if run.format in _CLASS_COLUMNS else None
            yield run.problem(column, "usage.overlap", message, todo)
        if run.record.ends_at > furthest.record.ends_at:
            furthest = run


def _taking(key: PriceKey, period: Period) -> Order:
    """An order that takes use at a price, of which nothing else is asked."""
    return Order(
        id="",
        contract_id="",
        provider_id=key.provider_id,
        device_class=key.device_class,
        cards=0,
        gang_cards=0,
        card_hours=0,
        period=period,
        site=key.site,
        plan=key.plan,
    )


def _known_in(folder: Folder, zone: ZoneInfo) -> Known:
    contracts = {
        (row.texts.get("provider_id", ""), row.texts["meter_account"]): (
            row.texts.get("contract_id", ""),
            _term(row),
        )
        for row in contract_rows(folder)
        if row.texts.get("meter_account")
    }
    prices = folder.sheets["prices.csv"]
    offered = (*prices.rows, *folder.sheets["capacity.csv"].rows)
    classes = frozenset(
        (row.texts.get("provider_id", ""), row.texts.get("device_class", "")) for row in offered
    )
    return Known(contracts, asked_prices(folder), classes, price_list(folder), zone)


def _term(contract: Row) -> Period | None:
    first, last = contract.find("starts_on", date), contract.find("ends_on", date)
    return Period.of_days(first, last) if first and last and first <= last else None
