"""agent.toml: what it may say, and every mistake of it at once."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from evernormal.connectors.agent.agent import Reach
from evernormal.connectors.agent.loop import Pace, retry_wait_ms
from evernormal.connectors.agent.metrics import Metrics, write_metrics
from evernormal.connectors.agent.prometheus import PROMETHEUS_SECTION
from evernormal.connectors.agent.sender import Platform
from evernormal.connectors.agent.settings import AgentSettings, read_settings
from evernormal.formats.problems import InputProblems

SECTIONS = {"prometheus": PROMETHEUS_SECTION}
SMALL = """\
provider = "nanning-dc"
programme = "nanning-2026"
key = "key.pem"
spool = "spool"
first_from = 2026-01-01T00:00:00+08:00
[platform]
url = "https://vouchers.example.gov.cn/base/"
[prometheus]
url = "http://127.0.0.1:9090"
cluster = "hai"
"""


def read(tmp_path: Path, text: str) -> AgentSettings:
    (tmp_path / "agent.toml").write_text(text, encoding="utf-8")
    (tmp_path / "key.pem").touch()
    return read_settings(tmp_path / "agent.toml", source="prometheus", sections=SECTIONS)


def refused(tmp_path: Path, text: str) -> list[tuple[int | None, str | int | None]]:
    with pytest.raises(InputProblems) as refusal:
        read(tmp_path, text)
    return [(problem.line, problem.column) for problem in refusal.value.problems]


def test_what_is_left_out_has_a_default(tmp_path: Path) -> None:
    found = read(tmp_path, SMALL)

    assert found.platform == Platform(
        "https://vouchers.example.gov.cn/base/", "nanning-2026", timeout_seconds=30
    )
    assert found.platform.batches_url == (
        "https://vouchers.example.gov.cn/base/v1/programmes/nanning-2026/usage-batches"
    )
    assert found.reach == Reach(
        provider_id="nanning-dc",
        first_from=datetime(2025, 12, 31, 16, tzinfo=UTC),
        overlap=timedelta(hours=6),
        window=timedelta(days=1),
        spool_bytes_max=1_000_000_000,
        batch_readings_max=10_000,
    )
    assert found.pace == Pace(interval_seconds=300, retry_seconds_max=900)
    assert (found.key, found.spool) == (tmp_path / "key.pem", tmp_path / "spool")
    assert found.sections["prometheus"]["cluster"] == "hai"


def test_every_mistake_is_listed_with_its_line(tmp_path: Path) -> None:
    text = """\
provider = "a b"
key = "none.pem"
spool = 7
first_from = 2026-01-01T00:00:00
interval_seconds = 0
colour = "red"
accounts = []
[platform]
url = "http://vouchers.example.gov.cn"
ca_file = "none.pem"
[prometheus]
url = "x"
step_seconds = 0
[kubernetes]
anything = "goes"
"""
    assert refused(tmp_path, text) == [
        (1, "programme"),
        (1, "provider"),
        (2, "key"),
        (3, "spool"),
        (4, "first_from"),
        (5, "interval_seconds"),
        (6, "colour"),
        (7, "accounts"),
        (9, "platform.url"),
        (10, "platform.ca_file"),
        (11, "prometheus.cluster"),
        (13, "prometheus.step_seconds"),
    ]


def test_a_file_that_is_no_toml_or_not_there_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path, "provider = ") == [(1, None)]
    assert refused(tmp_path, SMALL.replace("[prometheus]", "[slurm]")) == [(1, "prometheus")]
    with pytest.raises(InputProblems, match="No such file"):
        read_settings(tmp_path / "none.toml", source="prometheus", sections=SECTIONS)


@pytest.mark.parametrize(
    ("url", "is_good"),
    [
        ("https://a.cn", True),
        ("https://a.cn:8443/base", True),
        ("http://127.0.0.1:8000", True),
        ("http://localhost", True),
        ("http://10.0.0.1", False),
        ("https://user:word@a.cn", False),
        ("https://a.cn?x=1", False),
        ("ftp://a.cn", False),
        ("https://", False),
        ("https://a.cn:port", False),
        ("a.cn", False),
    ],
)
def test_an_address_is_safe_or_refused(url: str, is_good: bool, tmp_path: Path) -> None:  # noqa: FBT001
    text = SMALL.replace("https://vouchers.example.gov.cn/base/", url)

    assert is_good or refused(tmp_path, text) == [(7, "platform.url")]
    if is_good:
        assert read(tmp_path, text).platform.url == url


def test_waits_double_to_a_limit_and_differ_between_agents() -> None:
    waits = [retry_wait_ms(n, wait_seconds_max=900, salt="a") for n in range(1, 60)]
    others = [retry_wait_ms(n, wait_seconds_max=900, salt="b") for n in range(1, 60)]

    for number, wait in enumerate(waits):
        whole = min(2_000 * 2**number, 900_000)
        assert whole * 3 // 4 <= wait <= whole
    assert waits != others
    assert waits == [retry_wait_ms(n, wait_seconds_max=900, salt="a") for n in range(1, 60)]


def test_metrics_are_written_whole(tmp_path: Path) -> None:
    write_metrics(Metrics(readings=7, is_forbidden=True), tmp_path / "agent.prom")

    lines = (tmp_path / "agent.prom").read_text(encoding="utf-8").splitlines()
    assert "evernormal_agent_readings_total 7" in lines
    assert "evernormal_agent_forbidden 1" in lines
    assert [path.name for path in tmp_path.iterdir()] == ["agent.prom"]
