"""Readings from a Kubernetes API over a real connection: lists, watches, and what breaks them."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import kmock
import pytest

from evernormal.connectors.agent import kubernetes
from evernormal.connectors.agent.kubernetes import (
    KUBERNETES_SECTION,
    KubernetesSettings,
    KubernetesSource,
    kubernetes_settings,
)
from evernormal.connectors.agent.loop import run_once
from evernormal.connectors.agent.source import Pulled, SourceAway
from evernormal.formats.meters.reading import Reading
from tests.connectors.agent.bench import PUBLIC, REACH, Time, agent_on
from tests.connectors.agent.meter import counted
from tests.connectors.agent.receiver import Receiver, receiving

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
FIRST = datetime(2026, 3, 1, 8, tzinfo=UTC)
ENDED = "2026-03-01T09:30:00Z"
GONE_EVENT = {
    "type": "ERROR",
    "object": {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old"},
}


class Cluster:
    """A Kubernetes API in a thread of its own."""

    def __init__(self) -> None:
        self.handler = kmock.KubernetesEmulator()
        for resource in ("v1/pods", "v1/nodes"):
            self.handler.resources[resource] = kmock.ResourceInfo()
        self.url = ""
        self._loop = asyncio.new_event_loop()
        self._started = threading.Event()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()
        assert self._started.wait(10)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    def call(self, act: Callable[[], object]) -> None:
        """Do something to the handler in its own thread."""
        done = threading.Event()

        def act_and_tell() -> None:
            act()
            done.set()

        self._loop.call_soon_threadsafe(act_and_tell)
        assert done.wait(5)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        async with kmock.Server(self.handler) as server:
            self.url = str(server.url).rstrip("/")
            self._started.set()
            await self._stop.wait()

    def post(self, thing: dict[str, Any]) -> None:
        namespace = thing["metadata"].get("namespace")
        within = f"namespaces/{namespace}/pods" if namespace else "nodes"
        httpx.post(f"{self.url}/api/v1/{within}", json=thing, trust_env=False).raise_for_status()

    def patch(self, name: str, change: dict[str, Any]) -> None:
        url = f"{self.url}/api/v1/namespaces/lab1/pods/{name}"
        httpx.patch(url, json=change, trust_env=False).raise_for_status()

    def delete(self, name: str) -> None:
        url = f"{self.url}/api/v1/namespaces/lab1/pods/{name}"
        httpx.delete(url, trust_env=False).raise_for_status()


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    made = Cluster()
    made.start()
    made.post(node("gpu0", "NVIDIA-A100"))
    yield made
    made.stop()


def node(name: str, product: str) -> dict[str, Any]:
    labels = {"nvidia.com/gpu.product": product, "kubernetes.io/hostname": name}
    return {"kind": "Node", "metadata": {"name": name, "labels": labels}}


def pod(name: str, *, cards: int = 2, on: str = "gpu0", uid: str = "") -> dict[str, Any]:
    return {
        "metadata": {
            "namespace": "lab1",
            "name": name,
            "uid": uid or f"uid-{name}",
            "resourceVersion": "7",
            "annotations": {"long": "x" * 1_000},
        },
        "spec": {
            "nodeName": on,
            "containers": [
                {
                    "name": "main",
                    "env": [{"name": "LONG", "value": "y" * 1_000}],
                    "resources": {"limits": {"nvidia.com/gpu": str(cards)}} if cards else {},
                }
            ],
        },
        "status": {
            "phase": "Running",
            "startTime": "2026-03-01T08:00:00Z",
            "conditions": [
                {
                    "type": "PodScheduled",
                    "status": "True",
                    "lastTransitionTime": "2026-03-01T08:00:00Z",
                }
            ],
            "containerStatuses": [{"name": "main", "state": {"running": {}}}],
        },
    }


SUCCEEDED = {
    "status": {
        "phase": "Succeeded",
        "containerStatuses": [{"name": "main", "state": {"terminated": {"finishedAt": ENDED}}}],
    }
}


@contextmanager
def source_of(cluster: Cluster, tmp_path: Path, **changes: Any) -> Iterator[KubernetesSource]:
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(
        f"""
