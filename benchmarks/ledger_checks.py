"""Whether the books of a run are right, read back with plain SQL and added up by NumPy."""

import hashlib
import json

import numpy as np
from django.db import connection
from ledger_traffic import TOO_MUCH_FEN, Traffic

from evernormal.domain.audit import follow
from evernormal.domain.ledger import Phase
from evernormal.engines.posting import PHASE_NUMBERS, TRANSFER, Transfers
from evernormal.store.queries.books import read_log


def check(traffic: Traffic) -> None:
    """Read the books back and stop where something is wrong."""
    programme = traffic.programme.pk
    records = _records(programme)
    _demand(records.size == traffic.posted, "every transfer that was said to be new is stored")
    keys = np.stack((records["key_high"], records["key_low"]), axis=1)
    _demand(len(np.unique(keys, axis=0)) == records.size, "no key is stored twice")
    _demand(bool((records["amount"] < TOO_MUCH_FEN).all()), "nothing too large is stored")
    posted = records[records["phase"] == PHASE_NUMBERS[Phase.SINGLE]]
    pending = records[records["phase"] == PHASE_NUMBERS[Phase.PENDING]]
    base = int(min(records["debit"].min(), records["credit"].min()))
    size = int(max(records["debit"].max(), records["credit"].max())) - base + 1
    balance = np.zeros(size, np.int64)
    np.add.at(balance, posted["credit"] - base, posted["amount"])
    np.subtract.at(balance, posted["debit"] - base, posted["amount"])
    _demand(int(balance.sum()) == 0, "the books sum to zero")
    np.subtract.at(balance, pending["debit"] - base, pending["amount"])
    balance[traffic.treasury - base] = 0
    _demand(int(balance.min()) >= 0, "no account is overdrawn")
    asked = traffic.asked[: traffic.size]
    wanted = asked[asked["amount"] < TOO_MUCH_FEN]
    once = np.unique(np.stack((wanted["key_high"], wanted["key_low"]), axis=1), axis=0)
    rest = traffic.posted - len(once)
    _demand(rest == traffic.keys - _keys_of(asked), "all that was covered is stored")
    _demand(not list(follow(read_log(programme))), "the audit log is whole")


def _keys_of(asked: Transfers) -> int:
    """How many keys were made for batches of charges: each once, also those that were replaced."""
    return int(asked.size)


def _records(programme: str) -> Transfers:
    """All pages, each compared with what the audit log says of it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.body, p.body FROM transfer_page p JOIN audit_record a ON a.id = p.act_id "
            "WHERE p.programme_id = %s ORDER BY p.number",
            [programme],
        )
        bodies: dict[str, list[bytes]] = {}
        for act, body in cursor:
            bodies.setdefault(act, []).append(bytes(body))
    for act, pages in bodies.items():
        said = json.loads(act)["facts"]["posted_sha256"]
        _demand(hashlib.sha256(b"".join(pages)).hexdigest() == said, "pages are as recorded")
    return np.frombuffer(b"".join(page for pages in bodies.values() for page in pages), TRANSFER)


def _demand(holds: bool, what: str) -> None:  # noqa: FBT001 - the first words are the condition
    if not holds:
        raise AssertionError(f"it does not hold that {what}")
