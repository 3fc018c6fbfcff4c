"""`evernormal verify`: untouched books hold, and whatever was touched is named."""

import hashlib
import os
import re
from collections.abc import Callable
from pathlib import Path
from shutil import copytree

import pytest

from tests.cli import forging
from tests.cli.forging import Files, Record, find
from tests.life.shelf import CHECKPOINT, LOG, YEARS, Books, Shelf, evernormal

REFUSED = re.compile(r"does not hold\. (?P<place>\S+?): (?P<reason>.*)")


def fingerprint(books: Books) -> str:
    key = re.search(r"^key (\w+)$", books.files[CHECKPOINT].decode(), re.MULTILINE)
    assert key is not None
    return hashlib.sha256(bytes.fromhex(key[1])).hexdigest()[:16]


def refusal(folder: Path, *options: str) -> tuple[str, str]:
    """The place and the reason with which `verify` refuses a folder."""
    done = evernormal("verify", folder, *options)
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    assert "everything holds" not in done.stdout
    found = REFUSED.search(done.stderr)
    assert found is not None, done.stderr
    return found["place"], found["reason"]


@pytest.mark.parametrize("year", YEARS)
def test_untouched_books_hold(year: str, shelf: Shelf, tmp_path: Path) -> None:
    """From the files alone: the folder is read-only to it, and no database is named."""
    books = shelf.of(year)
    folder = forging.write(books.files, tmp_path / "books")

    done = evernormal("verify", folder, "--key", fingerprint(books))

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == f"{folder}: everything holds."
    assert Books(folder).files == books.files


# Path -> what stands there; the lowest bit of its last byte is turned.
TOUCHED = {
    "journal.csv": rb"DECIDE_CLAIM/CL-GZ-01-20260410#1,.*?PAYABLE:P-GUIAN,\d+\.\d\d",
    "decisions.csv": rb"D-GZ-04,GZ-04,HG,P-GUIAN,2026-03-20",
    "accounts.csv": rb"PAYABLE:P-GUIAN,PAYABLE,0",
    "report.html": rb"</tit",
    "payments/B-20260424.xml": rb"<NbOfTxs>5",
    "inputs/usage/sacct-2026-03.txt": rb"\|qianyun\|qy_zhou\|a",
    "scheme/scheme.toml": rb'ratio = "30',
    LOG: rb'"reason":"ENTITLED',
    CHECKPOINT: rb"size ",
}


@pytest.mark.parametrize("path", TOUCHED)
def test_one_changed_byte_is_named_by_file_and_line(
    path: str, guizhou: Books, tmp_path: Path
) -> None:
    data = guizhou.files[path]
    found = re.search(TOUCHED[path], data)
    assert found is not None
    at = found.end() - 1
    line, column = data.count(b"\n", 0, at) + 1, at - data.rfind(b"\n", 0, at)
    changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
    folder = forging.write({**guizhou.files, path: changed}, tmp_path / "books")

    place, reason = refusal(folder)

    named, _, lines = place.partition(":")
    assert named == path
    assert reason
    if path == CHECKPOINT:
        assert lines == ""
    elif path == LOG:
        assert lines == f"{line}"
    elif path.startswith(("inputs/", "scheme/")):
        first, last = lines.split("-")
        assert int(first) <= line <= int(last) <= int(first) + 30
    else:
        assert lines == f"{line}:{column}"


def test_a_file_that_is_gone_and_one_that_came_are_named(nanning: Books, tmp_path: Path) -> None:
    gone = {p: data for p, data in nanning.files.items() if p != "statements/NA01.csv"}
    folder = forging.write(gone, tmp_path / "gone")
    more = forging.write({**nanning.files, "statements/NA99.csv": b"x\n"}, tmp_path / "more")

    assert refusal(folder) == ("statements/NA01.csv", "the file is missing.")
    assert refusal(more)[0] == "statements/NA99.csv"


