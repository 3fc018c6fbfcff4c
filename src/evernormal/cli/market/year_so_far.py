"""A programme year run up to a day, in a database that is thrown away."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path

from evernormal.actions.desk import Desk
from evernormal.cli.database import sqlite_url, start_database
from evernormal.cli.opening import demand_none, read_input, refuse, scheme_of
from evernormal.domain.errors import DomainError
from evernormal.domain.market import PriceList
from evernormal.formats.intake.under_scheme import scheme_problems
from evernormal.locale import Lang


@contextmanager
def year_until(folder: Path, *, on: date | None, lang: Lang) -> Iterator[tuple[Desk, date]]:
    """The year in a folder as the office knows it at the end of a day.

    Nothing is written beside the folder, and books that were made of it are not looked at.

    on       None, or a day after the year's last: that
    returns  the desk with the orders as they stand, and the day
    """
    year = read_input(folder)
    scheme, scheme_bytes = scheme_of(year)
    demand_none(scheme_problems(year, scheme=scheme), folder)
    prices = PriceList(year.prices, year.exchange_rates)
    desk = Desk(year=year, scheme=scheme, scheme_bytes=scheme_bytes, prices=prices)
    day = min(on or year.programme.closes_on, year.programme.closes_on)
    with tempfile.TemporaryDirectory(prefix="evernormal-market-") as empty:
        start_database(sqlite_url(Path(empty)))
        from django.db import connection  # noqa: PLC0415 - needs the settings

        from evernormal.actions.standing_orders import with_standing_orders  # noqa: PLC0415
        from evernormal.actions.year import work_until  # noqa: PLC0415

        end = datetime.combine(day + timedelta(days=1), time(), tzinfo=desk.zone)
        try:
            work_until(desk, until=end - timedelta(microseconds=1), progress=lambda _day: None)
            yield with_standing_orders(desk), day
        except DomainError as refusal:
            refuse(refusal, lang)
        finally:
            connection.close()
