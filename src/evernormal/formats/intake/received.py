"""Batches that agents sent while the year ran: the register of them, and each batch again.

Nothing is taken on trust that was checked when they came in: the signature is checked again, by
the key that was in force on the day.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from evernormal.formats.intake.columns import RECEIVED
from evernormal.formats.intake.programme import ProgrammeFile, UsageEntry
from evernormal.formats.intake.row import Row
from evernormal.formats.intake.sheet import read_sheet
from evernormal.formats.intake.text_file import decode as decode_text
from evernormal.formats.intake.usage import RECEIVED_FORMAT, Meter
from evernormal.formats.intake.year_input import Agent
from evernormal.formats.problems import Problem
from evernormal.formats.signed_request import NotSigned
from evernormal.formats.usage_answer import BatchProblems
from evernormal.formats.usage_batch import UsageBatch, decode, verify

REGISTER: Final = RECEIVED.file
RECEIVED_FOLDER: Final = "usage/received/"

REGISTER_HEADER: Final = (",".join(column.name for column in RECEIVED.columns) + "\n").encode()


@dataclass(frozen=True, slots=True)
class Receipt:
    """One line of the register: which batch came in when, and the signature that it bore.

    received_at  with zone, to the microsecond; no two batches of a programme have the same
    """

    file: str
    provider_id: str
    received_at: datetime
    key: str
    signature: str

    def encode(self) -> bytes:
        """The line, with its end."""
        at = self.received_at.isoformat(timespec="microseconds")
        return f"{self.file},{self.provider_id},{at},{self.key},{self.signature}\n".encode()


def path_of(provider_id: str, batch_id: str) -> str:
    """Where a batch is kept in the folder of its year."""
    return f"{RECEIVED_FOLDER}{provider_id}/{batch_id}.json"


def is_received(path: str) -> bool:
    """Whether a file came to the folder while the year ran, and not from the office."""
    return path == REGISTER or path.startswith(RECEIVED_FOLDER)


def meter_of(batch: UsageBatch, *, body: bytes, receipt: Receipt, agent: Agent) -> Meter:
    """A batch as other usage files are read."""
    return Meter(
        entry=UsageEntry(
            index=-1,
            file=receipt.file,
            format=RECEIVED_FORMAT,
            provider_id=batch.provider_id,
            received_at=receipt.received_at,
            device_classes=agent.device_classes,
        ),
        path=receipt.file,
        sha256=hashlib.sha256(body).hexdigest(),
        readings=tuple(r.to_reading(n) for n, r in enumerate(batch.readings, start=1)),
        without_cards=0,
        signed_by=receipt.key,
    )


def find_agent(agents: Sequence[Agent], *, key: str, on: date) -> Agent | None:
    """The agent of a key that counts on a day, or None."""
    return next((a for a in agents if a.key == key and a.is_in_force(on)), None)


def read_received(
    files: Mapping[str, bytes],
    *,
    programme: ProgrammeFile,
    agents: Sequence[Agent],
    problems: list[Problem],
) -> tuple[Meter, ...]:
    """Read every batch that the register names, in the order in which they came.

    files    bytes by path
    agents   of programme.toml
    """
    register = files.get(REGISTER)
    rows: tuple[Row, ...] = ()
    if register is not None:
        text, _ = decode_text(register, file=REGISTER, encoding="utf-8", problems=problems)
        rows = read_sheet(text, file=REGISTER, table=RECEIVED, problems=problems).rows
    reader = _Reader(files, programme, agents)
    meters = []
    last: datetime | None = None
    for row in rows:
        receipt = _receipt(row)
        if receipt is None:
            continue
        found = [*_out_of_order(row, receipt, last), *reader.problems_of(row, receipt)]
        last = receipt.received_at
        problems += found
        meter = None if found else reader.meter(row, receipt, problems)
        if meter is not None:
            meters.append(meter)
    problems += _unregistered(files, {row.texts.get("file", "") for row in rows})
    return tuple(meters)


def _receipt(row: Row) -> Receipt | None:
    if len(row.values) < len(RECEIVED.columns):
        return None
    file, provider_id, key, signature = (
        row.get(name, str) for name in ("file", "provider_id", "key", "signature")
    )
    return Receipt(file, provider_id, row.get("received_at", datetime), key, signature)


def _out_of_order(row: Row, receipt: Receipt, last: datetime | None) -> Iterator[Problem]:
    if last is not None and receipt.received_at <= last:
        message = f"{row.texts['received_at']} is not later than {last.isoformat()}, before it."
        todo = "Put the file back as `evernormal serve` wrote it."
        yield row.problem("received_at", "received.order", message, todo)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads batches and compares each with its line of the register."""

    files: Mapping[str, bytes]
    programme: ProgrammeFile
    agents: Sequence[Agent]

    def problems_of(self, row: Row, receipt: Receipt) -> Iterator[Problem]:
        """What is wrong with a line, before its batch is opened."""
        todo = "Put it back as it was, or correct [[agent]] in programme.toml."
        if receipt.file not in self.files:
            message = f"There is no {receipt.file}."
            yield row.problem("file", "file.missing", message, todo)
        day = self._day_of(receipt)
        agent = find_agent(self.agents, key=receipt.key, on=day) if day else None
        if day and (agent is None or agent.provider_id != receipt.provider_id):
            message = f"{receipt.key} is no key of {receipt.provider_id} that counts on {day}."
            yield row.problem("key", "received.unknown_key", message, todo)
        opens_on, closes_on = self.programme.find("opens_on"), self.programme.find("closes_on")
        if day and opens_on and closes_on and not opens_on <= day <= closes_on:
            message = f"{day} is outside the programme, {opens_on} to {closes_on}."
            yield row.problem("received_at", "usage.received_outside", message, todo)

    def meter(self, row: Row, receipt: Receipt, problems: list[Problem]) -> Meter | None:
        """The batch of a line whose key is known; None where it is not what the line says."""
        body = self.files[receipt.file]
        day = self._day_of(receipt)
        agent = find_agent(self.agents, key=receipt.key, on=day) if day else None
        if agent is None:
            return None
        todo = "Put both files back as they were: `evernormal serve` changes neither."
        try:
            verify(body, signature=receipt.signature, public_key=agent.public_key)
            batch = decode(body)
        except NotSigned:
            message = f"The signature is not of {receipt.file} by key {receipt.key}."
            problems.append(row.problem("signature", "received.not_signed", message, todo))
            return None
        except BatchProblems as refusal:
            problems += [replace(p.in_file(receipt.file), line=1) for p in refusal.problems]
            return None
        if receipt.file != path_of(receipt.provider_id, batch.id) or (
            batch.provider_id != receipt.provider_id
        ):
            message = f"The file is batch {batch.id} of {batch.provider_id}."
            problems.append(row.problem("file", "received.other_batch", message, todo))
            return None
        return meter_of(batch, body=body, receipt=receipt, agent=agent)

    def _day_of(self, receipt: Receipt) -> date | None:
        zone = self.programme.find("timezone")
        return receipt.received_at.astimezone(ZoneInfo(zone)).date() if zone else None


def _unregistered(files: Mapping[str, bytes], named: set[str]) -> Iterator[Problem]:
    for path in sorted(files):
        if path.startswith(RECEIVED_FOLDER) and path not in named:
            message = f"{REGISTER} does not name it: it was never taken in."
            todo = "Take it out; `evernormal serve` does so when it starts."
            yield Problem(path, None, None, "received.unregistered", message, todo)
