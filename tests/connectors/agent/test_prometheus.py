"""Readings from a real Prometheus: history that is filled in, and an exporter that it scrapes."""

import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from evernormal.connectors.agent.loop import run_once
from evernormal.connectors.agent.prometheus import (
    PROMETHEUS_SECTION,
    PrometheusSettings,
    PrometheusSource,
    prometheus_settings,
)
from evernormal.connectors.agent.source import SourceAway
from evernormal.formats.meters.reading import Reading
from evernormal.formats.usage_batch import BatchReading
from tests.architecture.tree import ROOT
from tests.connectors.agent.bench import PUBLIC, REACH, Time, after, agent_on
from tests.connectors.agent.meter import T0, counted
from tests.connectors.agent.receiver import Receiver, receiving

pytestmark = pytest.mark.skipif(
    not (shutil.which("prometheus") and shutil.which("promtool")) and os.geteuid() != 0,
    reason="Prometheus is missing and only root can install it: apt-get install prometheus",
)

STEP = 30
# The last sample of a step, and never one that an earlier step has told.
QUERY = f"last_over_time(DCGM_FI_DEV_GPU_UTIL[{STEP - 1}s])"


def prometheus(*words: str | Path) -> str:
    run = subprocess.run(
        [ROOT / "tools" / "prometheus.sh", *words], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    return run.stdout.strip()


@contextmanager
def running(folder: Path, *more: Path) -> Iterator[str]:
    try:
        prometheus("start", folder, *more)
        yield prometheus("url", folder)
    finally:
        prometheus("stop", folder)


@dataclass(frozen=True)
class Held:
    """A card in the hands of a pod for some steps, from a step after T0."""

    card: str
    pod: str
    first: int
    steps: int
    model: str = "NVIDIA A100"

    def labels(self) -> str:
        holder = f'namespace="lab1",pod="{self.pod}"' if self.pod else 'namespace="",pod=""'
        return f'{{UUID="{self.card}",modelName="{self.model}",{holder}}}'

    def samples(self) -> Iterator[tuple[int, str]]:
        start = int(T0.timestamp())
        for step in range(self.first, self.first + self.steps):
            at = start + step * STEP
            yield at, f"DCGM_FI_DEV_GPU_UTIL{self.labels()} 50 {at}"


HISTORY = (
    Held("GPU-1", "train-a", 10, 50),
    Held("GPU-1", "", 60, 5),
    Held("GPU-1", "train-b", 65, 30),
    Held("GPU-2", "train-a", 10, 50),
    Held("GPU-3", "serve", 0, 200, model="NVIDIA H100"),
    Held("GPU-4", "", 0, 200),
)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("prometheus")
    lines = sorted(sample for held in HISTORY for sample in held.samples())
    text = "\n".join(["# TYPE DCGM_FI_DEV_GPU_UTIL gauge", *(line for _, line in lines), "# EOF"])
    (folder / "history.txt").write_text(f"{text}\n", encoding="utf-8")
    with running(folder, folder / "history.txt") as address:
        yield address


def settings(url: str) -> PrometheusSettings:
    return PrometheusSettings(url=url, cluster="hai", query=QUERY, step_seconds=STEP)


def told(readings: tuple[Reading, ...]) -> dict[tuple[str, str], tuple[int, int, bool]]:
    """Steps after T0 by card and pod."""
    return {
        (r.job.split("@")[1], r.job.split("@")[0].removeprefix("lab1/")): (
            int((r.starts_at - T0).total_seconds()) // STEP,
            int((r.ends_at - T0).total_seconds()) // STEP,
            r.is_final,
        )
        for r in readings
    }


WHOLE = {
    (held.card, held.pod): (held.first, held.first + held.steps, True)
    for held in HISTORY
    if held.pod
}


def test_what_each_pod_held_is_read_as_it_was(url: str) -> None:
    with closing(PrometheusSource(settings(url))) as source:
        pulled = source.pull(since=T0, until=after(120), memory=b"")

    assert told(pulled.readings) == WHOLE
    assert (pulled.problems, pulled.read_until) == ((), after(120))
    assert {r.card_type for r in pulled.readings} == {"NVIDIA A100", "NVIDIA H100"}


@pytest.mark.parametrize("minutes", [1, 7, 25])
def test_windows_that_follow_one_another_tell_the_same(url: str, minutes: int) -> None:
    """A new source each time: all it knows of the window before is the memory."""
    found: dict[tuple[str, str, datetime], Reading] = {}
    memory, until = b"", T0
    while until < after(120):
        until += timedelta(minutes=minutes)
        with closing(PrometheusSource(settings(url))) as source:
            pulled = source.pull(since=T0, until=until, memory=memory)
        memory = pulled.memory
        assert pulled.read_until >= until
        for reading in pulled.readings:
            found[reading.job, reading.card_type, reading.starts_at] = reading

    assert told(tuple(found.values())) == WHOLE


def test_a_long_window_is_asked_for_in_parts(url: str) -> None:
    """One question for a year at this step would be more points than Prometheus answers."""
    far = T0 - timedelta(days=5)
    whole = replace(settings(url), chunk_seconds=6 * 86_400)
    with closing(PrometheusSource(whole)) as source:
        pulled = source.pull(since=far, until=after(120), memory=b"")
        with pytest.raises(SourceAway, match="exceeded maximum resolution"):
            source._matrix(int((T0 - timedelta(days=30)).timestamp()), int(T0.timestamp()))

    assert told(pulled.readings) == WHOLE


def test_time_that_has_not_come_is_not_read(url: str) -> None:
    """The agent's clock is ten years fast; Prometheus knows better."""
    fast = datetime.now(UTC) + timedelta(days=3_650)  # noqa: TID251 - against a real server
    with closing(PrometheusSource(settings(url))) as source:
        since = fast - timedelta(days=3_650, hours=1)
        pulled = source.pull(since=since, until=fast, memory=b"")
        again = source.pull(since=since, until=fast, memory=pulled.memory)

    ahead = fast - timedelta(days=3_650) - pulled.read_until
    assert timedelta(0) < ahead < timedelta(seconds=60 + 2 * STEP)
    assert again.read_until - pulled.read_until <= timedelta(seconds=STEP)


def test_the_agent_delivers_it_whole(url: str, tmp_path: Path) -> None:
    reach = replace(REACH, window=timedelta(minutes=10))
    with receiving(Receiver(tmp_path / "platform", public_key=PUBLIC)) as platform:
        for minutes in (25, 50, 51, 120):
            with (
                closing(PrometheusSource(settings(url))) as source,
                agent_on(source, tmp_path / "spool", platform.url, reach=reach) as agent,
            ):
                outcome = run_once(agent, Time(at=after(minutes)).clocks(), stop=Time())
                assert (outcome.refused, outcome.waiting, outcome.is_source_read) == (0, 0, True)
        counts = counted(platform.batches()).values()

    def seconds(reading: BatchReading) -> int:
        return reading.cards * (reading.ends_at - reading.starts_at)

    assert sum(map(seconds, counts)) == STEP * sum(h.steps for h in HISTORY if h.pod)
    assert all(reading.is_final for reading in counts)


def test_what_is_no_prometheus_is_away(url: str, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("secret\n", encoding="utf-8")
    for other, said in (
        (replace(settings(url), url="http://127.0.0.1:9"), "ConnectError"),
        (replace(settings(url), url=f"{url}/nowhere"), "HTTP 404"),
        (replace(settings(url), query="not a query("), "HTTP 400"),
        (replace(settings(url), token_file=tmp_path / "none"), "No such file"),
    ):
        with closing(PrometheusSource(other)) as source, pytest.raises(SourceAway, match=said):
            source.pull(since=T0, until=after(120), memory=b"")
    with closing(PrometheusSource(replace(settings(url), token_file=token))) as source:
        assert source.pull(since=T0, until=after(120), memory=b"").readings
        with pytest.raises(SourceAway, match="damaged"):
            source.pull(since=T0, until=after(120), memory=b"{")
    with pytest.raises(SourceAway, match="none"):
        PrometheusSource(replace(settings(url), ca_file=tmp_path / "none.pem"))


def test_a_table_of_settings_becomes_what_it_says(tmp_path: Path) -> None:
    table = {"url": "http://x", "cluster": "hai", "ca_file": "ca.pem", "step_seconds": 15}

    found = prometheus_settings(table, folder=tmp_path)

    assert found == PrometheusSettings(
        "http://x", "hai", step_seconds=15, ca_file=tmp_path / "ca.pem"
    )
    assert set(PROMETHEUS_SECTION["properties"]) == set(PrometheusSettings.__dataclass_fields__)


# --- Live -----------------------------------------------------------------------------------------


@contextmanager
def exporting(text: list[str]) -> Iterator[int]:
    """Serve what stands in text[0], as a card exporter does."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.end_headers()
            self.wfile.write(text[0].encode())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        try:
            yield server.server_port
        finally:
            server.shutdown()


def test_a_pod_that_ends_is_final_as_soon_as_its_series_is_gone(tmp_path: Path) -> None:
    def card(pod: str) -> str:
        return f"DCGM_FI_DEV_GPU_UTIL{Held('GPU-1', pod, 0, 0).labels()} 50\n"

    text = [card("one")]
    with exporting(text) as port:
        (tmp_path / "prometheus.yml").write_text(
            "global: {scrape_interval: 1s}\nscrape_configs:\n- job_name: cards\n"
            f"  honor_labels: true\n  static_configs: [{{targets: ['127.0.0.1:{port}']}}]\n",
            encoding="utf-8",
        )
        began = datetime.now(UTC).replace(microsecond=0)  # noqa: TID251 - against a real server
        with running(tmp_path) as url:
            _await_pod(url, "one")
            time.sleep(3)
            text[0] = card("two")
            _await_pod(url, "two")
            time.sleep(2)
            live = PrometheusSettings(url=url, cluster="hai", step_seconds=1, delay_seconds=0)
            with closing(PrometheusSource(live)) as source:
                until = began + timedelta(hours=1)
                pulled = source.pull(since=began, until=until, memory=b"")

    one, two = sorted(pulled.readings, key=lambda reading: reading.starts_at)
    assert (one.job, one.is_final, one.state) == ("lab1/one@GPU-1", True, "ENDED")
    assert (two.job, two.is_final, two.state) == ("lab1/two@GPU-1", False, "RUNNING")
    assert one.starts_at >= began
    assert timedelta(seconds=2) <= one.ends_at - one.starts_at <= timedelta(seconds=8)
    assert abs(two.starts_at - one.ends_at) <= timedelta(seconds=1)


def _await_pod(url: str, pod: str) -> None:
    query = {"query": f'DCGM_FI_DEV_GPU_UTIL{{pod="{pod}"}}'}
    for _ in range(400):
        answer = httpx.get(f"{url}/api/v1/query", params=query, trust_env=False)
        if answer.json()["data"]["result"]:
            return
        time.sleep(0.05)
    raise AssertionError(f"pod {pod} was never scraped")
