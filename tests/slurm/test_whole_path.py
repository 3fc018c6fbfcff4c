"""From jobs on 64 nodes to a refused job: Slurm, agent, service, lake, charges, limits, gate.

It takes two to four minutes, so it runs only when it is asked for:

    EVERNORMAL_SLURM=64 pytest -s tests/slurm/test_whole_path.py
"""
# ruff: noqa: T201 - it prints its figures

import os
import signal
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from evernormal import clock
from tests.api.serving import Serving, serving
from tests.api.year_folder import KEYS, PROGRAMME_ID, write_year
from tests.life.shelf import EVERNORMAL
from tests.slurm.conftest import run_cluster
from tests.slurm.real_cluster import RealCluster

NODES = "64"
pytestmark = [
    pytest.mark.one_database,
    pytest.mark.skipif(
        os.environ.get("EVERNORMAL_SLURM") != NODES,
        reason=f"takes minutes; set EVERNORMAL_SLURM={NODES} to run it",
    ),
]

CARD_SECONDS = Path(__file__).parents[2] / "tools" / "slurm" / "card_seconds.awk"
CLASSES = {"a100": "A100-80G", "h100": "H100-80G", "ascend910b": "Ascend-910B"}
# Four card-hours: thirty jobs of eight cards, a minute each.
PAID_CARD_SECONDS = 4 * 3_600
EVERY_SECONDS = 15
SPENT_TO_REFUSED_SECONDS_MAX = 60
MINE, OTHER, FREE = "jiayi-2", "jiayi", "no-contract"
AGENT_TOML = """\
provider = "P1"
programme = "{programme}"
key = "agent.pem"
spool = "spool"
first_from = {first_from}
interval_seconds = {every}
retry_seconds_max = 5

[platform]
url = "{url}"

[slurm]

[enforcement]
every_seconds = {every}
balance_file = "{balance_file}"
refuse_after_seconds = 600
"""


