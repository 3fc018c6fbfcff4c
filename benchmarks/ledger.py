"""How fast the ledger posts durably, beside a plain fsynced write, on SQLite and on PostgreSQL.

    .venv/bin/python benchmarks/ledger.py [--full] [sqlite|postgresql ...]

Each figure ends with a line `name ratio=... goal=...`; its limit is measured in the same rounds.

batch     transfers in batches of 8,192: SQLite synchronous=FULL, PostgreSQL synchronous_commit=on;
          1 % replays of any earlier request, 0.5 % overdrafts, in strict order, one audit record a
          batch. The limit appends and syncs 128 bytes a transfer, the record of other ledgers; a
          second line says the ratio to our own 72.
transfers what a batch takes in a programme with many transfers, over what it takes in a young one
          beside it, turn by turn; the rates of the first and of the last million are told too
accounts  the same with many accounts, beside ten thousand
hot       the rate with one payee account over that with two hundred
hold      one pending transfer, one audit record, one commit, after the other, beside one fdatasync

The default is 2 million transfers and 100,000 accounts; --full is 10 and 1 million. After every run
its books are read back with plain SQL and checked (ledger_checks.py). PostgreSQL is a private one
with its own settings but for max_wal_size, which is 8 GB.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import django
import psycopg

ROOT = Path(__file__).parents[1]
POSTGRES = ROOT / "tools" / "postgres.sh"


def run(url: str, folder: Path, *, is_full: bool) -> int:
    """Run the figures in a program of their own, whose database is the one of an address."""
    told = subprocess.run(  # noqa: S603 - this very program
        [sys.executable, __file__, "--here", str(folder), "full" if is_full else "short"],
        env={
            **os.environ,
            "EVERNORMAL_DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "evernormal.settings",
        },
        check=False,
    )
    return told.returncode


def here(folder: Path, size: str) -> None:
    """Run the figures on the database of the environment."""
    django.setup()
    from ledger_figures import SIZES, measure  # noqa: PLC0415 - needs the tables

    measure(folder, SIZES[size])


def on_postgresql(folder: Path, *, is_full: bool) -> int:
    """Start a server, run the figures on it, and stop it."""
    place = str(folder / "postgres")
    subprocess.run([str(POSTGRES), "start", place], check=True)  # noqa: S603 - our own script
    try:
        url = subprocess.run(  # noqa: S603 - our own script
            [str(POSTGRES), "url", place], check=True, capture_output=True, text=True
        ).stdout.strip()
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET max_wal_size = '8GB'")
            connection.execute("SELECT pg_reload_conf()")
        return run(url, folder, is_full=is_full)
    finally:
        subprocess.run([str(POSTGRES), "stop", place], check=True)  # noqa: S603 - our own script


def main(arguments: list[str]) -> int:
    """Run the figures on the databases that are named, or on both."""
    if arguments[:1] == ["--here"]:
        here(Path(arguments[1]), arguments[2])
        return 0
    is_full = "--full" in arguments
    named = [word for word in arguments if word != "--full"] or ["sqlite", "postgresql"]
    folder = Path(tempfile.mkdtemp(prefix="ledger-"))
    folder.chmod(0o755)  # so that the server's own account can enter it
    failed = 0
    try:
        for name in named:
            print(f"== {name}", flush=True)
            if name == "sqlite":
                failed |= run(f"sqlite:///{folder / 'books.sqlite3'}", folder, is_full=is_full)
            else:
                failed |= on_postgresql(folder, is_full=is_full)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
