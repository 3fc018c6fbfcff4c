"""The sheets about devices, put together into device classes."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from evernormal.catalogue.kinds import (
    Kind,
    choice,
    count,
    country,
    day,
    free,
    number,
    perhaps,
    slug,
    text,
)
from evernormal.catalogue.problems import CatalogueProblem
from evernormal.catalogue.sheet import Line, Sheet, read_sheet
from evernormal.domain.device import (
    Confidence,
    DeviceClass,
    Evidence,
    ImplausibleFigure,
    MfuBand,
    Precision,
    Sale,
    SoftwareEvidence,
    SparseFigure,
    SparseRate,
    Workload,
    refuse_implausible,
    refuse_sparse,
)

RATES = {f"dense.{precision.value}": precision for precision in Precision}
RATE_FIGURES = frozenset({*RATES, "fp16_low", "fp16_high", "fp16_measured"})
OTHER_FIGURES = frozenset(
    {"die_area_mm2", "memory_gb", "bandwidth_gb_s", "interconnect_gb_s", "tdp_w"}
)
UNREAD_FIELDS = frozenset({"launch_year", "form_factor", "process_node", "memory_type"})
DENSE, SPARSE = "DENSE", "SPARSE"
STACK_MARK = " | "


def _figure_name(value: Any) -> str:
    known = sorted(RATE_FIGURES | OTHER_FIGURES)
    if value not in known:
        raise ValueError(f"Write one of: {', '.join(known)}.")
    return str(value)


def _unread(value: str) -> tuple[str, ...]:
    names = tuple(value.split())
    if not set(names) <= UNREAD_FIELDS:
        raise ValueError(f"Name fields out of: {', '.join(sorted(UNREAD_FIELDS))}.")
    return names


def _year(value: str) -> int:
    return count(value)


_READ: Mapping[str, Kind] = {"source": slug, "confidence": choice(Confidence)}
_COLUMNS: Mapping[str, tuple[Mapping[str, Kind], tuple[str, ...]]] = {
    "devices.csv": (
        {
            "id": slug,
            "name": text,
            "name_zh": free,
            "vendor": text,
            "vendor_country": country,
            "launch_year": _year,
            "form_factor": text,
            "process_node": text,
            "sale": choice(Sale),
            "memory_type": free,
            "sold_freely_from": perhaps(day),
            "sold_freely_until": perhaps(day),
            "sale_note": free,
            **_READ,
            "unread": _unread,
            "note": free,
        },
        ("id",),
    ),
    "figures.csv": (
        {
            "device": slug,
            "figure": _figure_name,
            "value": number,
            "counted": free,
            **_READ,
            "note": free,
        },
        ("device", "figure"),
    ),
    "training_mfu.csv": (
        {"device": slug, "low": number, "mid": number, "high": number, "basis": text, **_READ},
        ("device",),
    ),
    "software.csv": (
        {
            "device": slug,
            "workload": choice(Workload),
            "results": count,
            "stacks": free,
            **_READ,
            "note": free,
        },
        ("device", "workload"),
    ),
    "aliases.csv": ({"alias": text, "device": slug}, ("alias", "device")),
    "sparse.csv": (
        {
            "device": slug,
            "precision": choice(Precision),
            "figure": number,
            "dense": number,
            "source": slug,
        },
        ("device", "precision"),
    ),
    "sources.csv": (
        {"id": slug, "title": text, "publisher": text, "licence": text, "taken_on": day},
        ("id",),
    ),
}

Sources = Mapping[str, tuple[str, date]]


def read_devices(
    files: Mapping[str, bytes],
) -> tuple[tuple[DeviceClass, ...], tuple[SparseRate, ...], list[CatalogueProblem]]:
    """Put the device classes together.

    files    bytes of each sheet by its name
    returns  the classes, sparse figures that are known, and every mistake. With a mistake, what was
             put together is no use but to say what else is wrong
    """
    sheets = {
        name: read_sheet(files[name], name, columns, key=key)
        for name, (columns, key) in _COLUMNS.items()
    }
    problems = [problem for sheet in sheets.values() for problem in sheet.problems]
    sources = {one["id"]: (one["title"], one["taken_on"]) for one in sheets["sources.csv"].lines}
    problems += _unknown_names(sheets, sources)
    problems += _wrongly_counted(sheets["figures.csv"])
    sparse = tuple(
        SparseRate(line["device"], line["precision"], line["figure"], line["dense"])
        for line in sheets["sparse.csv"].lines
    )
    devices: list[DeviceClass] = []
    for line in sheets["devices.csv"].lines:
        own = {
            name: [one for one in sheet.lines if one.values.get("device") == line["id"]]
            for name, sheet in sheets.items()
        }
        try:
            device = _device(line, own, sources)
        except (KeyError, ValueError) as wrong:
            # A source that is missing is told with the line that names it.
            if isinstance(wrong, ValueError):
                problems.append(line.problem("id", f"{wrong}: correct its lines."))
            continue
        devices.append(device)
        problems += _wrong_figures(device, line, own["figures.csv"], sparse)
    return tuple(devices), sparse, problems


def _unknown_names(sheets: Mapping[str, Sheet], sources: Sources) -> Iterable[CatalogueProblem]:
    ids = {line["id"] for line in sheets["devices.csv"].lines}
    for name, sheet in sheets.items():
        for line in sheet.lines:
            if name != "devices.csv" and line.values.get("device", "") not in ids | {""}:
                yield line.problem("device", "devices.csv has no such id: correct it.")
            if "source" in line.values and line["source"] not in sources:
                yield line.problem("source", "sources.csv has no such id: add it.")


def _wrongly_counted(figures: Sheet) -> Iterable[CatalogueProblem]:
    for line in figures.lines:
        is_rate = line["figure"] in RATE_FIGURES
        if line["counted"] == SPARSE:
            message = "Sparse rates are refused: write the dense rate, and this into sparse.csv."
            yield line.problem("counted", message)
        elif line["counted"] != (DENSE if is_rate else ""):
            yield line.problem("counted", f"A rate says {DENSE}; any other figure says nothing.")


def _device(line: Line, own: Mapping[str, list[Line]], sources: Sources) -> DeviceClass:
    values = {key: line[key] for key in _DEVICE_FIELDS}
    source = _evidence(line, sources, line["note"])
    unread = Evidence("none read", Confidence.GENERAL_KNOWLEDGE, source.taken_on)
    evidence = dict.fromkeys(line["unread"], unread)
    # When a card could be sold freely is judgement for every class.
    evidence |= dict.fromkeys(
        ("sold_freely_from", "sold_freely_until"),
        Evidence("none read", Confidence.GENERAL_KNOWLEDGE, source.taken_on, line["sale_note"]),
    )
    figures: dict[str, Any] = {}
    for one in own["figures.csv"]:
        figures[one["figure"]] = one["value"]
        evidence[one["figure"]] = _evidence(one, sources, one["note"])
    mfu = None
    for one in own["training_mfu.csv"]:
        mfu = MfuBand(one["low"], one["mid"], one["high"], one["basis"])
        evidence["mfu"] = _evidence(one, sources, one["basis"])
    return DeviceClass(
        **values,
        dense={RATES[name]: rate for name, rate in figures.items() if name in RATES},
        source=source,
        **{name: figure for name, figure in figures.items() if name not in RATES},
        mfu=mfu,
        software=tuple(_software(one, sources) for one in own["software.csv"]),
        aliases=tuple(one["alias"] for one in own["aliases.csv"]),
        evidence=evidence,
    )


_DEVICE_FIELDS = (
    "id",
    "name",
    "name_zh",
    "vendor",
    "vendor_country",
    "launch_year",
    "form_factor",
    "process_node",
    "sale",
    "memory_type",
    "sold_freely_from",
    "sold_freely_until",
)


def _evidence(line: Line, sources: Sources, note: str) -> Evidence:
    title, taken_on = sources[line["source"]]
    return Evidence(title, line["confidence"], taken_on, note)


def _software(line: Line, sources: Sources) -> SoftwareEvidence:
    stacks = tuple(filter(None, line["stacks"].split(STACK_MARK)))
    evidence = _evidence(line, sources, line["note"])
    return SoftwareEvidence(line["workload"], line["results"], stacks, evidence)


def _wrong_figures(
    device: DeviceClass, line: Line, figures: Iterable[Line], sparse: Iterable[SparseRate]
) -> Iterable[CatalogueProblem]:
    """Rates that are sparse after all, and figures that cannot be."""
    known = [one for one in sparse if one.device_class == device.id]
    for one in figures:
        precision = RATES.get(one["figure"])
        if precision is not None:
            try:
                refuse_sparse(device, precision, one["value"], known=known)
            except SparseFigure as refusal:
                yield one.problem("value", str(refusal))
    try:
        refuse_implausible(device)
    except ImplausibleFigure as refusal:
        yield line.problem("id", str(refusal))
