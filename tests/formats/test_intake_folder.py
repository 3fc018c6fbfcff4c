"""A folder's bytes come in within limits, and nothing from outside it."""

import os
from pathlib import Path

import pytest

from evernormal.connectors import folder as folder_module
from evernormal.connectors.folder import FILE_BYTES_MAX, read_folder
from evernormal.formats.problems import InputProblems


def refused(path: Path) -> list[tuple[str, str]]:
    with pytest.raises(InputProblems) as refusal:
        read_folder(path)
    return [(problem.file, problem.code) for problem in refusal.value.problems]


def test_files_come_by_relative_path_and_hidden_ones_are_passed_over(tmp_path: Path) -> None:
    for name, text in {
        "programme.toml": "a",
        "usage/2025.csv": "b",
        ".hidden": "x",
        ".git/config": "x",
        "usage/.~lock.csv": "x",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)

    assert read_folder(tmp_path) == {"programme.toml": b"a", "usage/2025.csv": b"b"}


def test_links_inside_are_read_and_links_out_are_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("not ours")
    inside = tmp_path / "year"
    (inside / "usage").mkdir(parents=True)
    (inside / "a.csv").write_text("a")
    (inside / "b.csv").symlink_to("a.csv")

    assert read_folder(inside) == {"a.csv": b"a", "b.csv": b"a"}

    (inside / "out.csv").symlink_to(tmp_path / "secret.csv")
    (inside / "up").symlink_to(tmp_path, target_is_directory=True)
    (inside / "here").symlink_to(inside / "usage", target_is_directory=True)
    (inside / "gone.csv").symlink_to("nothing.csv")
    assert refused(inside) == [
        ("gone.csv", "file.kind"),
        ("here", "file.kind"),
        ("out.csv", "file.link"),
        ("up", "file.link"),
    ]


def test_what_is_no_file_or_too_large_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    with (tmp_path / "large.csv").open("wb") as large:
        large.truncate(FILE_BYTES_MAX + 1)

    assert refused(tmp_path) == [("large.csv", "file.too_large"), ("pipe.csv", "file.kind")]


def test_a_folder_has_a_limit_in_bytes_files_and_depth(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "deep" / "deeper").mkdir(parents=True)
    for name in ("a.csv", "b.csv", "deep/c.csv", "deep/deeper/d.csv"):
        (tmp_path / name).write_text("four")

    monkeypatch.setattr(folder_module, "DEPTH_MAX", 1)
    assert refused(tmp_path) == [("deep/deeper", "file.kind")]
    monkeypatch.undo()
    monkeypatch.setattr(folder_module, "FOLDER_BYTES_MAX", 11)
    assert refused(tmp_path) == [
        ("deep/c.csv", "folder.too_large"),
        ("deep/deeper/d.csv", "folder.too_large"),
    ]
    monkeypatch.undo()
    monkeypatch.setattr(folder_module, "FILES_MAX", 3)
    assert refused(tmp_path) == [("deep/deeper/d.csv", "folder.too_many")]


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path / "none") == [(str(tmp_path / "none"), "folder.missing")]
