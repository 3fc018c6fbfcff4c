"""Checks on a year's books from their files alone, each naming the first place that fails."""

import csv
import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest
from typing import Any

from evernormal.domain.audit import Act, BrokenChain, verify_chain
from evernormal.domain.errors import DomainError
from evernormal.domain.ledger import AccountKind, Books, Phase, Transfer, TransferCode
from evernormal.domain.policy import Unit
from evernormal.domain.values import Fen
from evernormal.formats import checkpoint
from evernormal.formats.books.log import decode_log
from evernormal.formats.books.paths import (
    CHECKPOINT_FILE,
    INPUTS_FOLDER,
    LOG_FILE,
    REPORT_FILE,
    SCHEME_FILE,
)
from evernormal.formats.books.tables import column_of
from evernormal.formats.intake.register import is_received


class DoesNotHold(DomainError):
    """The books are not what was written: `place` says where."""

    code = "verify.does_not_hold"

    def __init__(self, *, place: str, reason: str) -> None:
        self.place, self.reason = place, reason
        super().__init__(f"{place}: {reason}")


_PARTS = {
    "log": str,
    "number": int,
    "previous": str,
    "act": str,
    "key": str,
    "actor": str,
    "at": str,
    "facts": dict,
}
"""The parts of every record, by the kind of their value (docs/reference/audit-log.md)."""


@dataclass(frozen=True, slots=True)
class Log:
    """A log whose chain and checkpoint hold, and the fingerprint of the key that signed it."""

    records: tuple[tuple[bytes, str], ...]
    signed_by: str

    def facts_of(self, act: Act) -> dict[str, Any]:
        """The facts of the one record of an act."""
        for body, _ in self.records:
            record = json.loads(body)
            if record["act"] == act.value:
                return dict(record["facts"])
        raise DoesNotHold(place=LOG_FILE, reason=f"there is no record of {act.value}.")


def check_log(files: Mapping[str, bytes]) -> Log:
    """The checkpoint's signature, and every link of the chain up to it.

    raises   DoesNotHold
    """
    for path in (CHECKPOINT_FILE, LOG_FILE):
        if path not in files:
            raise DoesNotHold(place=path, reason="the file is missing.")
    try:
        head, signed_by = checkpoint.read(files[CHECKPOINT_FILE])
    except checkpoint.NotACheckpoint as refusal:
        raise DoesNotHold(place=CHECKPOINT_FILE, reason=refusal.reason) from refusal
    if not files[LOG_FILE].endswith(b"\n"):
        raise DoesNotHold(place=LOG_FILE, reason="its last line is cut off.")
    records = tuple(decode_log(files[LOG_FILE]))
    for number, (body, _) in enumerate(records, start=1):
        _demand_record(body, log_id=head.log_id, place=f"{LOG_FILE}:{number}")
    try:
        verify_chain(records, checkpoint=head)
    except BrokenChain as refusal:
        place = f"{LOG_FILE}:{refusal.number}"
        raise DoesNotHold(place=place, reason=refusal.reason) from refusal
    return Log(records=records, signed_by=signed_by)


def _demand_record(body: bytes, *, log_id: str, place: str) -> None:
    """A record has its parts and belongs to the log that the checkpoint names."""
    try:
        record = json.loads(body)
    except ValueError as error:
        raise DoesNotHold(place=place, reason="it cannot be read.") from error
    if not isinstance(record, dict) or record.keys() != _PARTS.keys():
        raise DoesNotHold(place=place, reason="it has not the parts of a record.")
    for name, kind in _PARTS.items():
        if type(record[name]) is not kind:
            raise DoesNotHold(place=place, reason=f"its {name} is not of its kind.")
    if record["log"] != log_id:
        reason = f"it is of log {record['log']}, the checkpoint of log {log_id}."
        raise DoesNotHold(place=place, reason=reason)


