"""`evernormal catalogue`: device classes, their figures, and their export classification."""

from collections.abc import Iterable
from datetime import date, datetime
from fractions import Fraction
from typing import NamedTuple

import click

from evernormal import clock
from evernormal.catalogue import CatalogueProblems, library_catalogue
from evernormal.cli.rules.language import lang_option
from evernormal.cli.rules.screen_table import print_table
from evernormal.cli.screen import console, fail
from evernormal.domain.device import (
    Catalogue,
    Classification,
    Comparison,
    Confidence,
    DeviceClass,
    Evidence,
    ExportOutcome,
    Limit,
    Precision,
    classify,
    figure_text,
    performance_density,
    processing_performance,
)
from evernormal.domain.errors import DomainError
from evernormal.locale import Lang, Words, words

_LIST = ("id", "name", "vendor", "country", "year", "fp16", "memory", "bandwidth", "sale")
_SHOWN = (
    "vendor",
    "vendor_country",
    "launch_year",
    "form_factor",
    "process_node",
    "sale",
    "fp16_low",
    "fp16_high",
    "fp16_measured",
    "die_area_mm2",
    "memory_gb",
    "memory_type",
    "bandwidth_gb_s",
    "interconnect_gb_s",
    "tdp_w",
    "mfu",
    "sold_freely_from",
    "sold_freely_until",
)


@click.group()
def catalogue() -> None:
    """Device classes, their figures with sources, and the export rules for them."""


@catalogue.command("list")
@click.option("--vendor", help="Only classes of this vendor.")
@lang_option
def list_devices(vendor: str | None, lang: Lang) -> None:
    """List the device classes."""
    say = words(lang)
    rows = [
        _list_row(device, say)
        for device in _catalogue().devices
        if vendor is None or device.vendor.casefold() == vendor.casefold()
    ]
    print_table(say.say("catalogue.title"), _columns(_LIST, say), rows)
    _legend(say)


@catalogue.command()
@click.argument("name")
@lang_option
def show(name: str, lang: Lang) -> None:
    """Show every figure of a device class, with the source of each."""
    say = words(lang)
    device = _find(name, say)
    told = [
        _Told(say.say("catalogue.rate", precision=one.value), _figure(device.dense[one]), evidence)
        for one in Precision
        if one in device.dense
        for evidence in [device.evidence_of(f"dense.{one.value}")]
    ]
    told += [
        _Told(say.say(f"catalogue.field.{field}"), value, device.evidence_of(field))
        for field in _SHOWN
        if (value := _value(device, field, say))
    ]
    results = [
        _Told(
            say.word("catalogue.workload", one.workload.value),
            say.say("catalogue.software_row", results=one.results),
            one.evidence,
        )
        for one in device.software
    ]
    sources = list(dict.fromkeys(one.evidence.source for one in [*told, *results]))
    columns = _columns(("field", "value", "confidence", "source"), say)
    title = say.say("catalogue.one", name=_name(device, say), id=device.id)
    print_table(title, columns, (_told_row(one, sources, say) for one in told))
    rows = (_told_row(one, sources, say) for one in results)
    print_table(say.say("catalogue.software"), columns, rows)
    console.print()
    for number, source in enumerate(sources, start=1):
        console.print(f"[{number}] {source}")
    for one in [*told, *results]:
        if one.evidence.note not in ("", device.source.note):
            console.print(f"{one.field}: {one.evidence.note}")
    console.print()
    console.print(say.say("catalogue.names", names=say.listed(device.aliases)))
    if device.source.note:
        console.print(device.source.note)
    _legend(say)


@catalogue.command("classify")
@click.argument("names", nargs=-1)
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="On this day, not today.")
@lang_option
def classify_devices(names: tuple[str, ...], day: datetime | None, lang: Lang) -> None:
    """Compute the export classification of device classes on a day.

    Without NAMES, of all. With one, every comparison is printed.
    """
    say = words(lang)
    known = _catalogue()
    on = (day or clock.now()).date()
    devices = [_find(name, say) for name in names] or list(known.devices)
    found = [(device, classify(device, rules=known.rules, on=on)) for device in devices]
    print_table(
        say.say("catalogue.classified", on=on),
        _columns(("name", "control", "tpp", "pd", "review", "clause", "confidence", "beside"), say),
        (_classified_row(device, one, say) for device, one in found),
    )
    if len(found) == 1:
        _explain(*found[0], say)
    console.print()
    console.print(say.say("catalogue.disclaimer"))


def _catalogue() -> Catalogue:
    try:
        return library_catalogue()
    except CatalogueProblems as problems:
        fail(str(problems))


def _find(name: str, say: Words) -> DeviceClass:
    try:
        return _catalogue().get(name)
    except DomainError as refusal:
        fail(say.refusal(refusal))


