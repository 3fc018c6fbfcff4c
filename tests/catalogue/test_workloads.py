"""The published runs and throughputs: which a plan reproduces, and which it has to miss."""

from pathlib import Path

import pytest

from benchmarks.planner import GOAL, heldout_errors, median_error
from evernormal.catalogue import CatalogueProblems, catalogue_path, library_catalogue
from evernormal.catalogue.throughput import RowUse, RunUse, TrainingRun
from evernormal.catalogue.workloads import library_workloads, load_workloads, read_workloads
from evernormal.domain.device import DeviceClass
from evernormal.domain.planning import (
    Misfit,
    Provenance,
    ServingJob,
    Span,
    TrainingJob,
    card_hours,
    flop_6nd,
    flop_with_attention,
    presume_model,
    run_on,
    utilisation,
)

pytestmark = pytest.mark.one_database

WORKLOADS = library_workloads()
DEVICES = {one.id: one for one in library_catalogue().devices}
RUNS = {run.id: run for run in WORKLOADS.runs}
NEAR = 0.75
"""How far a published utilisation may lie outside the band of its class."""

OUT_OF_BAND = {"t0044": "the tokens are general knowledge"}


def _flop(run: TrainingRun) -> int:
    assert run.active_params is not None
    assert run.tokens is not None
    return flop_6nd(presume_model(params=run.active_params), run.tokens)


def _reached(run: TrainingRun) -> float:
    assert run.peak_tflops is not None
    if run.card_hours is not None and run.tokens is not None:
        return utilisation(flop=_flop(run), card_hours=run.card_hours, peak_tflops=run.peak_tflops)
    assert run.tokens_per_second is not None
    assert run.active_params is not None
    return 6 * run.active_params * run.tokens_per_second / (run.peak_tflops * 1e12)


def _band(run: TrainingRun) -> Span:
    mfu = DEVICES[run.device].mfu
    assert mfu is not None
    band = Span(float(mfu.low), float(mfu.mid), float(mfu.high))
    return band.times(WORKLOADS.basis.training.goodput) if run.kind == "RUN" else band


def _comparable(use: RunUse) -> list[TrainingRun]:
    return [
        run
        for run in WORKLOADS.runs
        if run.use is use
        and run.device in DEVICES
        and run.peak_tflops
        and run.active_params
        and ((run.card_hours and run.tokens) or run.tokens_per_second)
    ]


@pytest.mark.parametrize(
    ("run_id", "share"),
    [("t0001", 0.3907), ("t0002", 0.3773), ("t0003", 0.4284), ("t0017", 0.3463),
     ("t0025", 0.4888), ("t0030", 0.5101), ("t0042", 0.5434)],
)  # fmt: skip
def test_card_hours_at_the_published_utilisation(run_id: str, share: float) -> None:
    run = RUNS[run_id]
    assert run.use is RunUse.ARITHMETIC
    assert run.peak_tflops is not None
    hours = card_hours(flop=_flop(run), peak_tflops=run.peak_tflops, mfu=share)
    assert hours == pytest.approx(run.card_hours, rel=1e-3)


def test_attention_explains_what_skywork_reports() -> None:
    run = RUNS["t0025"]
    assert run.tokens is not None
    model = WORKLOADS.models["Skywork-13B"]
    flop = flop_with_attention(model, run.tokens, sequence=4_096)
    share = utilisation(flop=flop, card_hours=run.card_hours or 0, peak_tflops=312)
    assert share == pytest.approx(run.reported_mfu, rel=0.02)


@pytest.mark.parametrize("run", _comparable(RunUse.ARITHMETIC), ids=lambda run: str(run.id))
def test_arithmetic_runs_lie_within_what_a_plan_says(run: TrainingRun) -> None:
    band = _band(run)
    assert band.low <= _reached(run) <= band.high


def test_band_runs_lie_near_it() -> None:
    runs = _comparable(RunUse.BAND)
    far = {
        run.id
        for run in runs
        if not NEAR * _band(run).low <= _reached(run) <= _band(run).high / NEAR
    }
    assert len(runs) > 30
    assert far == set(OUT_OF_BAND)


