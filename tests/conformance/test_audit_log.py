"""The log is what docs/reference/audit-log.md says, by a reader that shares no code with ours."""

import hashlib
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from evernormal.domain.audit import Act
from tests.life.shelf import CHECKPOINT, LOG, MODES, YEARS, Shelf

KEYS = ["act", "actor", "at", "facts", "key", "log", "number", "previous"]
PAGE = Path(__file__).parents[2] / "docs" / "reference" / "audit-log.md"


def refuse_float(text: str) -> None:
    raise AssertionError(f"{text} is a float")


def read(line: bytes) -> tuple[str, bytes, dict[str, Any]]:
    digest, body = line.split(b" ", 1)
    return digest.decode(), body, json.loads(body, parse_float=refuse_float)


@pytest.mark.parametrize("year", YEARS)
def test_every_line_is_canonical_and_chained_to_the_one_before(year: str, shelf: Shelf) -> None:
    *lines, rest = shelf.of(year).files[LOG].split(b"\n")
    previous = "0" * 64
    assert rest == b""
    for number, line in enumerate(lines, start=1):
        digest, body, record = read(line)
        again = json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        assert again.encode() == body
        assert hashlib.sha256(body).hexdigest() == digest
        assert sorted(record) == KEYS
        assert (record["number"], record["previous"]) == (number, previous)
        previous = digest


@pytest.mark.parametrize("year", YEARS)
def test_the_checkpoint_is_signed_text_of_six_lines(year: str, shelf: Shelf) -> None:
    files = shelf.of(year).files
    text = files[CHECKPOINT].decode("ascii")
    found = re.fullmatch(
        r"(evernormal checkpoint 1\nlog (?P<log>\S+)\nsize (?P<size>\d+)\n"
        r"head (?P<head>[0-9a-f]{64})\nkey (?P<key>[0-9a-f]{64})\n)"
        r"signature (?P<signature>[0-9a-f]{128})\n",
        text,
    )
    assert found is not None
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(found["key"]))
    key.verify(bytes.fromhex(found["signature"]), found[1].encode())
    lines = files[LOG].split(b"\n")[:-1]
    digest, _, last = read(lines[-1])
    assert (int(found["size"]), found["head"], found["log"]) == (len(lines), digest, last["log"])


@pytest.mark.parametrize("year", [*YEARS, *MODES])
def test_the_page_names_every_act_that_occurs(year: str, shelf: Shelf) -> None:
    documented = set(re.findall(r"^\| `([A-Z_]+)` \|", PAGE.read_text(), re.MULTILINE))

    assert {act.act for act in shelf.of(year).acts} <= documented
    assert documented == {act.value for act in Act}


def test_checking_by_hand_works_as_the_page_shows(shelf: Shelf) -> None:
    """Run the page's own commands in the books' folder: each pair prints the same hash."""
    books = shelf.of("guizhou-2026")
    blocks = re.findall(r"```sh\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert len(blocks) == 3
    for block in blocks:
        done = subprocess.run(
            ["bash", "-euc", block], cwd=books.folder, capture_output=True, text=True, check=True
        )
        hashes = re.findall(r"[0-9a-f]{64}", done.stdout)
        assert len(hashes) == 2
        assert len(set(hashes)) == 1