def _columns(names: Iterable[str], say: Words) -> list[str]:
    return [say.say(f"catalogue.column.{name}") for name in names]


def _name(device: DeviceClass, say: Words) -> str:
    return device.name_zh if say.lang == "zh_Hans" and device.name_zh else device.name


def _list_row(device: DeviceClass, say: Words) -> list[str]:
    return [
        device.id,
        _name(device, say),
        device.vendor,
        device.vendor_country,
        str(device.launch_year),
        _marked(device.dense.get(Precision.FP16), device.evidence_of("dense.FP16"), say),
        _marked(device.memory_gb, device.evidence_of("memory_gb"), say),
        _marked(device.bandwidth_gb_s, device.evidence_of("bandwidth_gb_s"), say),
        say.word("catalogue.sale", device.sale.value),
    ]


def _marked(figure: Fraction | None, evidence: Evidence, say: Words) -> str:
    """A figure, and that nobody read it where that is so."""
    if figure is None or evidence.is_read:
        return _figure(figure)
    return f"{_figure(figure)} ({say.word('catalogue.confidence', evidence.confidence.value)})"


class _Told(NamedTuple):
    """A figure of a class in words, and where it comes from."""

    field: str
    value: str
    evidence: Evidence


def _told_row(one: _Told, sources: list[str], say: Words) -> list[str]:
    confidence = say.word("catalogue.confidence", one.evidence.confidence.value)
    return [one.field, one.value, confidence, f"[{sources.index(one.evidence.source) + 1}]"]


def _value(device: DeviceClass, field: str, say: Words) -> str:
    """A field in words; "" where it is not known."""
    value = getattr(device, field)
    if field == "sale":
        return say.word("catalogue.sale", value.value)
    if field == "mfu" and value is not None:
        low, mid, high = (_percent(share) for share in (value.low, value.mid, value.high))
        return say.say("catalogue.mfu_band", low=low, mid=mid, high=high)
    if isinstance(value, Fraction):
        return _figure(value)
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value)


def _percent(share: Fraction) -> str:
    return f"{figure_text(share * 100)} %"


def _figure(figure: Fraction | None) -> str:
    return "–" if figure is None else figure_text(figure)


def _legend(say: Words) -> None:
    console.print()
    word = say.word("catalogue.confidence", Confidence.GENERAL_KNOWLEDGE.value)
    console.print(say.say("catalogue.dense_legend", word=word))


def _classified_row(device: DeviceClass, found: Classification, say: Words) -> list[str]:
    performance = processing_performance(device)
    return [
        _name(device, say),
        found.control or say.word("catalogue.outcome", found.outcome.value),
        _figure(performance.tpp if performance else None),
        _figure(performance_density(device)),
        say.word("catalogue.review", found.review.value) if found.review else "–",
        found.decided_by.clause if found.decided_by else "–",
        say.word("catalogue.confidence", found.confidence.value),
        str(len(found.notes) or "–"),
    ]


def _explain(device: DeviceClass, found: Classification, say: Words) -> None:
    """Every comparison, what is missing, and what is in force beside it."""
    print_table(
        say.say("catalogue.compared_title", name=_name(device, say)),
        _columns(("rule", "compared", "value", "limit", "holds"), say),
        (_comparison_row(one, say) for one in found.compared),
    )
    if found.outcome is ExportOutcome.UNKNOWN:
        classes = [one or say.say("catalogue.none") for one in found.possible]
        missing = [say.word("catalogue.quantity", one.value) for one in found.missing]
        said = say.say(
            "catalogue.possible",
            name=_name(device, say),
            possible=say.say("catalogue.or").join(classes),
            missing=say.listed(missing),
        )
        console.print()
        console.print(said)
    if found.notes:
        console.print()
        console.print(say.say("catalogue.notes"), style="bold")
    for note in found.notes:
        said = say.say(
            "catalogue.note",
            starts_on=note.starts_on,
            jurisdiction=note.jurisdiction,
            text=note.text_zh if say.lang == "zh_Hans" else note.text_en,
            source=note.source,
            confidence=say.word("catalogue.confidence", note.confidence.value),
        )
        console.print(said)


def _comparison_row(one: Comparison, say: Words) -> list[str]:
    holds = {True: "holds_yes", False: "holds_no", None: "holds_unknown"}[one.holds]
    return [
        one.rule_id,
        say.word("catalogue.quantity", one.quantity.value),
        _figure(one.figure),
        _limit(one.limit, say),
        say.say(f"catalogue.{holds}"),
    ]


def _limit(limit: Limit, say: Words) -> str:
    low, high = _figure(limit.at_least), _figure(limit.below)
    if limit.below is None:
        return say.say("catalogue.at_least", figure=low)
    if limit.at_least is None:
        return say.say("catalogue.below", figure=high)
    return say.say("catalogue.between", low=low, high=high)
