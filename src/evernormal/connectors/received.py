"""Where batches and orders are put that come in while the year runs: the folder of the year itself.

What came is there when its register names it. Its file is on the disk before that line is, and the
line before anybody is told of it; so whatever a crash leaves half done was never promised.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from evernormal.connectors.folder import FOLDER_BYTES_MAX, RECEIVED_MAX
from evernormal.domain.errors import DomainError
from evernormal.formats.intake.register import BATCHES, REGISTERS, Receipt, Register

_LOCK = "usage/.received.lock"
_NEW = ".new"
_ASIDE = ".set-aside"


class ReceivedBusy(DomainError):
    """Another service is receiving into the same folder."""

    code = "received.busy"

    def __init__(self, *, folder: str) -> None:
        self.folder = folder
        super().__init__(f"Another service receives usage into {folder}. Stop it first.")


class ReceivedUnwritable(DomainError):
    """The system does not let the program keep a batch."""

    code = "received.unwritable"

    def __init__(self, *, path: str, reason: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(
            f"{path} cannot be written: {reason}. Correct its permissions or make room; "
            "what was sent is sent again."
        )


class ReceivedFull(DomainError):
    """The folder of a year holds as much as a run can read."""

    code = "received.full"

    def __init__(self, *, folder: str) -> None:
        self.folder = folder
        super().__init__(
            f"{folder} holds as much usage as one programme year can. Send fewer and larger "
            "batches next year; what is left goes to the office by file."
        )


@contextmanager
def open_received(folder: Path) -> Iterator["ReceivedFolder"]:
    """Take a year's folder for receiving, and put away what a crash left half done.

    folder   of the programme year
    raises   ReceivedBusy, ReceivedUnwritable
    """
    path = folder / _LOCK
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = path.open("w")
    except OSError as error:
        raise _unwritable(path, error) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ReceivedBusy(folder=str(folder)) from error
        try:
            for register in REGISTERS:
                _mend_register(folder / register.file)
                _put_unnamed_away(folder, register)
            received = ReceivedFolder(folder)
        except OSError as error:
            raise _unwritable(folder / BATCHES.file, error) from error
        yield received


class ReceivedFolder:
    """A year's folder while batches are received into it, by one process and one thread."""

    def __init__(self, folder: Path) -> None:
        """Look how much there is already."""
        self._folder = folder
        sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
        self._bytes = sum(sizes)
        self._count = sum(1 for r in REGISTERS for _ in (folder / r.folder).rglob("*.json"))
        self._broken = ""

    def keep(self, receipt: Receipt, body: bytes, *, register: Register = BATCHES) -> None:
        """Keep what came: when this returns, a power cut does not take it away.

        register  that is to name it
        raises    ReceivedFull, ReceivedUnwritable; then it is not there
        """
        if self._broken:
            raise ReceivedUnwritable(path=register.file, reason=self._broken)
        line = receipt.encode()
        added = len(body) + len(line)
        if self._count >= RECEIVED_MAX - len(REGISTERS) or self._bytes + added > FOLDER_BYTES_MAX:
            raise ReceivedFull(folder=str(self._folder))
        path = self._folder / receipt.file
        try:
            _write_whole(path, body)
        except OSError as error:
            _remove(path)
            raise _unwritable(path, error) from error
        self._register(line, path, register)
        self._bytes += added
        self._count += 1

    def _register(self, line: bytes, path: Path, of_kind: Register) -> None:
        register = self._folder / of_kind.file
        try:
            if not register.exists():
                _write_whole(register, of_kind.header)
            before = register.stat().st_size
        except OSError as error:
            _remove(path)
            raise _unwritable(register, error) from error
        try:
            with register.open("ab") as file:
                file.write(line)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            self._take_back(register, before)
            _remove(path)
            raise _unwritable(register, error) from error

    def _take_back(self, register: Path, size: int) -> None:
        """Cut off what stands of a line; while that is not done, no other may follow it."""
        try:
            with register.open("r+b") as file:
                file.truncate(size)
                os.fsync(file.fileno())
        except OSError as error:
            self._broken = f"a line is half written, and could not be cut off ({error.strerror})"


def _mend_register(path: Path) -> None:
    """Cut off a last line that a crash left without its end."""
    if not path.exists():
        return
    data = path.read_bytes()
    whole = data[: data.rfind(b"\n") + 1]
    if not whole:
        path.unlink()
    elif whole != data:
        with path.open("r+b") as file:
            file.truncate(len(whole))
            os.fsync(file.fileno())


def _put_unnamed_away(folder: Path, of_kind: Register) -> None:
    """Put files aside that were written and never registered: nobody was told of them.

    They are kept, out of a run's sight: an older register may have been put back by mistake.
    """
    register = folder / of_kind.file
    lines = register.read_bytes().splitlines() if register.exists() else []
    named = {line.partition(b",")[0].decode("utf-8", errors="replace") for line in lines}
    for path in sorted((folder / of_kind.folder).glob("*/*")):
        is_half = path.name.startswith(".") and path.name.endswith(_NEW)
        name = path.relative_to(folder).as_posix()
        is_unnamed = path.suffix == ".json" and name not in named
        if not path.is_file() or path.is_symlink():
            continue
        if is_half:
            path.unlink()
        elif is_unnamed:
            aside = folder / _ASIDE / name
            aside.parent.mkdir(parents=True, exist_ok=True)
            path.replace(aside)


def _write_whole(path: Path, data: bytes) -> None:
    """Write a file that is there whole or not at all, and whose name lasts."""
    made = [folder for folder in path.parents if not folder.exists()]
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}{_NEW}")
    try:
        with fresh.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise
    for folder in {path.parent, *(folder.parent for folder in made)}:
        _sync_folder(folder)


def _remove(path: Path) -> None:
    # What stays is no harm: no line names it, and the next start takes it away.
    with suppress(OSError):
        path.unlink()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unwritable(path: Path, error: OSError) -> ReceivedUnwritable:
    return ReceivedUnwritable(path=str(path), reason=error.strerror or str(error))
