"""Published training runs and serving throughputs, as rows and as measurements of a plan."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from evernormal.catalogue.kinds import Kind, choice, free, number, perhaps, slug, text
from evernormal.catalogue.sheet import Line
from evernormal.domain.device import Confidence, Evidence, Workload
from evernormal.domain.planning import Measurement

_WHOLE = re.compile(r"[1-9][0-9]{0,15}")
_OFFLINE = "OFFLINE_MAX"
_WHOLE_FP16 = 2


class RunUse(Enum):
    """What a published run is good for.

    ARITHMETIC  6 N D over its hours is its utilisation: a plan has to contain it
    BAND        its utilisation is near the bands of its class
    TRAP        its hours are not those of its tokens: a plan has to miss it
    NO          facts that are kept, and compared with nothing
    """

    ARITHMETIC = "ARITHMETIC"
    BAND = "BAND"
    TRAP = "TRAP"
    NO = "NO"


class RowUse(Enum):
    """What a published throughput was used for: to fit the constants, or kept out of the fit."""

    FIT = "FIT"
    HELD_OUT = "HELD_OUT"


@dataclass(frozen=True, slots=True)
class TrainingRun:
    """A published training run or benchmark; what is None was not published.

    kind         RUN from start to end, BENCHMARK while it runs, SIZE_ONLY without hours
    peak_tflops  dense, of one card, as its utilisation is stated for
    tokens_per_second  by one card
    """

    id: str
    kind: str
    model: str
    params: int | None
    active_params: int | None
    tokens: int | None
    layers: int | None
    width: int | None
    sequence: int | None
    device: str
    cards: int | None
    card_hours: int | None
    peak_tflops: float | None
    tokens_per_second: float | None
    reported_mfu: float | None
    use: RunUse
    note: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class ServingRow:
    """A published throughput. `tokens_per_second` is given out by all its cards together."""

    id: str
    device: str
    cards: int
    model: str
    size: int | None
    engine: str
    is_tuned: bool
    tokens_in: int | None
    tokens_out: int | None
    tokens_per_second: float | None
    regime: str
    use: RowUse | None
    evidence: Evidence


def whole(value: Any) -> int:
    """A whole number above 0, of up to sixteen digits: tokens and weights are many."""
    if not isinstance(value, str) or not _WHOLE.fullmatch(value):
        raise ValueError("Write a whole number above 0 in digits.")
    return int(value)


def yes(value: Any) -> bool:
    """1 or 0 of a sheet."""
    if value not in {"0", "1"}:
        raise ValueError("Write 1 or 0.")
    return bool(value == "1")


_READ: Mapping[str, Kind] = {"source": slug, "confidence": choice(Confidence), "note": free}

RUN_COLUMNS: Mapping[str, Kind] = {
    "id": slug,
    "kind": text,
    "model": text,
    "organisation": free,
    "date": free,
    "params": perhaps(whole),
    "active_params": perhaps(whole),
    "tokens": perhaps(whole),
    "layers": perhaps(whole),
    "width": perhaps(whole),
    "sequence": perhaps(whole),
    "device": free,
    "cards": perhaps(whole),
    "card_hours": perhaps(whole),
    "peak_tflops": perhaps(number),
    "tokens_per_second": perhaps(number),
    "reference_tokens_per_second": perhaps(number),
    "reported_mfu": perhaps(number),
    "use": choice(RunUse),
    **_READ,
}

SERVING_COLUMNS: Mapping[str, Kind] = {
    "id": slug,
    "device": slug,
    "cards": whole,
    "model": text,
    "params": perhaps(whole),
    "active_params": perhaps(whole),
    "size": perhaps(whole),
    "engine": text,
    "is_tuned": yes,
    "tokens_in": perhaps(whole),
    "tokens_out": perhaps(whole),
    "concurrency": perhaps(whole),
    "tokens_per_second": perhaps(number),
    "regime": text,
    "use": perhaps(choice(RowUse)),
    **_READ,
}


def run_of(line: Line, evidence: Evidence) -> TrainingRun:
    """A line of training_runs.csv."""
    names = ("params", "active_params", "tokens", "layers", "width", "sequence", "cards")
    floats = ("peak_tflops", "tokens_per_second", "reported_mfu")
    figures: dict[str, Any] = {name: line[name] for name in names}
    figures |= {name: None if line[name] is None else float(line[name]) for name in floats}
    return TrainingRun(
        id=line["id"],
        kind=line["kind"],
        model=line["model"],
        device=line["device"],
        card_hours=line["card_hours"],
        use=line["use"],
        note=line["note"],
        evidence=evidence,
        **figures,
    )


def serving_row_of(line: Line, evidence: Evidence) -> ServingRow:
    """A line of serving.csv."""
    names = ("id", "device", "cards", "model", "size", "engine", "is_tuned", "regime", "use")
    speed = line["tokens_per_second"]
    return ServingRow(
        tokens_in=line["tokens_in"],
        tokens_out=line["tokens_out"],
        tokens_per_second=None if speed is None else float(speed),
        evidence=evidence,
        **{name: line[name] for name in names},
    )


def measurements_of(
    runs: Iterable[TrainingRun], rows: Iterable[ServingRow]
) -> tuple[Measurement, ...]:
    """The rows that say what one card does of a job that a plan can be about.

    runs     those of kind BENCHMARK with a speed and a sequence, in 16 bits
    rows     those at the most tokens a second, with both lengths and the weights' size
    """
    trained = [
        Measurement(
            id=run.id,
            workload=Workload.TRAINING,
            model=run.model,
            device_class=run.device,
            cards=run.cards or 1,
            tokens_per_second=run.tokens_per_second,
            lengths=(run.sequence,),
            size=_WHOLE_FP16,
            is_tuned=False,
            evidence=run.evidence,
        )
        for run in runs
        if run.kind == "BENCHMARK"
        and run.use is RunUse.BAND
        and run.sequence is not None
        and run.tokens_per_second is not None
        and "FP8" not in run.model
    ]
    served = [
        Measurement(
            id=row.id,
            workload=Workload.SERVING,
            model=row.model,
            device_class=row.device,
            cards=row.cards,
            tokens_per_second=row.tokens_per_second / row.cards,
            lengths=(row.tokens_in, row.tokens_out),
            size=row.size,
            is_tuned=row.is_tuned,
            evidence=row.evidence,
        )
        for row in rows
        if row.regime == _OFFLINE
        and row.tokens_per_second is not None
        and row.size is not None
        and row.tokens_in is not None
        and row.tokens_out is not None
    ]
    return (*trained, *served)
