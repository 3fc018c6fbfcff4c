"""`evernormal market`: where vouchers meet cards."""

import click

from evernormal.cli.market.calendar import calendar
from evernormal.cli.market.clear import clear
from evernormal.cli.market.order import order
from evernormal.cli.market.why import why_command


@click.group()
def market() -> None:
    """Order cards for a voucher, clear rounds of requests, and say why."""


market.add_command(calendar)
market.add_command(order)
market.add_command(clear)
market.add_command(why_command)
