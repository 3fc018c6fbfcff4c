"""A file is one noun and fits in a head; its name says which noun."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, refuse, tracked_files, write_tree

FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 50
# Path -> lines today. An entry goes down when its file does, and out when the file fits.
LONGER_FILES: Mapping[str, int] = {}
# "path::function" -> lines today, by the same rule.
LONGER_FUNCTIONS: Mapping[str, int] = {}

EMPTY_NAMES = frozenset(
    {"util", "utils", "helper", "helpers", "common", "misc", "base", "service", "services"}
    | {"manager", "managers"}
)


def file_lengths(root: Path) -> Iterator[tuple[str, int]]:
    for path in tracked_files(root):
        if path.suffix in {".py", ".sh"}:
            lines = path.read_text(encoding="utf-8").count("\n")
            yield path.relative_to(root).as_posix(), lines


def function_lengths(root: Path) -> Iterator[tuple[str, int]]:
    for path in tracked_files(root):
        if path.suffix != ".py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), filename=str(path))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
                name = f"{path.relative_to(root).as_posix()}::{node.name}"
                yield name, node.end_lineno - node.lineno + 1


def too_long(
    lengths: Iterator[tuple[str, int]], *, lines_max: int, known: Mapping[str, int]
) -> list[str]:
    """List what is over its limit, and every entry of the known list that is no longer exact."""
    longest: dict[str, int] = {}
    for name, lines in lengths:
        longest[name] = max(lines, longest.get(name, 0))
    problems = [
        f"{name}: {lines} lines, limit {known.get(name, lines_max)}"
        for name, lines in longest.items()
        if lines > known.get(name, lines_max)
    ]
    for name, lines in known.items():
        now = longest.get(name, 0)
        if now <= lines_max:
            problems.append(f"{name}: fits now, take it off the list")
        elif now < lines:
            problems.append(f"{name}: {now} lines now, lower its entry from {lines}")
    return problems


def empty_names(root: Path) -> list[str]:
    problems = []
    for path in tracked_files(root):
        relative = path.relative_to(root)
        parts = [*relative.parts[:-1], relative.name.split(".")[0]]
        if any(part.lower().strip("_") in EMPTY_NAMES for part in parts):
            problems.append(relative.as_posix())
    return problems


def test_no_file_is_too_long() -> None:
    refuse(
        too_long(file_lengths(ROOT), lines_max=FILE_LINES_MAX, known=LONGER_FILES),
        instead="Split the file by noun: the part with a name of its own moves out.",
    )


def test_no_function_is_too_long() -> None:
    refuse(
        too_long(function_lengths(ROOT), lines_max=FUNCTION_LINES_MAX, known=LONGER_FUNCTIONS),
        instead="Give a step of the function a name and move it out; keep ifs up and loops down.",
    )


def test_every_file_name_is_a_noun_of_its_own() -> None:
    refuse(
        empty_names(ROOT),
        instead="Name the file after the one thing it holds; docs/glossary.toml has the words.",
    )


def test_a_long_file_and_a_long_function_are_found(tmp_path: Path) -> None:
    body = "    x = 1\n" * FUNCTION_LINES_MAX
    long_file = "x = 1\n" * (FILE_LINES_MAX + 1)
    fits = "x = 1\n" * FILE_LINES_MAX
    files = {"long.py": long_file, "fits.py": fits, "f.py": f"def f():\n{body}"}
    root = write_tree(tmp_path, files)

    assert too_long(file_lengths(root), lines_max=FILE_LINES_MAX, known={}) == [
        "long.py: 401 lines, limit 400"
    ]
    assert too_long(function_lengths(root), lines_max=FUNCTION_LINES_MAX, known={}) == [
        "f.py::f: 51 lines, limit 50"
    ]


@pytest.mark.parametrize(
    ("lines", "known", "problems"),
    [
        (450, 450, []),
        (451, 450, ["a.py: 451 lines, limit 450"]),
        (440, 450, ["a.py: 440 lines now, lower its entry from 450"]),
        (400, 450, ["a.py: fits now, take it off the list"]),
    ],
)
def test_the_list_of_longer_files_only_shrinks(lines: int, known: int, problems: list[str]) -> None:
    lengths = iter([("a.py", lines)])

    assert too_long(lengths, lines_max=FILE_LINES_MAX, known={"a.py": known}) == problems


@pytest.mark.parametrize(
    "name", ["src/utils.py", "src/_helpers.py", "src/common/money.py", "web/base.html"]
)
def test_an_empty_name_is_found(tmp_path: Path, name: str) -> None:
    root = write_tree(tmp_path, {name: "", "src/voucher.py": "", "src/basement.py": ""})

    assert empty_names(root) == [name]
