"""What needs no cluster: reading Slurm's words, and the sums behind a limit."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis.strategies import integers, text

from evernormal import clock
from evernormal.cli import main
from evernormal.connectors.agent.enforcement import EnforcementRules
from evernormal.connectors.agent.enforcement_balances import Balance, Balances
from evernormal.connectors.agent.enforcement_file import Gate, encode_gates, write_whole
from evernormal.connectors.agent.enforcement_memory import (
    Memory,
    counted_before,
    keep_memory,
    read_memory,
)
from evernormal.connectors.agent.enforcement_slurm import minutes_of, setting_faults
from evernormal.connectors.agent.settings import read_settings
from evernormal.connectors.agent.slurm_settings import (
    ENFORCEMENT_SCHEMA,
    SLURM_SCHEMA,
    SlurmSetup,
)
from evernormal.connectors.agent.source import SourceAway
from evernormal.formats.problems import InputProblems
from tests.slurm.conftest import JOB_SUBMIT

pytestmark = pytest.mark.one_database

GOOD = {
    "AccountingStorageEnforce": "associations,limits,qos,safe",
    "PriorityType": "priority/multifactor",
    "PriorityDecayHalfLife": "00:00:00",
    "PriorityUsageResetPeriod": "NONE",
    "AccountingStorageTRES": "cpu,gres/gpu,gres/gpu:a100",
}


def test_generic_resources_are_read_from_a_list_of_trackable_ones() -> None:
    assert minutes_of("cpu=3,mem=4G,gres/gpu=4,gres/gpu:a100=4,gres/shard=N") == {
        "gpu": 4,
        "gpu:a100": 4,
    }
    assert minutes_of("") == {}


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("AccountingStorageEnforce", "associations,qos", "does not enforce limits"),
        ("AccountingStorageEnforce", "limits", "ends running jobs"),
        ("PriorityType", "priority/basic", "counts no use"),
        ("PriorityDecayHalfLife", "7-00:00:00", "PriorityDecayHalfLife=0"),
        ("PriorityUsageResetPeriod", "MONTHLY", "PriorityUsageResetPeriod=NONE"),
        ("AccountingStorageTRES", "cpu,gres/gpu", "gres/gpu:a100"),
    ],
)
def test_a_setting_that_keeps_limits_from_holding_is_told(name: str, value: str, told: str) -> None:
    assert list(setting_faults(GOOD, ["gpu:a100"])) == []
    [fault] = setting_faults({**GOOD, name: value}, ["gpu:a100"])
    assert told in fault


@given(at_pull=integers(0, 10**9), since=integers(0, 10**6), paid=integers(0, 10**9))
def test_a_limit_leaves_what_the_voucher_pays_less_what_ran_since(
    at_pull: int, since: int, paid: int
) -> None:
    now = at_pull + since
    counted = counted_before(
        {"a": {"gpu:x": at_pull}}, {"gpu:x": now}, account="a", resource="gpu:x"
    )

    left_in_slurm = counted + paid - now

    assert left_in_slurm == paid - since


def test_counters_that_were_set_back_open_nothing() -> None:
    counted = {"a": {"gpu:x": 500}}
    assert counted_before(counted, {"gpu:x": 0}, account="a", resource="gpu:x") == 0
    assert counted_before({}, {"gpu:x": 7}, account="a", resource="gpu:x") == 7


def test_card_types_are_resources_of_the_kind_gpu_unless_told_otherwise() -> None:
    rules = EnforcementRules(Path("memory"), resources={"ascend910b": "npu:ascend910b"})
    named = [rules.resource_of(name) for name in ("a100", "1g.10gb", "gpu", "shard", "ascend910b")]
    assert named == ["gpu:a100", "gpu:1g.10gb", "gpu", "shard", "npu:ascend910b"]


@given(message=text())
def test_no_message_breaks_the_balance_file(message: str) -> None:
    gate = Gate("a", "gpu:x", "SPENT", 0, message, message)

    lines = encode_gates([gate, gate], good_until=7).decode().split("\n")

    assert lines[:3] == ["evernormal-balances\t1", "good_until\t7", "when_stale\trefuse"]
    assert [line.count("\t") for line in lines[3:5]] == [6, 6]
    assert lines[5:] == ["end\t2", ""]


def test_memory_outlasts_the_agent(tmp_path: Path) -> None:
    path = tmp_path / "memory.json"
    row = Balance("a", ("a100",), 5, "OPEN")
    memory = Memory(received_at=7, balances=Balances("now", (row,)), counted={"a": {"gpu:a100": 3}})
    assert read_memory(path) == Memory()
    keep_memory(path, memory)
    assert read_memory(path) == memory
    path.write_bytes(b"{half")
    assert read_memory(path) == Memory()
    with pytest.raises(SourceAway, match="memory"):
        read_memory(tmp_path)
    with pytest.raises(SourceAway, match="none"):
        keep_memory(tmp_path / "none" / "memory.json", memory)


def test_a_file_is_put_in_place_whole_and_readable(tmp_path: Path) -> None:
    path = tmp_path / "balances.tsv"
    path.write_text("old")
    write_whole(path, b"new")
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o644
    assert [found.name for found in tmp_path.iterdir()] == ["balances.tsv"]


def test_the_package_carries_the_script_for_slurmctld() -> None:
    printed = CliRunner().invoke(main, ["agent", "job-submit"])

    assert printed.exit_code == 0
    assert printed.output == JOB_SUBMIT.read_text(encoding="utf-8")


SETTINGS = """\
provider = "P1"
programme = "P"
key = "key.pem"
spool = "spool"
first_from = 2026-01-01T00:00:00+08:00
[platform]
url = "https://platform.example"
"""
SECTIONS = {"slurm": SLURM_SCHEMA, "enforcement": ENFORCEMENT_SCHEMA}


def test_settings_are_read_and_every_wrong_one_is_told(tmp_path: Path) -> None:
    (tmp_path / "key.pem").touch()
    path = tmp_path / "agent.toml"
    path.write_text(SETTINGS + '[slurm]\n[enforcement]\nresources = { x = "npu:x" }\n')
    read = read_settings(path, source="slurm", sections=SECTIONS)
    assert read.sections["enforcement"] == {"resources": {"x": "npu:x"}}
    SlurmSetup(read, tmp_path, clock.now).check()

    path.write_text(
        SETTINGS
        + "[slurm]\nclusters = []\n"
        + "[enforcement]\nevery_seconds = 300\nrefuse_after_seconds = 5\nlimit = 3\n"
    )
    with pytest.raises(InputProblems) as refused:
        read_settings(path, source="slurm", sections=SECTIONS)
    assert {
        "slurm.clusters",
        "enforcement.every_seconds",
        "enforcement.refuse_after_seconds",
    } <= {str(problem.column) for problem in refused.value.problems}

    path.write_text(
        SETTINGS
        + '[slurm]\nrest_url = "ftp://x"\nclusters = ["a", "b,c"]\n'
        + '[enforcement]\nresources = { x = "a,b" }\n'
    )
    read = read_settings(path, source="slurm", sections=SECTIONS)
    with pytest.raises(InputProblems) as refused:
        SlurmSetup(read, tmp_path, clock.now).check()
    assert [problem.column for problem in refused.value.problems] == [
        "enforcement.resources.x",
        "slurm.clusters[1]",
        "slurm.rest_url",
    ]
