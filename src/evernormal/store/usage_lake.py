"""The lake: one immutable columnar file for each accepted batch of meter readings.

A file is named by the hash of its content, and is on the disk before the row that names it is
committed. What a crash leaves behind is a file that no row names; nothing ever reads it.
"""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import polars as pl
from django.conf import settings

from evernormal.domain.errors import DomainError

READINGS: Final = pl.Schema(
    {
        "provider": pl.String,
        "cluster": pl.String,
        "job": pl.String,
        "device_class": pl.String,
        "account": pl.String,
        "contract_id": pl.String,
        "starts_at": pl.Int64,
        "ends_at": pl.Int64,
        "cards": pl.Int32,
        "state": pl.String,
        "is_final": pl.Boolean,
        "revision": pl.Int32,
        "version": pl.Int32,
        "line": pl.Int32,
        "weight": pl.Int8,
    }
)
"""A row a reading: instants in epoch seconds, `version` counts the readings of a use from 1.

`weight` is 1 for a reading that counts from now on, and -1 where one that counted before is taken
back: it stands again, in the file of the reading that superseded it, so that sums over weight are
right whatever files they go over.
"""

DAYS: Final = pl.Schema(
    {
        "provider": pl.String,
        "cluster": pl.String,
        "account": pl.String,
        "contract_id": pl.String,
        "device_class": pl.String,
        "day": pl.Date,
        "card_seconds": pl.Int64,
        "records": pl.Int64,
    }
)
"""A file's sums by local day, signed as the readings are; `records` counts runs by first day."""

_ROWS_PER_GROUP = 1 << 19


class LakeFileMissing(DomainError):
    """A file that an accepted batch named is not in the lake, or is not what it was."""

    code = "lake.file_missing"

    def __init__(self, *, path: str) -> None:
        self.path = path
        super().__init__(
            f"{path} is not in the usage lake as it was written. Put it back from a backup: "
            "its name is the SHA-256 of its content."
        )


class LakeNotWritten(DomainError):
    """The lake's disk does not take a batch, as when it is full."""

    code = "lake.not_written"

    def __init__(self, *, path: str, reason: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(
            f"The usage lake in {path} cannot be written: {reason}. Nothing of the batch was "
            "kept. Make room, or correct the folder's permissions, and send the batch again."
        )


@dataclass(frozen=True, slots=True)
class UsageLake:
    """The folder that holds the files of one programme."""

    folder: Path

    def write(self, readings: pl.DataFrame, days: pl.DataFrame) -> str:
        """Put a batch on the disk; when this returns, a power cut does not take it away.

        readings  with the columns of READINGS
        days      with those of DAYS
        returns   SHA-256 of the readings' file, which names both files
        raises    LakeNotWritten; then no file of that name is there
        """
        try:
            name = _keep(readings, folder=self.folder / "readings")
            _keep(days, folder=self.folder / "days", name=name)
        except (OSError, pl.exceptions.PolarsError) as error:
            raise LakeNotWritten(path=str(self.folder), reason=str(error)) from error
        return name

    def readings_file(self, name: str) -> Path:
        """Where a batch's readings are."""
        return self.folder / "readings" / f"{name}.parquet"

    def days_file(self, name: str) -> Path:
        """Where a batch's sums by day are."""
        return self.folder / "days" / f"{name}.parquet"

    def scan(self, names: Sequence[str]) -> pl.LazyFrame:
        """The readings of some batches, not yet read.

        raises   LakeFileMissing
        """
        files = [self.readings_file(name) for name in names]
        for name, file in zip(names, files, strict=True):
            if not _is_whole(file, name):
                raise LakeFileMissing(path=str(file))
        if not files:
            return pl.LazyFrame(schema=READINGS)
        return pl.scan_parquet(files, schema=READINGS, glob=False)


def lake_of(programme_id: str) -> UsageLake:
    """The lake of a programme, in the folder that the settings name."""
    return UsageLake(Path(settings.USAGE_LAKE) / programme_id)


def _keep(frame: pl.DataFrame, *, folder: Path, name: str = "") -> str:
    """Write a frame under a name, or under its content's hash."""
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f".{os.getpid()}-{os.urandom(8).hex()}.part"
    try:
        frame.write_parquet(
            fresh, compression="zstd", compression_level=1, row_group_size=_ROWS_PER_GROUP
        )
        name = name or sha256_of(fresh)
        rename_durably(fresh, folder / f"{name}.parquet")
    finally:
        fresh.unlink(missing_ok=True)
    for each in (folder.parent, folder.parent.parent):
        _sync_folder(each)
    return name


def _is_whole(path: Path, sha256: str) -> bool:
    """Whether a file is there and is what its name says."""
    try:
        stat = path.stat()
    except FileNotFoundError:
        return False
    return _hash_of(path, stat.st_size, stat.st_mtime_ns) == sha256


@lru_cache(maxsize=65_536)
def _hash_of(path: Path, _size: int, _changed_at: int) -> str:
    """A file's hash, read once for as long as the file looks untouched."""
    return sha256_of(path)


def sha256_of(path: Path) -> str:
    """The hash of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def rename_durably(fresh: Path, path: Path) -> None:
    """Give a file its name so that a power cut takes neither the file nor the name away."""
    with fresh.open("rb") as file:
        os.fsync(file.fileno())
    fresh.rename(path)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Make the names in a folder last; a rename alone does not."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
