"""The lake: what it keeps is on the disk, is what its name says, and comes back as it was."""

import os
import subprocess
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from evernormal.domain.metering import UsageRecord, meter
from evernormal.store.queries.readings import days_of, frame_of
from evernormal.store.usage_lake import DAYS, READINGS, LakeFileMissing, LakeNotWritten, UsageLake
from tests.domain.sample import at, record

SHANGHAI = ZoneInfo("Asia/Shanghai")
CONTRACTS = {"lab-1": "C1"}


def frame(*records: UsageRecord) -> pl.DataFrame:
    lines = {each: number for number, each in enumerate(records, start=1)}
    return frame_of(meter({}, records), known={}, contracts=CONTRACTS, lines=lines)


def days(*records: UsageRecord) -> pl.DataFrame:
    return days_of(meter({}, records), contracts=CONTRACTS, zone=SHANGHAI)


def test_a_batch_comes_back_as_it_was(tmp_path: Path) -> None:
    lake = UsageLake(tmp_path / "lake")
    readings = frame(record("1"), record("2", account="stranger", final=False))

    name = lake.write(readings, days(record("1")))

    assert lake.scan([name]).collect().equals(readings)
    assert readings["contract_id"].to_list() == ["C1", ""]
    assert pl.read_parquet(lake.days_file(name)).schema == DAYS
    assert sorted(p.name for p in tmp_path.rglob("*") if p.is_file()) == [f"{name}.parquet"] * 2


def test_the_same_batch_has_the_same_name(tmp_path: Path) -> None:
    lake = UsageLake(tmp_path)
    both = frame(record("1")), days(record("1"))

    assert lake.write(*both) == lake.write(*both)


def test_no_batch_is_no_reading(tmp_path: Path) -> None:
    assert UsageLake(tmp_path).scan([]).collect().schema == READINGS


@pytest.mark.parametrize("harm", ["gone", "flipped", "cut"])
def test_a_file_that_is_not_what_it_was_is_named(tmp_path: Path, harm: str) -> None:
    lake = UsageLake(tmp_path)
    name = lake.write(frame(record("1")), days(record("1")))
    file = lake.readings_file(name)
    assert lake.scan([name]).collect().height == 1
    content = file.read_bytes()
    changed = bytes([*content[:9], content[9] ^ 1, *content[10:]])
    if harm == "gone":
        file.unlink()
    else:
        file.write_bytes(changed if harm == "flipped" else content[:-9])

    with pytest.raises(LakeFileMissing, match=name):
        lake.scan([name])


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root")
def test_a_full_disk_leaves_no_file(tmp_path: Path) -> None:
    mount = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "lake", str(tmp_path)], check=False
    )
    if mount.returncode:
        pytest.skip("this machine does not let us mount a small disk")
    try:
        lake = UsageLake(tmp_path)
        # Texts that do not compress: the file is larger than the disk.
        jobs = [record(os.urandom(30).hex()) for _ in range(4_000)]
        with pytest.raises(LakeNotWritten, match="space"):
            lake.write(frame(*jobs), days(*jobs))
        assert [p for p in tmp_path.rglob("*") if p.is_file()] == []
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


def test_a_superseded_reading_is_taken_back() -> None:
    running, final = record("1", ends=2, final=False), record("1", ends=3)
    metered = meter({running.key: running}, [final])

    rows = frame_of(metered, known={running.key: (running, 4)}, contracts={}, lines={final: 7})

    told = rows.select("version", "line", "weight", "ends_at").rows()
    assert told == [
        (5, 7, 1, int(at(3).timestamp())),
        (4, 0, -1, int(at(2).timestamp())),
    ]
    by_day = days_of(metered, contracts=CONTRACTS, zone=SHANGHAI)
    assert by_day.select("card_seconds", "records").rows() == [(8 * 3_600, 0)]


def test_a_use_that_a_correction_takes_away_leaves_nothing() -> None:
    wrong = record("1", ends=30)
    gone = replace(wrong, cards=0, revision=1)

    by_day = days_of(meter({wrong.key: wrong}, [gone]), contracts=CONTRACTS, zone=SHANGHAI)

    assert by_day.select(pl.col("card_seconds").sum()).item() == -8 * 30 * 3_600
    assert by_day.select(pl.col("records").sum()).item() == -1
