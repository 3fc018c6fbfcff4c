"""What plans rest on, read from the folder `workloads` of the catalogue."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from evernormal.catalogue.kinds import Kind, choice, day, free, number, slug, text
from evernormal.catalogue.library import catalogue_path
from evernormal.catalogue.problems import CatalogueProblem, CatalogueProblems
from evernormal.catalogue.sheet import Line, Sheet, read_sheet
from evernormal.catalogue.throughput import (
    RUN_COLUMNS,
    SERVING_COLUMNS,
    ServingRow,
    TrainingRun,
    measurements_of,
    run_of,
    serving_row_of,
    whole,
)
from evernormal.domain.device import Confidence, Evidence
from evernormal.domain.planning import (
    ClusterLimits,
    LanguageModel,
    MemoryLimits,
    PlanningBasis,
    Provenance,
    ServingFamily,
    Span,
    TrainingConstants,
)
from evernormal.domain.values import Fen

FOLDER = "workloads"
FALLBACK = "fallback"
CONSTANTS = (
    "goodput",
    "loss_per_doubling",
    "loss_from_cards",
    "fp8_gain",
    "usable",
    "weights_tight",
    "weights_refused",
    "cards_per_node",
    "link_gb_s_min",
)

_READ: Mapping[str, Kind] = {"source": slug, "confidence": choice(Confidence)}
_SPAN: Mapping[str, Kind] = {"low": number, "mid": number, "high": number}
_SHAPE = ("params", "active_params", "layers", "width", "heads", "kv_heads", "head_width")
_SHEETS: Mapping[str, tuple[Mapping[str, Kind], str]] = {
    "sources.csv": ({"id": slug, "title": text, "taken_on": day}, "id"),
    "models.csv": ({"id": text, **dict.fromkeys(_SHAPE, whole), **_READ}, "id"),
    "constants.csv": ({"name": slug, **_SPAN, **_READ, "note": free}, "name"),
    "families.csv": (
        {
            "id": slug,
            "devices": free,
            "compute": number,
            "bandwidth": number,
            "link": number,
            "batch_max": whole,
            "engine_low": number,
            "engine_mid": number,
            "engine_high": number,
            "error": number,
            "provenance": choice(Provenance),
            **_READ,
            "note": free,
        },
        "id",
    ),
    "device_limits.csv": ({"device": slug, "limit": text, **_READ}, "device"),
    "reference_prices.csv": ({"device": slug, "yuan": number, **_READ, "note": free}, "device"),
    "training_runs.csv": (RUN_COLUMNS, "id"),
    "serving.csv": (SERVING_COLUMNS, "id"),
}


@dataclass(frozen=True, slots=True)
class ReferencePrice:
    """A price to plan with where no offer is named: never one that anybody promised."""

    device: str
    price: Fen
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class WorkloadCatalogue:
    """Everything that the folder holds."""

    basis: PlanningBasis
    models: Mapping[str, LanguageModel]
    runs: tuple[TrainingRun, ...]
    rows: tuple[ServingRow, ...]
    prices: tuple[ReferencePrice, ...]


@cache
def library_workloads() -> WorkloadCatalogue:
    """Read what travels with the program.

    raises   CatalogueProblems
    """
    return read_workloads(catalogue_path() / FOLDER)


def read_workloads(folder: Path) -> WorkloadCatalogue:
    """Read a folder.

    raises   CatalogueProblems with every mistake, each with file, line, place and what to do
    source   docs/rules/planning.md
    """
    missing = [name for name in _SHEETS if not (folder / name).is_file()]
    if missing:
        message = "It is missing: put it into the folder."
        raise CatalogueProblems(CatalogueProblem(name, 0, "", message) for name in missing)
    return load_workloads({name: (folder / name).read_bytes() for name in _SHEETS})


def load_workloads(files: Mapping[str, bytes]) -> WorkloadCatalogue:
    """Make the catalogue of its files' bytes, by name.

    raises   CatalogueProblems
    """
    sheets = {
        name: read_sheet(files[name], name, columns, key=(key,))
        for name, (columns, key) in _SHEETS.items()
    }
    problems = [problem for sheet in sheets.values() for problem in sheet.problems]
    problems += _unknown_sources(sheets)
    problems += _missing_lines(sheets)
    if problems:
        raise CatalogueProblems(problems)
    evidence = _Evidence(sheets["sources.csv"])
    runs = tuple(run_of(line, evidence.of(line)) for line in sheets["training_runs.csv"].lines)
    rows = tuple(serving_row_of(line, evidence.of(line)) for line in sheets["serving.csv"].lines)
    models = [_model(line) for line in sheets["models.csv"].lines]
    return WorkloadCatalogue(
        basis=_basis(sheets, evidence, runs, rows),
        models={model.id: model for model in models},
        runs=runs,
        rows=rows,
        prices=tuple(
            ReferencePrice(line["device"], Fen(int(line["yuan"] * 100)), evidence.of(line))
            for line in sheets["reference_prices.csv"].lines
        ),
    )


class _Evidence:
    """Sources by id, turned into the evidence of a line."""

    def __init__(self, sheet: Sheet) -> None:
        self._lines = {line["id"]: line for line in sheet.lines}

    def of(self, line: Line) -> Evidence:
        """The evidence that a line names."""
        source = self._lines[line["source"]]
        note = line.values.get("note", "")
        return Evidence(source["title"], line["confidence"], source["taken_on"], note)


def _unknown_sources(sheets: Mapping[str, Sheet]) -> Iterable[CatalogueProblem]:
    known = {line["id"] for line in sheets["sources.csv"].lines}
    for sheet in sheets.values():
        for line in sheet.lines:
            if line.values.get("source", next(iter(known), "")) not in known:
                yield line.problem("source", "sources.csv has no such id: add it there.")


def _missing_lines(sheets: Mapping[str, Sheet]) -> Iterable[CatalogueProblem]:
    named = {line["name"] for line in sheets["constants.csv"].lines}
    for name in CONSTANTS:
        if name not in named:
            yield CatalogueProblem("constants.csv", 0, "name", f"Add the constant {name}.")
    if FALLBACK not in {line["id"] for line in sheets["families.csv"].lines}:
        yield CatalogueProblem("families.csv", 0, "id", f"Add the family {FALLBACK}.")


def _span(line: Line, prefix: str = "") -> Span:
    low, mid, high = (float(line[f"{prefix}{end}"]) for end in ("low", "mid", "high"))
    return Span(low, mid, high)


def _model(line: Line) -> LanguageModel:
    shape: dict[str, Any] = {name: line[name] for name in _SHAPE}
    return LanguageModel(id=line["id"], **shape)


def _family(line: Line, evidence: Evidence) -> ServingFamily:
    return ServingFamily(
        id=line["id"],
        device_classes=frozenset(line["devices"].split()),
        compute=float(line["compute"]),
        bandwidth=float(line["bandwidth"]),
        link=float(line["link"]),
        batch_max=line["batch_max"],
        engine=_span(line, "engine_"),
        error=float(line["error"]),
        provenance=line["provenance"],
        evidence=evidence,
    )


def _basis(
    sheets: Mapping[str, Sheet],
    evidence: _Evidence,
    runs: tuple[TrainingRun, ...],
    rows: tuple[ServingRow, ...],
) -> PlanningBasis:
    lines = {line["name"]: line for line in sheets["constants.csv"].lines}
    spans = {name: _span(line) for name, line in lines.items()}
    families = [_family(line, evidence.of(line)) for line in sheets["families.csv"].lines]
    limits = sheets["device_limits.csv"].lines
    return PlanningBasis(
        training=TrainingConstants(
            goodput=spans["goodput"],
            loss_per_doubling=spans["loss_per_doubling"],
            loss_from_cards=int(spans["loss_from_cards"].mid),
            fp8_gain=spans["fp8_gain"],
        ),
        memory=MemoryLimits(
            usable=spans["usable"].mid,
            weights_tight=spans["weights_tight"].mid,
            weights_refused=spans["weights_refused"].mid,
        ),
        cluster=ClusterLimits(
            cards_per_node=int(spans["cards_per_node"].mid),
            link_gb_s_min=spans["link_gb_s_min"].mid,
            without_bf16=_limited(limits, "WITHOUT_BF16"),
            unsuited=_limited(limits, "UNSUITED"),
        ),
        families=tuple(one for one in families if one.id != FALLBACK),
        fallback=next(one for one in families if one.id == FALLBACK),
        measurements=measurements_of(runs, rows),
        evidence=tuple(evidence.of(line) for line in lines.values()),
    )


def _limited(lines: Iterable[Line], limit: str) -> frozenset[str]:
    return frozenset(line["device"] for line in lines if line["limit"] == limit)
