"""The repository as the rules see it: its files, and how a rule reports what it found."""

import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# What the Makefile makes, for a copy of the repository that git knows nothing of.
MADE_HERE = re.compile(r"\.venv|var|out|\..*_cache|\.hypothesis|__pycache__")
LINES_TOLD_MAX = 60


def tracked_files(root: Path) -> list[Path]:
    """List every file that git tracks or would track, sorted."""
    if not (root / ".git").exists():
        there = [p for p in root.rglob("*") if p.is_file()]
        return sorted(
            p for p in there if not any(map(MADE_HERE.fullmatch, p.relative_to(root).parts))
        )
    listing = subprocess.run(
        ["git", "-c", f"safe.directory={root}", "ls-files", "-z", "-co", "--exclude-standard"],
        cwd=root,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    paths = (root / name for name in listing.split("\0") if name)
    return sorted({path for path in paths if path.is_file()})


def write_tree(root: Path, files: dict[str, str]) -> Path:
    """Make a small repository for a rule to find fault with."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def refuse(problems: Iterable[str], *, instead: str) -> None:
    """Fail with what is wrong, all at once as far as one can read, and what to do about it."""
    found = list(problems)
    if found:
        told = found[:LINES_TOLD_MAX]
        raise AssertionError("\n".join([f"{len(found)} found. {instead}", *told]))
