"""Whatever a user can type, set or write into a scheme has its place in docs/reference."""

import importlib
import inspect
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

import evernormal.domain.policy
from evernormal.cli import main
from tests.architecture.tree import ROOT, refuse, tracked_files, write_tree

REFERENCE = ROOT / "docs" / "reference"
SETTING = re.compile(r"\bEVERNORMAL_[A-Z][A-Z_]*\b")


def commands(command: click.Command, path: str) -> Iterator[str]:
    """Yield what can be typed: each command by its whole name, and each of its options."""
    if isinstance(command, click.Group):
        for name, child in command.commands.items():
            yield from commands(child, f"{path} {name}")
        return
    yield path
    for parameter in command.params:
        if isinstance(parameter, click.Option) and not parameter.hidden:
            yield max(parameter.opts, key=len)


def rule_forms() -> list[str]:
    """Name every form that a rule of a scheme can take: the `name` of each exported form."""
    module = importlib.import_module(evernormal.domain.policy.__name__)
    exported = [getattr(module, name) for name in module.__all__]
    forms = [vars(found).get("name") for found in exported if inspect.isclass(found)]
    return [name for name in forms if isinstance(name, str)]


def settings(root: Path) -> list[str]:
    """Name every environment variable that the package reads."""
    found: set[str] = set()
    for path in tracked_files(root):
        if path.suffix == ".py" and path.is_relative_to(root / "src"):
            found.update(SETTING.findall(path.read_text(encoding="utf-8")))
    return sorted(found)


def undocumented(names: Iterable[str], reference: Path) -> list[str]:
    """List the names that no page of the reference sets in `backquotes`, alone or to begin with."""
    text = "\n".join(page.read_text(encoding="utf-8") for page in sorted(reference.rglob("*.md")))
    return [name for name in names if not re.search(rf"`{re.escape(name)}(?![\w-])[^`\n]*`", text)]


def test_every_command_is_in_the_reference() -> None:
    assert isinstance(main, click.Group), "evernormal.cli.main is the click group of all commands"
    names = sorted(set(commands(main, "evernormal")))
    assert {"evernormal run", "evernormal explain", "evernormal verify"} <= set(names)
    refuse(
        undocumented(names, REFERENCE),
        instead="Describe the command or option in docs/reference, in `backquotes`.",
    )


def test_every_rule_form_is_in_the_reference() -> None:
    forms = rule_forms()
    assert {"rate", "cost_window", "cap"} <= set(forms)
    refuse(
        undocumented(forms, REFERENCE),
        instead="Describe the form in docs/reference: its fields with units, and an example.",
    )


def test_every_setting_is_in_the_reference() -> None:
    names = settings(ROOT)
    assert "EVERNORMAL_DATABASE_URL" in names
    refuse(
        undocumented(names, REFERENCE),
        instead="Describe the environment variable in docs/reference: values and default.",
    )


def test_what_no_page_describes_is_found(tmp_path: Path) -> None:
    @click.group()
    def grain() -> None:
        pass

    @grain.command()
    @click.option("--weight", "-w")
    @click.option("--colour")
    def sow(weight: str, colour: str) -> None:
        raise AssertionError(weight, colour)

    @grain.command()
    def reap() -> None:
        pass

    page = "Use `grain sow FIELD` with `--weight KG`, never reap. `firm_capital`\n"
    code = 'os.environ["EVERNORMAL_BARN"]\n'
    root = write_tree(tmp_path, {"docs/reference/a.md": page, "src/evernormal/b.py": code})
    names = [*commands(grain, "grain"), "firm_cap", *settings(root)]

    assert undocumented(names, root / "docs" / "reference") == [
        "--colour",
        "grain reap",
        "firm_cap",
        "EVERNORMAL_BARN",
    ]
