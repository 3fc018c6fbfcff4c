"""The import contracts of pyproject.toml are alive: each catches what it is there to catch."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT

# The file that gets one more line, the line, and the contract that must break.
SLIPS = {
    "an earlier stage imports a later one": (
        "domain/values/money.py",
        "import evernormal.domain.voucher",
        "The life of a voucher",
    ),
    "the domain imports a room above it": (
        "domain/voucher/voucher.py",
        "import evernormal.formats",
        "Core inside, shell outside",
    ),
    "the domain imports the framework": (
        "domain/award/grant.py",
        "import django.db",
        "The core is pure",
    ),
    "a codec opens a process": ("formats/pain001.py", "import subprocess", "The core is pure"),
    "two codecs import each other": (
        "formats/pain001_xml.py",
        "import evernormal.formats.pain001",
        "No cycles anywhere",
    ),
    "a folder that nobody placed": ("attic/__init__.py", '"""Old things."""', "Core inside"),
    "a face reaches past the actions to the tables": (
        "cli/__init__.py",
        "import evernormal.store.models",
        "Only actions and the store touch tables",
    ),
}


def broken_contracts(folder: Path) -> str:
    """Run the contracts on a copy of the package, and return what they say."""
    command = "from importlinter.cli import lint_imports_command as run; run()"
    run = subprocess.run(
        [sys.executable, "-c", command, "--no-cache"],
        cwd=folder,
        env={"PYTHONPATH": str(folder / "src"), "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return run.stdout + run.stderr


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_contracts_hold(copy: Path) -> None:
    said = broken_contracts(copy)

    assert " 0 broken" in said, f"Move the code to the room that may know both sides.\n{said}"


@pytest.mark.parametrize("slip", SLIPS)
def test_a_wrong_import_breaks_its_contract(copy: Path, slip: str) -> None:
    name, line, contract = SLIPS[slip]
    path = copy / "src" / "evernormal" / name
    path.parent.mkdir(exist_ok=True)
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    path.write_text(f"{before}\n{line}\n", encoding="utf-8")

    broken = [row for row in broken_contracts(copy).splitlines() if row.endswith("BROKEN")]

    assert any(row.startswith(contract) for row in broken), broken