@dataclass(frozen=True, slots=True)
class Path3:
    """The three programs: the cluster, the agent's log, and the service."""

    cluster: RealCluster
    agent_log: Path
    service: Serving
    out: Path

    def balance(self, account: str, card_type: str) -> dict[str, object]:
        """What the service says."""
        rows = self.service.balances().json()["balances"]
        return next(
            row for row in rows if row["account"] == account and card_type in row["card_types"]
        )

    def in_lake(self) -> dict[str, int]:
        """Card-seconds by "account|card type", as card_seconds.awk writes them."""
        files = [str(path) for path in (self.out / ".state" / "lake").rglob("*.parquet")]
        held: Counter[str] = Counter()
        types = {name: card_type for card_type, name in CLASSES.items()}
        for file in files:
            frame = pl.read_parquet(file)
            if "weight" not in frame.columns:
                continue
            for row in frame.iter_rows(named=True):
                seconds = row["weight"] * row["cards"] * (row["ends_at"] - row["starts_at"])
                held[f"{row['account']}|{types[row['device_class']]}"] += seconds
        return {key: seconds for key, seconds in held.items() if seconds}

    def in_sacct(self) -> dict[str, int]:
        """The independent sum: awk over what sacct prints."""
        printed = self.cluster.ask(
            "sacct", "-D", "-a", "-X", "-P", "-Snow-1hour", "-oJobID,Account,Start,End,AllocTRES"
        )
        summed = subprocess.run(
            ["awk", "-f", CARD_SECONDS, "-v", "from=0", "-v", f"until={10**10}"],
            input=printed,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()
        return {key: int(count) for key, _, count in (line.rpartition("|") for line in summed)}

    def charged(self) -> dict[str, int]:
        """Card-seconds that orders were charged for."""
        with sqlite3.connect(f"file:{self.out}/.state/books.sqlite3?mode=ro", uri=True) as books:
            return dict(
                books.execute("select order_id, sum(used_seconds) from charge group by order_id")
            )


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path3]:
    """Start everything, in the order of a real site."""
    folder = tmp_path_factory.mktemp("path")
    pem = folder / "agent.pem"
    pem.write_bytes(KEYS["a"].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    pem.chmod(0o600)
    year = write_year(folder / "in", clock.now().astimezone(ZoneInfo("Asia/Shanghai")).date())
    programme = (year / "programme.toml").read_text()
    two = 'a100 = "A100-80G", h100 = "H100-80G"'
    assert two in programme
    three = f'{two}, ascend910b = "{CLASSES["ascend910b"]}"'
    (year / "programme.toml").write_text(programme.replace(two, three))
    orders = (year / "orders.csv").read_text()
    assert "O2,C2,A100-80G,8,8,1000," in orders
    hours = PAID_CARD_SECONDS // 3_600
    (year / "orders.csv").write_text(
        orders.replace("O2,C2,A100-80G,8,8,1000,", f"O2,C2,A100-80G,8,8,{hours},")
    )
    for cluster in run_cluster(NODES):
        cluster.add_accounts(MINE, OTHER, FREE)
        with serving(year, folder / "out") as service:
            settings = folder / "agent.toml"
            settings.write_text(
                AGENT_TOML.format(
                    programme=PROGRAMME_ID,
                    first_from=clock.now().isoformat(timespec="seconds"),
                    url=str(service.client.base_url),
                    balance_file=cluster.balance_file,
                    every=EVERY_SECONDS,
                )
            )
            with agent_running(cluster, settings) as log:
                yield Path3(cluster, log, service, folder / "out")


@contextmanager
def agent_running(cluster: RealCluster, settings: Path) -> Iterator[Path]:
    """Run the agent as a service of its own."""
    told = settings.with_name("agent.log")
    with told.open("w") as log:
        process = subprocess.Popen(
            [EVERNORMAL, "agent", "slurm", settings],
            env=os.environ | cluster.env(),
            stderr=log,
        )
    try:
        yield told
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0, told.read_text()
    finally:
        process.kill()
        process.wait()


def wait_for(is_so: Callable[[], bool], *, seconds: float, what: Callable[[], object]) -> None:
    give_up_at = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < give_up_at, what()
        time.sleep(1)


def spent_at(cluster: RealCluster) -> float:
    """The second at which the account's jobs had held as many card-seconds as are paid for."""
    printed = cluster.ask(
        "sacct", "-D", "-X", "-P", "-n", "-A", MINE, "-Snow-1hour", "-oStart,End,AllocTRES"
    )
    changes: Counter[int] = Counter()
    for line in printed.splitlines():
        start, end, tres = line.split("|")
        entries = dict(entry.partition("=")[::2] for entry in tres.split(",") if entry)
        cards = int(entries.get("gres/gpu:a100", "0"))
        if cards and start.isdecimal():
            changes[int(start)] += cards
            changes[int(end)] -= cards
    held = cards = last = 0
    for moment, change in sorted(changes.items()):
        if cards and held + cards * (moment - last) >= PAID_CARD_SECONDS:
            return last + (PAID_CARD_SECONDS - held) / cards
        held += cards * (moment - last)
        cards, last = cards + change, moment
    pytest.fail(f"only {held} of {PAID_CARD_SECONDS} card-seconds were used")


def test_jobs_are_charged_until_the_voucher_is_spent_and_the_next_one_is_refused(
    path: Path3,
) -> None:
    cluster = path.cluster
    assert cluster.ask("sinfo", "-h", "-p", "all", "-o", "%D").split() == ["65"]
    cluster.wait_for(
        lambda: cluster.balance_file.exists() and "limit of" in path.agent_log.read_text(),
        seconds=60,
    )
    assert path.balance(MINE, "a100")["remaining_card_seconds"] == PAID_CARD_SECONDS

    submit_others(cluster)
    # They sleep past their limit of a minute. slurmctld looks for such jobs every half a minute
    # or so: that is how a voucher comes to be spent to the last second.
    eight = ("-p", "a100", "-N1", "--gres=gpu:a100:8", "-t1")
    for _ in range(30):
        cluster.submit(f"-A{MINE}", *eight, work="sleep 600")
    waits = cluster.submit(f"-A{MINE}", *eight, work="true")
    cluster.wait_for(lambda: cluster.state_of(waits) == "PD AssocGrpGRESMinutes")

    complaint = complaint_when_spent(path)
    refused_at = clock.now().timestamp()
    print(f"\n{complaint}")
    assert path.balance(MINE, "a100")["state"] == "SPENT"
    assert "算力券" in complaint
    assert cluster.state_of(waits) == "PD AssocGrpGRESMinutes"
    assert cluster.submit(f"-A{FREE}", *eight, work="true"), "others go on"
    h100 = ("-p", "h100", "--gres=gpu:h100:1", "-t1")
    assert cluster.submit(f"-A{MINE}", *h100, work="true"), "and so does another class"

    cluster.ask("scancel", waits)
    wait_for(
        lambda: not cluster.ask("squeue", "-h"), seconds=300, what=lambda: cluster.ask("squeue")
    )
    took = refused_at - spent_at(cluster)
    print(f"from spent to refused: {took:.1f} s")
    assert 0 <= took < SPENT_TO_REFUSED_SECONDS_MAX

    in_sacct = path.in_sacct()
    wait_for(lambda: path.in_lake() == in_sacct, seconds=90, what=path.in_lake)
    print(f"card-seconds in the lake and in sacct: {in_sacct}")
    assert set(in_sacct) >= {f"{MINE}|a100", f"{OTHER}|a100", f"{FREE}|ascend910b"}
    orders = {"O1": f"{OTHER}|a100", "O2": f"{MINE}|a100", "O3": f"{MINE}|h100"}
    due = {order: in_sacct[use] for order, use in orders.items()}
    wait_for(lambda: path.charged() == due, seconds=30, what=lambda: (path.charged(), due))


def submit_others(cluster: RealCluster) -> None:
    """Hand in a hundred jobs of all sizes and ends, on all types of card."""
    sizes = cycle((1, 2, 3, 4, 8))
    works = cycle(("sleep 3", "sleep 7", "sleep 12; exit 1", "true", "sleep 20"))
    for number in range(100):
        card_type = ("a100", "h100", "ascend910b")[number % 3]
        account = FREE if card_type == "ascend910b" or number % 4 == 0 else OTHER
        if card_type == "h100" and account == OTHER:
            account = MINE
        options = ["-p", card_type, f"--gres=gpu:{card_type}:{next(sizes)}", "-t2"]
        options += ["-N2"] if number % 10 == 0 else ["-N1"]
        options += ["--array=0-2"] if number % 25 == 0 else []
        cluster.submit(f"-A{account}", *options, work=next(works))


def complaint_when_spent(path: Path3) -> str:
    """Try every second until Slurm says that the voucher is spent; what it says."""
    one = ("-p", "a100", "--gres=gpu:a100:1", "-t1", "--hold")
    give_up_at = time.monotonic() + 300
    while time.monotonic() < give_up_at:
        number, complaint = path.cluster.try_to_submit(f"-A{MINE}", *one, work="true")
        if number:
            path.cluster.ask("scancel", number)
        elif path.balance(MINE, "a100")["state"] == "SPENT" and "SPENT" in told(path):
            return complaint
        time.sleep(1)
    pytest.fail(path.agent_log.read_text())


def told(path: Path3) -> str:
    """What the gate was told of the account's a100."""
    lines = path.cluster.balance_file.read_text().splitlines()
    return next(line for line in lines if f"\t{MINE}\tgpu:a100\t" in line)
