"""A lake's sums by day: which files hold them, and fewer, larger files that say the same.

Each batch leaves one small file. Reading thousands of them takes longer than adding up what they
say, so that sixteen files are merged into one, sixteen of those into one again, and so on. The
batches' own files stay as they are: whatever is merged can be made again, and is only used for
batches that the manifest names.
"""

import hashlib
import json
import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import polars as pl

from evernormal.store.usage_lake import DAYS, LakeFileMissing, UsageLake, rename_durably, sha256_of

MERGED_AT_ONCE: Final = 16
"""So many files become one: then a lake of a million batches has at most 75 files to read."""

KEYS: Final = ("provider", "cluster", "account", "contract_id", "device_class", "day")
SUMS: Final = ("card_seconds", "records")

_ROWS_PER_GROUP: Final = 1 << 18
_SIDECARS_KNOWN_MAX: Final = 4_096


class MergeDiffers(AssertionError):
    """A merged file does not say what its parts say: a bug, and the file is not used."""


@dataclass(frozen=True, slots=True)
class DayFile:
    """A file of sums by day and the batches, by lake name, that it covers."""

    path: Path
    names: tuple[str, ...]

    @property
    def tier(self) -> int:
        """How often sixteen became one to make it."""
        tier, size = 0, len(self.names)
        while size >= MERGED_AT_ONCE:
            tier, size = tier + 1, size // MERGED_AT_ONCE
        return tier


def day_files(lake: UsageLake, names: Sequence[str]) -> list[DayFile]:
    """The fewest files that together cover some batches once each.

    names    of the batches that the manifest names, in the order in which they came
    raises   LakeFileMissing
    """
    wanted = dict.fromkeys(names)
    found = []
    for merged in sorted(_merged_files(lake), key=lambda file: (-len(file.names), file.path.name)):
        if all(name in wanted for name in merged.names):
            found.append(merged)
            for name in merged.names:
                del wanted[name]
    found += [DayFile(lake.days_file(name), (name,)) for name in wanted]
    for file in found:
        if not file.path.exists():
            raise LakeFileMissing(path=str(file.path))
    return found


def scan_days(lake: UsageLake, names: Sequence[str]) -> pl.LazyFrame:
    """The sums by day of some batches, not yet read; one key may have several rows.

    raises   LakeFileMissing
    """
    files = [file.path for file in day_files(lake, names)]
    if not files:
        return pl.LazyFrame(schema=DAYS)
    return pl.scan_parquet(files, schema=DAYS, glob=False)


def merge_days(lake: UsageLake, names: Sequence[str]) -> int:
    """Merge sixteen files of a size into one, as often as there are so many.

    names    of the batches that the manifest names
    returns  how many files were made
    raises   LakeFileMissing, OSError
    """
    made = 0
    while True:
        by_tier: dict[int, list[DayFile]] = defaultdict(list)
        for file in day_files(lake, names):
            by_tier[file.tier].append(file)
        full = [files for _, files in sorted(by_tier.items()) if len(files) >= MERGED_AT_ONCE]
        if not full:
            return made
        for start in range(0, len(full[0]) - MERGED_AT_ONCE + 1, MERGED_AT_ONCE):
            _merge(lake, full[0][start : start + MERGED_AT_ONCE])
            made += 1


def _merge(lake: UsageLake, parts: Sequence[DayFile]) -> None:
    """Write one file that says what its parts say, and then the list of what it covers."""
    folder = lake.folder / "merged"
    folder.mkdir(parents=True, exist_ok=True)
    rows = pl.scan_parquet([part.path for part in parts], schema=DAYS, glob=False)
    summed = rows.group_by(KEYS).agg(pl.col(SUMS).sum()).collect()
    # What was taken back in full leaves nothing behind.
    summed = summed.filter((pl.col("card_seconds") != 0) | (pl.col("records") != 0))
    summed = summed.sort("day", "contract_id", "device_class", "provider", "cluster", "account")
    fresh = folder / f".{os.getpid()}-{os.urandom(8).hex()}.part"
    try:
        summed.select(DAYS.names()).write_parquet(
            fresh, compression="zstd", compression_level=1, row_group_size=_ROWS_PER_GROUP
        )
        if not pl.read_parquet(fresh).equals(summed.select(DAYS.names())):
            raise MergeDiffers(str(fresh))
        names = [name for part in parts for name in part.names]
        digest = sha256_of(fresh)
        rename_durably(fresh, folder / f"{digest}.parquet")
        # The list comes last: a file that it names is whole, also after a power cut.
        covered = json.dumps(names)
        fresh.write_text(covered, encoding="ascii")
        # Other batches may have the same sums: their list must not take the place of this one.
        which = hashlib.sha256(covered.encode("ascii")).hexdigest()[:16]
        rename_durably(fresh, folder / f"{digest}-{len(names)}-{which}.json")
    finally:
        fresh.unlink(missing_ok=True)


def _merged_files(lake: UsageLake) -> Iterator[DayFile]:
    for path in sorted((lake.folder / "merged").glob("*.json")):
        digest = path.stem.partition("-")[0]
        yield DayFile(path.with_name(f"{digest}.parquet"), _names_in(path))


@lru_cache(maxsize=_SIDECARS_KNOWN_MAX)
def _names_in(path: Path) -> tuple[str, ...]:
    """The batches that a merged file covers; the list is never written again."""
    return tuple(json.loads(path.read_text(encoding="ascii")))