apiVersion: v1
kind: Config
current-context: test
contexts: [{{name: test, context: {{cluster: test, user: agent}}}}]
clusters: [{{name: test, cluster: {{server: "{cluster.url}"}}}}]
users: [{{name: agent, user: {{token: secret}}}}]
""",
        encoding="utf-8",
    )
    found = replace(KubernetesSettings("hai", kubeconfig=kubeconfig), **changes)
    with closing(KubernetesSource(found, ticks=time.monotonic)) as source:
        yield source


def pull(source: KubernetesSource, memory: bytes = b"") -> Pulled:
    return source.pull(since=LONG_AGO, until=FIRST, memory=memory)


def by_name(pulled: Pulled) -> dict[str, Reading]:
    return {reading.job.split("/")[1]: reading for reading in pulled.readings}


def when(source: KubernetesSource, holds: Callable[[Pulled], bool], memory: bytes = b"") -> Pulled:
    """Pull until what is expected has come over the watch."""
    for _ in range(200):
        pulled = pull(source, memory)
        if holds(pulled):
            return pulled
        time.sleep(0.02)
    raise AssertionError("it never came")


def test_pods_that_run_and_pods_that_ended_are_read(cluster: Cluster, tmp_path: Path) -> None:
    cluster.post(pod("train"))
    cluster.post(
        pod("done", cards=4) | SUCCEEDED | {"status": {**pod("x")["status"], **SUCCEEDED["status"]}}
    )
    cluster.post(pod("web", cards=0))
    before = datetime.now(UTC).replace(microsecond=0)  # noqa: TID251 - against a real server
    with source_of(cluster, tmp_path) as source:
        pulled = pull(source)

    found = by_name(pulled)
    assert set(found) == {"train", "done"}
    assert pulled.without_cards == 1
    train, done = found["train"], found["done"]
    assert (train.cards, train.card_type, train.account) == (2, "NVIDIA-A100", "lab1")
    assert (train.is_final, train.starts_at) == (False, FIRST)
    assert before <= train.ends_at == pulled.read_until <= before + timedelta(seconds=30)
    assert (done.cards, done.is_final, done.ends_at) == (4, True, FIRST + timedelta(minutes=90))


def test_what_happens_is_heard_over_the_watch(cluster: Cluster, tmp_path: Path) -> None:
    cluster.post(pod("one"))
    cluster.post(pod("two"))
    with source_of(cluster, tmp_path) as source:
        assert set(by_name(pull(source))) == {"one", "two"}
        cluster.post(pod("three"))
        when(source, lambda p: "three" in by_name(p))
        cluster.patch("one", SUCCEEDED)
        ended = when(source, lambda p: by_name(p)["one"].is_final)
        cluster.delete("two")
        gone = when(source, lambda p: by_name(p)["two"].is_final)

    assert by_name(ended)["one"].ends_at == FIRST + timedelta(minutes=90)
    two = by_name(gone)["two"]
    assert two.state == "DELETED"
    assert timedelta(0) <= gone.read_until - two.ends_at < timedelta(seconds=5)


def test_what_ended_is_told_until_it_was_kept(cluster: Cluster, tmp_path: Path) -> None:
    cluster.post(pod("one"))
    with source_of(cluster, tmp_path) as source:
        first = pull(source)
        cluster.delete("one")
        ended = when(source, lambda p: by_name(p)["one"].is_final, first.memory)
        # The spool was full: nothing was kept, and the same memory comes again.
        again = pull(source, first.memory)
        after = pull(source, again.memory)

    assert by_name(again) == by_name(ended)
    assert by_name(after) == {}


def test_a_pod_that_went_while_nobody_watched_ended_when_it_was_last_seen(
    cluster: Cluster, tmp_path: Path
) -> None:
    cluster.post(pod("one"))
    cluster.post(pod("two"))
    with source_of(cluster, tmp_path) as source:
        first = pull(source)
    time.sleep(1.1)
    cluster.delete("one")
    cluster.patch("two", SUCCEEDED)
    with source_of(cluster, tmp_path) as source:
        later = pull(source, first.memory)

    one, two = by_name(later)["one"], by_name(later)["two"]
    assert (one.is_final, one.ends_at) == (True, first.read_until)
    assert (two.is_final, two.ends_at) == (True, FIRST + timedelta(minutes=90))
    assert b"xxxx" not in later.memory
    assert b"yyyy" not in first.memory


def test_a_watch_that_is_too_old_begins_anew_with_a_list(cluster: Cluster, tmp_path: Path) -> None:
    """In the gap one pod went: only the list can tell."""
    cluster.post(pod("one"))
    cluster.post(pod("two"))
    with source_of(cluster, tmp_path) as source:
        cluster.call(lambda: cluster.handler[kmock.action.WATCH] << GONE_EVENT)
        first = pull(source)
        lists = len(list(cluster.handler[kmock.action.LIST]))
        cluster.delete("one")
        gone = when(source, lambda p: by_name(p)["one"].is_final, first.memory)
        more_lists = len(list(cluster.handler[kmock.action.LIST]))

    assert by_name(gone)["one"].ends_at <= gone.read_until
    assert not by_name(gone)["two"].is_final
    assert more_lists > lists


def test_a_watch_that_breaks_goes_on_where_it_was(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with source_of(cluster, tmp_path) as source:
        pull(source)
        source._transport.wake()
        cluster.post(pod("one"))
        when(source, lambda p: "one" in by_name(p))

        monkeypatch.setattr(kubernetes, "_ANSWER_SECONDS_MAX", 0.1)
        cluster.call(lambda: cluster.handler[kmock.action.LIST] << 503)
        cluster.call(lambda: cluster.handler[kmock.action.WATCH] << 503)
        source._transport.wake()
        with pytest.raises(SourceAway, match="the cluster hai"):
            when(source, lambda _: False)


def test_a_node_that_comes_later_is_looked_up(cluster: Cluster, tmp_path: Path) -> None:
    with source_of(cluster, tmp_path) as source:
        pull(source)
        cluster.post(node("gpu1", "NVIDIA-H100"))
        cluster.post(pod("new", on="gpu1"))
        found = when(source, lambda p: "new" in by_name(p))
        unknown = pod("lost", on="gpu9")
        cluster.post(unknown)
        told = when(source, lambda p: bool(p.problems))

    assert by_name(found)["new"].card_type == "NVIDIA-H100"
    assert "lost" not in by_name(told)
    assert "gpu9" in str(told.problems[0])


def test_without_node_labels_the_resource_names_the_card(cluster: Cluster, tmp_path: Path) -> None:
    cluster.post(pod("one"))
    changes = {"uses_node_labels": False, "account_label": "team"}
    with source_of(cluster, tmp_path, **changes) as source:
        one = by_name(pull(source))["one"]

    assert (one.card_type, one.account) == ("nvidia.com/gpu", "")


def test_the_agent_delivers_pods_once(cluster: Cluster, tmp_path: Path) -> None:
    cluster.post(pod("one"))
    reach = replace(REACH, first_from=LONG_AGO, window=timedelta(days=31))
    now = datetime.now(UTC)  # noqa: TID251 - against a real server
    with receiving(Receiver(tmp_path / "platform", public_key=PUBLIC)) as platform:
        for act in (None, lambda: cluster.patch("one", SUCCEEDED), None):
            if act is not None:
                act()
            with (
                source_of(cluster, tmp_path) as source,
                agent_on(source, tmp_path / "spool", platform.url, reach=reach) as agent,
            ):
                run_once(agent, Time(at=now).clocks(), stop=Time())
        told = [reading for batch in platform.batches() for reading in batch.readings]
        (kept,) = counted(platform.batches()).values()

    assert [reading.is_final for reading in told] == [False, True]
    assert kept.ends_at - kept.starts_at == 90 * 60


def test_no_way_to_a_cluster_is_said(tmp_path: Path) -> None:
    with pytest.raises(SourceAway, match="no way"):
        KubernetesSource(
            KubernetesSettings("hai", kubeconfig=tmp_path / "none"), ticks=time.monotonic
        )
    with pytest.raises(SourceAway, match="no way"):
        KubernetesSource(KubernetesSettings("hai"), ticks=time.monotonic)


def test_a_table_of_settings_becomes_what_it_says(tmp_path: Path) -> None:
    table = {"cluster": "hai", "kubeconfig": "kc", "resources": ["x.y/z"]}

    assert kubernetes_settings(table, folder=tmp_path) == KubernetesSettings(
        "hai", kubeconfig=tmp_path / "kc", resources=frozenset({"x.y/z"})
    )
    assert set(KUBERNETES_SECTION["properties"]) == set(KubernetesSettings.__dataclass_fields__)
