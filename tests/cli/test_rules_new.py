"""`evernormal rules new`: two files to fill, refused until they are, never overwritten."""

import tomllib
from pathlib import Path

import pytest

from tests.cli.commands import rules


def test_the_files_are_made_and_refused_until_filled(tmp_path: Path) -> None:
    done = rules("new", "de/berlin/2027", "--settlement", "B", "--out", tmp_path, "--unit", "EUR")
    folder = tmp_path / "de" / "berlin" / "2027"
    checked = rules("check", folder)

    assert (done.code, done.err) == (0, "")
    assert sorted(path.name for path in folder.iterdir()) == ["cases.toml", "scheme.toml"]
    head = tomllib.loads((folder / "scheme.toml").read_text(encoding="utf-8"))
    assert (head["id"], head["settlement"], head["unit"]) == ("de/berlin/2027", "B", "EUR")
    assert checked.code == 1
    assert "source[text]: read_on is missing" in checked.out
    assert rules("test", folder).code == 1


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    command = ("new", "de/berlin/2027", "--settlement", "B", "--out", tmp_path)
    folder = tmp_path / "de" / "berlin" / "2027"
    folder.mkdir(parents=True)
    folder.joinpath("cases.toml").write_text("mine", encoding="utf-8")

    done = rules(*command)

    assert done.code == 1
    assert "cases.toml already. Nothing was written." in done.err
    assert [path.name for path in folder.iterdir()] == ["cases.toml"]
    assert folder.joinpath("cases.toml").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("name", "options", "code", "said"),
    [
        ("berlin", ("--settlement", "B"), 1, "is no id"),
        ("../x/2027", ("--settlement", "B"), 1, "is no id"),
        ("de/berlin/2027", ("--settlement", "B", "--rate", "0.3"), 1, "--rate: '0.3'"),
        ("de/berlin/2027", ("--settlement", "Z"), 2, "'Z' is not one of"),
        ("de/berlin/2027", (), 2, "--settlement"),
    ],
)
def test_what_cannot_be_a_scheme_is_refused_before_a_file_is_made(
    name: str, options: tuple[str, ...], code: int, said: str, tmp_path: Path
) -> None:
    done = rules("new", name, *options, "--out", tmp_path)

    assert done.code == code
    assert said in done.err
    assert list(tmp_path.iterdir()) == []


def test_a_known_rate_is_filled_in(tmp_path: Path) -> None:
    rules("new", "de/berlin/2027", "--settlement", "A", "--out", tmp_path, "--rate", "30/100")

    text = (tmp_path / "de" / "berlin" / "2027" / "scheme.toml").read_text(encoding="utf-8")
    assert 'value = { ratio = "3/10", up_to = "" }' in text
