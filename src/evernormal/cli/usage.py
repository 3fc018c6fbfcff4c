"""`evernormal usage`: who used how much, out of the usage lake."""

import csv
import io
import json
import os
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.table import Table

from evernormal.cli.database import sqlite_url, start_database
from evernormal.cli.screen import console, fail
from evernormal.connectors.output_folder import STATE
from evernormal.domain.errors import DomainError

if TYPE_CHECKING:
    import polars as pl

    from evernormal.store.queries.usage import UsageFilter

_PROGRAMME = "programme"
_DAY = click.DateTime(formats=["%Y-%m-%d"])


class Form(Enum):
    """How the answer is printed."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


@click.command()
@click.argument("out", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--by", default="", help="What to tell apart, with commas: voucher,day.")
@click.option("--voucher", "vouchers", multiple=True, help="Only this voucher; may be repeated.")
@click.option("--applicant", "applicants", multiple=True, help="Only this firm.")
@click.option("--contract", "contracts", multiple=True, help="Only this contract.")
@click.option("--provider", "providers", multiple=True, help="Only this provider.")
@click.option("--cluster", "clusters", multiple=True, help="Only this cluster.")
@click.option("--device-class", "device_classes", multiple=True, help="Only this class of card.")
@click.option("--from", "since", type=_DAY, help="From this local day on.")
@click.option("--to", "until", type=_DAY, help="Until the day before this one.")
@click.option("--with-others", is_flag=True, help="Count accounts that are no applicant's, too.")
@click.option(
    "--jobs", is_flag=True, help="List the jobs' readings instead; needs --from and --to."
)
@click.option("--limit", type=click.IntRange(1), help="At most so many rows.")
@click.option(
    "--format",
    "form",
    type=click.Choice([form.value for form in Form]),
    default=Form.TABLE.value,
    show_default=True,
    help="How the answer is printed.",
)
def usage(out: Path, by: str, *, jobs: bool, limit: int | None, form: str, **filters: Any) -> None:
    """Tell how much was used, by the books that a run has in OUT.

    Card-seconds are exact and whole, of one class of card or of all that the other options leave.
    """
    programme = _programme_of(out)
    where = _filter_of(filters)
    try:
        told = _jobs(out, programme, where, limit) if jobs else _sums(programme, where, by, limit)
    except DomainError as refusal:
        fail(f"{refusal.code}: {refusal}")
    _print(told, Form(form))


def _programme_of(out: Path) -> str:
    """The programme whose run took the folder, with its database started."""
    named = out / STATE / _PROGRAMME
    is_embedded = not os.environ.get("EVERNORMAL_DATABASE_URL")
    if not named.exists():
        fail(f"{out} holds no run's state. Run `evernormal run` with --out {out} first.")
    start_database(sqlite_url(out / STATE) if is_embedded else None)
    return named.read_text(encoding="utf-8").strip()


def _filter_of(filters: dict[str, Any]) -> "UsageFilter":
    from evernormal.store.queries.usage import UsageFilter  # noqa: PLC0415 - needs the tables

    days: dict[str, date | None] = {
        name: at.date() if isinstance(at := filters.pop(name), datetime) else None
        for name in ("since", "until")
    }
    with_others = bool(filters.pop("with_others"))
    sets = {name: frozenset(map(str, values)) for name, values in filters.items()}
    return UsageFilter(since=days["since"], until=days["until"], with_others=with_others, **sets)


def _sums(programme: str, where: "UsageFilter", by: str, limit: int | None) -> "pl.DataFrame":
    from evernormal.store.queries.usage import (  # noqa: PLC0415 - needs the tables
        UsageQuestion,
        dimensions_of,
        use_of,
        view_of,
    )

    try:
        dimensions = dimensions_of(by)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--by") from error
    return use_of(view_of(programme), UsageQuestion(where, dimensions, limit=limit))


def _jobs(out: Path, programme: str, where: "UsageFilter", limit: int | None) -> "pl.DataFrame":
    from evernormal.store.queries.usage import view_of  # noqa: PLC0415 - needs the tables
    from evernormal.store.queries.usage_readings import (  # noqa: PLC0415
        PAGE_MAX,
        ReadingsQuestion,
        hours_of,
        readings_of,
    )

    if where.since is None or where.until is None or where.until <= where.since:
        raise click.UsageError("--jobs needs --from and a later --to.")
    starts_at, ends_at = hours_of(where.since, where.until, zone=_zone_of(out))
    question = ReadingsQuestion(where, starts_at, ends_at, limit=min(limit or PAGE_MAX, PAGE_MAX))
    return readings_of(view_of(programme, started_before=ends_at), question)


def _zone_of(out: Path) -> str:
    import tomllib  # noqa: PLC0415 - only here

    file = out / "inputs" / "programme.toml"
    if not file.exists():
        fail(f"{file} is missing: without it local days are not known. Finish the run first.")
    return str(tomllib.loads(file.read_text(encoding="utf-8"))["timezone"])


def _print(told: "pl.DataFrame", form: Form) -> None:
    rows = [[_text(value) for value in row] for row in told.iter_rows()]
    match form:
        case Form.JSON:
            cells = (dict(zip(told.columns, row, strict=True)) for row in told.iter_rows())
            click.echo(json.dumps(list(cells), default=_text, ensure_ascii=False, indent=1))
        case Form.CSV:
            text = io.StringIO()
            writer = csv.writer(text, lineterminator="\n")
            writer.writerows([told.columns, *rows])
            click.echo(text.getvalue(), nl=False)
        case Form.TABLE:
            table = Table(box=None)
            for name, kind in told.schema.items():
                table.add_column(name, justify="right" if kind.is_integer() else "left")
            for row in rows:
                table.add_row(*row)
            console.print(table)


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)
