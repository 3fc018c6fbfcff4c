"""Output folders: one run at a time, files whole or not at all, the checkpoint last."""

import subprocess
import sys
from pathlib import Path

import pytest

from evernormal.connectors.output_folder import FolderBusy, read_files, sole_run, write_files

KEEPS_OUT = """
import sys, time
from pathlib import Path
from evernormal.connectors.output_folder import sole_run
with sole_run(Path(sys.argv[1])):
    print("in", flush=True)
    time.sleep(60)
"""


def test_a_second_run_is_kept_out_until_the_first_is_gone_also_when_it_was_killed(
    tmp_path: Path,
) -> None:
    command = [sys.executable, "-c", KEEPS_OUT, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as first:
        assert first.stdout is not None
        first.stdout.readline()

        with pytest.raises(FolderBusy) as refusal, sole_run(tmp_path):
            pass
        first.kill()

    assert refusal.value.folder == str(tmp_path)
    with sole_run(tmp_path):
        assert read_files(tmp_path) == {}  # the lock is no part of the books


def test_whoever_sees_the_last_file_sees_all(tmp_path: Path) -> None:
    # A folder in the way of the last file but one: the writing stops there.
    (tmp_path / "b").mkdir()

    with pytest.raises(OSError, match="b"):
        write_files(tmp_path, {"a": b"1", "b": b"2", "0-last": b"3"}, last="0-last")

    assert (tmp_path / "a").read_bytes() == b"1"
    assert not (tmp_path / "0-last").exists()


def test_a_file_with_the_same_bytes_is_left_alone(tmp_path: Path) -> None:
    files = {"folder/a.csv": b"1\n", "z": b"2\n"}
    write_files(tmp_path, files, last="z")
    before = (tmp_path / "folder/a.csv").stat().st_mtime_ns

    write_files(tmp_path, files | {"z": b"3\n"}, last="z")

    assert read_files(tmp_path) == {"folder/a.csv": b"1\n", "z": b"3\n"}
    assert (tmp_path / "folder/a.csv").stat().st_mtime_ns == before
