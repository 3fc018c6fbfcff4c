"""`evernormal market order`: a signed order to a service."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import click

from evernormal import clock
from evernormal.cli.screen import fail
from evernormal.connectors.keys import provider_key
from evernormal.connectors.order_sender import send_order
from evernormal.domain.errors import DomainError
from evernormal.formats.order_request import OrderRequest, encode
from evernormal.formats.usage_answer import BatchProblems

NO_ANSWER, REFUSED = 3, 4
"""Exit codes: nobody answered, so that the same order is sent again; the platform refused it."""

_DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.command()
@click.argument("order_id", metavar="ORDER")
@click.option("--url", required=True, help="Address of the service, as https://vouchers.example.")
@click.option("--programme", required=True, help="Id of the programme year.")
@click.option(
    "--key",
    "key_path",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The applicant's key, made by `evernormal agent keygen`.",
)
@click.option("--applicant", required=True, help="The applicant's id in the programme.")
@click.option("--contract", required=True, help="The contract that the voucher was given for.")
@click.option("--provider", required=True, help="The contract's provider.")
@click.option("--device-class", required=True, help="Class of card.")
@click.option("--site", default="", help="Cluster that it must run on; left out: any.")
@click.option("--plan", default="", help="Plan of the price list; left out: the plain one.")
@click.option("--cards", required=True, type=click.IntRange(1), help="Cards wanted; whole gangs.")
@click.option(
    "--gang-cards",
    default=1,
    show_default=True,
    type=click.IntRange(1),
    help="Cards that must be given together.",
)
@click.option("--card-hours", required=True, type=click.IntRange(1), help="Card-hours ordered.")
@click.option("--starts-on", required=True, type=_DAY, help="First day, as 2026-01-31.")
@click.option("--ends-on", required=True, type=_DAY, help="Last day, still in it.")
@click.option(
    "--made-at",
    type=click.DateTime(formats=["%Y-%m-%dT%H:%M:%SZ"]),
    help="When the order was made, in UTC; left out: now. Give it to send an order again.",
)
def order(  # noqa: PLR0913 - an order is these parts
    order_id: str,
    *,
    url: str,
    programme: str,
    key_path: Path,
    applicant: str,
    contract: str,
    provider: str,
    device_class: str,
    site: str,
    plan: str,
    cards: int,
    gang_cards: int,
    card_hours: int,
    starts_on: datetime,
    ends_on: datetime,
    made_at: datetime | None,
) -> None:
    """Place ORDER, an id of your own, and print the receipt.

    The same order is placed once, however often it is sent: send it again when nobody answers.
    """
    made = made_at.replace(tzinfo=UTC) if made_at else clock.now().replace(microsecond=0)
    request = OrderRequest(
        id=order_id,
        applicant_id=applicant,
        made_at=made,
        contract_id=contract,
        provider_id=provider,
        device_class=device_class,
        site=site,
        plan=plan,
        cards=cards,
        gang_cards=gang_cards,
        card_hours=card_hours,
        starts_on=_day(starts_on),
        last_on=_day(ends_on),
    )
    _send(request, url=url, programme_id=programme, key_path=key_path)


def _day(value: datetime) -> date:
    return value.date()


def _send(request: OrderRequest, *, url: str, programme_id: str, key_path: Path) -> None:
    try:
        key = provider_key(key_path, can_be_made=False).private
        body = encode(request)
    except BatchProblems as refusal:
        fail("\n".join(f"{p.place or 'the order'}: {p.message} {p.todo}" for p in refusal.problems))
    except DomainError as refusal:
        fail(f"{refusal.code}: {refusal}")
    answer = send_order(body, url=url, programme_id=programme_id, key=key)
    if answer.told is not None:
        click.echo(json.dumps(answer.told, indent=2, ensure_ascii=False))
        return
    for problem in answer.problems:
        told = f"{problem.place or 'the order'}: {problem.message} {problem.todo}"
        click.echo(f"{problem.code}: {told}", err=True)
    if not answer.status:
        again = request.made_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        click.echo(f"Send it again with --made-at {again}.", err=True)
    raise SystemExit(REFUSED if answer.status else NO_ANSWER)
