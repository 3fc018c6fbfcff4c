"""`evernormal run`: where it writes, whose key it signs with, and how it says no."""

import os
import re
import subprocess
import sys
from pathlib import Path
from shutil import copytree

import pytest

from evernormal.connectors.output_folder import read_files
from tests.life.shelf import CHECKPOINT, EXAMPLES, Books, Shelf, evernormal

YEAR = EXAMPLES / "nanning-2025"


def refused(done: "subprocess.CompletedProcess[str]") -> str:
    """The one line with which a command said no."""
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1), done.stderr
    return done.stderr


def files_below(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_signs_and_blanks_in_paths_lead_nowhere_else(
    shelf: Shelf, nanning: Books, tmp_path: Path
) -> None:
    out, scratch = tmp_path / "50% #1 ?x 书" / "out", tmp_path / "tmp # ?%41"
    scratch.mkdir()

    done = evernormal("run", YEAR, "--out", out, key=shelf.key)

    assert (done.returncode, done.stderr) == (0, "")
    assert (out / ".state" / "books.sqlite3").is_file()
    assert sorted(path.name for path in tmp_path.iterdir()) == [out.parent.name, scratch.name]
    assert read_files(out) == nanning.files
    checked = subprocess.run(
        [str(Path(sys.executable).with_name("evernormal")), "verify", str(out)],
        env=os.environ | {"TMPDIR": str(scratch)},
        capture_output=True,
        check=False,
    )
    assert (checked.returncode, checked.stderr) == (0, b"")
    assert sorted(path.name for path in tmp_path.iterdir()) == [out.parent.name, scratch.name]


def test_a_firm_whose_name_has_brackets_is_printed_as_it_is(tmp_path: Path, shelf: Shelf) -> None:
    folder = copytree(YEAR, tmp_path / "in")
    path = folder / "applicants.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    names = lines[0].strip().split(",")
    cells = lines[1].split(",")
    cells[names.index("name")] = "南宁[/朱槿][bold]:smile:公司"
    path.write_text("".join([lines[0], ",".join(cells), *lines[2:]]), encoding="utf-8")

    done = evernormal("run", folder, "--out", tmp_path / "[/out]", key=shelf.key)

    assert (done.returncode, done.stderr) == (0, "")
    assert "南宁[/朱槿][bold]:smile:公司" in done.stdout
    assert "[/out]" in done.stdout
    assert not re.search(r"\d:\d\d:\d\d", done.stdout)


def test_a_folder_of_others_and_another_programmes_books_stay_as_they_are(
    shelf: Shelf, beijing: Books, tmp_path: Path
) -> None:
    strange = tmp_path / "strange"
    strange.mkdir()
    (strange / "decisions.csv").write_bytes(b"mine\n")
    other = copytree(beijing.folder, tmp_path / "beijing")
    before = files_below(tmp_path)

    for folder in (strange, other):
        done = evernormal("run", YEAR, "--out", folder, key=shelf.key)
        assert refused(done).startswith(f"output.not_ours: {folder} ")
    said = evernormal("run", YEAR, "--out", strange, "--lang", "zh_Hans", key=shelf.key)

    assert "未写入任何内容" in refused(said)
    assert files_below(tmp_path) == before


@pytest.mark.parametrize("out", ["in", "in/out", "."])
def test_books_in_or_around_the_input_folder_are_refused(
    out: str, shelf: Shelf, tmp_path: Path
) -> None:
    folder = copytree(YEAR, tmp_path / "in")
    before = files_below(tmp_path)

    done = evernormal("run", folder, "--out", tmp_path / out, key=shelf.key)

    assert refused(done).startswith("output.overlaps_input: ")
    assert files_below(tmp_path) == before


def test_a_new_key_is_told_and_signed_books_take_no_second_one(
    nanning: Books, tmp_path: Path
) -> None:
    out, key, other = tmp_path / "out", tmp_path / "key.pem", tmp_path / "other.pem"
    first = evernormal("run", YEAR, "--out", out, key=key)
    before = files_below(out)

    made = re.compile(r"^a new signing key was made: (.+), fingerprint (\w{16})$", re.MULTILINE)
    told = made.search(first.stdout)
    second = evernormal("run", YEAR, "--out", out, key=other)
    again = evernormal("run", YEAR, "--out", out, key=key)

    assert told is not None
    assert told[1] == str(key)
    assert told[2] in evernormal("verify", out).stdout
    assert refused(second).startswith("keys.other_key: ")
    assert told[2] in second.stderr
    assert not other.exists()
    assert (again.returncode, "new signing key" in again.stdout) == (0, False)
    assert {p: d for p, d in files_below(out).items() if not p.startswith(".state")} == {
        p: d for p, d in before.items() if not p.startswith(".state")
    }
    assert {p for p in nanning.files if nanning.files[p] != before[p]} == {CHECKPOINT}


def test_a_key_that_cannot_be_made_is_refused_before_there_is_a_database(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    out = tmp_path / "out"

    done = evernormal("run", YEAR, "--out", out, key=tmp_path / "file" / "key.pem")

    assert refused(done).startswith("keys.out_of_reach: ")
    assert not (out / ".state" / "books.sqlite3").exists()


def test_a_folder_that_cannot_be_made_is_refused(shelf: Shelf, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")

    done = evernormal("run", YEAR, "--out", tmp_path / "file" / "out", key=shelf.key)

    assert refused(done).startswith("output.unwritable: ")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://x/y", "starts with 'mysql'. Write postgresql://"),
        ("postgresql://x:port/y", "port"),
        ("postgresql://127.0.0.1:1/y", ". Check EVERNORMAL_DATABASE_URL."),
        ("sqlite:////nowhere/at/all.sqlite3", "unable to open database file. Check EVERNORMAL"),
    ],
)
def test_a_database_that_is_none_is_refused_on_one_line(
    url: str, said: str, shelf: Shelf, tmp_path: Path
) -> None:
    shelf.of("nanning-2025")  # makes the key

    done = evernormal("run", YEAR, "--out", tmp_path / "out", url=url, key=shelf.key)

    assert said in refused(done)
