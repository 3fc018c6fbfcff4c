"""`evernormal run`: refuses with everything that is wrong, repeats itself to the byte."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from shutil import copytree

import psycopg
import pytest

from evernormal.connectors.output_folder import read_files
from tests.formats.broken_folder import MISTAKES, broken_folder, sound_folder
from tests.life.shelf import EXAMPLES, MODES, SERVER, YEARS, Shelf, empty_database, evernormal

PLACED = re.compile(r"(?P<file>[^:\s]+\.(?:csv|toml|json|txt))(?::(?P<line>\d+))?[: ]")


def write_folder(folder: Path, files: dict[str, bytes]) -> Path:
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder


def tables(url: str) -> list[str]:
    """Every table that is in a database; an SQLite file that is not there has none."""
    if url.startswith("sqlite:"):
        path = Path(url.removeprefix("sqlite:///"))
        if not path.exists():
            return []
        with closing(sqlite3.connect(path)) as reader:
            return [str(row[0]) for row in reader.execute("select name from sqlite_master")]
    with psycopg.connect(url) as connection:
        rows = connection.execute("select tablename from pg_tables where schemaname = 'public'")
        return [str(row[0]) for row in rows]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[str]:
    """Give the address of a database that holds nothing, or is not there."""
    with empty_database() as url:
        yield url or f"sqlite:///{tmp_path / 'named.sqlite3'}"


def test_a_broken_folder_gets_every_problem_by_file_and_line_and_nothing_is_written(
    tmp_path: Path, database: str
) -> None:
    folder = write_folder(tmp_path / "in", broken_folder())
    before = read_files(folder)
    out, key = tmp_path / "out", tmp_path / "key.pem"

    done = evernormal("run", folder, "--out", out, url=database, key=key)

    lines = done.stderr.splitlines()
    placed = [found for line in lines if (found := PLACED.match(line))]
    said = [(found["file"], int(found["line"]) if found["line"] else None) for found in placed]
    assert done.returncode == 1
    assert said == [(file, line) for file, line, _, _ in MISTAKES]
    assert sum(line is not None for _, line in said) >= 20
    assert lines[-1] == f"{len(MISTAKES)} problems in {folder}. Nothing was written."
    assert "Traceback" not in done.stderr
    assert (out.exists(), key.exists(), tables(database)) == (False, False, [])
    assert read_files(folder) == before


def test_a_broken_folder_makes_no_database_beside_the_books(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "in", broken_folder())

    done = evernormal("run", folder, "--out", tmp_path / "out", key=tmp_path / "key.pem")

    assert done.returncode == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in"]


def test_an_unknown_scheme_is_refused_with_what_to_do_and_nothing_is_written(
    tmp_path: Path, database: str
) -> None:
    files = sound_folder()
    scheme = re.search(rb'scheme = "([^"]+)"', files["programme.toml"])
    assert scheme is not None
    files["programme.toml"] = files["programme.toml"].replace(scheme[1], b"cn/atlantis/1999")
    folder = write_folder(tmp_path / "in", files)
    out = tmp_path / "out"

    done = evernormal("run", folder, "--out", out, url=database, key=tmp_path / "key.pem")

    assert done.returncode == 1
    assert "programme.toml" in done.stderr
    assert "cn/atlantis/1999" in done.stderr
    assert "Traceback" not in done.stderr
    assert (out.exists(), tables(database)) == (False, [])


@pytest.mark.parametrize("missing", ["out", "folder"])
def test_a_wrong_command_line_is_told_apart_from_a_refusal(missing: str, tmp_path: Path) -> None:
    folder = tmp_path / "none" if missing == "folder" else EXAMPLES / "nanning-2025"
    option = [] if missing == "out" else ["--out", str(tmp_path / "out")]

    assert evernormal("run", folder, *option).returncode == 2
    assert list(tmp_path.iterdir()) == []


@dataclass(frozen=True)
class Place:
    """A folder and a database in which a year has been run."""

    folder: Path
    url: str
    key: Path

    @property
    def out(self) -> Path:
        return self.folder / "out"

    def run(self, folder: Path) -> "tuple[int, str]":
        done = evernormal("run", folder, "--out", self.out, url=self.url, key=self.key)
        return done.returncode, done.stderr


@pytest.fixture(scope="module")
def place(shelf: Shelf, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    shelf.of("nanning-2025")  # makes the key
    folder = tmp_path_factory.mktemp("again")
    copytree(EXAMPLES / "nanning-2025", folder / "in")
    with empty_database() as url:
        made = Place(folder, url, shelf.key)
        assert made.run(folder / "in") == (0, "")
        yield made


def test_another_run_elsewhere_gives_the_same_bytes(place: Place, shelf: Shelf) -> None:
    assert read_files(place.out) == shelf.of("nanning-2025").files


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("payments.csv", (b"2025-01-18", b"2025-01-19")),
        ("README.md", (b"Nanning", b"Nanking")),
        ("usage/yongjiang-2025.csv", (b"2025-", b"2024-")),
    ],
)
def test_running_again_on_other_inputs_is_refused_and_leaves_the_books_alone(
    path: str, change: tuple[bytes, bytes], place: Place, shelf: Shelf, tmp_path: Path
) -> None:
    folder = tmp_path / "in"
    copytree(place.folder / "in", folder)
    data = (folder / path).read_bytes()
    changed = data.replace(*change, 1)
    (folder / path).write_bytes(changed)
    assert changed != data

    code, complaint = place.run(folder)

    assert code == 1
    assert complaint.startswith("programme.other_inputs: ")
    assert len(complaint.splitlines()) == 1
    assert read_files(place.out) == shelf.of("nanning-2025").files


def test_running_again_in_place_gives_the_same_bytes_and_does_nothing_twice(
    place: Place, shelf: Shelf
) -> None:
    """After the refusals above, so this also shows that they left the database alone."""
    assert place.run(place.folder / "in") == (0, "")
    assert read_files(place.out) == shelf.of("nanning-2025").files


@pytest.mark.skipif(
    not SERVER,
    reason="only where PostgreSQL is under test is there something to compare with SQLite",
)
@pytest.mark.parametrize("year", [*YEARS, *MODES])
def test_both_databases_give_the_same_bytes(year: str, shelf: Shelf) -> None:
    assert shelf.of(year).folder != shelf.on_sqlite(year).folder
    assert shelf.of(year).files == shelf.on_sqlite(year).files