def test_a_log_that_was_cut_or_reordered_is_named(nanning: Books, tmp_path: Path) -> None:
    lines = nanning.files[LOG].split(b"\n")[:-1]
    cut = b"".join(line + b"\n" for line in lines[:-1])
    swapped = b"".join(line + b"\n" for line in [*lines[:4], lines[5], lines[4], *lines[6:]])

    for name, log, place in (
        ("cut", cut, f"{LOG}:{len(lines)}"),
        ("swapped", swapped, f"{LOG}:5"),
    ):
        folder = forging.write({**nanning.files, LOG: log}, tmp_path / name)
        assert refusal(folder)[0] == place


def test_a_log_signed_again_by_another_key_is_caught_by_the_published_one(
    nanning: Books, tmp_path: Path
) -> None:
    forged = forging.forge(nanning.files, lambda _files, _records: None)
    folder = forging.write(forged, tmp_path / "books")
    published = fingerprint(nanning)

    place, reason = refusal(folder, "--key", published)

    assert {p for p in forged if forged[p] != nanning.files[p]} == {CHECKPOINT}
    assert place == CHECKPOINT
    assert published in reason
    # Nothing else was changed, so only the published fingerprint can tell.
    assert evernormal("verify", folder).returncode == 0


def raise_award(files: Files, records: list[Record]) -> None:
    """Give NN-001 1,000 yuan more, wherever the award's journal line and record say so."""
    row = b"AWARD/NN-001#1,2026-01-23,POT,AWARD:A-NN-001,25102.00"
    assert files["journal.csv"].count(row) == 1
    files["journal.csv"] = files["journal.csv"].replace(row, row.replace(b"25102.00", b"26102.00"))
    facts = find(records, "AWARD/NN-001")["facts"]
    facts["amount_fen"] += 1_000_00
    facts["transfers"][0]["amount_fen"] += 1_000_00


def change_journal_alone(files: Files, _records: list[Record]) -> None:
    files["journal.csv"] = files["journal.csv"].replace(b",25102.00,", b",25103.00,")


def drop_act(_files: Files, records: list[Record]) -> None:
    """Without its record, the next one stands where it should: that of NN-005."""
    records.remove(find(records, "ASSESS/NN-004"))


def pay_more_by_contract(files: Files, _records: list[Record]) -> None:
    """The contract becomes dearer: the decision in the log no longer follows from it."""
    path = "inputs/contracts.csv"
    before = b"2025-01-01,2026-12-31,200000.00"
    assert files[path].count(before) == 1
    files[path] = files[path].replace(before, b"2025-01-01,2026-12-31,100000.00")


def change_rule(files: Files, _records: list[Record]) -> None:
    files["scheme/scheme.toml"] = files["scheme/scheme.toml"].replace(b'"30/100"', b'"20/100"')


def break_rule(files: Files, _records: list[Record]) -> None:
    files["scheme/scheme.toml"] = files["scheme/scheme.toml"].replace(b'"30/100"', b'"thirty"')


def date_rule_away(files: Files, _records: list[Record]) -> None:
    """The rule of the share is in force only after the year: no amount can be worked out."""
    before, rule = files["scheme/scheme.toml"].split(b'id = "share"', 1)
    later = rule.replace(b"date = 2025-03-01", b"date = 2027-03-01", 1)
    assert later != rule
    files["scheme/scheme.toml"] = before + b'id = "share"' + later


def drop_name(_files: Files, records: list[Record]) -> None:
    del find(records, "ASSESS/NN-001")["act"]


def drop_key(_files: Files, records: list[Record]) -> None:
    del find(records, "ASSESS/NN-001")["key"]


def break_input(files: Files, _records: list[Record]) -> None:
    path = "inputs/payments.csv"
    files[path] = files[path].replace(b"200000.00,2025-01-18", b"200000.00,2025-13-18")


