"""Registers of what came in while the year ran: each line names a file, its sender and signature.

Nothing is taken on trust that was checked when it came in: the signature is checked again, by the
key that was in force on the day.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final, Generic, TypeVar
from zoneinfo import ZoneInfo

from evernormal.formats.intake.columns_received import RECEIVED, RECEIVED_ORDERS
from evernormal.formats.intake.programme_file import ProgrammeFile
from evernormal.formats.intake.row import Row
from evernormal.formats.intake.sheet import read_sheet
from evernormal.formats.intake.table import Table
from evernormal.formats.intake.text_file import decode as decode_text
from evernormal.formats.intake.year_input import Agent, Buyer
from evernormal.formats.problems import Problem
from evernormal.formats.signed_request import NotSigned, verify_body
from evernormal.formats.usage_answer import BatchProblems

S = TypeVar("S", bound=Agent | Buyer)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Register:
    """What comes in of one kind.

    folder   of its files, each under its sender's id
    sender   the column that names the sender
    keys     the tables of programme.toml that say whose key may send it
    """

    table: Table
    folder: str
    sender: str
    keys: str

    @property
    def file(self) -> str:
        """The register's own file."""
        return self.table.file

    @property
    def header(self) -> bytes:
        """Its first line."""
        return (",".join(column.name for column in self.table.columns) + "\n").encode()

    def path_of(self, sender_id: str, sent_id: str) -> str:
        """Where what a sender sent under an id is kept in the folder of its year."""
        return f"{self.folder}{sender_id}/{sent_id}.json"


BATCHES: Final = Register(RECEIVED, "usage/received/", "provider_id", "[[agent]]")
ORDERS: Final = Register(RECEIVED_ORDERS, "orders/received/", "applicant_id", "[[buyer]]")
REGISTERS: Final = (BATCHES, ORDERS)


@dataclass(frozen=True, slots=True)
class Receipt:
    """One line of a register: what came in when, from whom, and the signature that it bore.

    received_at  with zone, to the microsecond; nothing else of a programme has the same
    """

    file: str
    sender_id: str
    received_at: datetime
    key: str
    signature: str

    def encode(self) -> bytes:
        """The line, with its end."""
        at = self.received_at.isoformat(timespec="microseconds")
        return f"{self.file},{self.sender_id},{at},{self.key},{self.signature}\n".encode()


def is_received(path: str) -> bool:
    """Whether a file came to the folder while the year ran, and not from the office."""
    return any(path == r.file or path.startswith(r.folder) for r in REGISTERS)


def find_sender(senders: Sequence[S], *, key: str, on: date) -> S | None:
    """Whose key counts on a day, or None."""
    return next((s for s in senders if s.key == key and s.is_in_force(on)), None)


@dataclass(frozen=True, slots=True)
class RegisterReader(Generic[S, T]):
    """Reads what a register names, and compares each file with its line.

    files   bytes by path
    open    reads a body; gives its sender's id and its own, and what is made of it. May raise
            BatchProblems
    """

    register: Register
    files: Mapping[str, bytes]
    programme: ProgrammeFile
    senders: Sequence[S]
    open: Callable[[bytes, Receipt, S], tuple[str, str, T]]

    def read(self, problems: list[Problem]) -> tuple[T, ...]:
        """Everything that the register names, in the order in which it came."""
        data = self.files.get(self.register.file)
        rows: tuple[Row, ...] = ()
        if data is not None:
            file, table = self.register.file, self.register.table
            text, _ = decode_text(data, file=file, encoding="utf-8", problems=problems)
            rows = read_sheet(text, file=file, table=table, problems=problems).rows
        found: list[T] = []
        last: datetime | None = None
        for row in rows:
            receipt = self._receipt(row)
            if receipt is None:
                continue
            wrong: list[Problem] = [*_out_of_order(row, receipt, last)]
            wrong += self._problems_of(row, receipt)
            last = receipt.received_at
            problems += wrong
            if not wrong:
                found += self._opened(row, receipt, problems)
        problems += self._unregistered({row.texts.get("file", "") for row in rows})
        return tuple(found)

    def _receipt(self, row: Row) -> Receipt | None:
        if len(row.values) < len(self.register.table.columns):
            return None
        names = ("file", self.register.sender, "key", "signature")
        file, sender_id, key, signature = (row.get(name, str) for name in names)
        return Receipt(file, sender_id, row.get("received_at", datetime), key, signature)

    def _problems_of(self, row: Row, receipt: Receipt) -> Iterator[Problem]:
        """What is wrong with a line, before its file is opened."""
        todo = f"Put it back as it was, or correct {self.register.keys} in programme.toml."
        if receipt.file not in self.files:
            message = f"There is no {receipt.file}."
            yield row.problem("file", "file.missing", message, todo)
        day = self._day_of(receipt)
        sender = find_sender(self.senders, key=receipt.key, on=day) if day else None
        if day and (sender is None or sender.party_id != receipt.sender_id):
            message = f"{receipt.key} is no key of {receipt.sender_id} that counts on {day}."
            yield row.problem("key", "received.unknown_key", message, todo)
        opens_on, closes_on = self.programme.find("opens_on"), self.programme.find("closes_on")
        if day and opens_on and closes_on and not opens_on <= day <= closes_on:
            message = f"{day} is outside the programme, {opens_on} to {closes_on}."
            yield row.problem("received_at", "usage.received_outside", message, todo)

    def _opened(self, row: Row, receipt: Receipt, problems: list[Problem]) -> list[T]:
        """What a line's file holds, if it is what the line says; its sender's key is known."""
        body, day = self.files[receipt.file], self._day_of(receipt)
        sender = find_sender(self.senders, key=receipt.key, on=day) if day else None
        if sender is None:
            return []
        todo = "Put both files back as they were: `evernormal serve` changes neither."
        try:
            verify_body(body, signature=receipt.signature, public_key=sender.public_key)
            sender_id, sent_id, opened = self.open(body, receipt, sender)
        except NotSigned:
            message = f"The signature is not of {receipt.file} by key {receipt.key}."
            problems.append(row.problem("signature", "received.not_signed", message, todo))
            return []
        except BatchProblems as refusal:
            problems += [replace(p.in_file(receipt.file), line=1) for p in refusal.problems]
            return []
        is_named = receipt.file == self.register.path_of(receipt.sender_id, sent_id)
        if not is_named or sender_id != receipt.sender_id:
            message = f"The file is {sent_id} of {sender_id}."
            problems.append(row.problem("file", "received.other_batch", message, todo))
            return []
        return [opened]

    def _day_of(self, receipt: Receipt) -> date | None:
        zone = self.programme.find("timezone")
        return receipt.received_at.astimezone(ZoneInfo(zone)).date() if zone else None

    def _unregistered(self, named: set[str]) -> Iterator[Problem]:
        for path in sorted(self.files):
            if path.startswith(self.register.folder) and path not in named:
                message = f"{self.register.file} does not name it: it was never taken in."
                todo = "Take it out; `evernormal serve` does so when it starts."
                yield Problem(path, None, None, "received.unregistered", message, todo)


def _out_of_order(row: Row, receipt: Receipt, last: datetime | None) -> Iterator[Problem]:
    if last is not None and receipt.received_at <= last:
        message = f"{row.texts['received_at']} is not later than {last.isoformat()}, before it."
        todo = "Put the file back as `evernormal serve` wrote it."
        yield row.problem("received_at", "received.order", message, todo)
