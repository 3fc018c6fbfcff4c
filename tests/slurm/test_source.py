"""Readings from a real cluster: the same whether sacct or slurmrestd is asked, and none is lost."""

import itertools
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from evernormal import clock
from evernormal.connectors.agent.slurm import SlurmAccounting, SlurmSource
from evernormal.connectors.agent.slurm_commands import SlurmCommands
from evernormal.connectors.agent.slurm_rest import RestAddress, SlurmRest
from evernormal.connectors.agent.slurm_sacct import SacctCommand
from evernormal.connectors.agent.source import Pulled, SourceAway
from evernormal.formats.meters.reading import Reading
from tests.slurm.real_cluster import REST_USER, USER, RealCluster

pytestmark = pytest.mark.one_database

LONG_AGO = timedelta(hours=2)
CARD_SECONDS = Path(__file__).parents[2] / "tools" / "slurm" / "card_seconds.awk"
FOR_AWK = "JobID,Account,State,Start,End,AllocTRES"


@pytest.fixture(scope="module")
def jobs(cluster: RealCluster) -> dict[str, str]:
    """Jobs to which all that can happen in a few seconds has happened; their numbers by name."""
    cluster.add_accounts("source1", "source2")
    a100, h100 = ("-p", "a100", "-t", "5"), ("-p", "h100", "-t", "5")
    low = cluster.submit(
        "-Asource1", "-qlow", *a100, "-N2", "--gres=gpu:a100:8", "--requeue", work="sleep 60"
    )
    cluster.wait_for(lambda: cluster.state_of(low).startswith("R"))
    numbers = {
        "low": low,
        "high": cluster.submit("-Asource2", "-qhigh", *a100, "--gres=gpu:a100:8", work="sleep 3"),
        "sweep": cluster.submit("-Asource2", *h100, "--gres=gpu:h100:1", "--array=0-2"),
        "no cards": cluster.submit("-Asource2", "-pcpu", "-t5"),
        "fails": cluster.submit("-Asource1", *h100, "--gres=gpu:h100:2", work="sleep 1; exit 3"),
    }
    pair = ("--gres=gpu:a100:1", ":", "-p", "h100", "--gres=gpu:h100:2")
    numbers["pair"] = cluster.submit("-Asource1", *a100, *pair)
    running = cluster.submit("-Asource1", "-qlow", *h100, "--gres=gpu:h100:1", work="sleep 90")
    numbers["running"] = running
    cluster.wait_for(lambda: cluster.state_of(running).startswith("R"))
    cluster.wait_for(lambda: set(cluster.ask("squeue", "-h", "-o", "%A").split()) <= {running, low})
    cluster.ask("scancel", low)
    cluster.wait_for(lambda: cluster.ask("squeue", "-h", "-o", "%A").split() == [running])
    cluster.wait_for(lambda: "DBD Agent queue size: 0" in cluster.ask("sdiag"))
    return numbers


