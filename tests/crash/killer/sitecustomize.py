"""Kills the program that imports it, at the n-th step that the world outside can see.

Python imports this file by its name when its folder is on PYTHONPATH; only the tests put it there.

    EVERNORMAL_CRASH_AT      which step, from 1; "" or nothing: never
    EVERNORMAL_CRASH_AFTER   an audit event from which on steps count, as socket.bind
    EVERNORMAL_CRASH_LOG     a file that gets one line: the step at which the program died

A step is a file that is opened for writing, renamed, removed or flushed, a statement that changes
the database, a commit (before it and after it), and bytes that go out of a socket. The kill is
SIGKILL: nothing is flushed, no handler runs, as when the power goes.
"""

import os
import signal
import socket
import sys
from collections.abc import Callable
from typing import Any

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC
_CHANGES = ("INSERT", "UPDATE", "DELETE", "BEGIN", "COMMIT", "SAVEPOINT", "WITH", "COPY")
_NOT_OURS = ("__pycache__", "/dev/", "/proc/")
_FILES = {"os.rename", "os.remove", "os.mkdir", "os.truncate"}


class _Steps:
    """Counts the steps down to the last."""

    def __init__(self, at: int, after: str, log: str) -> None:
        self.left, self.after, self.log = at, after, log

    def count(self, step: str) -> None:
        if self.after:
            return
        self.left -= 1
        if self.left:
            return
        self.after = "the end"
        with open(self.log, "a", encoding="utf-8") as log:  # noqa: PTH123 - before pathlib
            log.write(f"{step}\n")
        os.kill(os.getpid(), signal.SIGKILL)

    def heard(self, event: str, details: tuple[Any, ...]) -> None:
        if event == self.after:
            self.after = ""
        elif event == "open":
            path, _, flags = details
            if _is_ours(path) and isinstance(flags, int) and flags & _WRITES:
                self.count("open")
        elif event in _FILES and _is_ours(details[0]):
            self.count(event)

    def around(self, owner: Any, name: str, step: str) -> None:
        """Count a step before a call and one after it."""
        call: Callable[..., Any] = getattr(owner, name)

        def counted(*given: Any, **named: Any) -> Any:
            self.count(f"before {step}")
            done = call(*given, **named)
            self.count(f"after {step}")
            return done

        setattr(owner, name, counted)

    def before(self, owner: Any, name: str, step: str, which: Callable[..., bool]) -> None:
        """Count a step before those calls of which the first argument after the object says so."""
        call: Callable[..., Any] = getattr(owner, name)

        def counted(me: Any, *given: Any, **named: Any) -> Any:
            if which(*given[:1]):
                self.count(step)
            return call(me, *given, **named)

        setattr(owner, name, counted)


def _is_ours(path: Any) -> bool:
    """Whether a file is the program's own, and not one that Python or a compiler keeps."""
    if not isinstance(path, str | os.PathLike):
        return False
    return not any(part in str(path) for part in _NOT_OURS)


def _is_change(statement: Any) -> bool:
    return str(statement).lstrip().upper().startswith(_CHANGES)


def _watch_sqlite(steps: _Steps) -> None:
    from sqlite3 import dbapi2  # noqa: PLC0415 - only the driver in use is loaded

    class Watched(dbapi2.Connection):
        def __init__(self, *given: Any, **named: Any) -> None:
            super().__init__(*given, **named)
            self.set_trace_callback(self._heard)

        @staticmethod
        def _heard(statement: str) -> None:
            if _is_change(statement):
                steps.count(f"sql {statement.split(maxsplit=1)[0].lower()}")

        def commit(self) -> None:
            super().commit()
            steps.count("after commit")

    connect = dbapi2.connect
    dbapi2.connect = lambda *given, **named: connect(*given, **{"factory": Watched, **named})


def _watch_postgresql(steps: _Steps) -> None:
    import psycopg  # noqa: PLC0415 - only the driver in use is loaded

    steps.before(psycopg.Cursor, "execute", "sql", _is_change)
    steps.before(psycopg.Cursor, "executemany", "sql many", _is_change)
    steps.before(psycopg.Copy, "write_row", "copy row", lambda *_: True)
    steps.around(psycopg.Connection, "commit", "commit")


def _watch(at: int) -> None:
    steps = _Steps(
        at, os.environ.get("EVERNORMAL_CRASH_AFTER", ""), os.environ["EVERNORMAL_CRASH_LOG"]
    )
    steps.before(os, "fsync", "fsync", lambda *_: True)
    for name in ("send", "sendall"):
        # One byte is the event loop waking itself.
        steps.before(socket.socket, name, "send", lambda sent: len(sent) > 1)
    if os.environ.get("EVERNORMAL_DATABASE_URL", "").startswith("postgresql:"):
        _watch_postgresql(steps)
    else:
        _watch_sqlite(steps)
    sys.addaudithook(steps.heard)


if os.environ.get("EVERNORMAL_CRASH_AT"):
    _watch(int(os.environ["EVERNORMAL_CRASH_AT"]))
