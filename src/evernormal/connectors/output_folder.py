"""Writing a year's files: each whole or not at all, the checkpoint last."""

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from evernormal.domain.errors import DomainError

STATE = ".state"
"""What the program itself needs beside the books: never part of them."""


class FolderBusy(DomainError):
    """Another run is writing into the same folder."""

    code = "output.busy"

    def __init__(self, *, folder: str) -> None:
        self.folder = folder
        super().__init__(f"Another run is at work in {folder}. Wait for it, or name another --out.")


@contextmanager
def sole_run(folder: Path) -> Iterator[None]:
    """Keep other runs out of a folder; the system lets go of it also when a run is killed.

    raises   FolderBusy
    """
    state = folder / STATE
    state.mkdir(parents=True, exist_ok=True)
    with (state / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise FolderBusy(folder=str(folder)) from error
        yield


def write_files(folder: Path, files: Mapping[str, bytes], *, last: str) -> None:
    """Write files below a folder; whoever sees `last` sees all the others.

    files    bytes by relative path
    last     the path that is written after all others
    """
    for path in sorted(files, key=lambda path: (path == last, path)):
        _write(folder / path, files[path])


def read_files(folder: Path) -> dict[str, bytes]:
    """All files below a folder by relative path, but for the program's own state."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.relative_to(folder).parts[0] != STATE
    }


def _write(path: Path, data: bytes) -> None:
    if path.exists() and path.read_bytes() == data:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.new")
    with fresh.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
