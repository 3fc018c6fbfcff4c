"""`evernormal market calendar`: which cards are reserved when, and what is left."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from evernormal.cli.market.year_so_far import year_until
from evernormal.cli.rules.language import lang_option
from evernormal.cli.rules.screen_table import print_table
from evernormal.cli.screen import console
from evernormal.domain.values import Period
from evernormal.locale import Lang, Words, words

if TYPE_CHECKING:
    from evernormal.actions.pool_days import PoolDays

_COLUMNS = ("pool", "from", "to", "cards", "withdrawn", "reserved", "spot", "orders")
_ORDERS_SHOWN = 6


@click.command("calendar")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--on",
    type=click.DateTime(formats=["%Y-%m-%d"]),
    help="Day on which it is asked: the year is run up to its end. Left out: its last day.",
)
@click.option(
    "--days",
    default=28,
    show_default=True,
    type=click.IntRange(1, 3_660),
    help="Days that are shown, from the day on which it is asked.",
)
@click.option("--json", "is_json", is_flag=True, help="Print JSON, one stretch of days an entry.")
@lang_option
def calendar(folder: Path, *, on: datetime | None, days: int, is_json: bool, lang: Lang) -> None:
    """Show the calendar of every pool of the year in FOLDER: orders, withdrawals, spot remainder.

    The year is run up to the day in a database that is thrown away: nothing is written.
    """
    with year_until(folder, on=on.date() if on else None, lang=lang) as (desk, day):
        from evernormal.actions.pool_days import (  # noqa: PLC0415 - needs the tables
            list_pool_days,
            waiting_orders,
        )

        within = Period(day, day + timedelta(days=days))
        found, waiting = list(list_pool_days(desk, within=within)), waiting_orders(desk)
    if is_json:
        click.echo(_as_json(day, found, waiting))
    else:
        _show(day, found, waiting, say=words(lang))


def _show(day: date, found: "list[PoolDays]", waiting: list[str], *, say: Words) -> None:
    if not found:
        console.print(say.say("market.no_calendar"))
        return
    print_table(
        say.say("market.calendar", day=day.isoformat()),
        [say.say(f"market.calendar_column.{column}") for column in _COLUMNS],
        [_row(each) for each in found],
    )
    if waiting:
        console.print()
        console.print(say.say("market.waiting", orders=", ".join(waiting)))


def _row(each: "PoolDays") -> tuple[str, ...]:
    shown = " ".join(each.orders[:_ORDERS_SHOWN])
    more = len(each.orders) - _ORDERS_SHOWN
    return (
        " / ".join(each.pool),
        each.days.starts_on.isoformat(),
        each.days.last_on.isoformat(),
        str(each.cards),
        str(each.withdrawn),
        str(each.reserved),
        str(each.spot),
        f"{shown} +{more}" if more > 0 else shown,
    )


def _as_json(day: date, found: "list[PoolDays]", waiting: list[str]) -> str:
    stretches = [
        {
            "provider": each.pool[0],
            "device_class": each.pool[1],
            "from": each.days.starts_on.isoformat(),
            "to": each.days.last_on.isoformat(),
            "cards": each.cards,
            "withdrawn": each.withdrawn,
            "reserved": each.reserved,
            "spot": each.spot,
            "orders": list(each.orders),
        }
        for each in found
    ]
    told = {"on": day.isoformat(), "stretches": stretches, "waiting": waiting}
    return json.dumps(told, ensure_ascii=False, indent=2)
