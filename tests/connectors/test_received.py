"""The folder that batches are received into: nothing half done is promised, or stays."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from evernormal.connectors import received
from evernormal.connectors.received import (
    ReceivedBusy,
    ReceivedFull,
    ReceivedUnwritable,
    open_received,
)
from evernormal.formats.intake.register import BATCHES, Receipt

AT = datetime(2026, 6, 15, 4, tzinfo=UTC)


def receipt(number: int) -> Receipt:
    return Receipt(f"usage/received/P1/{number}.json", "P1", AT, "0123", "c2ln")


def files_in(folder: Path) -> dict[str, bytes]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in paths
        if path.name != ".received.lock"
    }


def test_a_batch_and_its_line_are_kept(tmp_path: Path) -> None:
    with open_received(tmp_path) as folder:
        folder.keep(receipt(1), b"one")
        folder.keep(receipt(2), b"two")

    lines = receipt(1).encode() + receipt(2).encode()
    assert files_in(tmp_path) == {
        BATCHES.file: BATCHES.header + lines,
        "usage/received/P1/1.json": b"one",
        "usage/received/P1/2.json": b"two",
    }
    assert b"2026-06-15T04:00:00.000000+00:00" in lines


@pytest.mark.parametrize("cut", [0, 1, 30, len(receipt(2).encode()) - 1])
def test_what_a_crash_left_half_written_is_cut_off_and_put_away(tmp_path: Path, cut: int) -> None:
    with open_received(tmp_path) as folder:
        folder.keep(receipt(1), b"one")
    whole = files_in(tmp_path)
    register = tmp_path / BATCHES.file
    register.write_bytes(register.read_bytes() + receipt(2).encode()[:cut])
    (tmp_path / "usage/received/P1/2.json").write_bytes(b"two")
    (tmp_path / "usage/received/P1/.3.json.new").write_bytes(b"th")

    with open_received(tmp_path) as folder:
        aside = tmp_path / ".set-aside/usage/received/P1/2.json"
        assert aside.read_bytes() == b"two"
        aside.unlink()
        assert files_in(tmp_path) == whole
        folder.keep(receipt(2), b"two")

    assert len(register.read_bytes().splitlines()) == 3


def test_a_header_that_was_cut_off_is_begun_again(tmp_path: Path) -> None:
    (tmp_path / "usage").mkdir()
    (tmp_path / BATCHES.file).write_bytes(BATCHES.header[:7])

    with open_received(tmp_path) as folder:
        folder.keep(receipt(1), b"one")

    assert (tmp_path / BATCHES.file).read_bytes() == BATCHES.header + receipt(1).encode()


def test_two_services_do_not_receive_into_one_folder(tmp_path: Path) -> None:
    with open_received(tmp_path), pytest.raises(ReceivedBusy), open_received(tmp_path):
        pass
    with open_received(tmp_path) as folder:
        folder.keep(receipt(1), b"one")


def test_more_than_a_run_can_read_is_refused_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(received, "FOLDER_BYTES_MAX", 200)
    with open_received(tmp_path) as folder:
        folder.keep(receipt(1), b"one")
        before = files_in(tmp_path)
        with pytest.raises(ReceivedFull):
            folder.keep(receipt(2), b"x" * 100)
    assert files_in(tmp_path) == before

    monkeypatch.setattr(received, "RECEIVED_MAX", 2)
    with open_received(tmp_path) as folder, pytest.raises(ReceivedFull):
        folder.keep(receipt(2), b"")


def test_after_a_line_that_cannot_be_cut_off_nothing_more_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_received(tmp_path) as folder:
        folder.keep(receipt(1), b"one")
        calls = 0

        def fsync(_descriptor: int) -> None:
            nonlocal calls
            calls += 1
            # The batch and its folder last; the register does not, nor its being cut.
            if calls > 2:
                raise OSError(5, "Input/output error")

        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", fsync)
            with pytest.raises(ReceivedUnwritable):
                folder.keep(receipt(2), b"two")
        with pytest.raises(ReceivedUnwritable):
            folder.keep(receipt(3), b"three")
    with open_received(tmp_path) as folder:
        folder.keep(receipt(3), b"three")

    lines = (tmp_path / BATCHES.file).read_bytes().splitlines()
    assert [line.partition(b",")[0][-6:] for line in lines[1:]] == [b"1.json", b"3.json"]


def test_a_folder_that_cannot_be_written_is_said_to_be_so(tmp_path: Path) -> None:
    (tmp_path / "usage").write_bytes(b"a file where a folder should be")

    with pytest.raises(ReceivedUnwritable), open_received(tmp_path):
        pass
