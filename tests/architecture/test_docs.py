"""What the documents say is so: the tree is the real tree, and the Python in them runs."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.tree import ROOT, refuse, tracked_files, write_tree

FENCE = re.compile(r"^```(?P<kind>[^\n]*)\n(?P<text>.*?)^```\s*$", re.DOTALL | re.MULTILINE)
NOT_RUN = "# not run"
RUN_SECONDS_MAX = 60


def fenced(path: Path, kind: str) -> list[str]:
    text = path.read_text(encoding="utf-8")
    return [m["text"] for m in FENCE.finditer(text) if m["kind"].strip() == kind]


# --- The tree in the README -----------------------------------------------------------------------


def drawn_paths(drawing: str) -> Iterator[str]:
    """Yield each path of an indented list of names, where words after two spaces explain it."""
    parents: list[tuple[int, str]] = []
    for line in drawing.splitlines():
        if not line.strip():
            continue
        indent = len(line) - len(line.lstrip())
        name = re.split(r"\s{2,}", line.strip(), maxsplit=1)[0]
        while parents and parents[-1][0] >= indent:
            parents.pop()
        path = (parents[-1][1] if parents else "") + name
        if name.endswith("/"):
            parents.append((indent, path))
        yield path


def problems_in_tree(root: Path) -> list[str]:
    """Compare the README's drawing with the folders that hold tracked files."""
    drawings = fenced(root / "README.md", "text tree")
    if len(drawings) != 1:
        return [f"README.md: {len(drawings)} blocks that open with ```text tree, one is wanted"]
    real = set()
    for path in tracked_files(root):
        relative = path.relative_to(root)
        real.add(relative.as_posix())
        real.update(f"{parent.as_posix()}/" for parent in relative.parents[:-1])
    drawn = list(drawn_paths(drawings[0]))
    top = {path for path in real if path.count("/") == 1 and path.endswith("/")}
    shown = {path for path in top if not path.startswith(".")}
    problems = [f"{path}: drawn, but not there" for path in drawn if path not in real]
    problems += [f"{path}: there, but not drawn" for path in sorted(shown - set(drawn))]
    return problems


def test_the_tree_in_the_readme_is_the_real_tree() -> None:
    refuse(
        problems_in_tree(ROOT),
        instead="Draw every top-level folder, and nothing that is not there, in the block that "
        "opens with ```text tree in README.md; what follows two spaces is free text.",
    )


def test_a_wrong_tree_is_found(tmp_path: Path) -> None:
    readme = """
```text tree
src/  the package
  rice/    grain
  wheat/
docs/
gone.md  a file
```
"""
    files = {
        "README.md": readme,
        "src/rice/a.py": "",
        "docs/i.md": "",
        "tools/x.sh": "",
        ".ci/r": "",
    }

    assert problems_in_tree(write_tree(tmp_path, files)) == [
        "src/wheat/: drawn, but not there",
        "gone.md: drawn, but not there",
        "tools/: there, but not drawn",
    ]
    (tmp_path / "README.md").write_text("# No tree\n", encoding="utf-8")
    assert problems_in_tree(tmp_path) == [
        "README.md: 0 blocks that open with ```text tree, one is wanted"
    ]


# --- Python in the documents ----------------------------------------------------------------------


def documents(root: Path) -> list[Path]:
    return [path for path in tracked_files(root) if path.suffix == ".md"]


def failing_documents(root: Path, folder: Path) -> list[str]:
    """Run the Python blocks of each document in order, as one program, in an empty folder."""
    problems = []
    for path in documents(root):
        blocks = [text for text in fenced(path, "python") if NOT_RUN not in text]
        if not blocks:
            continue
        run = subprocess.run(
            [sys.executable, "-c", "\n".join(blocks)],
            cwd=folder,
            env=os.environ | {"PYTHONUTF8": "1"},
            capture_output=True,
            text=True,
            check=False,
            timeout=RUN_SECONDS_MAX,
        )
        if run.returncode != 0:
            last = run.stderr.strip().splitlines()[-1:]
            problems.append(f"{path.relative_to(root).as_posix()}: {' '.join(last)}")
    return problems


def test_the_python_in_the_documents_runs(tmp_path: Path) -> None:
    assert len(documents(ROOT)) > 5
    refuse(
        failing_documents(ROOT, tmp_path),
        instead=f"Mend the block, or the code. A fragment that cannot run says {NOT_RUN!r}.",
    )


def test_python_that_does_not_run_is_found(tmp_path: Path) -> None:
    good = "```python\nx = 1\n```\n\ntext\n\n```python\nassert x == 1\n```\n"
    bad = "```python\nassert 1 + 1 == 3, 'sums'\n```\n"
    fragment = "```python\n# not run\nfrom nowhere import it\n```\n```toml\nnot python\n```\n"
    root = write_tree(tmp_path, {"a.md": good, "docs/b.md": bad, "c.md": fragment})

    assert failing_documents(root, tmp_path) == ["docs/b.md: AssertionError: sums"]
