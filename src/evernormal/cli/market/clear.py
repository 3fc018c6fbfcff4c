"""`evernormal market clear`: who gets the scarce cards of a round."""

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
from evernormal.domain.allocation import (
    BoundKind,
    Outcome,
    Round,
    bound_of,
    check_outcome,
    used_part,
)
from evernormal.domain.values import Rounding, RoundingMode
from evernormal.formats.clearing_round import outcome_files
from evernormal.locale import Lang, Words, words

_TO_FEN = Rounding(RoundingMode.HALF_UP)
_PER_CENT = 100


@click.command()
@folder_argument
@mechanism_option
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for grants.csv, results.csv and prices.csv: a new one, or the round's own.",
)
@lang_option
def clear(folder: Path, mechanism: str | None, *, out: Path | None, lang: Lang) -> None:
    """Clear the round in FOLDER: cards for requests, and the price of each pool's scarcity.

    Every limit is checked again, exactly, before anything is shown.
    """
    found = read_round_folder(folder, mechanism)
    outcome = clear_round(found)
    violations = check_outcome(found.round, outcome)
    if violations:
        fail("\n".join(map(str, violations)))
    say = words(lang)
    _show(found.round, outcome, say)
    if out is not None:
        _write(out, outcome_files(found.round, outcome))
        console.print(say.say("market.written", folder=str(out)))


def _show(round_: Round, outcome: Outcome, say: Words) -> None:
    kinds = [bound_of(round_, outcome, request).kind for request in round_.requests]
    granted = {grant.request_id for grant in outcome.grants}
    whole = sum(kind is BoundKind.REQUEST for kind in kinds)
    console.print(
        say.say(
            "market.cleared",
            round=round_.id,
            mechanism=say.word("mechanism", outcome.mechanism.value),
            requests=len(round_.requests),
            granted=len(granted),
            whole=whole,
            card_hours=sum(grant.card_hours for grant in outcome.grants),
        )
    )
    if outcome.gap is not None:
        console.print(say.say("market.gap", gap=f"{float(outcome.gap) * _PER_CENT:.2f}"))
    columns = ("pool", "device_class", "cards", "posted", "shadow", "used")
    print_table(
        say.say("market.pools"),
        [say.say(f"market.column.{column}") for column in columns],
        [_pool_row(round_, outcome, place) for place in range(len(round_.pools))],
    )
    print_table(
        say.say("market.bounds"),
        [say.say("market.column.bound"), say.say("market.column.requests")],
        [
            (say.say(f"market.bound.{kind.value}"), str(kinds.count(kind)))
            for kind in BoundKind
            if kind in kinds
        ],
    )


def _pool_row(round_: Round, outcome: Outcome, place: int) -> tuple[str, ...]:
    pool = round_.pools[place]
    price = outcome.prices.get(pool.id)
    shadow = "–" if price is None else _TO_FEN.to_fen(price - pool.price.amount).yuan
    used = f"{float(used_part(round_, outcome, pool)) * _PER_CENT:.1f} %"
    return pool.id, pool.device_class, str(pool.cards), pool.price.yuan, shadow, used


def _write(out: Path, files: dict[str, bytes]) -> None:
    known = [name for name in files if (out / name).exists()]
    if known:
        fail(f"{out / known[0]} is there already. Take it out, or name another --out.")
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            (out / name).write_bytes(data)
    except FileExistsError:
        fail(f"{out} is no folder. Name another --out.")
    except OSError as error:
        fail(f"{out} cannot be written: {error.strerror}. Name another --out.")
