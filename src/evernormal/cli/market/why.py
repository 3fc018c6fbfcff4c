"""`evernormal market why`: why a request got what it got in a round."""

from pathlib import Path

import click

from evernormal.cli.market.round_folder import (
    clear_round,
    folder_argument,
    mechanism_option,
    read_round_folder,
)
from evernormal.cli.rules.language import lang_option
from evernormal.cli.rules.screen_table import print_table
from evernormal.cli.screen import console, fail
from evernormal.domain.allocation import Change, Outcome, Reason, Round, WantedPool, why
from evernormal.domain.errors import DomainError
from evernormal.domain.values import Rounding, RoundingMode
from evernormal.formats.clearing_round import RoundFolder
from evernormal.locale import Lang, Words, words

_TO_FEN = Rounding(RoundingMode.HALF_UP)
_PER_CENT = 100


@click.command("why")
@click.argument("request_id", metavar="REQUEST")
@folder_argument
@mechanism_option
@lang_option
def why_command(request_id: str, folder: Path, *, mechanism: str | None, lang: Lang) -> None:
    """Say what REQUEST got in the round in FOLDER, what bound it, and what would have changed it.

    The smallest changes are found by clearing the round again with each of them.
    """
    found = read_round_folder(folder, mechanism)
    outcome = clear_round(found)

    def again(round_: Round) -> Outcome:
        return clear_round(RoundFolder(round_, found.mechanism))

    try:
        reason = why(found.round, outcome, request_id, clear=again)
    except DomainError as refusal:
        fail(f"{refusal.code}: {refusal}")
    _show(reason, words(lang))


def _show(reason: Reason, say: Words) -> None:
    console.print(
        say.say(
            "outcome_reason.got",
            request_id=reason.request_id,
            card_hours=reason.card_hours,
            work=reason.work,
            asked=reason.work + reason.missed,
            cost=reason.cost,
        )
    )
    if reason.missed > 0:
        console.print(say.say("outcome_reason.missed", missed=reason.missed))
    bound = reason.bound
    told = say.say(
        f"bound.{bound.kind.value}",
        pool_id=bound.pool_id,
        before=list(bound.before),
        place=bound.place,
    )
    console.print(told)
    for grant in reason.grants:
        facts = {"pool": grant.pool_id, "cards": grant.cards}
        console.print(say.say("market.grant", **facts, starts=grant.starts, ends=grant.ends))
    columns = ("pool", "device_class", "posted", "shadow", "used")
    print_table(
        say.say("market.wanted"),
        [say.say(f"market.column.{column}") for column in columns],
        [_pool_row(pool) for pool in reason.pools],
    )
    for change in reason.changes:
        console.print(_changed(change, reason, say))


def _pool_row(pool: WantedPool) -> tuple[str, ...]:
    shadow = "–" if pool.shadow is None else _TO_FEN.to_fen(pool.shadow).yuan
    used = f"{float(pool.used) * _PER_CENT:.1f} %"
    return pool.pool_id, pool.device_class, pool.posted.yuan, shadow, used


def _changed(change: Change, reason: Reason, say: Words) -> str:
    """The smallest change of a kind that was found, or how far it was looked for."""
    kind = change.kind.value
    if change.amount is None:
        told = say.say(f"no_change.{kind}", tried=change.tried, pool_id=change.pool_id)
        return say.say("outcome_reason.change_none", change=told)
    told = say.say(f"change.{kind}", amount=change.amount, pool_id=change.pool_id)
    asked_all = reason.target == reason.work + reason.missed
    key = "change_all" if asked_all else "change_some"
    return say.say(f"outcome_reason.{key}", change=told)