def check_inputs(files: Mapping[str, bytes], log: Log) -> None:
    """The scheme and every input file are the ones that the books were opened on.

    raises   DoesNotHold with the lines of the first block that differs
    """
    opened = log.facts_of(Act.OPEN_PROGRAMME)
    try:
        recorded = {f"{INPUTS_FOLDER}{path}": entry for path, entry in opened["inputs"].items()}
        recorded[SCHEME_FILE] = opened["scheme_file"]
        digests = {path: (entry["sha256"], entry["blocks"]) for path, entry in recorded.items()}
    except (AttributeError, KeyError, TypeError) as error:
        raise DoesNotHold(place=LOG_FILE, reason="the opening names no input files.") from error
    for path, (digest, blocks) in sorted(digests.items()):
        if path not in files:
            raise DoesNotHold(place=path, reason="the file is missing.")
        if hashlib.sha256(files[path]).hexdigest() != digest:
            place = f"{path}:{_changed_lines(files[path], blocks)}"
            raise DoesNotHold(place=place, reason="this is not what the books were opened on.")
    _check_received(files, log)


def _check_received(files: Mapping[str, bytes], log: Log) -> None:
    """What came in while the year ran is what the books were closed on.

    Files that the closing does not name are refused with all others of their kind.
    """
    named = log.facts_of(Act.CLOSE_BOOKS).get("files")
    digests = named.items() if isinstance(named, dict) else ()
    for path, digest in sorted(digests):
        if not is_received(path.removeprefix(INPUTS_FOLDER)):
            continue
        if path not in files:
            raise DoesNotHold(place=path, reason="the file is missing.")
        if hashlib.sha256(files[path]).hexdigest() != digest:
            raise DoesNotHold(place=path, reason="this is not what was received.")


def changed_outputs(files: Mapping[str, bytes], log: Log) -> list[str]:
    """Paths of files that are missing or not what the last record names, in order.

    raises   DoesNotHold for a file that no record names
    """
    named = log.facts_of(Act.CLOSE_BOOKS).get("files")
    if not isinstance(named, dict):
        raise DoesNotHold(place=LOG_FILE, reason="the closing names no files.")
    for path in sorted(files):
        if path not in named and path not in (LOG_FILE, CHECKPOINT_FILE):
            raise DoesNotHold(place=path, reason="the books do not name this file.")
    return [
        path
        for path, digest in sorted(named.items())
        if path not in files or hashlib.sha256(files[path]).hexdigest() != digest
    ]


def demand_same_log(log: Log, replayed: list[tuple[bytes, str]]) -> None:
    """Every recorded act is the one that the inputs and rules give again.

    raises   DoesNotHold naming the record and the first fact that differs
    """
    for number, (kept, again) in enumerate(zip_longest(log.records, replayed), start=1):
        place = f"{LOG_FILE}:{number}"
        if kept is None or again is None:
            reason = f"the log has {len(log.records)} records, running again {len(replayed)}."
            raise DoesNotHold(place=place, reason=reason)
        before, after = _repeatable(kept[0]), _repeatable(again[0])
        if before != after:
            where = _first_difference(before, after, path=f"{before['key']}")
            raise DoesNotHold(place=place, reason=f"running the year again differs: {where}")


def demand_same_file(path: str, kept: bytes | None, again: bytes) -> None:
    """A file is byte for byte what the inputs and rules give again.

    raises   DoesNotHold naming line and column, what is there and what should be
    """
    if kept is None:
        raise DoesNotHold(place=path, reason="the file is missing.")
    if kept == again:
        return
    at = next((i for i, (a, b) in enumerate(zip(kept, again, strict=False)) if a != b), None)
    at = min(len(kept), len(again)) if at is None else at
    line = again.count(b"\n", 0, at) + 1
    column = at - (again.rfind(b"\n", 0, at) + 1) + 1
    reason = f"it reads {_line(kept, line)!r}, running the year again gives {_line(again, line)!r}."
    raise DoesNotHold(place=f"{path}:{line}:{column}", reason=reason)


