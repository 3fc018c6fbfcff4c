"""Pods hold the cards that the scheduler took for them, from when they were bound to their end."""

import json
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evernormal.formats.meters import (
    CARD_RESOURCES,
    MeterReadings,
    PodMeter,
    Reading,
    read_pods_json,
    readings_of_gone_pod,
    readings_of_pods,
)
from evernormal.formats.meters.pod_resources import cards_of

GPU = "nvidia.com/gpu"
START = datetime(2026, 3, 1, tzinfo=UTC)
READ_AT = START + timedelta(hours=2)
METER = PodMeter("k8s-1", READ_AT, file="pods.json")
READING = Reading(
    line=3,
    cluster="k8s-1",
    job="firm/train-0/uid-1",
    account="firm",
    card_type=GPU,
    cards=8,
    starts_at=START,
    ends_at=READ_AT,
    state="RUNNING",
    is_final=False,
)


def at(minutes: int) -> str:
    return (START + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


def container(count: object = 0, resource: str = GPU, **more: object) -> dict[str, Any]:
    asked = {"cpu": "4", "memory": "16Gi", **({resource: count} if count else {})}
    return {"name": "c", "resources": {"requests": asked, "limits": asked}, **more}


def pod(**status: object) -> dict[str, Any]:
    """The pod of READING; `status` replaces parts of its status."""
    usual: dict[str, Any] = {
        "phase": "Running",
        "startTime": at(1),
        "conditions": [
            {"type": "PodScheduled", "status": "True", "lastTransitionTime": at(0)},
            {"type": "Ready", "status": "True", "lastTransitionTime": at(5)},
        ],
        "containerStatuses": [{"name": "c", "state": {"running": {"startedAt": at(5)}}}],
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": "train-0",
            "namespace": "firm",
            "uid": "uid-1",
            "labels": {"buyer": "firm-77"},
        },
        "spec": {"nodeName": "node-1", "containers": [container("8")]},
        "status": {**usual, **status},
    }


def ended(minutes: int | None) -> dict[str, Any]:
    return {"name": "c", "state": {"terminated": {"finishedAt": minutes and at(minutes)}}}


def read(*items: object, meter: PodMeter = METER) -> MeterReadings:
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": list(items)}, indent=1)
    found = read_pods_json(text, meter)
    return replace(found, readings=tuple(replace(r, line=3) for r in found.readings))


# --- When -----------------------------------------------------------------------------------------


def test_a_running_pod_holds_its_cards_from_when_it_was_bound_until_it_is_read() -> None:
    assert read(pod()) == MeterReadings((READING,), 0, ())


@pytest.mark.parametrize("phase", ["Succeeded", "Failed"])
def test_a_pod_that_is_over_held_them_until_its_last_container_ended(phase: str) -> None:
    first = {**ended(30), "name": "init"}
    over = pod(phase=phase, containerStatuses=[ended(60), ended(90)], initContainerStatuses=[first])
    end = START + timedelta(minutes=90)
    assert read(over).readings == (
        replace(READING, ends_at=end, state=phase.upper(), is_final=True),
    )


def test_restarted_containers_keep_the_pod_and_its_cards() -> None:
    """The start is that of the pod, so what is read before and after a restart is one use."""
    again = {
        "name": "c",
        "restartCount": 3,
        "state": {"waiting": {"reason": "CrashLoopBackOff"}},
        "lastState": {"terminated": {"finishedAt": at(40)}},
    }
    assert read(pod(containerStatuses=[again])).readings == (READING,)


def test_a_pod_that_waits_for_a_node_holds_nothing() -> None:
    waiting = pod(
        phase="Pending",
        startTime=None,
        conditions=[{"type": "PodScheduled", "status": "False", "lastTransitionTime": at(0)}],
    )
    assert read(waiting) == MeterReadings((), 1, ())
    assert read(pod(phase="Pending", startTime=None, conditions=[])) == MeterReadings((), 1, ())


def test_a_pod_that_pulls_its_image_holds_its_cards_already() -> None:
    pulling = pod(phase="Pending", startTime=None, containerStatuses=[])
    assert read(pulling).readings == (replace(READING, state="PENDING"),)


