"""Whatever a file holds, a decoder gives readings, counts and problems, and never fails."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evernormal.formats.intake.usage_csv import read_usage_csv
from evernormal.formats.meters import (
    FocusTable,
    MeterReadings,
    PodMeter,
    Pull,
    Reading,
    Sacct,
    SwfLog,
    read_focus_usage,
    read_matrix,
    read_pods_json,
    read_sacct_json,
    read_sacct_parsable2,
    read_swf,
)
from evernormal.formats.problems import Problem

START = datetime(2026, 3, 1, tzinfo=UTC)
PULL = Pull("f", "c", START, START + timedelta(hours=1), 30)
Decode = Callable[[str], MeterReadings]
DECODERS: dict[str, Decode] = {
    "csv": lambda text: read_usage_csv(text, file="f"),
    "slurm-json": lambda text: read_sacct_json(text, Sacct("f", UTC)),
    "slurm-parsable2": lambda text: read_sacct_parsable2(text, Sacct("f", UTC)),
    "swf": lambda text: read_swf(text, SwfLog("f", "c", "t", 8)),
    "focus-csv": lambda text: read_focus_usage(text, FocusTable("f", "c")),
    "kubernetes-json": lambda text: read_pods_json(text, PodMeter("c", START)),
    "prometheus-json": lambda text: read_matrix(text, PULL).read,
}
# Words that lead into each format, so that chance gets further than the first line.
WORDS = [
    "jobs",
    "items",
    "data",
    "result",
    "metric",
    "values",
    "spec",
    "status",
    "metadata",
    "containers",
    "initContainers",
    "conditions",
    "resources",
    "requests",
    "limits",
    "nvidia.com/gpu",
    "kind",
    "Pod",
    "Node",
    "uid",
    "name",
    "namespace",
    "UUID",
    "modelName",
    "hpc_job",
    "time",
    "start",
    "end",
    "elapsed",
    "suspended",
    "submission",
    "number",
    "set",
    "state",
    "current",
    "tres",
    "allocated",
    "type",
    "gres",
    "count",
    "gpu:a100",
    "cluster",
    "account",
    "job_id",
    "array",
    "het",
    "PodScheduled",
    "True",
    "lastTransitionTime",
    "phase",
    "Succeeded",
    "containerStatuses",
    "terminated",
    "finishedAt",
    "overhead",
    "restartPolicy",
    "Always",
]
NUMBERS = st.one_of(
    st.integers(-2, 9),
    st.integers(),
    st.floats(allow_nan=True),
    st.integers(10**9, 2 * 10**9),
)
TEXTS = st.one_of(
    st.sampled_from([*WORDS, "8", "1k", "2026-03-01T00:00:00Z", "9" * 40, "NaN", "1e400", ""]),
    st.text(max_size=6),
)
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=6)),
    max_leaves=25,
)
HEADERS = {
    "csv": "cluster,job,account,device_class,cards,starts_at,ends_at,state,final,revision\n",
    "slurm-parsable2": "JobID|Cluster|Account|State|Submit|Start|End|ElapsedRaw|AllocTRES\n",
    "swf": "; UnixStartTime: 1772323200\n",
    "focus-csv": "ChargeCategory,ChargePeriodStart,ChargePeriodEnd,ConsumedQuantity,ConsumedUnit,"
    "ResourceId,SkuId,SubAccountId,SkuPriceDetails,x_Revision\n",
}
CELLS = st.one_of(
    NUMBERS.map(str),
    TEXTS,
    st.sampled_from(["Usage", "GPU-Hours", "Hours", "RUNNING", "gres/gpu=4", "Unknown", "yes"]),
)


def check(found: MeterReadings) -> None:
    """What holds of any answer: whole readings, and problems that say where and what to do."""
    for reading in found.readings:
        assert isinstance(reading, Reading)
        assert reading.starts_at <= reading.ends_at
        assert 0 <= reading.cards <= 1_000_000
        assert reading.cards or reading.revision
        assert reading.starts_at.utcoffset() == reading.ends_at.utcoffset() == timedelta(0)
        assert not reading.starts_at.microsecond + reading.ends_at.microsecond
    for problem in found.problems:
        assert isinstance(problem, Problem)
        assert problem.message
        assert problem.todo
        assert problem.line is None or problem.line >= 1
    assert found.without_cards >= 0


@pytest.mark.parametrize("name", DECODERS)
@given(text=st.text(max_size=60) | st.binary(max_size=60).map(lambda b: b.decode("latin-1")))
def test_any_text(name: str, text: str) -> None:
    check(DECODERS[name](text))


@pytest.mark.parametrize("name", ["slurm-json", "kubernetes-json", "prometheus-json"])
@given(items=st.lists(JSON, max_size=3))
def test_any_json_in_its_place(name: str, items: list[object]) -> None:
    places: dict[str, object] = {
        "slurm-json": {"jobs": items},
        "kubernetes-json": {"items": items},
        "prometheus-json": {"data": {"result": items}},
    }
    check(DECODERS[name](json.dumps(places[name])))


@pytest.mark.parametrize("name", ["slurm-json", "kubernetes-json", "prometheus-json"])
@given(document=JSON)
def test_any_json(name: str, document: object) -> None:
    check(DECODERS[name](json.dumps(document)))


@pytest.mark.parametrize("name", HEADERS)
@given(rows=st.lists(st.lists(CELLS, min_size=8, max_size=19), max_size=4))
def test_any_cells_under_the_right_header(name: str, rows: list[list[str]]) -> None:
    mark = {"slurm-parsable2": "|", "swf": " "}.get(name, ",")
    check(DECODERS[name](HEADERS[name] + "\n".join(mark.join(row) for row in rows)))


def _pod(value: object, place: int) -> dict[str, object]:
    """A sound pod with one part replaced."""
    parts: list[object] = [
        {"name": "p", "uid": "u", "namespace": "n"},
        {"containers": [{"resources": {"requests": {"nvidia.com/gpu": "1"}}}], "nodeName": "x"},
        [{"type": "PodScheduled", "status": "True", "lastTransitionTime": "2026-03-01T00:00:00Z"}],
        [{"state": {"terminated": {"finishedAt": "2026-03-01T01:00:00Z"}}}],
        "Succeeded",
    ]
    parts[place] = value
    metadata, spec, conditions, statuses, phase = parts
    status = {"conditions": conditions, "containerStatuses": statuses, "phase": phase}
    return {"kind": "Pod", "metadata": metadata, "spec": spec, "status": status}


@given(value=JSON, place=st.integers(0, 4))
def test_any_part_of_a_pod(value: object, place: int) -> None:
    check(DECODERS["kubernetes-json"](json.dumps({"items": [_pod(value, place)]})))


@given(value=JSON, key=st.sampled_from(["time", "tres", "state", "array", "het", "job_id"]))
def test_any_part_of_a_job(value: object, key: str) -> None:
    job = {
        "account": "a",
        "cluster": "c",
        "job_id": 7,
        "state": {"current": "COMPLETED"},
        "time": {"start": 1772323200, "end": 1772326800, "elapsed": 3600},
        "tres": {"allocated": [{"type": "gres", "name": "gpu", "count": 4}]},
    }
    check(DECODERS["slurm-json"](json.dumps({"jobs": [{**job, key: value}]})))
