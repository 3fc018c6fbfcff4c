"""What a what-if says on the screen."""

from collections.abc import Sequence

from evernormal.cli.rules.rule_label import rule_label
from evernormal.cli.rules.screen_table import print_table
from evernormal.cli.screen import console
from evernormal.domain.policy import Scheme
from evernormal.domain.values import Fen
from evernormal.formats.explanation import in_language
from evernormal.locale import Words
from evernormal.simulator import GroupLine, PotYear, ShortageLine, WhatIf

_GROUP = ("applications", "eligible", "firms", "cost", "asked", "granted", "rate")


def tell_what_if(found: WhatIf, scheme: Scheme, say: Words) -> None:
    """Say what a scheme would do with a population."""
    whole = found.whole
    console.print(
        say.say(
            "what_if.title",
            scheme=in_language(scheme.title, say),
            applications=whole.applications,
            firms=whole.firms,
            eligible=whole.eligible,
        )
    )
    own = next(line for line in found.shortages if line.is_own)
    for year in found.years:
        console.print(_year(year, own, say))
    below = found.not_admitted
    if below.applications:
        told = {"applications": below.applications, "asked": below.asked}
        console.print(say.say("what_if.not_admitted", **told))
    console.print(say.say("what_if.rate", granted=whole.granted, cost=whole.cost, rate=whole.rate))
    spread = found.concentration
    console.print(
        say.say(
            "what_if.concentration",
            top=spread.top_share,
            hhi=spread.hhi,
            empty=spread.firms_empty,
            firms=spread.firms,
            share=spread.empty_share,
        )
    )
    _tell_shortages(found, say)
    _tell_limbs(found, scheme, say)
    for title, table, lines in (("size", "size", found.sizes), ("origin", "origin", found.origins)):
        _tell_groups(title, table, lines, say)


def _year(year: PotYear, own: ShortageLine, say: Words) -> str:
    """How far a year's pot reached."""
    facts = {
        "year": str(year.year),
        "asked": year.asked,
        "granted": year.granted,
        "shortage": own.shortage.value,
    }
    if year.pot is None:
        return say.say("what_if.no_pot", **facts)
    facts |= {"pot": year.pot, "left": year.pot - year.granted}
    if year.exhausted_on is not None and year.passed_on is None:
        return say.say("what_if.held_back", on=year.exhausted_on, **facts)
    if year.exhausted_on is not None:
        key = "exhausted" if year.passed_on == year.exhausted_on else "short"
        return say.say(f"what_if.{key}", on=year.exhausted_on, passed_on=year.passed_on, **facts)
    if year.projected_on is None:
        return say.say("what_if.outlasts", **facts)
    return say.say("what_if.outlasts_until", on=year.projected_on, **facts)


def _tell_shortages(found: WhatIf, say: Words) -> None:
    columns = ("shortage", "full", "part", "none", "firms", "granted", "top")
    rows = []
    for line in found.shortages:
        name = say.word("shortage", line.shortage.value)
        rows.append(
            (
                say.say("what_if.own", name=name) if line.is_own else name,
                *(_count(n, say) for n in (line.full, line.part, line.none, line.firms)),
                _money(line.granted, say),
                say.say("what_if.percent", rate=line.concentration.top_share),
            )
        )
    print_table(say.say("what_if.table.shortage"), _columns(columns, say), rows)


def _tell_limbs(found: WhatIf, scheme: Scheme, say: Words) -> None:
    print_table(
        say.say("what_if.table.limb"),
        _columns(("limb", "applications", "entitled", "cut"), say),
        [
            (
                rule_label(scheme, line.limb, say),
                _count(line.applications, say),
                _money(line.entitled, say),
                _money(line.cut, say),
            )
            for line in found.limbs
        ],
    )
    print_table(
        say.say("what_if.table.failed"),
        _columns(("failed", "applications", "lost"), say),
        [
            (
                rule_label(scheme, line.rule_id, say),
                _count(line.applications, say),
                _money(line.entitled, say),
            )
            for line in found.failed
        ],
    )


def _tell_groups(title: str, table: str, lines: Sequence[GroupLine], say: Words) -> None:
    print_table(
        say.say(f"what_if.table.{title}"),
        _columns((title, *_GROUP), say),
        [
            (
                say.word(table, line.key),
                *(_count(n, say) for n in (line.applications, line.eligible, line.firms)),
                *(_money(fen, say) for fen in (line.cost, line.asked, line.granted)),
                say.say("what_if.percent", rate=line.rate),
            )
            for line in lines
        ],
    )


def _columns(names: Sequence[str], say: Words) -> list[str]:
    return [say.word("what_if.column", name) for name in names]


def _money(fen: Fen, say: Words) -> str:
    return say.say("what_if.money", fen=fen)


def _count(count: int, say: Words) -> str:
    return say.say("what_if.count", count=count)
