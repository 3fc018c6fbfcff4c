"""The platform's word becomes a limit and a gate on a real cluster."""

import logging
import os
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from evernormal import clock
from evernormal.connectors.agent.enforcement import Enforcement, EnforcementRules
from evernormal.connectors.agent.enforcement_balances import BalanceDesk
from evernormal.connectors.agent.enforcement_slurm import SlurmLimits, setting_faults
from evernormal.connectors.agent.sender import Platform
from evernormal.connectors.agent.source import SourceAway
from tests.slurm.balance_server import BalanceServer, balance_server, row
from tests.slurm.real_cluster import RealCluster

pytestmark = pytest.mark.one_database

HOUR = 3600
A100 = ("-p", "a100", "--gres=gpu:a100:1", "-t", "1")


@dataclass(slots=True)
class Site:
    """A cluster, its agent's duty, and the platform."""

    cluster: RealCluster
    platform: BalanceServer
    rules: EnforcementRules
    duty: Enforcement
    is_all_sent: bool = True

    def restart(self, **rules: Any) -> None:
        """Start the duty anew, as after a restart of the agent."""
        self.rules = replace(self.rules, **rules)
        self.duty = self.made()

    def made(self) -> Enforcement:
        """A duty with this site's rules."""
        desk = BalanceDesk(
            trusted=ssl.create_default_context(),
            platform=Platform(self.platform.url, "P", 5),
            provider_id="PR-1",
            key=self.platform.key,
            now=clock.now,
        )
        slurm = SlurmLimits(self.cluster.commands())
        return Enforcement(desk, slurm, self.rules, lambda: self.is_all_sent)

    def limits(self, account: str) -> dict[str, int]:
        """What slurmctld enforces, in minutes."""
        return dict(SlurmLimits(self.cluster.commands()).read_use([account])[account].limits)

    def used(self, account: str) -> int:
        """Minutes of a100 that Slurm has counted."""
        use = SlurmLimits(self.cluster.commands()).read_use([account])
        return use[account].used.get("gpu:a100", 0)

    def use_up(self, account: str, *, seconds: int) -> None:
        """Hold sixteen cards for a while, and wait until Slurm has counted it."""
        options = ("-p", "a100", "-N2", "--gres=gpu:a100:8", "-t", "2")
        job = self.cluster.submit(f"-A{account}", *options, work=f"sleep {seconds}")
        self.cluster.wait_for(lambda: self.cluster.state_of(job).startswith("CD"))


@pytest.fixture
def site(cluster: RealCluster, tmp_path: Path) -> Iterator[Site]:
    cluster.balance_file.unlink(missing_ok=True)
    rules = EnforcementRules(
        memory_file=tmp_path / "memory.json", balance_file=cluster.balance_file
    )
    with balance_server() as platform:
        made = Site(cluster, platform, rules, duty=None)  # type: ignore[arg-type]
        made.duty = made.made()
        yield made
    cluster.cancel_all()
    cluster.balance_file.unlink(missing_ok=True)


def now() -> datetime:
    return datetime.fromtimestamp(int(clock.now().timestamp()), UTC)