def test_a_pod_made_with_a_nodes_name_holds_them_from_its_start() -> None:
    assert read(pod(conditions=[])).readings[0].starts_at == START + timedelta(minutes=1)


@pytest.mark.parametrize("statuses", [[], [ended(None)], [{"name": "c", "state": {"running": {}}}]])
def test_an_evicted_pod_ends_with_the_last_that_is_known_of_it(statuses: list[object]) -> None:
    """Nobody saw its containers end; read later, it must not seem to have ended later."""
    lost = pod(phase="Failed", containerStatuses=statuses)
    lost["status"]["conditions"].append(
        {"type": "DisruptionTarget", "status": "True", "lastTransitionTime": at(70)}
    )
    (reading,) = read(lost).readings
    later = replace(METER, read_at=READ_AT + timedelta(days=1))

    assert (reading.ends_at, reading.is_final) == (START + timedelta(minutes=70), True)
    assert read(lost, meter=later).readings == (reading,)


def test_a_deleted_pod_ends_with_its_last_container_or_when_it_was_promised_to() -> None:
    def gone(last_seen: dict[str, Any], minutes: int = 100) -> Reading:
        when = START + timedelta(minutes=minutes)
        (reading,) = readings_of_gone_pod(3, last_seen, METER, gone_at=when).readings
        return reading

    running = pod()
    stopping = deepcopy(running)
    stopping["metadata"]["deletionTimestamp"] = at(80)
    stopped = pod(containerStatuses=[ended(75)])

    assert gone(running) == replace(
        READING, ends_at=START + timedelta(minutes=100), state="DELETED", is_final=True
    )
    assert gone(stopping).ends_at == START + timedelta(minutes=80)
    assert gone(stopping, minutes=70).ends_at == START + timedelta(minutes=70)
    assert gone(stopped).ends_at == START + timedelta(minutes=75)
    over = pod(phase="Succeeded", containerStatuses=[ended(60)])
    assert gone(over) == replace(
        READING, ends_at=START + timedelta(hours=1), state="SUCCEEDED", is_final=True
    )


# --- How many, and of what ------------------------------------------------------------------------


def test_the_scheduler_takes_the_higher_of_what_runs_together_and_what_starts_it() -> None:
    """Containers 1 + 2, a sidecar 1 started second, init containers 5 before and 4 after it."""
    spec = {
        "containers": [container("1"), container("2")],
        "initContainers": [
            container("5"),
            container("1", restartPolicy="Always"),
            container("4"),
        ],
    }
    assert cards_of(spec) == {GPU: 5}
    spec["initContainers"][2] = container("5")
    assert cards_of(spec) == {GPU: 6}
    spec["initContainers"] = [container("1", restartPolicy="Always"), container("1")]
    assert cards_of(spec) == {GPU: 4}


_COUNTS = st.integers(0, 8)


@given(st.lists(_COUNTS, max_size=4), st.lists(st.tuples(_COUNTS, st.booleans()), max_size=5))
def test_no_moment_of_a_pods_life_needs_more_than_it_is_counted_for(
    running: list[int], starting: list[tuple[int, bool]]
) -> None:
    """Play the start: init containers one after another, each sidecar stays; then all others."""
    needs, sidecars = [0], 0
    for count, is_sidecar in starting:
        needs.append(sidecars + count)
        sidecars += count if is_sidecar else 0
    needs.append(sidecars + sum(running))
    spec = {
        "containers": [container(n) for n in running],
        "initContainers": [
            container(n, **({"restartPolicy": "Always"} if is_sidecar else {}))
            for n, is_sidecar in starting
        ],
    }
    assert cards_of(spec).get(GPU, 0) == max(needs)


@pytest.mark.parametrize(
    ("resource", "card_type"),
    [
        *((name, name) for name in sorted(CARD_RESOURCES)),
        ("nvidia.com/mig-1g.10gb", "1g.10gb"),
        ("nvidia.com/mig-1g.5gb.me", "1g.5gb.me"),
        ("huawei.com/Ascend910-16c", "Ascend910-16c"),
        ("example.com/card", "example.com/card"),
    ],
)
def test_every_card_is_known_by_its_resource(resource: str, card_type: str) -> None:
    one = pod()
    one["spec"]["containers"] = [container("1", resource)]
    meter = replace(METER, resources=frozenset({"example.com/card"}))
    assert [(r.card_type, r.cards) for r in read(one, meter=meter).readings] == [(card_type, 1)]