@pytest.mark.parametrize("run_id", ["t0008", "t0010", "t0020", "t0033", "t0039", "t0047"])
def test_traps_are_missed_because_their_hours_are_not_those_of_their_tokens(run_id: str) -> None:
    run = RUNS[run_id]
    assert run.use is RunUse.TRAP
    assert run.note
    assert _reached(run) < _band(run).low


def test_a_small_model_takes_no_worse_a_share_than_a_large_one_unless_hours_hold_more() -> None:
    # On the same cards, with the same software, 405B reached twice what "8B" seems to.
    small, large = _reached(RUNS["t0010"]), _reached(RUNS["t0012"])
    assert RUNS["t0010"].use is RunUse.TRAP
    assert large > 2 * small


def test_seventy_b_traps_look_right_and_are_not_used() -> None:
    # Inside the band by chance: the hours hold more work, so nothing rests on these rows.
    for run_id in ("t0009", "t0011"):
        assert RUNS[run_id].use is RunUse.TRAP
        assert run_id not in {one.id for one in WORKLOADS.basis.measurements}


def test_serving_is_predicted_on_rows_kept_out_of_the_fit() -> None:
    errors = heldout_errors()
    assert len(errors) >= 40
    assert median_error(errors) <= GOAL
    used = {row.use for row in WORKLOADS.rows}
    assert used == {RowUse.FIT, RowUse.HELD_OUT, None}


def test_seventy_b_is_not_offered_on_one_rtx_4090() -> None:
    job = TrainingJob("job", WORKLOADS.models["Llama 2 70B"], 10**12)
    assert isinstance(run_on(job, DEVICES["rtx_4090"], basis=WORKLOADS.basis), Misfit)


def test_what_nobody_measured_on_a_domestic_card_is_not_shown_as_measured() -> None:
    job = ServingJob("job", presume_model(params=8 * 10**9), 1.0, 1_000, 1_000, 24)
    domestic = [one for one in DEVICES.values() if one.vendor_country == "CN"]
    assert len(domestic) > 10
    for device in domestic:
        _refuse_other_than_assumed(job, device)


def _refuse_other_than_assumed(job: ServingJob, device: DeviceClass) -> None:
    found = run_on(job, device, basis=WORKLOADS.basis)
    assert isinstance(found, Misfit) or found.speed.provenance is Provenance.ASSUMED


def _files() -> dict[str, bytes]:
    folder = catalogue_path() / "workloads"
    return {path.name: path.read_bytes() for path in folder.glob("*.csv")}


def test_every_mistake_is_named_at_once() -> None:
    files = _files()
    files["models.csv"] = files["models.csv"].replace(b"6740000000,67", b"6.74e9,67", 1)
    files["constants.csv"] = files["constants.csv"].replace(b"\nusable", b"\nused", 1)
    files["families.csv"] = files["families.csv"].replace(b"fallback", b"others", 1)
    files["serving.csv"] = files["serving.csv"].replace(b"trtllm_0_17", b"hearsay", 1)
    with pytest.raises(CatalogueProblems) as refused:
        load_workloads(files)
    assert [(one.path, one.place) for one in refused.value.problems] == [
        ("constants.csv", "name"),
        ("families.csv", "id"),
        ("models.csv", "params"),
        ("serving.csv", "source"),
    ]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    for name, content in _files().items():
        if name not in {"models.csv", "serving.csv"}:
            (tmp_path / name).write_bytes(content)
    with pytest.raises(CatalogueProblems) as refused:
        read_workloads(tmp_path)
    assert [one.path for one in refused.value.problems] == ["models.csv", "serving.csv"]


def test_what_is_no_count_or_flag_is_named() -> None:
    files = _files()
    files["serving.csv"] = files["serving.csv"].replace(b"TensorRT-LLM 0.17,1,", b"x,yes,", 1)
    with pytest.raises(CatalogueProblems) as refused:
        load_workloads(files)
    assert [one.place for one in refused.value.problems] == ["is_tuned"]
