"""`evernormal rules new`: a scheme folder to fill in."""

from pathlib import Path

import click

from evernormal.cli.screen import fail
from evernormal.domain.policy import Settlement, Unit
from evernormal.domain.values import NotARatio, parse_ratio
from evernormal.schemes.scaffold import is_scheme_id, scaffold


@click.command()
@click.argument("scheme_id", metavar="COUNTRY/PLACE/YEAR")
@click.option(
    "--settlement",
    required=True,
    type=click.Choice([mode.value for mode in Settlement]),
    help="How support reaches its payee; docs/rules/settlement.md tells the eight ways.",
)
@click.option(
    "--out",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder under which COUNTRY/PLACE/YEAR is made.",
)
@click.option(
    "--unit",
    type=click.Choice([unit.value for unit in Unit]),
    default=Unit.CNY.value,
    show_default=True,
    help="What the scheme counts in.",
)
@click.option("--rate", help="The rate where it is known, as two numbers: 30/100.")
def new(scheme_id: str, settlement: str, out: Path, unit: str, rate: str | None) -> None:
    """Make the files of a new scheme, with every form of rule to choose from.

    What is blank is refused by `rules check`, by name, until it is filled. Nothing is ever
    overwritten.
    """
    if not is_scheme_id(scheme_id):
        fail(f"{scheme_id!r} is no id. Write it in lower case, as in cn/beijing/2023.")
    folder = out / scheme_id
    try:
        ratio = None if rate is None else parse_ratio(rate)
    except NotARatio as refusal:
        fail(f"--rate: {refusal}")
    files = scaffold(scheme_id, Settlement(settlement), unit=Unit(unit), ratio=ratio)
    there = [name for name in files if (folder / name).exists()]
    if there:
        fail(f"{folder} has {' and '.join(there)} already. Nothing was written.")
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        with (folder / name).open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    click.echo(
        f"{folder}: {', '.join(files)}. Fill them, then run: evernormal rules check {folder}"
    )
