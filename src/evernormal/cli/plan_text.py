"""How plans are shown: one line a class of card, always a span, always where it comes from."""

from collections.abc import Iterable, Sequence
from fractions import Fraction

from rich.console import Console
from rich.table import Table

from evernormal.domain.device import Evidence
from evernormal.domain.planning import (
    Count,
    Job,
    NoPlan,
    Plan,
    contract_of,
    purchase,
    share_cost,
)
from evernormal.domain.policy import Entitlement
from evernormal.domain.values import Fen
from evernormal.locale import Lang, Words, words

_WIDTH = 140
_COLUMNS = ("device", "gang", "cards", "days", "card_hours", "cost", "voucher", "own", "provenance")
_HOURS_A_DAY = 24


def print_plans(
    job: Job,
    plans: Sequence[Plan | NoPlan],
    *,
    lang: Lang,
    voucher: tuple[Fen, Fraction] | None,
    evidence: Iterable[Evidence],
) -> None:
    """Print a table of plans, what stands in the way of the others, what the voucher buys.

    voucher   face value and rate, or None
    evidence  of the constants, to be printed with every source; empty: no sources
    """
    say = words(lang)
    screen = Console(width=_WIDTH, highlight=False, markup=False, emoji=False, soft_wrap=True)
    table = Table(*(say.text(f"plan.column.{name}") for name in _COLUMNS), box=None)
    for found in plans:
        if isinstance(found, Plan):
            table.add_row(*_cells(found, say))
    screen.print(table)
    _print_obstacles(plans, say, screen)
    if voucher is not None:
        _print_purchases(plans, voucher, say, screen)
    if job.model.is_presumed:
        screen.print(say.text("plan.presumed"))
    screen.print(say.text("plan.notice"))
    constants = list(evidence)
    if constants:
        _print_sources(plans, constants, say, screen)


def _print_obstacles(plans: Sequence[Plan | NoPlan], say: Words, screen: Console) -> None:
    for found in plans:
        if isinstance(found, NoPlan):
            why = say.word("plan.obstacle", found.misfit.obstacle.value)
            screen.print(f"{found.device_class}: {why}")
        elif found.running.fit.is_tight:
            screen.print(f"{found.device_class}: {say.text('plan.tight')}")


def _cells(found: Plan, say: Words) -> list[str]:
    hours = found.hours
    days = "–".join(f"{one / _HOURS_A_DAY:,.1f}" for one in (hours.low, hours.mid, hours.high))
    costs = ["", "", ""]
    if found.costs:
        cost = found.costs[0]
        shares = (cost.low, cost.mid, cost.high)
        costs = [
            "–".join(one.cost.yuan.split(".")[0] for one in shares),
            cost.mid.voucher_part.yuan,
            cost.mid.own.yuan,
        ]
        if cost.mid.limb:
            costs[1] += f" ({say.word('plan.limb', cost.mid.limb)})"
    return [
        found.device_class,
        str(found.running.fit.gang_cards),
        _span(found.cards),
        days,
        _span(found.card_hours),
        *costs,
        say.word("plan.provenance", found.running.speed.provenance.value),
    ]


def _span(count: Count) -> str:
    if count.low == count.high:
        return f"{count.mid:,}"
    return "–".join(f"{one:,}" for one in (count.low, count.mid, count.high))


def _print_purchases(
    plans: Sequence[Plan | NoPlan], voucher: tuple[Fen, Fraction], say: Words, screen: Console
) -> None:
    face, rate = voucher
    contract = share_cost(contract_of(face, rate), lambda _: Entitlement(face, "face", ()))
    screen.print(say.say("plan.contract", face=face, contract=contract.cost, own=contract.own))
    for found in plans:
        if isinstance(found, Plan) and found.costs:
            bought = purchase(found, offer=found.costs[0].offer, contract=contract)
            low, mid, high = (f"{one:.2e}" for one in bought.tokens)
            screen.print(
                say.say(
                    "plan.buys",
                    device=found.device_class,
                    hours=bought.card_hours,
                    low=low,
                    mid=mid,
                    high=high,
                )
            )


def _print_sources(
    plans: Sequence[Plan | NoPlan], constants: Sequence[Evidence], say: Words, screen: Console
) -> None:
    screen.print(say.text("plan.sources"))
    for found in plans:
        if isinstance(found, Plan):
            for one in found.running.speed.evidence:
                screen.print(f"  {found.device_class}: {_source(one, say)}")
    for one in dict.fromkeys(constants):
        screen.print(f"  {_source(one, say)}")


def _source(one: Evidence, say: Words) -> str:
    unread = "" if one.is_read else f" [{say.text('plan.unread')}]"
    note = f" ({one.note})" if one.note else ""
    return f"{one.source}{unread}{note}"
