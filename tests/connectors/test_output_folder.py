"""Output folders: one run at a time, files whole or not at all, the checkpoint last."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from evernormal.connectors.output_folder import (
    FolderBusy,
    FolderUnwritable,
    NotOurs,
    OverlapsInput,
    demand_apart,
    read_files,
    sole_run,
    write_files,
)
from evernormal.formats.books.checking import DoesNotHold
from tests.cli.forging import sign

OURS = "nanning-2025"

KEEPS_OUT = """
import sys, time
from pathlib import Path
from evernormal.connectors.output_folder import sole_run
with sole_run(Path(sys.argv[1]), programme_id="nanning-2025"):
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

        with pytest.raises(FolderBusy) as refusal, sole_run(tmp_path, programme_id=OURS):
            pass
        first.kill()

    assert refusal.value.folder == str(tmp_path)
    with sole_run(tmp_path, programme_id=OURS):
        assert read_files(tmp_path) == {}  # the lock is no part of the books


def test_whoever_sees_the_last_file_sees_all(tmp_path: Path) -> None:
    # A folder in the way of the last file but one: the writing stops there.
    (tmp_path / "b").mkdir()

    with pytest.raises(FolderUnwritable, match="b"):
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


def take(folder: Path, programme_id: str = OURS) -> None:
    with sole_run(folder, programme_id=programme_id):
        pass


def lay(folder: Path, files: dict[str, bytes]) -> Path:
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder


HEAD = sign(OURS, size=1, head="0" * 64)
OTHER_HEAD = sign("beijing-2023", size=1, head="0" * 64)
STRANGERS: dict[str, dict[str, bytes]] = {
    "a letter": {"letter.txt": b"x"},
    "a table of the same name": {"decisions.csv": b"x"},
    "a hidden file": {".profile": b"x"},
    "another's checkpoint": {"checkpoint.txt": OTHER_HEAD},
    "no checkpoint": {"checkpoint.txt": b"x"},
    "another's run": {".state/lock": b"", ".state/programme": b"beijing-2023\n"},
    "another's checkpoint in our run": {
        ".state/programme": b"nanning-2025\n",
        "checkpoint.txt": OTHER_HEAD,
    },
    "another program's state": {".state/session": b"x"},
    "a stranger beside what is half written": {".journal.csv.7.new": b"x", "letter.txt": b"x"},
    "a stranger's half-written file": {".letter.txt.new": b"x"},
}


@pytest.mark.parametrize("stranger", STRANGERS)
def test_a_folder_of_others_is_refused_and_left_as_it_was(stranger: str, tmp_path: Path) -> None:
    folder = lay(tmp_path / "out", STRANGERS[stranger])

    with pytest.raises(NotOurs):
        take(folder)

    left = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file()}
    assert {path: file.read_bytes() for path, file in left.items()} == STRANGERS[stranger]


OWN: dict[str, dict[str, bytes]] = {
    "new": {},
    "our books from elsewhere": {"checkpoint.txt": HEAD, "decisions.csv": b"x"},
    "a run killed before it wrote its name": {".state/lock": b""},
    "a run of an earlier version": {".state/lock": b"", ".state/books.sqlite3": b"x"},
    "an unfinished run": {".state/programme": b"nanning-2025\n", "decisions.csv": b"x"},
    "half-written books without their state": {".journal.csv.7.new": b"x", "claims.csv": b"x"},
}


@pytest.mark.parametrize("own", OWN)
def test_our_own_folder_is_taken_again_and_then_no_other_programme_gets_it(
    own: str, tmp_path: Path
) -> None:
    folder = lay(tmp_path / "out", OWN[own])

    take(folder)
    take(folder)

    assert (folder / ".state" / "programme").read_text() == "nanning-2025\n"
    assert not list(folder.rglob("*.new"))
    with pytest.raises(NotOurs):
        take(folder, "beijing-2023")


@pytest.mark.parametrize(
    ("out", "inputs"), [("in", "in"), ("in/out", "in"), (".", "in"), ("link/out", "in")]
)
def test_books_go_neither_into_the_input_folder_nor_around_it(
    out: str, inputs: str, tmp_path: Path
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "in")

    with pytest.raises(OverlapsInput):
        demand_apart(tmp_path / out, tmp_path / inputs)
    demand_apart(tmp_path / "in-2", tmp_path / "in")


def test_an_output_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(FolderUnwritable, match="Not a directory"):
        take(tmp_path / "file" / "out")


def test_two_writers_of_one_file_do_not_share_what_is_half_written(tmp_path: Path) -> None:
    # Another process is half through the same file, in a way that nobody can write over.
    (tmp_path / ".a.new").mkdir()
    (tmp_path / f".a.{os.getpid() + 1}.new").mkdir()

    write_files(tmp_path, {"a": b"1"}, last="a")

    assert (tmp_path / "a").read_bytes() == b"1"


@pytest.mark.parametrize("kind", ["file link", "folder link", "dangling link", "pipe"])
def test_only_plain_files_are_read(kind: str, tmp_path: Path) -> None:
    folder = lay(tmp_path / "books", {"a/b.csv": b"1"})
    strange = folder / "a" / "strange"
    match kind:
        case "pipe":
            os.mkfifo(strange)
        case "folder link":
            strange.symlink_to(tmp_path)
        case _:
            strange.symlink_to("b.csv" if kind == "file link" else "nowhere")

    with pytest.raises(DoesNotHold) as refusal:
        read_files(folder)

    assert refusal.value.place == "a/strange"


def test_more_than_two_gibibytes_are_refused_unread(tmp_path: Path) -> None:
    folder = lay(tmp_path, {"a": b"1", "b": b""})
    os.truncate(folder / "b", 2 * 1024**3)  # a hole: it takes no room on the disk

    with pytest.raises(DoesNotHold, match="more than 2147483648 bytes") as refusal:
        read_files(folder)

    assert refusal.value.place == "b"