def check_books(files: Mapping[str, bytes], *, unit: Unit = Unit.CNY) -> None:
    """The journal, posted anew by the plain rules, gives the accounts; vouchers add up.

    unit     what the scheme counts in: it names the columns of amounts
    raises   DoesNotHold naming the line of the journal, of an account or of a voucher
    """
    books = Books()
    for line, row in _rows(files["journal.csv"]):
        place = f"journal.csv:{line}"
        try:
            for account_id in (row["debit"], row["credit"]):
                books.open_account(account_id, AccountKind(account_id.split(":", 1)[0]))
            books.post([_transfer(row, unit)])
        except (DomainError, ValueError) as refusal:
            raise DoesNotHold(place=place, reason=str(refusal)) from refusal
    if books.out_of_balance():
        raise DoesNotHold(place="journal.csv", reason="debits and credits differ.")
    for line, row in _rows(files["accounts.csv"]):
        account = books.accounts.get(row["account_id"])
        counters = [row["debits_pending"], row["debits_posted"]]
        counters += [row["credits_pending"], row["credits_posted"]]
        if account is None or counters != [
            str(account.debits_pending),
            str(account.debits_posted),
            str(account.credits_pending),
            str(account.credits_posted),
        ]:
            place = f"accounts.csv:{line}"
            raise DoesNotHold(place=place, reason="the journal gives other counters.")
    for line, row in _rows(files["vouchers.csv"]):
        _check_voucher(line, row, books, unit)


def _check_voucher(line: int, row: Mapping[str, str], books: Books, unit: Unit) -> None:
    """Law 1, and that the voucher's row tells what its account tells."""
    names = ("face_fen", "available_fen", "held_fen", "captured_fen", "lapsed_fen")
    face, available, held, captured, lapsed = (
        Fen.from_yuan(row[column_of(name, unit=unit)]).amount for name in names
    )
    account = books.accounts[f"{AccountKind.VOUCHER.value}:{row['voucher_id']}"]
    if face != available + held + captured + lapsed:
        reason = "face is not available + held + captured + lapsed."
        raise DoesNotHold(place=f"vouchers.csv:{line}", reason=reason)
    if (available, held) != (account.free, account.debits_pending):
        reason = "the voucher's account in the journal says otherwise."
        raise DoesNotHold(place=f"vouchers.csv:{line}", reason=reason)


def _transfer(row: Mapping[str, str], unit: Unit) -> Transfer:
    return Transfer(
        id=row["transfer_id"],
        debit=row["debit"],
        credit=row["credit"],
        amount=Fen.from_yuan(row[column_of("amount_fen", unit=unit)]).amount,
        phase=Phase(row["phase"]),
        code=TransferCode(row["code"]),
        on=date.fromisoformat(row["on"]),
        pending_id=row["pending_id"] or None,
    )


def _rows(data: bytes) -> list[tuple[int, dict[str, str]]]:
    reader = csv.DictReader(io.StringIO(data.decode("utf-8"), newline=""))
    return [(reader.line_num, row) for row in reader]


def _changed_lines(data: bytes, blocks: str) -> str:
    """The lines of the first block whose short digest is another than the recorded one."""
    width, size = 8, 1024
    for index in range(max(len(data) // size + 1, len(blocks) // width)):
        block = data[index * size : (index + 1) * size]
        recorded = blocks[index * width : (index + 1) * width]
        found = hashlib.sha256(block).hexdigest()[:width] if block else ""
        if found != recorded:
            first = data.count(b"\n", 0, index * size) + 1
            last = first + block.count(b"\n")
            return f"{first}-{last}"
    return "1"


def _line(data: bytes, line: int) -> str:
    lines = data.split(b"\n")
    text = lines[line - 1] if line <= len(lines) else b""
    return text.decode("utf-8", "replace")[:200]


def _repeatable(body: bytes) -> dict[str, Any]:
    """A record without what a later version of the program may do better: the report's look.

    The report itself is still held to the digest that the log names.
    """
    record: dict[str, Any] = json.loads(body)
    if record["act"] == Act.CLOSE_BOOKS.value:
        record["facts"]["files"].pop(REPORT_FILE, None)
    return record


def _first_difference(before: Any, after: Any, *, path: str) -> str:
    match before, after:
        case dict(), dict():
            for key in sorted(before.keys() | after.keys()):
                if before.get(key) != after.get(key):
                    return _first_difference(before.get(key), after.get(key), path=f"{path}.{key}")
        case list(), list():
            for index, (a, b) in enumerate(zip_longest(before, after)):
                if a != b:
                    return _first_difference(a, b, path=f"{path}[{index}]")
        case _:
            pass
    return f"{path} is {before!r} in the log and {after!r} now."
