"""The books of the example years, run once through the command line for all tests."""

import csv
import fcntl
import io
import json
import os
import re
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import psycopg

from evernormal.connectors.output_folder import read_files
from evernormal.formats.books.rows import ActRow
from evernormal.formats.explanation import as_text, view_of
from evernormal.formats.explanation import explain as explain_number
from evernormal.locale import Lang, words
from evernormal.schemes import load_scheme

EVERNORMAL = Path(sys.executable).with_name("evernormal")
EXAMPLES = Path(__file__).parents[2] / "examples"
LOG, CHECKPOINT, SCHEME = "audit-log.jsonl", "checkpoint.txt", "scheme/scheme.toml"
YEARS = ("beijing-2023", "nanning-2025", "guizhou-2026")
MODES = ("mode-d-capacity", "mode-e-match", "mode-f-discount", "mode-g-in-kind", "mode-h-credits")
"""Small years of the settlement modes that the three do not have, under rules of their own."""
SERVER = os.environ.get("EVERNORMAL_DATABASE_URL", "")
"""The PostgreSQL server under test, or nothing: then SQLite is."""
GIVE_UP_AFTER_S = 120

Row = dict[str, str]


def evernormal(
    *arguments: str | Path, url: str = "", key: Path | None = None, cwd: Path | None = None
) -> "subprocess.CompletedProcess[str]":
    """Run the program as an officer does.

    url  where its database is; nothing: the SQLite file that it makes beside the books
    key  the office's signing key
    """
    environment = os.environ | {"EVERNORMAL_DATABASE_URL": url, "COLUMNS": "1000"}
    if key is not None:
        environment["EVERNORMAL_SIGNING_KEY"] = str(key)
    return subprocess.run(
        [EVERNORMAL, *arguments],
        env=environment,
        cwd=cwd,
        capture_output=True,
        encoding="utf-8",
        timeout=GIVE_UP_AFTER_S,
        check=False,
    )


@contextmanager
def empty_database() -> Iterator[str]:
    """Give the address of a database of the kind under test, gone afterwards; nothing on SQLite."""
    if not SERVER.startswith("postgresql:"):
        yield ""
        return
    name = f"life_{uuid.uuid4().hex}"
    with psycopg.connect(SERVER, autocommit=True) as connection:
        connection.execute(f'create database "{name}"')
        try:
            yield re.sub(r"^(postgresql://[^/?]*/)[^?]*", rf"\g<1>{name}", SERVER)
        finally:
            connection.execute(f'drop database "{name}" with (force)')


@dataclass(frozen=True)
class Books:
    """One year's books as they lie in their folder."""

    folder: Path

    @cached_property
    def files(self) -> Mapping[str, bytes]:
        return read_files(self.folder)

    @cached_property
    def acts(self) -> tuple[ActRow, ...]:
        lines = self.files[LOG].decode().split("\n")[:-1]
        split = (line.split(" ", 1) for line in lines)
        return tuple(_act(json.loads(body), digest) for digest, body in split)

    def rows(self, path: str) -> list[Row]:
        """Every row of a table, by column."""
        return list(csv.DictReader(io.StringIO(self.files[path].decode(), newline="")))

    def where(self, path: str, **values: str) -> list[Row]:
        """The rows that have these values."""
        return [r for r in self.rows(path) if all(r[name] == v for name, v in values.items())]

    def row(self, path: str, **values: str) -> Row:
        """The one row that has these values."""
        (found,) = self.where(path, **values)
        return found

    def facts(self, key: str) -> Mapping[str, Any]:
        """The facts of the one act with this key."""
        (found,) = (act for act in self.acts if act.key == key)
        return found.facts

    def explain(self, identifier: str, lang: Lang = "en") -> str:
        """Give what `evernormal explain` prints, without starting it."""
        scheme = view_of(load_scheme(self.files[SCHEME], path=SCHEME))
        told = explain_number(identifier, acts=self.acts, scheme=scheme, lang=lang)
        return as_text(told, words(lang))


def transfers_of(act: ActRow) -> list[dict[str, Any]]:
    """The transfers of an act, none where it moved no money."""
    facts: Mapping[str, Any] = act.facts
    return list(facts.get("transfers", ()))


@dataclass(frozen=True)
class Shelf:
    """Where the books stand; whoever asks first has them made, other test processes wait."""

    root: Path

    @property
    def key(self) -> Path:
        return self.root / "key.pem"

    def of(self, example: str) -> Books:
        """Give an example's books, made on the database under test."""
        return self._made(example, kind="tested", is_embedded=False)

    def on_sqlite(self, example: str) -> Books:
        """Give an example's books, made on the SQLite file beside them."""
        if not SERVER:
            return self.of(example)
        return self._made(example, kind="sqlite", is_embedded=True)

    def _made(self, example: str, *, kind: str, is_embedded: bool) -> Books:
        out = self.root / kind / example
        out.parent.mkdir(parents=True, exist_ok=True)
        with out.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (out / CHECKPOINT).exists():
                with empty_database() as url:
                    _run(example, out, url="" if is_embedded else url, key=self.key)
        return _books(out)


@cache
def _books(folder: Path) -> Books:
    return Books(folder)


def _run(example: str, out: Path, *, url: str, key: Path) -> None:
    done = evernormal("run", EXAMPLES / example, "--out", out, url=url, key=key)
    if done.returncode != 0:
        raise AssertionError(done.stderr)


def _act(record: Mapping[str, Any], digest: str) -> ActRow:
    return ActRow(
        number=record["number"],
        act=record["act"],
        key=record["key"],
        actor=record["actor"],
        at=datetime.fromisoformat(record["at"]),
        facts=record["facts"],
        hash=digest,
    )