def test_a_pod_on_two_types_of_card_gives_a_reading_for_each() -> None:
    two = pod()
    two["spec"]["containers"] = [container("1"), container("2", "nvidia.com/mig-3g.40gb")]
    assert [(r.card_type, r.cards) for r in read(two).readings] == [(GPU, 1), ("3g.40gb", 2)]


@pytest.mark.parametrize(
    ("written", "count"), [(8, 8), ("8", 8), ("1k", 1000), ("2000m", 2), ("1e1", 10), ("0", 0)]
)
def test_quantities_are_read_as_kubernetes_writes_them(written: object, count: int) -> None:
    assert cards_of({"containers": [container(written)]}).get(GPU, 0) == count


def test_a_limit_alone_is_a_request() -> None:
    asked = {"resources": {"limits": {GPU: "2"}}}
    assert cards_of({"containers": [asked]}) == {GPU: 2}


def test_with_nodes_in_the_list_the_card_type_is_the_product_on_the_node() -> None:
    node = {
        "kind": "Node",
        "metadata": {"name": "node-1", "labels": {f"{GPU}.product": "NVIDIA-A100-SXM4-80GB"}},
    }
    found = read(node, pod())
    assert found == MeterReadings((replace(READING, card_type="NVIDIA-A100-SXM4-80GB"),), 0, ())
    other = {**node, "metadata": {"name": "node-2"}}
    assert [p.code for p in read(other, pod()).problems] == ["kubernetes.node"]


def test_a_label_names_the_buyer_where_one_is_given() -> None:
    meter = replace(METER, account_label="buyer")
    assert read(pod(), meter=meter).readings[0].account == "firm-77"
    unnamed = replace(METER, account_label="project")
    assert read(pod(), meter=unnamed).readings[0].account == ""


# --- Problems -------------------------------------------------------------------------------------


def changed(path: str, value: object) -> dict[str, Any]:
    broken = pod()
    *parents, last = path.split(".")
    place: Any = broken
    for name in parents:
        place = place[int(name)] if name.isdigit() else place[name]
    place[last] = value
    return broken


@pytest.mark.parametrize(
    ("item", "code"),
    [
        ({}, "kubernetes.pod"),
        (7, "kubernetes.pod"),
        (changed("metadata.uid", None), "kubernetes.pod"),
        (changed("spec.containers", [container("0.5")]), "kubernetes.quantity"),
        (changed("spec.containers", [container("-1")]), "kubernetes.quantity"),
        (changed("spec.containers", [container("9" * 12)]), "kubernetes.quantity"),
        (changed("spec.resourceClaims", [{"name": "gpu"}]), "kubernetes.resource_claims"),
        (changed("status.conditions.0.lastTransitionTime", "noon"), "kubernetes.time"),
        (changed("status.conditions.0.lastTransitionTime", at(600)), "kubernetes.time"),
        (pod(phase="Failed", conditions=[], startTime=None), "kubernetes.time"),
    ],
)
def test_a_pod_that_cannot_be_read_is_a_problem_and_stops_no_other(item: object, code: str) -> None:
    found = read(item, pod())
    assert found.readings == (READING,)
    assert [(p.file, p.line, p.code) for p in found.problems] == [("pods.json", 5, code)]


def test_pods_without_cards_and_other_objects_are_counted() -> None:
    plain = pod()
    plain["spec"]["containers"] = [container()]
    assert read(plain, {"kind": "Service"}, pod()) == MeterReadings((READING,), 2, ())


def test_pods_of_a_watch_are_read_as_those_of_a_list() -> None:
    assert readings_of_pods([(3, pod())], METER) == read(pod())


def test_what_is_no_list_of_pods_is_one_problem() -> None:
    for text in ("", "{}", "[]", '{"items": {}}'):
        assert len(read_pods_json(text, METER).problems) == 1, text