def drop_price(files: Files, _records: list[Record]) -> None:
    """Without a price for its cards the year cannot be run at all."""
    path = "inputs/prices.toml"
    files[path] = files[path].replace(b"starts_on = 2024-06-01", b"starts_on = 2026-03-30")


FORGERIES: dict[str, tuple[Callable[[Files, list[Record]], None], str]] = {
    "award": (raise_award, "AWARD/NN-001"),
    "journal": (change_journal_alone, "CLOSE_BOOKS.facts.files.journal.csv"),
    "act": (drop_act, "NN-005"),
    "contract": (pay_more_by_contract, "ASSESS/NN-001"),
    "rule": (change_rule, "ASSESS/NN-002"),
    "scheme": (break_rule, ""),
    "date": (date_rule_away, ""),
    "name": (drop_name, ""),
    "key": (drop_key, ""),
    "input": (break_input, "2025-13-18"),
    "price": (drop_price, ""),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_books_forged_with_every_hash_in_order_do_not_survive_the_run(
    forgery: str, nanning: Books, tmp_path: Path
) -> None:
    change, named = FORGERIES[forgery]
    forged = forging.forge(nanning.files, change)
    folder = forging.write(forged, tmp_path / "books")

    place, reason = refusal(folder)

    files = {"scheme": "scheme/scheme.toml", "input": "inputs/payments.csv"}
    if forgery not in ("price", "date"):  # what cannot be run has no line of the log to name
        assert place.split(":")[0] == files.get(forgery, LOG)
    assert named in reason


def test_a_folder_without_books_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path)[0] == CHECKPOINT


def test_the_state_beside_the_books_is_no_part_of_them(nanning: Books, tmp_path: Path) -> None:
    folder = tmp_path / "books"
    copytree(nanning.folder, folder)
    (folder / ".state").mkdir(exist_ok=True)
    (folder / ".state" / "anything").write_bytes(b"not of the books")

    assert "anything" not in "".join(Books(folder).files)
    assert evernormal("verify", folder).returncode == 0


def redraw_report(files: Files, _records: list[Record]) -> None:
    files["report.html"] = files["report.html"].replace(b"</title>", b"!</title>", 1)


def comment_scheme(files: Files, _records: list[Record]) -> None:
    files["scheme/scheme.toml"] += b"# another hand\n"


def test_the_last_line_says_when_the_report_is_not_drawn_the_same(
    nanning: Books, tmp_path: Path
) -> None:
    same = evernormal("verify", nanning.folder)
    folder = forging.write(forging.forge(nanning.files, redraw_report), tmp_path / "books")

    other = evernormal("verify", folder)

    drawn = "report: as the log names it; drawn anew by this version it"
    assert f"{drawn} is the same" in same.stdout.splitlines()
    assert (other.returncode, other.stderr) == (0, "")
    assert f"{drawn} differs (its look is not checked)" in other.stdout.splitlines()
    assert other.stdout.splitlines()[-1] == (
        f"{folder}: everything holds, but report.html was not re-drawn to the same bytes: "
        "trust its figures only through the other files"
    )


def test_it_says_whether_the_scheme_is_the_librarys(nanning: Books, tmp_path: Path) -> None:
    folder = forging.write(forging.forge(nanning.files, comment_scheme), tmp_path / "books")

    ours, other = evernormal("verify", nanning.folder), evernormal("verify", folder)

    assert "scheme: cn/nanning/2025 as in this version's library" in ours.stdout.splitlines()
    assert (other.returncode, other.stderr) == (0, "")
    assert "scheme: not the library's" in other.stdout.splitlines()


@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_what_is_no_plain_file_is_named_and_not_read(
    kind: str, nanning: Books, tmp_path: Path
) -> None:
    folder = forging.write(nanning.files, tmp_path / "books")
    path = folder / "statements" / "NA01.csv"
    path.unlink()
    if kind == "link":
        path.symlink_to(nanning.folder / "statements" / "NA01.csv")
    else:
        os.mkfifo(path)

    assert refusal(folder)[0] == "statements/NA01.csv"
