"""The repository stands anywhere: no host of packages, no one's folder, packages by their hash."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, refuse, tracked_files, write_tree

# Put together here, so that this file does not hold what it forbids.
PACKAGE_HOSTS = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pypi", "python", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("yarnpkg", "com"),
        ("anaconda", "org"),
        ("crates", "io"),
        ("proxy", "golang", "org"),
        ("deb", "debian", "org"),
        ("ftp", "debian", "org"),
        ("security", "debian", "org"),
        ("snapshot", "debian", "org"),
        ("archive", "ubuntu", "com"),
        ("mirrors", "aliyun", "com"),
        ("mirrors", "tuna", "tsinghua", "edu", "cn"),
        ("mirrors", "ustc", "edu", "cn"),
        ("repo", "huaweicloud", "com"),
    )
)
HOST = re.compile("|".join(re.escape(host) for host in PACKAGE_HOSTS), re.IGNORECASE)
INDEX = re.compile(r"https?://[^\s\"'<>]+/simple\b|--(extra-)?index-url[ =]|--find-links[ =]")
OWN_FOLDER = re.compile(r"(?<![\w./~}*-])/(?:work|home|root|Users)/[\w.-]+")

COMMENT_MARK = r"(?:#|//|<!--|/\*|\{#|--)"
LATER = re.compile(COMMENT_MARK + r"\s*(?:TODO|FIXME|XXX|HACK)\b(?!\s*\(#\d+\))")

PINNED = re.compile(r"[a-z0-9][a-z0-9._-]*(\[[a-z,]+\])?==[^\s;]+(\s*;[^\\]+)?")
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


def lines_matching(root: Path, *patterns: re.Pattern[str]) -> list[str]:
    """Path, line and text of each match, in every tracked file, binary ones too."""
    problems = []
    for path in tracked_files(root):
        text = path.read_text(encoding="utf-8", errors="replace")
        for number, line in enumerate(text.splitlines(), start=1):
            for pattern in patterns:
                if match := pattern.search(line):
                    where = path.relative_to(root).as_posix()
                    problems.append(f"{where}:{number}: {match.group()}")
    return problems


def requirement_files(root: Path) -> list[Path]:
    return [path for path in tracked_files(root) if re.fullmatch(r"requirements.*\.txt", path.name)]


def unpinned(path: Path) -> Iterator[str]:
    """Yield each entry of a requirements file that is not name==version with its hashes."""
    entries = path.read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    entries = [entry.strip() for entry in entries if entry.strip() and not entry.startswith("#")]
    if not entries:
        yield f"{path.name}: empty"
    for entry in entries:
        name, *hashes = re.split(r"\s+(?=--)", entry)
        if not PINNED.fullmatch(name) or not hashes or not all(map(HASH.fullmatch, hashes)):
            yield f"{path.name}: {entry[:80]}"


def package_names(entries: list[str]) -> set[str]:
    return {re.split(r"[\[<>=!~; ]", entry, maxsplit=1)[0].lower() for entry in entries}


def test_no_file_names_a_host_of_packages() -> None:
    refuse(
        lines_matching(ROOT, HOST, INDEX),
        instead="Say the package's name, and let each machine's own settings say where from. "
        "requirements*.txt are made by `make lock`, which writes no host.",
    )


def test_no_file_names_a_folder_of_one_machine() -> None:
    refuse(
        lines_matching(ROOT, OWN_FOLDER),
        instead="Write the path from the top of the repository; clean recordings of their folders.",
    )


def test_everything_put_off_has_an_issue() -> None:
    refuse(
        lines_matching(ROOT, LATER),
        instead="Do it now, or open an issue and write its number: (#12) after the word.",
    )


def test_every_requirement_is_pinned_by_hash() -> None:
    files = requirement_files(ROOT)
    assert len(files) == 5
    refuse(
        (problem for path in files for problem in unpinned(path)),
        instead="Change requirements*.in and run `make lock`.",
    )


def test_the_package_names_what_it_is_locked_to() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = (ROOT / "requirements.in").read_text(encoding="utf-8").splitlines()
    build_back_end = {"editables", "hatchling"}
    names = package_names([line for line in wanted if line and not line.startswith("#")])

    assert package_names(project["dependencies"]) == names - build_back_end, (
        "pyproject.toml and requirements.in name the same packages: change both, run `make lock`"
    )


@pytest.mark.parametrize(
    "line",
    [
        f"see https://{PACKAGE_HOSTS[0]}/project/django",
        f"https://files.{PACKAGE_HOSTS[2]}/x.whl",
        f"deb http://{PACKAGE_HOSTS[9].upper()}/debian bookworm main",
        "--index-url" + "=http://10.0.0.1/",
        "http://mirror.example/" + "simple",
    ],
)
def test_a_host_of_packages_is_found(tmp_path: Path, line: str) -> None:
    root = write_tree(tmp_path, {"a.md": f"fine\n{line}\n", "b.md": "simple words, debian.org\n"})

    assert [problem.split(": ")[0] for problem in lines_matching(root, HOST, INDEX)] == ["a.md:2"]


def test_a_folder_of_one_machine_is_found(tmp_path: Path) -> None:
    slash = "/"
    bad = f'path = "{slash}work/main"\ncd {slash}home/li\nfile://{slash}root/x\n'
    fine = "src/work/main ~/work/x https://example.org/home/page ${HOME}/work/x teamwork/home\n"
    root = write_tree(tmp_path, {"bad.py": bad, "fine.py": fine})

    assert lines_matching(root, OWN_FOLDER) == [
        f"bad.py:1: {slash}work/main",
        f"bad.py:2: {slash}home/li",
    ]


def test_a_thing_put_off_without_an_issue_is_found(tmp_path: Path) -> None:
    word = "TO" + "DO"
    text = f"# {word} later\n# {word} (#12): known\n// {word}(#3) known\n# every {word} has one\n"
    root = write_tree(tmp_path, {"a.py": text, "b.html": f"<!-- {word}: style -->\n"})

    assert lines_matching(root, LATER) == [f"a.py:1: # {word}", f"b.html:1: <!-- {word}"]


def test_a_requirement_without_hash_or_version_is_found(tmp_path: Path) -> None:
    good = f"click==8.1.0 \\\n    --hash=sha256:{'0' * 64} \\\n    --hash=sha256:{'1' * 64}\n"
    bad = "click==8.1.0\n" + good.replace("==", ">=") + "--find-me here\n" + good.replace("0", "x")
    root = write_tree(
        tmp_path,
        {"requirements.txt": good, "requirements-b.txt": bad, "requirements-c.txt": "# \n"},
    )

    found = {path.name: list(unpinned(path)) for path in requirement_files(root)}

    assert found["requirements.txt"] == []
    assert len(found["requirements-b.txt"]) == 4
    assert found["requirements-c.txt"] == ["requirements-c.txt: empty"]
