"""Samples of cards become runs in one hand; pulls one after another say what one pull says."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evernormal.formats.meters import CardReadings, CardRun, CardUse, Pull, Reading, read_matrix
from evernormal.formats.meters.prometheus import ENERGY, UTILISATION

START = datetime(2026, 3, 1, tzinfo=UTC)
FIRST = int(START.timestamp())
STEP = 30
CARD = {"UUID": "GPU-1", "modelName": "NVIDIA A100-SXM4-80GB", "gpu": "0"}
READING = Reading(
    line=1,
    cluster="c",
    job="4711@GPU-1",
    account="firm",
    card_type="NVIDIA A100-SXM4-80GB",
    cards=1,
    starts_at=START,
    ends_at=START + timedelta(seconds=3 * STEP),
    state="ENDED",
    is_final=True,
)


def pull(steps: int = 20, first: int = 0) -> Pull:
    """A pull of so many steps, that many steps after the first moment."""
    starts_at = START + timedelta(seconds=first * STEP)
    ends_at = starts_at + timedelta(seconds=steps * STEP)
    return Pull("p.json", "c", starts_at, ends_at, STEP, account_label="account")


def series(steps: Mapping[int, object], metric: str = UTILISATION, **labels: str) -> dict[str, Any]:
    """A series with samples at some steps."""
    names = {"__name__": metric, **CARD, **labels}
    return {
        "metric": {name: text for name, text in names.items() if text},
        "values": [[FIRST + n * STEP, str(value)] for n, value in steps.items()],
    }


def job(number: str, steps: Mapping[int, object], metric: str = UTILISATION) -> dict[str, Any]:
    return series(steps, metric, hpc_job=number, account="firm")


def read(
    *found: object, query: Pull | None = None, carried: tuple[CardRun, ...] = ()
) -> CardReadings:
    answer = {"status": "success", "data": {"resultType": "matrix", "result": found}}
    return read_matrix(json.dumps(answer), query or pull(), carried)


def spans(found: CardReadings) -> list[tuple[str, int, int, bool]]:
    """Job, first step, step of the end, whether it is final."""
    step = timedelta(seconds=STEP)
    return [
        (
            r.job.split("@")[0],
            (r.starts_at - START) // step,
            (r.ends_at - START) // step,
            r.is_final,
        )
        for r in found.read.readings
    ]


# --- Runs -----------------------------------------------------------------------------------------


def test_a_card_is_held_from_the_first_sample_to_a_step_after_the_last() -> None:
    found = read(job("4711", {0: 90, 1: 95, 2: 100}))

    assert found.read.readings == (READING,)
    assert (found.read.without_cards, found.read.problems, found.open) == (0, (), ())
    assert found.uses == (
        CardUse(
            cluster="c",
            card="GPU-1",
            job="4711@GPU-1",
            card_type="NVIDIA A100-SXM4-80GB",
            starts_at=READING.starts_at,
            ends_at=READING.ends_at,
            samples=3,
            utilisation_per_mille=950,
            energy_joules=None,
            is_final=True,
        ),
    )


def test_one_missing_sample_is_bridged_and_two_are_not() -> None:
    assert spans(read(job("1", {0: 1, 2: 1}))) == [("1", 0, 3, True)]
    assert spans(read(job("1", {0: 1, 3: 1}))) == [("1", 0, 1, True), ("1", 3, 4, True)]


def test_a_gap_in_which_another_held_the_card_or_nobody_is_no_gap() -> None:
    another = read(job("1", {0: 1, 2: 1}), job("2", {1: 1}))
    assert spans(another) == [("1", 0, 1, True), ("2", 1, 2, True), ("1", 2, 3, True)]
    nobody = read(job("1", {0: 1, 2: 1}), series({1: 0}))
    assert spans(nobody) == [("1", 0, 1, True), ("1", 2, 3, True)]
    assert nobody.read.without_cards == 1


def test_a_run_that_reaches_the_end_is_provisional_and_a_sample_at_the_end_is_the_next_pulls() -> (
    None
):
    query = pull(steps=4)
    assert spans(read(job("1", {0: 1, 1: 1}), query=query)) == [("1", 0, 2, True)]
    for last in (2, 3):
        found = read(job("1", dict.fromkeys([*range(last + 1), 4], 1)), query=query)
        assert spans(found) == [("1", 0, last + 1, False)]
        assert found.read.readings[0].state == "RUNNING"
        assert [run.last for run in found.open] == [FIRST + last * STEP]


def test_a_run_that_was_seen_to_end_is_final_however_near_the_end_of_the_pull() -> None:
    found = read(job("1", {2: 1}), series({3: 0}), query=pull(4))
    assert (spans(found), found.open) == ([("1", 2, 3, True)], ())
    after = read(job("1", {4: 1}), query=pull(4, 4), carried=found.open)
    assert spans(after) == [("1", 4, 5, True)]


_HOLDERS = st.lists(st.sampled_from(["", "", "1", "1", "1", "2", "?"]), min_size=1, max_size=24)


@given(
    cards=st.lists(_HOLDERS, min_size=1, max_size=3),
    cuts=st.sets(st.integers(1, 23), max_size=6),
)
def test_pulls_one_after_another_say_what_one_pull_says(
    cards: list[list[str]], cuts: set[int]
) -> None:
    """`?` is a sample that is missing."""
    found = []
    for card, timeline in enumerate(cards):
        for holder in ("", "1", "2"):
            steps = {n: (n * 7 + card) % 101 for n, who in enumerate(timeline) if who == holder}
            names = {"hpc_job": holder, "account": "firm" if holder else "", "UUID": f"GPU-{card}"}
            found.append(series(steps, **names))
            energy = {n: (n % 9) * 1_000_000 + card for n in steps}
            found.append(series(energy, ENERGY, **names))
    whole = read(*found, query=pull(24))
    edges = [0, *sorted(cuts), 24]
    told: dict[tuple[str, datetime], tuple[Reading, CardUse]] = {}
    carried: tuple[CardRun, ...] = ()
    for first, last in pairwise(edges):
        steps_within = range(first, last)
        part = [
            {**s, "values": [v for v in s["values"] if (v[0] - FIRST) // STEP in steps_within]}
            for s in found
        ]
        answer = read(*part, query=pull(last - first, first), carried=carried)
        assert answer.read.problems == ()
        for reading, use in zip(answer.read.readings, answer.uses, strict=True):
            key = (reading.job, reading.starts_at)
            before = told.get(key)
            assert before is None or not before[0].is_final or before[0].ends_at == reading.ends_at
            told[key] = (replace(reading, line=1), use)
        carried = answer.open

    expected = {(r.job, r.starts_at): (replace(r, line=1), u) for r, u in _pairs(whole)}
    assert told == expected
    assert {replace(run, line=1) for run in carried} == {replace(run, line=1) for run in whole.open}


def _pairs(found: CardReadings) -> list[tuple[Reading, CardUse]]:
    return list(zip(found.read.readings, found.uses, strict=True))


# --- Utilisation and energy -----------------------------------------------------------------------


def test_energy_is_what_the_counter_rose_by_and_a_restart_is_not_a_fall() -> None:
    counter = {0: 5_000_000, 1: 5_400_999, 2: 100_000, 3: "3.5e5"}
    found = read(job("1", {0: 50}), job("1", counter, ENERGY))
    # 400,999 + 100,000 + 250,000 mJ
    assert [use.energy_joules for use in found.uses] == [750]


def test_a_card_that_tells_no_value_tells_none_and_is_held_all_the_same() -> None:
    blank = {0: 0x7FFFFFFFFFFFFFF2, 1: "NaN", 2: "9.223372036854776e+18"}
    found = read(job("1", blank), job("1", blank, ENERGY))
    assert spans(found) == [("1", 0, 3, True)]
    assert [(u.utilisation_per_mille, u.energy_joules) for u in found.uses] == [(None, None)]


def test_the_mean_is_rounded_half_up_once() -> None:
    found = read(job("1", {0: "0.05", 1: "0.05"}), job("1", {}, ENERGY))
    assert Fraction(1, 20) * 10 == Fraction(1, 2)
    assert [use.utilisation_per_mille for use in found.uses] == [1]


# --- Who and which --------------------------------------------------------------------------------


def test_a_pod_holds_a_card_under_its_namespace() -> None:
    query = replace(pull(), account_label="")
    (reading,) = read(series({0: 1}, pod="train-0", namespace="firm"), query=query).read.readings
    assert (reading.job, reading.account) == ("firm/train-0@GPU-1", "firm")


def test_the_exporters_own_pod_is_not_taken_for_the_holder() -> None:
    own = {"pod": "dcgm-exporter-x", "namespace": "gpu-operator"}
    held = series({0: 1}, **own, exported_pod="train-0", exported_namespace="firm")
    free = series({0: 0}, **own, UUID="GPU-2")
    found = read(held, free, query=replace(pull(), account_label=""))
    assert [r.job for r in found.read.readings] == ["firm/train-0@GPU-1"]
    assert found.read.without_cards == 1


def test_a_slice_is_a_card_of_its_own_type() -> None:
    mig = {"GPU_I_ID": "3", "GPU_I_PROFILE": "1g.10gb", "hpc_job": "1"}
    (reading,) = read(series({0: 1}, "DCGM_FI_PROF_GR_ENGINE_ACTIVE", **mig)).read.readings
    assert (reading.job, reading.card_type) == ("1@GPU-1/3", "1g.10gb")


def test_cards_of_one_job_are_readings_of_their_own() -> None:
    found = read(job("1", {0: 1}), series({0: 1, 1: 1}, UUID="GPU-2", hpc_job="1"))
    assert [r.job for r in found.read.readings] == ["1@GPU-1", "1@GPU-2"]


# --- Problems -------------------------------------------------------------------------------------


def test_two_holders_of_one_card_are_a_problem_and_the_card_is_not_counted() -> None:
    found = read(job("1", {0: 1, 1: 1}), job("2", {1: 1}), series({0: 1}, UUID="B", hpc_job="1"))
    assert [r.job for r in found.read.readings] == ["1@B"]
    assert [p.code for p in found.read.problems] == ["prometheus.two_holders"]
    assert str(FIRST + STEP) in found.read.problems[0].message


@pytest.mark.parametrize(
    ("bad", "place", "code"),
    [
        ({}, "metric", "prometheus.card"),
        (7, "metric", "prometheus.card"),
        ({"metric": {"__name__": "up"}, "values": []}, "metric", "prometheus.card"),
        ({"metric": CARD, "value": [FIRST, "1"]}, "values", "prometheus.values"),
        ({"metric": CARD, "values": [7]}, "values[0]", "prometheus.sample"),
        ({"metric": CARD, "values": [[FIRST, 1]]}, "values[0]", "prometheus.sample"),
        ({"metric": CARD, "values": [[FIRST + 0.5, "1"]]}, "values[0]", "prometheus.sample"),
        ({"metric": CARD, "values": [[FIRST, "1e999999999"]]}, "values[0]", "prometheus.sample"),
        ({"metric": CARD, "values": [[FIRST, "much"]]}, "values[0]", "prometheus.sample"),
        ({"metric": CARD, "values": [[FIRST + 1, "1"]]}, "values[0]", "prometheus.window"),
        ({"metric": CARD, "values": [[FIRST - STEP, "1"]]}, "values[0]", "prometheus.window"),
    ],
)
def test_a_series_that_cannot_be_read_is_a_problem_and_stops_no_other(
    bad: object, place: str, code: str
) -> None:
    found = read(bad, job("4711", {0: 1, 1: 1, 2: 1}))
    assert found.read.readings == (READING,)
    assert [(p.line, p.column, p.code) for p in found.read.problems] == [(1, place, code)]


@pytest.mark.parametrize("query", [pull(0), replace(pull(), step_seconds=0), pull(-1)])
def test_a_range_that_is_no_whole_number_of_steps_is_refused(query: Pull) -> None:
    assert [p.code for p in read(job("1", {}), query=query).read.problems] == ["prometheus.range"]
    uneven = replace(pull(), ends_at=START + timedelta(seconds=STEP + 1))
    assert [p.code for p in read(query=uneven).read.problems] == ["prometheus.range"]


def test_a_refusal_of_prometheus_is_a_problem() -> None:
    text = '{"status": "error", "errorType": "bad_data", "error": "parse error"}'
    assert [p.code for p in read_matrix(text, pull()).read.problems] == ["prometheus.json"]
