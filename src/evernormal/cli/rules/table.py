"""`evernormal rules table`: all programmes of the library side by side."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

import click

from evernormal.cli.rules.language import lang_option
from evernormal.cli.screen import fail
from evernormal.domain.policy import (
    EVERY_CASE,
    AnyOf,
    Cap,
    CapacityAtLeast,
    CapacitySupport,
    DeviceOrigin,
    Form,
    MinimumSpend,
    PayeeRule,
    Pot,
    Rate,
    RequestBetween,
    Rule,
    Scheme,
    Selector,
    TieredRate,
)
from evernormal.domain.values import Fen, ratio_text
from evernormal.formats.explanation import in_language
from evernormal.locale import Lang, Words, words
from evernormal.schemes import SchemeProblems, list_schemes, read_library_scheme
from evernormal.schemes.whole import SETTLEMENT

F = TypeVar("F", bound=Form)

COLUMNS = ("id", "programme", "rate", "cap", "pot", "floor", "mode", "payee", "domestic")


@click.command()
@lang_option
def table(lang: Lang) -> None:
    """Print the programmes of the library side by side, as Markdown."""
    try:
        click.echo(programme_table(lang), nl=False)
    except SchemeProblems as refusal:
        fail(str(refusal))


def programme_table(lang: Lang) -> str:
    """Write the page of all programmes of the library.

    raises   SchemeProblems
    """
    say = words(lang)
    schemes = [read_library_scheme(scheme_id)[0] for scheme_id in list_schemes()]
    lines = [
        f"# {say.say('rules.table.title')}",
        "",
        say.say("rules.table.intro", schemes=len(schemes)),
        "",
        _row([say.say(f"rules.table.{column}") for column in COLUMNS]),
        _row(["---"] * len(COLUMNS)),
        *(_row(_cells(scheme, words(lang, scheme.unit.value))) for scheme in schemes),
        "",
        say.say("rules.table.legend"),
    ]
    return "\n".join(lines) + "\n"


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _cells(scheme: Scheme, say: Words) -> Sequence[str]:
    return (
        f"`{scheme.id}`",
        in_language(scheme.title, say),
        _rates(scheme, say),
        _caps(scheme, say),
        _stated(scheme, say, Pot, lambda pot: _money(pot.amount, say)),
        _floor(scheme, say),
        _mode(scheme, say),
        _stated(scheme, say, PayeeRule, lambda rule: say.word("payee", rule.payee.value)),
        _domestic(scheme, say),
    )


def _newest(scheme: Scheme, form: type[F]) -> Iterator[tuple[Rule, F]]:
    """The rules of a form, each with its newest value."""
    for rule in scheme.rules:
        value = rule.versions[-1].form
        if isinstance(value, form):
            yield rule, value


def _marked(text: str, rule: Rule, say: Words) -> str:
    if rule.versions[-1].source.is_assumed:
        return say.say("rules.table.assumed", text=text)
    return text


def _stated(scheme: Scheme, say: Words, form: type[Any], write: Callable[[Any], str]) -> str:
    """What the rules of a form say; else that the source does not state it, or a dash."""
    texts = [_marked(write(value), rule, say) for rule, value in _newest(scheme, form)]
    return _join(texts, say) or _silent(scheme, form.name, say)


def _rates(scheme: Scheme, say: Words) -> str:
    forms: tuple[tuple[type[Any], Callable[[Any], str]], ...] = (
        (Rate, lambda rate: _up_to(_ratio(rate.ratio, say), say, is_up_to=rate.is_ceiling)),
        (TieredRate, lambda rate: _tiers(rate, say)),
        (
            CapacitySupport,
            lambda rate: say.say("rules.table.per_pflops", amount=_money(rate.per_pflops, say)),
        ),
    )
    for form, write in forms:
        if any(True for _ in _newest(scheme, form)):
            return _stated(scheme, say, form, write)
    return say.say("rules.table.not_stated")


def _up_to(text: str, say: Words, *, is_up_to: bool) -> str:
    return say.say("rules.table.up_to", text=text) if is_up_to else text


def _ratio(ratio: Any, say: Words) -> str:
    return say.say("rules.table.ratio", ratio=ratio_text(ratio))


def _tiers(rate: TieredRate, say: Words) -> str:
    """Each tier's own name says the ratio, or for which cases it is."""
    texts = []
    for tier in rate.tiers:
        ratio = _up_to(_ratio(tier.ratio, say), say, is_up_to=rate.is_ceiling)
        texts.append(say.say("rules.table.tier", label=in_language(tier.label, say), text=ratio))
    return _join(texts, say)


def _money(amount: Fen, say: Words) -> str:
    """An amount without its decimals where there are none."""
    return say.say("rules.money", v=amount).replace(".00 ", " ", 1)


def _caps(scheme: Scheme, say: Words) -> str:
    """Each cap with what it is a ceiling for; one for some cases only by its own name."""
    texts = []
    for rule, cap in _newest(scheme, Cap):
        amount, label = _money(cap.amount, say), in_language(rule.label, say)
        key = "cap_of" if cap.when == EVERY_CASE else "cap_of_some"
        text = say.say(f"rules.table.{key}", amount=amount, scope=cap.scope.value, label=label)
        texts.append(_marked(text, rule, say))
    return _join(texts, say) or _silent(scheme, Cap.name, say)


def _join(texts: Iterable[str], say: Words) -> str:
    return ("；" if say.lang == "zh_Hans" else "; ").join(texts)


def _silent(scheme: Scheme, form: str, say: Words) -> str:
    """Not stated by the source, or not there at all."""
    return say.say("rules.table.absent" if scheme.states(form) else "rules.table.not_stated")


def _floor(scheme: Scheme, say: Words) -> str:
    texts = [
        _marked(_money(floor.spend, say), rule, say)
        for rule, floor in _newest(scheme, MinimumSpend)
    ]
    texts += [
        _marked(f"{floor.pflops:,} PFLOPS", rule, say)
        for rule, floor in _newest(scheme, CapacityAtLeast)
    ]
    texts += [
        _marked(_money(request.at_least, say), rule, say)
        for rule, request in _newest(scheme, RequestBetween)
        if request.at_least.amount
    ]
    return _join(texts, say) or _silent(scheme, MinimumSpend.name, say)


def _mode(scheme: Scheme, say: Words) -> str:
    """The letter of the mode; marked where the source does not say how support is paid."""
    letter = scheme.settlement.value
    if scheme.states(SETTLEMENT):
        return letter
    return say.say("rules.table.assumed", text=letter)


def _domestic(scheme: Scheme, say: Words) -> str:
    """Tiers and conditions that ask for domestic cards."""
    found = [
        _marked(in_language(tier.label, say), rule, say)
        for rule, rate in _newest(scheme, TieredRate)
        for tier in rate.tiers
        if _is_domestic(tier.when)
    ]
    found += [
        _marked(say.say("rules.table.domestic_required"), rule, say)
        for rule, any_of in _newest(scheme, AnyOf)
        if all(_is_domestic(alternative.when) for alternative in any_of.alternatives)
    ]
    return _join(found, say) or say.say("rules.table.absent")


def _is_domestic(when: Selector) -> bool:
    return when.device_origins == (DeviceOrigin.DOMESTIC,)
