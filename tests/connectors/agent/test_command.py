"""The commands, as they are typed: keys, exit codes, and what is said."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from evernormal.cli import main
from evernormal.cli.agent.command import Kind, run_agent
from evernormal.formats.usage_answer import BatchProblem
from evernormal.formats.usage_batch import UsageBatch
from tests.connectors.agent.meter import Meter, jobs, shifted
from tests.connectors.agent.receiver import Receiver, receiving

ORIGIN = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)  # noqa: TID251 - real clock


def typed(*words: str | Path) -> Result:
    return CliRunner().invoke(main, ["agent", *map(str, words)])


def settings(folder: Path, url: str, *, source: str = "slurm") -> Path:
    typed("keygen", folder / "key.pem")
    path = folder / "agent.toml"
    path.write_text(
        f'provider = "nanning-dc"\nprogramme = "nanning-2026"\nkey = "key.pem"\n'
        f'spool = "spool"\nfirst_from = {ORIGIN.isoformat()}\nmetrics_file = "agent.prom"\n'
        f'[platform]\nurl = "{url}"\n[{source}]\n'
        'cluster = "hai"\nurl = "http://127.0.0.1:9"\n',
        encoding="utf-8",
    )
    return path


def once(path: Path, meter: Meter) -> int:
    kind = Kind("slurm", {}, open_source=lambda _: meter)
    with pytest.raises(SystemExit) as end:
        run_agent(kind, path, is_once=True, overlap_seconds=60)
    assert isinstance(end.value.code, int)
    return end.value.code


def test_a_key_is_made_once_and_its_line_is_printed(tmp_path: Path) -> None:
    made, again = typed("keygen", tmp_path / "key.pem"), typed("keygen", tmp_path / "key.pem")

    assert (made.exit_code, again.exit_code) == (0, 0)
    assert made.stdout == again.stdout
    assert re.fullmatch(r'public_key = "[A-Za-z0-9+/]{43}="\n', made.stdout)
    assert "a new key" in made.stderr
    assert "that was there" in again.stderr
    assert (tmp_path / "key.pem").stat().st_mode & 0o777 == 0o600
    (tmp_path / "text.pem").write_text("no key", encoding="utf-8")
    refused = typed("keygen", tmp_path / "text.pem")
    assert (refused.exit_code, "keys.not_a_signing_key" in refused.stderr) == (1, True)


def test_once_ends_with_a_code_that_says_what_is_left(tmp_path: Path) -> None:
    runs = shifted(jobs(10, within=timedelta(minutes=50)), origin=int(ORIGIN.timestamp()))
    meter = Meter(runs)

    def refuse(batch: UsageBatch) -> list[BatchProblem]:
        return [BatchProblem("", "x.y", "No.", "Ask.")] if batch.readings else []

    with receiving(Receiver(tmp_path / "platform")) as platform:
        path = settings(tmp_path, platform.url)
        platform.whims = iter(["500"])
        assert once(path, meter) == 3
        assert "evernormal_agent_spool_batches 1" in (tmp_path / "agent.prom").read_text("utf-8")
        platform.refusal = refuse
        assert once(path, meter) == 4
        platform.refusal = lambda _batch: []
        assert once(path, meter) == 0
        meter.is_away = True
        assert once(path, meter) == 5


@pytest.mark.parametrize("source", ["prometheus", "kubernetes"])
def test_a_wrong_file_is_refused_before_anything_is_done(source: str, tmp_path: Path) -> None:
    path = settings(tmp_path, "http://vouchers.example.gov.cn", source=source)

    result = typed(source, path, "--once")

    assert result.exit_code == 1
    assert f"{path}:8: column platform.url:" in result.stderr
    assert not (tmp_path / "spool").exists()


def test_a_prometheus_that_is_not_there_is_said(tmp_path: Path) -> None:
    path = settings(tmp_path, "http://127.0.0.1:9", source="prometheus")

    result = typed("prometheus", path, "--once", "--overlap", "0")

    assert result.exit_code == 5
    assert "the source cannot be read: http://127.0.0.1:9/api/v1/query" in result.stderr
