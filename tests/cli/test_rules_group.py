"""`evernormal rules` as a group: every command is there, and none is loaded before its time."""

import subprocess
import sys

import click

from evernormal.cli.rules import rules as group
from tests.architecture.tree import ROOT
from tests.cli.commands import rules

FOLDER = ROOT / "src" / "evernormal" / "cli" / "rules"


def test_every_module_that_holds_a_command_is_a_command() -> None:
    with_command = {
        path.stem.replace("_", "-")
        for path in FOLDER.glob("*.py")
        if "@click.command" in path.read_text(encoding="utf-8")
    }

    assert isinstance(group, click.Group)
    assert set(group.commands) == with_command
    assert all(f"\n  {name} " in rules("--help").out for name in with_command)


def test_a_command_that_is_not_there_is_refused_with_the_nearest() -> None:
    done = rules("tset")

    assert done.code == 2
    assert "Did you mean" in done.err


def test_the_program_starts_without_what_only_some_commands_need() -> None:
    code = "import sys, evernormal.cli; print(*{'numpy', 'matplotlib'} & set(sys.modules))"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == ""