def test_what_is_left_becomes_a_limit_in_whole_minutes(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    site.cluster.add_accounts("limit1", "limit2", "limit3")
    site.platform.rows = [
        row("limit1", 2 * HOUR + 59),
        row("limit1", 0, card_type="h100", state="SPENT"),
        row("limit2", 59),
        row("nobody", HOUR),
    ]

    with caplog.at_level(logging.INFO, "evernormal.agent"):
        logging.getLogger("evernormal.agent").propagate = True
        site.duty.do(now=now())

    assert site.limits("limit1") == {"gpu:a100": 120, "gpu:h100": 0}
    assert site.limits("limit2") == {"gpu:a100": 0}
    assert site.limits("limit3") == {}
    assert "limit of limit1 on gpu:a100: none -> 120 minutes, 0 of them used" in caplog.text
    assert "knows no account nobody" in caplog.text
    caplog.clear()
    site.duty.do(now=now())
    assert "limit of" not in caplog.text, "what is so already is not written again"
    assert site.platform.answered == 2


def test_what_slurm_has_counted_is_added(site: Site) -> None:
    site.cluster.add_accounts("counted")
    site.platform.rows = [row("counted", HOUR)]
    site.duty.do(now=now())
    site.duty.note_use(now())
    site.duty.do(now=now())
    site.use_up("counted", seconds=8)
    used = site.used("counted")
    assert used >= 2

    # The meter was read, and its batch waits: the balance has nothing of that use, nor the limit.
    site.duty.note_use(now())
    site.is_all_sent = False
    site.duty.do(now=now())
    assert site.limits("counted") == {"gpu:a100": 60}

    site.is_all_sent = True
    site.platform.rows = [row("counted", HOUR - used * 60)]
    site.duty.do(now=now())
    assert site.limits("counted") == {"gpu:a100": 60}

    # Use after the last reading is not in the balance, also for an agent that was started anew.
    site.use_up("counted", seconds=8)
    site.restart()
    site.duty.do(now=now())
    assert site.limits("counted") == {"gpu:a100": 60}
    assert site.used("counted") > used


def test_a_job_beyond_the_limit_waits_also_without_the_gate(site: Site) -> None:
    site.cluster.add_accounts("waits")
    site.platform.rows = [row("waits", 5 * 60)]
    site.duty.do(now=now())
    site.cluster.balance_file.unlink()

    fits = site.cluster.submit("-Awaits", *A100, work="sleep 1")
    too_long = site.cluster.submit("-Awaits", "-pa100", "--gres=gpu:a100:8", "-t1")

    site.cluster.wait_for(lambda: site.cluster.state_of(fits).startswith("CD"))
    site.cluster.wait_for(lambda: site.cluster.state_of(too_long) == "PD AssocGrpGRESMinutes")


def test_a_spent_voucher_refuses_the_next_job_and_leaves_the_running_one(site: Site) -> None:
    site.cluster.add_accounts("spent")
    site.platform.rows = [row("spent", HOUR)]
    site.duty.do(now=now())
    running = site.cluster.submit("-Aspent", *A100, work="sleep 20")
    waiting = site.cluster.submit("-Aspent", *A100, "--begin=now+3", work="true")
    site.cluster.wait_for(lambda: site.cluster.state_of(running).startswith("R"))

    site.platform.rows = [row("spent", 0, state="SPENT")]
    site.duty.do(now=now())

    number, complaint = site.cluster.try_to_submit("-Aspent", *A100)
    assert number == ""
    assert "The voucher V-1 is SPENT." in complaint
    assert "算力券 V-1 不可用。" in complaint
    site.cluster.wait_for(lambda: site.cluster.state_of(waiting) == "PD AssocGrpGRESMinutes")
    assert site.cluster.state_of(running).startswith("R"), "safe lets it end"


def test_running_jobs_end_after_the_grace_where_the_site_says_so(site: Site) -> None:
    site.cluster.add_accounts("grace")
    site.restart(cancel_after_seconds=60)
    site.platform.rows = [row("grace", HOUR), row("grace", HOUR, card_type="h100")]
    site.duty.do(now=now())
    closed = site.cluster.submit("-Agrace", *A100, work="sleep 60")
    h100 = ("-p", "h100", "--gres=gpu:h100:1", "-t", "2")
    still_open = site.cluster.submit("-Agrace", *h100, work="sleep 60")
    for job in (closed, still_open):
        site.cluster.wait_for(lambda job=job: site.cluster.state_of(job).startswith("R"))  # type: ignore[misc]

    site.platform.rows[0] = row("grace", 0, state="EXPIRED")
    at = now()
    site.duty.do(now=at)
    site.restart()
    site.duty.do(now=at + timedelta(seconds=59))
    assert site.cluster.state_of(closed).startswith("R")
    site.duty.do(now=at + timedelta(seconds=60))

    site.cluster.wait_for(lambda: site.cluster.state_of(closed).startswith("CA"))
    assert site.cluster.state_of(still_open).startswith("R")


def test_while_the_platform_is_away_the_last_limits_hold_and_then_close(site: Site) -> None:
    site.cluster.add_accounts("away", "unmanaged")
    site.restart(refuse_after_seconds=120)
    site.platform.rows = [row("away", HOUR)]
    # The gate reads the machine's clock: as if the last answer had come two minutes ago.
    answered_at = now() - timedelta(seconds=119)
    site.duty.do(now=answered_at)
    site.platform.is_away = True

    with pytest.raises(SourceAway, match="502"):
        site.duty.do(now=answered_at + timedelta(seconds=30))
    assert site.limits("away") == {"gpu:a100": 60}
    with pytest.raises(SourceAway, match="502"):
        site.duty.do(now=answered_at + timedelta(seconds=121))
    assert site.limits("away") == {"gpu:a100": 0}
    site.cluster.wait_for(lambda: now() > answered_at + timedelta(seconds=121))
    number, complaint = site.cluster.try_to_submit("-Aaway", *A100)
    assert (number, "not been confirmed" in complaint) == ("", True)
    assert "未经平台确认" in complaint
    assert site.cluster.submit("-Aunmanaged", *A100, work="true")

    site.platform.is_away = False
    site.duty.do(now=now())
    assert site.limits("away") == {"gpu:a100": 60}
    assert site.cluster.submit("-Aaway", *A100, work="true")


def test_an_answer_that_is_not_whole_changes_nothing(site: Site) -> None:
    site.cluster.add_accounts("whole")
    site.platform.rows = [row("whole", HOUR)]
    site.duty.do(now=now())
    before = site.cluster.balance_file.read_bytes()

    for broken in ({"account": "whole"}, row("whole", -1)):
        site.platform.rows = [row("whole", 0, state="SPENT"), broken]
        with pytest.raises(SourceAway, match="cannot be read"):
            site.duty.do(now=now())

    assert site.limits("whole") == {"gpu:a100": 60}
    assert site.cluster.balance_file.read_bytes() == before


def test_a_name_that_sacctmgr_would_read_as_more_names_is_no_account(site: Site) -> None:
    site.cluster.add_accounts("one", "two")
    site.platform.rows = [row("one,two", HOUR), row("one set GrpTRESMins=cpu", HOUR)]

    site.duty.do(now=now())

    assert site.limits("one") == site.limits("two") == {}


def test_this_clusters_settings_let_limits_hold(cluster: RealCluster) -> None:
    settings = SlurmLimits(cluster.commands()).read_settings()

    assert list(setting_faults(settings, ["gpu:a100", "gpu:h100"])) == []
    assert list(setting_faults(settings, ["gpu:b200"])) == [
        "Slurm does not count gres/gpu:b200: add it to AccountingStorageTRES."
    ]


def test_a_balance_file_that_cannot_be_written_is_told(site: Site, tmp_path: Path) -> None:
    site.cluster.add_accounts("whole")
    blocked = tmp_path / "no-folder" / "balances.tsv"
    site.rules = replace(site.rules, balance_file=blocked)
    site.restart()
    site.platform.rows = [row("whole", HOUR)]

    with pytest.raises(SourceAway, match="no-folder"):
        site.duty.do(now=now())
    assert not os.path.lexists(blocked.parent)
