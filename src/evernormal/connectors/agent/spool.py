"""The folder in which batches wait for the platform; nothing that was read is lost with the power.

    lock                one agent at a time
    state.json          what has been read and sent; written whole, by renaming
    staged/ID.json      batches that are not yet in the state
    waiting/ID.json     batches to send, in the order of their ids
    refused/ID.json     what the platform refused, with ID.problems.json beside it

Replacing state.json is the one moment at which a pull becomes true: batches are staged before it
and moved to waiting after it, and whoever opens the spool finishes a move that was cut off.
"""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from evernormal.domain.errors import DomainError
from evernormal.formats.usage_answer import BatchProblem, encode_problems

_STATE = "state.json"
_FOLDERS = ("staged", "waiting", "refused")
_ENDING = ".json"
_PROBLEMS = ".problems.json"
_HALF = ".new"


class SpoolBusy(DomainError):
    """Another agent works in the spool."""

    code = "agent.spool_busy"

    def __init__(self, *, folder: str) -> None:
        self.folder = folder
        super().__init__(
            f"Another agent is at work in {folder}. Stop it, or name another spool in agent.toml."
        )


class SpoolUnwritable(DomainError):
    """The system does not let the agent write its spool: a full disk, or permissions."""

    code = "agent.spool_unwritable"

    def __init__(self, *, path: str, reason: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(
            f"{path} cannot be read or written: {reason}. "
            "Make room, or correct the permissions; nothing that was read is lost."
        )


@contextmanager
def open_spool(folder: Path) -> Iterator["Spool"]:
    """Take a spool, made where it is missing; the system lets go of it also when it is killed.

    raises   SpoolBusy; SpoolUnwritable
    """
    with _told(folder):
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("w")
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise SpoolBusy(folder=str(folder)) from error
        with _told(folder):
            for name in _FOLDERS:
                (folder / name).mkdir(exist_ok=True)
            _sync(folder)
        yield Spool(folder)


class Spool:
    """An open spool. Make one with `open_spool`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with _told(folder):
            for half in folder.rglob(f"*{_HALF}"):
                half.unlink()
            self._sizes = {
                path.name.removesuffix(_ENDING): path.stat().st_size
                for path in (folder / "waiting").glob(f"*{_ENDING}")
            }

    @property
    def size_bytes(self) -> int:
        """How many bytes wait."""
        return sum(self._sizes.values())

    def list_waiting(self) -> list[str]:
        """Ids of the batches that wait, the oldest first."""
        return sorted(self._sizes)

    def count_refused(self) -> int:
        """How many batches lie in refused/."""
        with _told(self._folder):
            return sum(1 for _ in (self._folder / "refused").glob(f"*{_PROBLEMS}"))

    def read_state(self) -> bytes:
        """The state as last committed; b"" for a new spool.

        raises   SpoolUnwritable
        """
        with _told(self._folder / _STATE):
            try:
                return (self._folder / _STATE).read_bytes()
            except FileNotFoundError:
                return b""

    def commit(self, batches: Mapping[str, bytes], *, state: bytes) -> None:
        """Keep batches, and the state that knows of them: all of it, or none.

        batches  bodies by id
        state    names the ids of `batches`, for `finish` after a crash
        raises   SpoolUnwritable, and then nothing was kept
        """
        staged = self._folder / "staged"
        with _told(staged):
            try:
                for batch_id, body in batches.items():
                    _write(staged / f"{batch_id}{_ENDING}", body)
                if batches:
                    _sync(staged)
                _replace(self._folder / _STATE, state)
            except OSError:
                for batch_id in batches:
                    (staged / f"{batch_id}{_ENDING}").unlink(missing_ok=True)
                raise
        self.finish(list(batches))

    def finish(self, ids: Sequence[str]) -> None:
        """Move staged batches that the state knows to waiting, and drop those it does not know.

        ids      of the batches of the last commit; those that are not staged any more were moved
        raises   SpoolUnwritable
        """
        staged, waiting = self._folder / "staged", self._folder / "waiting"
        with _told(staged):
            for path in sorted(staged.iterdir()):
                batch_id = path.name.removesuffix(_ENDING)
                if batch_id in ids:
                    self._sizes[batch_id] = path.stat().st_size
                    path.replace(waiting / path.name)
                else:
                    path.unlink()
            if ids:
                _sync(waiting)
                _sync(staged)

    def read(self, batch_id: str) -> bytes:
        """The body of a batch that waits.

        raises   SpoolUnwritable
        """
        path = self._path("waiting", batch_id)
        with _told(path):
            return path.read_bytes()

    def drop(self, batch_id: str) -> None:
        """Forget a batch that the platform has.

        raises   SpoolUnwritable
        """
        # Not synced: should it come back with the power, the platform knows it already.
        path = self._path("waiting", batch_id)
        with _told(path):
            path.unlink(missing_ok=True)
        self._sizes.pop(batch_id, None)

    def refuse(self, batch_id: str, problems: Sequence[BatchProblem]) -> Path:
        """Put a batch aside that the platform refused, with the reasons.

        returns  the file of the reasons
        raises   SpoolUnwritable
        """
        reasons = self._folder / "refused" / f"{batch_id}{_PROBLEMS}"
        text = json.dumps(encode_problems(problems), ensure_ascii=False, indent=1)
        with _told(reasons):
            _replace(reasons, f"{text}\n".encode())
            self._path("waiting", batch_id).replace(self._path("refused", batch_id))
            _sync(self._folder / "refused")
            _sync(self._folder / "waiting")
        self._sizes.pop(batch_id, None)
        return reasons

    def _path(self, folder: str, batch_id: str) -> Path:
        return self._folder / folder / f"{batch_id}{_ENDING}"


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise SpoolUnwritable(path=str(error.filename or path), reason=reason) from error


def _replace(path: Path, data: bytes) -> None:
    """Write a file whole or not at all, and durably."""
    half = path.with_name(f"{path.name}{_HALF}")
    _write(half, data)
    half.replace(path)
    _sync(path.parent)


def _write(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        # Half a file on a full disk would only keep it full.
        with suppress(OSError):
            path.unlink()
        raise


def _sync(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