@pytest.fixture(params=["sacct", "port", "socket"])
def accounting(
    cluster: RealCluster, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[SlurmAccounting]:
    made = accounting_of(cluster, request.param, tmp_path)
    yield made
    made.close()


def accounting_of(cluster: RealCluster, kind: str, folder: Path) -> SlurmAccounting:
    if kind == "sacct":
        return SacctCommand(cluster.commands())
    if kind == "socket":
        return SlurmRest(RestAddress(f"http+unix:{cluster.root}/rest/socket"))
    token = folder / "token"
    token.write_text(cluster.ask("scontrol", "token", f"username={REST_USER}", "lifespan=600"))
    url = f"http://127.0.0.1:{cluster.port + 4}"
    return SlurmRest(RestAddress(url, user=REST_USER, token_file=token))


def pull(accounting: SlurmAccounting, *, since: datetime | None = None) -> Pulled:
    now = clock.now()
    return SlurmSource(accounting).pull(since=since or now - LONG_AGO, until=now, memory=b"")


def contents(pulled: Pulled, *, with_running: bool = False) -> set[tuple[object, ...]]:
    """All that readings say, but for where they stand and how far a running one has come."""
    return {
        (
            r.cluster,
            r.job,
            r.account,
            r.card_type,
            r.cards,
            r.starts_at,
            r.ends_at if r.is_final else None,
            r.state,
            r.is_final,
        )
        for r in pulled.readings
        if with_running or r.is_final
    }


def of_job(pulled: Pulled, job: str) -> list[Reading]:
    return [r for r in pulled.readings if r.job == job or r.job.startswith((f"{job}_", f"{job}+"))]


def test_sacct_and_slurmrestd_tell_the_same(
    cluster: RealCluster, jobs: Mapping[str, str], tmp_path: Path
) -> None:
    told = []
    for kind in ("sacct", "port", "socket"):
        accounting = accounting_of(cluster, kind, tmp_path)
        pulled = pull(accounting)
        accounting.close()
        assert pulled.problems == ()
        told.append((contents(pulled, with_running=True), pulled.without_cards))

    assert told[0] == told[1] == told[2]
    assert len(told[0][0]) >= len(jobs)


def test_what_happened_to_each_job_is_read(
    accounting: SlurmAccounting, jobs: Mapping[str, str]
) -> None:
    pulled = pull(accounting)

    low = of_job(pulled, jobs["low"])
    assert [(r.state, r.cards, r.is_final) for r in low][:1] == [("PREEMPTED", 16, True)]
    assert len({r.starts_at for r in low}) == len(low), "every run has a key of its own"
    assert [r.cards for r in of_job(pulled, jobs["high"])] == [8]
    assert {r.job: r.cards for r in of_job(pulled, jobs["sweep"])} == {
        f"{jobs['sweep']}_{task}": 1 for task in range(3)
    }
    assert {r.job: r.cards for r in of_job(pulled, jobs["pair"])} == {
        f"{jobs['pair']}+0": 1,
        f"{jobs['pair']}+1": 2,
    }
    assert [(r.state, r.cards) for r in of_job(pulled, jobs["fails"])] == [("FAILED", 2)]
    assert of_job(pulled, jobs["no cards"]) == []
    assert pulled.without_cards >= 1
    [running] = of_job(pulled, jobs["running"])
    assert (running.state, running.is_final) == ("RUNNING", False)
    assert abs(running.ends_at - clock.now()) < timedelta(seconds=10)


def test_a_window_that_begins_where_a_job_ends_still_has_it(
    accounting: SlurmAccounting, jobs: Mapping[str, str]
) -> None:
    [failed] = of_job(pull(accounting), jobs["fails"])

    pulled = pull(accounting, since=failed.ends_at)

    assert of_job(pulled, jobs["fails"]) == [failed] or [
        (r.starts_at, r.ends_at) for r in of_job(pulled, jobs["fails"])
    ] == [(failed.starts_at, failed.ends_at)]


def test_small_windows_one_after_the_other_lose_nothing(
    accounting: SlurmAccounting, jobs: Mapping[str, str]
) -> None:
    whole = contents(pull(accounting))
    first = min(starts_at for *_, starts_at, _, _, _ in whole if isinstance(starts_at, datetime))
    cuts = [first - timedelta(seconds=1)]
    while cuts[-1] < clock.now():
        cuts.append(cuts[-1] + timedelta(seconds=5))
    seen: set[tuple[object, ...]] = set()

    for since, until in itertools.pairwise(cuts):
        window = SlurmSource(accounting).pull(since=since, until=until, memory=b"")
        seen |= contents(window)

    assert jobs
    assert seen == whole


def test_card_seconds_equal_an_independent_sum_over_sacct(
    cluster: RealCluster, accounting: SlurmAccounting, jobs: Mapping[str, str]
) -> None:
    printed = cluster.ask("sacct", "-D", "-a", "-X", "-P", "-o", FOR_AWK, "-Snow-2hours")
    over = [line for line in printed.splitlines() if "RUNNING" not in line]
    window = ["-v", "from=0", "-v", "until=9999999999"]
    summed = subprocess.run(
        ["awk", "-f", CARD_SECONDS, *window],
        input="\n".join(over),
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()

    held: Counter[str] = Counter()
    for r in pull(accounting).readings:
        if r.is_final:
            seconds = (r.ends_at - r.starts_at) // timedelta(seconds=1)
            held[f"{r.account}|{r.card_type}"] += seconds * r.cards

    assert jobs
    assert sorted(f"{key}|{count}" for key, count in held.items() if count) == sorted(summed)


def test_while_records_are_on_their_way_the_next_window_begins_where_this_one_did(
    cluster: RealCluster, jobs: Mapping[str, str]
) -> None:
    accounting = SacctCommand(cluster.commands())
    since, until = clock.now() - LONG_AGO, clock.now()
    before = SlurmSource(accounting).pull(since=since, until=until, memory=b"")
    assert before.read_until == until
    pid = int((cluster.root / "pids" / "slurmdbd").read_text())
    cluster.ask("kill", "-STOP", str(pid))
    try:
        # A job starts while slurmdbd does not listen: its records wait in slurmctld.
        job = cluster.submit("-Asource2", "-p", "a100", "-t1", "--gres=gpu:a100:1", work="true")
        cluster.wait_for(lambda: "queue size: 0" not in _queue(cluster), seconds=60)
        waiting = accounting.count_waiting()
    finally:
        cluster.ask("kill", "-CONT", str(pid))

    assert waiting
    cluster.wait_for(lambda: "queue size: 0" in _queue(cluster), seconds=60)
    cluster.wait_for(lambda: bool(of_job(pull(accounting), job)), seconds=60)
    assert jobs


def _queue(cluster: RealCluster) -> str:
    found = [line for line in cluster.ask("sdiag").splitlines() if "DBD Agent queue size" in line]
    return "".join(found)


def test_a_cluster_that_does_not_answer_is_away(cluster: RealCluster, tmp_path: Path) -> None:
    whole = (cluster.root / "etc" / "slurm.conf").read_text()
    port = f"AccountingStoragePort={cluster.port + 2}"
    assert port in whole
    lost = tmp_path / "slurm.conf"
    lost.write_text(whole.replace(port, f"AccountingStoragePort={cluster.port + 19}"))
    commands = SlurmCommands(environment={"SLURM_CONF": str(lost)})
    with pytest.raises(SourceAway, match="Connection refused"):
        pull(SacctCommand(commands))
    closed = SlurmRest(RestAddress(f"http://127.0.0.1:{cluster.port + 19}"))
    with closing(closed), pytest.raises(SourceAway, match="ConnectError"):
        pull(closed)
    with pytest.raises(SourceAway, match="timed out"):
        SlurmCommands(timeout_seconds=0).ask("sinfo")
    with pytest.raises(SourceAway, match="not installed"):
        SlurmCommands().ask("no-such-command")


def test_a_bad_token_is_told(cluster: RealCluster, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("SLURM_JWT=forged")
    url = f"http://127.0.0.1:{cluster.port + 4}"
    bad = SlurmRest(RestAddress(url, user=USER, token_file=token))
    with closing(bad), pytest.raises(SourceAway, match="authentication"):
        pull(bad)
    missing = SlurmRest(RestAddress(url, user=USER, token_file=tmp_path / "none"))
    with closing(missing), pytest.raises(SourceAway, match="cannot be read"):
        pull(missing)


class Behind:
    """An accounting that is behind, as after a night without slurmdbd."""

    def __init__(self, pulled: SlurmAccounting, waiting: int | None) -> None:
        self._pulled, self._waiting = pulled, waiting
        self.read_jobs, self.close = pulled.read_jobs, pulled.close

    def count_waiting(self) -> int | None:
        return self._waiting


@pytest.mark.parametrize("waiting", [7, None])
def test_the_cursor_stays_until_nothing_waits(cluster: RealCluster, waiting: int | None) -> None:
    sacct = SacctCommand(cluster.commands())
    start = datetime.fromtimestamp(int(clock.now().timestamp()) - 600, UTC)
    minute = timedelta(minutes=1)
    first = SlurmSource(sacct).pull(since=start, until=start + minute, memory=b"")
    behind = SlurmSource(Behind(sacct, waiting))

    second = behind.pull(since=start, until=start + 2 * minute, memory=first.memory)
    third = behind.pull(since=start, until=start + 3 * minute, memory=second.memory)
    again = SlurmSource(sacct).pull(since=start, until=start + 4 * minute, memory=third.memory)

    assert (first.read_until, again.read_until) == (start + minute, start + 4 * minute)
    assert second.read_until == third.read_until == start + minute
    assert behind.pull(since=start, until=start + minute, memory=b"").read_until == start
