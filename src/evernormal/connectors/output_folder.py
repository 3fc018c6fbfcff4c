"""Writing a year's files: each whole or not at all, the checkpoint last."""

import fcntl
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from evernormal.connectors.books_folder import STATE, read_files
from evernormal.connectors.refused_output import (
    FolderBusy,
    FolderUnwritable,
    NotOurs,
    OverlapsInput,
)
from evernormal.formats import checkpoint
from evernormal.formats.books.paths import (
    CHECKPOINT_FILE,
    INPUTS_FOLDER,
    LOG_FILE,
    REPORT_FILE,
    SCHEME_FILE,
)

__all__ = [
    "STATE",
    "FolderBusy",
    "FolderUnwritable",
    "NotOurs",
    "OverlapsInput",
    "demand_apart",
    "read_files",
    "sole_run",
    "write_files",
]

_PROGRAMME = "programme"
"""The file in the state that names the programme whose run took the folder."""
_OWN_STATE = ("lock", "books.sqlite3")
"""What runs leave in the state before they name their programme there."""
_LEFT_OVER = re.compile(r"\.(?P<name>.+?)(?:\.[0-9]+)?\.new")
"""A file that a killed run had half written."""
_TABLES = ("decisions", "vouchers", "usage", "charges", "claims", "journal", "accounts")
_MORE_TABLES = ("charge-funding", "focus")
_BOOKS = {
    *(f"{name}.csv" for name in (*_TABLES, *_MORE_TABLES)),
    *(CHECKPOINT_FILE, LOG_FILE, REPORT_FILE, SCHEME_FILE.split("/", maxsplit=1)[0]),
    *(INPUTS_FOLDER.rstrip("/"), "payments", "statements", "monthly-statements"),
}
"""What stands at the top of a folder of books."""


@contextmanager
def sole_run(folder: Path, *, programme_id: str) -> Iterator[None]:
    """Take a folder for a programme's run; the system lets go of it also when a run is killed.

    folder        must be new or empty, or hold books of this programme or an unfinished run of it
    programme_id  the programme, which is the id of its log
    raises        NotOurs before anything is written; FolderBusy; FolderUnwritable
    """
    state = folder / STATE
    try:
        _demand_ours(folder, programme_id)
        state.mkdir(parents=True, exist_ok=True)
        lock = (state / "lock").open("w")
    except OSError as error:
        raise FolderUnwritable(path=str(error.filename or folder), reason=_why(error)) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise FolderBusy(folder=str(folder)) from error
        # Another programme's run may have come and gone since the first look.
        _demand_ours(folder, programme_id)
        write_files(state, {_PROGRAMME: f"{programme_id}\n".encode()}, last=_PROGRAMME)
        _sweep(folder)
        yield


def demand_apart(out: Path, folder: Path) -> None:
    """Books go neither into the input folder nor around it.

    raises   OverlapsInput
    """
    there, here = out.resolve(), folder.resolve()
    if there.is_relative_to(here) or here.is_relative_to(there):
        raise OverlapsInput(folder=str(out), inputs=str(folder))


def write_files(folder: Path, files: Mapping[str, bytes], *, last: str) -> None:
    """Write files below a folder; whoever sees `last` sees all the others.

    files    bytes by relative path
    last     the path that is written after all others
    raises   FolderUnwritable
    """
    for path in sorted(files, key=lambda path: (path == last, path)):
        try:
            _write(folder / path, files[path])
        except OSError as error:
            raise FolderUnwritable(path=str(folder / path), reason=_why(error)) from error


def _demand_ours(folder: Path, programme_id: str) -> None:
    """Strangers' files are never overwritten, nor another programme's."""
    if not folder.exists() or not any(folder.iterdir()):
        return
    owners = _owners(folder)
    is_ours = owners == {programme_id} if owners else _is_unfinished(folder)
    if not is_ours:
        raise NotOurs(folder=str(folder), programme_id=programme_id)


def _owners(folder: Path) -> set[str]:
    """Whom the folder names: the programme that took it, and the log of its checkpoint."""
    owners = set()
    marker, head = folder / STATE / _PROGRAMME, folder / CHECKPOINT_FILE
    if marker.exists():
        owners.add(marker.read_text(encoding="utf-8", errors="replace").strip())
    if head.exists():
        try:
            owners.add(checkpoint.read(head.read_bytes())[0].log_id)
        except checkpoint.NotACheckpoint:
            owners.add("")
    return owners


def _is_unfinished(folder: Path) -> bool:
    """Whether a run began here that did not come to name its programme, or lost its state."""
    if any((folder / STATE / name).is_file() for name in _OWN_STATE):
        return True
    names = {path.name for path in folder.iterdir()} - {STATE}
    half = {name for name in names if (m := _LEFT_OVER.fullmatch(name)) and m["name"] in _BOOKS}
    # A half-written file has a name that nobody else gives; everything else must be of the books.
    is_only_state = not names and not any((folder / STATE).iterdir())
    return is_only_state or (bool(half) and names - half <= _BOOKS)


def _sweep(folder: Path) -> None:
    """Take away what killed runs had half written: nobody else is at work here."""
    for path in sorted(folder.rglob(".*.new")):
        if _LEFT_OVER.fullmatch(path.name) and path.is_file() and not path.is_symlink():
            path.unlink()


def _write(path: Path, data: bytes) -> None:
    if path.exists() and path.read_bytes() == data:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    # Two runs must not write into one another's half-written file.
    fresh = path.with_name(f".{path.name}.{os.getpid()}.new")
    with fresh.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def _why(error: OSError) -> str:
    return error.strerror or str(error)
