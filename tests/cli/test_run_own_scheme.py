"""`evernormal run` on a folder with rules of its own, and on one that its scheme does not fit."""

from pathlib import Path
from shutil import copytree

import pytest

from tests.cli import forging
from tests.formats.broken_folder import sound_folder
from tests.life.shelf import EXAMPLES, SCHEME, Books, Shelf, evernormal
from tests.schemes.sample import SCHEME as SAMPLE
from tests.schemes.sample import rule

MATCH = EXAMPLES / "mode-e-match"
OWN = "scheme.toml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return copytree(MATCH, tmp_path / "in")


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def refused(folder: Path, shelf: Shelf) -> list[str]:
    """The lines with which a run says no; nothing is written."""
    out = folder.parent / "out"
    done = evernormal("run", folder, "--out", out, key=shelf.key)
    assert (done.returncode, out.exists()) == (1, False)
    assert "Traceback" not in done.stderr
    return done.stderr.splitlines()


def test_the_folders_own_rules_are_kept_with_the_books_and_verified(shelf: Shelf) -> None:
    books = shelf.of(MATCH.name)
    done = evernormal("verify", books.folder)

    assert books.files[SCHEME] == books.files[f"inputs/{OWN}"] == (MATCH / OWN).read_bytes()
    assert "scheme: the folder's own scheme.toml" in done.stdout


STACKING = rule("stacking", "stacking_cap", '{ total = "60/100" }')


def test_a_stacking_cap_binds_by_what_the_contracts_name(shelf: Shelf, tmp_path: Path) -> None:
    """20 % of 120,000 is 24,000; of the 72,000 that all may give, others give 70,000."""
    files = sound_folder()
    columns, row = files["contracts.csv"].decode().splitlines()
    supports = "national_voucher=50000.00;district=20000.00"
    text = f"{columns},other_supports\n{row.replace(',no,', ',yes,')},{supports}\n"
    programme = files["programme.toml"].replace(b"cn/beijing/2023", OWN.encode())
    files |= {"contracts.csv": text.encode(), "programme.toml": programme}
    files[OWN] = (SAMPLE + STACKING).encode()
    for name, data in files.items():
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    done = evernormal("run", tmp_path / "in", "--out", tmp_path / "out", key=shelf.key)

    assert done.returncode == 0, done.stderr
    decision = Books(tmp_path / "out").row("decisions.csv", contract_id="C1")
    assert (decision["entitled_yuan"], decision["limb"]) == ("2000.00", "stacking")
    told = Books(tmp_path / "out").explain("C1")
    assert "less 70,000.00 yuan from other programmes = 2,000.00 yuan" in told


def test_rules_in_the_books_that_are_not_the_inputs_own_do_not_verify(
    shelf: Shelf, tmp_path: Path
) -> None:
    def loosen(files: forging.Files, _records: list[forging.Record]) -> None:
        files[SCHEME] = files[SCHEME].replace(b'total = "60/100"', b'total = "61/100"')

    books = forging.write(forging.forge(shelf.of(MATCH.name).files, loosen), tmp_path / "books")
    done = evernormal("verify", books)

    assert done.returncode == 1
    assert f"{SCHEME}: it is not the {OWN} that the inputs brought." in done.stderr


CHANGES: list[tuple[str, str, str]] = [
    (
        'pot = "500000.00"',
        'pot = "500000.01"',
        (
            "programme.toml: column pot: the year has 500000.01, cn/example_match/2026 gives "
            "500000.00 a year. Correct the pot, or add a dated value to the scheme."
        ),
    ),
    (
        'scheme = "scheme.toml"',
        'scheme = "cn/beijing/2023"',
        (
            "scheme.toml: programme.toml names cn/beijing/2023, so these rules are not used. "
            'Write scheme = "scheme.toml" in programme.toml, or take the file out.'
        ),
    ),
]


@pytest.mark.parametrize(("old", "new", "expected"), CHANGES)
def test_what_does_not_fit_the_scheme_is_told_and_nothing_is_written(
    old: str, new: str, expected: str, folder: Path, shelf: Shelf
) -> None:
    change(folder / "programme.toml", old, new)

    assert refused(folder, shelf) == [expected, f"1 problem in {folder}. Nothing was written."]


def test_a_programme_in_another_unit_than_its_scheme_is_refused(folder: Path, shelf: Shelf) -> None:
    change(folder / "programme.toml", '"CNY"', '"EUR"')
    for path in folder.glob("*.csv"):
        path.write_text(path.read_text(encoding="utf-8").replace("_yuan", "_eur"), "utf-8")

    assert refused(folder, shelf) == [
        (
            "programme.toml: column unit: the programme counts in EUR, cn/example_match/2026 "
            "in CNY. Write CNY, or name another scheme."
        ),
        f"1 problem in {folder}. Nothing was written.",
    ]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('settlement = "E"', 'settlement = "G"', "Settlement G pays no money"),
        ('total = "60/100"', "total = 0.6", "0.6 is a float"),
        ("[[source]]", "[[source]", "scheme.toml:"),
    ],
)
def test_own_rules_with_a_mistake_are_refused_with_it(
    old: str, new: str, told: str, folder: Path, shelf: Shelf
) -> None:
    change(folder / OWN, old, new)

    *lines, last = refused(folder, shelf)

    assert any(told in line for line in lines)
    assert all(line.startswith(OWN) for line in lines)
    assert last == "Nothing was written."


def test_own_rules_that_are_not_there_are_refused(folder: Path, shelf: Shelf) -> None:
    (folder / OWN).unlink()

    assert refused(folder, shelf) == [
        f"programme.toml names {OWN}, which the folder lacks. Nothing was written."
    ]


def test_an_award_of_another_programme_is_used_once(folder: Path, shelf: Shelf) -> None:
    change(folder / "upstream_awards.csv", "SHENG-2026-018", "SHENG-2026-017")

    assert refused(folder, shelf) == [
        (
            'upstream_awards.csv:3: column upstream_award_id: "SHENG-2026-017" is on line 2 '
            "already. Remove one of the two, or correct it."
        ),
        f"1 problem in {folder}. Nothing was written.",
    ]
