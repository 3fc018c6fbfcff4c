"""Reading a folder of books, which may come from anyone: plain files only, within a limit."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from evernormal.formats.books.checking import DoesNotHold

STATE = ".state"
"""What the program itself needs beside the books: never part of them."""
BOOKS_BYTES_MAX = 2 * 1024 * 1024 * 1024
"""All of it is held in memory. The inputs are at most a quarter; the rest is made of them."""


def read_files(folder: Path) -> dict[str, bytes]:
    """All files below a folder by relative path, but for the program's own state.

    returns  bytes by relative path with forward slashes, in order of path
    raises   DoesNotHold naming what is a link or no plain file, cannot be read, or is too much
    """
    files: dict[str, bytes] = {}
    left = BOOKS_BYTES_MAX
    for path in _walk(folder):
        name = path.relative_to(folder).as_posix()
        try:
            files[name] = _read(path, name, left)
        except OSError as error:
            raise _unreadable(name, error) from error
        left -= len(files[name])
    return files


def _walk(root: Path) -> Iterator[Path]:
    """Give everything below a folder but folders, by path; links are never followed."""

    def stop(error: OSError) -> None:
        name = Path(error.filename or root).relative_to(root).as_posix()
        raise _unreadable(name, error)

    found = []
    for folder, folders, names in os.walk(root, onerror=stop):
        here = Path(folder)
        if here == root:
            folders[:] = [name for name in folders if name != STATE]
        links = [name for name in folders if (here / name).is_symlink()]
        found += [here / name for name in (*names, *links)]
    yield from sorted(found)


def _read(path: Path, name: str, left: int) -> bytes:
    """The bytes of one plain file of at most `left` bytes."""
    if not stat.S_ISREG(path.lstat().st_mode):
        reason = "it is a link or another thing than a plain file; books have none."
        raise DoesNotHold(place=name, reason=reason)
    # It may have been exchanged since the look: no link is followed, no pipe waited for.
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
        if os.fstat(file.fileno()).st_size > left:
            raise _too_much(name)
        data = file.read(left + 1)
    if len(data) > left:
        raise _too_much(name)
    return data


def _too_much(name: str) -> DoesNotHold:
    reason = f"with it the folder has more than {BOOKS_BYTES_MAX} bytes, the most that is read."
    return DoesNotHold(place=name, reason=reason)


def _unreadable(name: str, error: OSError) -> DoesNotHold:
    return DoesNotHold(place=name, reason=f"it cannot be read: {error.strerror}.")
