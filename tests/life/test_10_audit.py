"""10. Every act has one record, chained and signed: anyone can run the year again."""

import hashlib

import pytest

from tests.life.money import fen
from tests.life.shelf import CHECKPOINT, LOG, YEARS, Books, Shelf, transfers_of


@pytest.mark.parametrize("year", YEARS)
def test_every_act_has_exactly_one_record_in_the_order_of_time(year: str, shelf: Shelf) -> None:
    acts = shelf.of(year).acts

    assert [act.number for act in acts] == list(range(1, len(acts) + 1))
    assert len({act.key for act in acts}) == len(acts)
    assert [act.at for act in acts] == sorted(act.at for act in acts)
    assert (acts[0].key, acts[-1].key) == ("OPEN_PROGRAMME", "CLOSE_BOOKS")
    assert all(act.key.split("/")[0] == act.act for act in acts)


@pytest.mark.parametrize("year", YEARS)
def test_every_row_of_the_books_has_its_act(year: str, shelf: Shelf) -> None:
    books = shelf.of(year)
    keys = {act.key for act in books.acts}
    expected = {"OPEN_PROGRAMME", "CLOSE_BOOKS"}
    for row in books.rows("decisions.csv"):
        expected |= {f"ASSESS/{row['contract_id']}", f"AWARD/{row['contract_id']}"}
    expected |= {f"ISSUE_VOUCHER/{r['voucher_id']}" for r in books.rows("vouchers.csv")}
    expected |= {f"DECIDE_CLAIM/{r['claim_id']}" for r in books.rows("claims.csv")}
    expected |= {f"PAY_BATCH/{r['batch_id']}" for r in books.rows("claims.csv") if r["batch_id"]}
    expected |= {f"CHARGE/{r['order_id']}/{r['batch']}" for r in books.rows("charges.csv")}
    expected |= {
        f"ACCEPT_USAGE/{path.removeprefix('inputs/')}"
        for path in books.files
        if path.startswith("inputs/usage/") and not path.endswith(".md")
    }
    of_time = {k for k in keys if k.split("/")[0] in ("PLACE_HOLD", "EXPIRE_HOLD", "LAPSE_VOUCHER")}

    assert keys - of_time == expected
    assert bool(of_time) == (year != "nanning-2025")


@pytest.mark.parametrize("year", YEARS)
def test_every_transfer_stands_in_its_act_as_in_the_journal(year: str, shelf: Shelf) -> None:
    books = shelf.of(year)
    in_log = [
        (t["id"], t["debit"], t["credit"], t["amount_fen"], t["phase"], t["code"], t["pending"])
        for act in books.acts
        for t in transfers_of(act)
    ]
    in_journal = [
        (
            r["transfer_id"],
            r["debit"],
            r["credit"],
            fen(r["amount_yuan"]),
            r["phase"],
            r["code"],
            r["pending_id"] or None,
        )
        for r in books.rows("journal.csv")
    ]

    assert in_log == in_journal
    assert len(in_journal) > 20


@pytest.mark.parametrize("year", YEARS)
def test_the_journal_gives_every_account_and_sums_to_zero(year: str, shelf: Shelf) -> None:
    books = shelf.of(year)
    counters: dict[str, list[int]] = {}
    for row in books.rows("journal.csv"):
        amount = fen(row["amount_yuan"])
        pending = next((fen(r["amount_yuan"]) for r in _held(books, row["pending_id"])), 0)
        change = {
            "SINGLE": (0, amount),
            "PENDING": (amount, 0),
            "POST": (-pending, amount),
            "VOID": (-pending, 0),
        }[row["phase"]]
        for account, first in ((row["debit"], 0), (row["credit"], 2)):
            known = counters.setdefault(account, [0, 0, 0, 0])
            known[first] += change[0]
            known[first + 1] += change[1]
    stated = {
        r["account_id"]: [
            int(r[name])
            for name in ("debits_pending", "debits_posted", "credits_pending", "credits_posted")
        ]
        for r in books.rows("accounts.csv")
    }

    assert counters == stated
    assert sum(c[1] - c[3] for c in stated.values()) == 0
    assert min(min(c) for c in stated.values()) >= 0


def _held(books: Books, transfer_id: str) -> list[dict[str, str]]:
    return books.where("journal.csv", transfer_id=transfer_id) if transfer_id else []


@pytest.mark.parametrize("year", YEARS)
def test_the_last_record_names_every_file_of_the_books(year: str, shelf: Shelf) -> None:
    books = shelf.of(year)

    assert books.acts[-1].facts["files"] == {
        path: hashlib.sha256(data).hexdigest()
        for path, data in books.files.items()
        if path not in (LOG, CHECKPOINT)
    }


@pytest.mark.parametrize("year", YEARS)
def test_the_checkpoint_signs_the_head_of_this_log(year: str, shelf: Shelf) -> None:
    books = shelf.of(year)
    lines = books.files[CHECKPOINT].decode().splitlines()
    programme = {"beijing-2023": "bj", "nanning-2025": "nn", "guizhou-2026": "gz"}[year]

    assert lines[:4] == [
        "evernormal checkpoint 1",
        f"log {programme}-{year[-4:]}",
        f"size {len(books.acts)}",
        f"head {books.acts[-1].hash}",
    ]
