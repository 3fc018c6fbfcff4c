"""job_submit.lua inside a real slurmctld: who is let through, and what the others are told."""

import time
from collections.abc import Iterator

import pytest

from evernormal.connectors.agent.enforcement_file import Gate, encode_gates, write_whole
from tests.slurm.real_cluster import RealCluster

pytestmark = pytest.mark.one_database

HOUR = 3_600
SPENT_EN, SPENT_ZH = "Voucher V-7 is spent: 0.00 yuan left.", "算力券 V-7 已用完，余额 0.00 元。"
GATES = (
    Gate("gate1", "gpu:a100", "OPEN", 10 * HOUR, "", ""),
    Gate("gate1", "gpu:h100", "SPENT", 0, SPENT_EN, SPENT_ZH),
    Gate("gate2", "gpu:a100", "EXPIRED", 0, "", ""),
    Gate("gate2", "gpu:h100", "A_STATE_OF_TOMORROW", 0, "Not\tnow.\nLater.", "稍后。"),
)
TO_A100, TO_H100 = ("-p", "a100"), ("-p", "h100")
ONE_A100, ONE_H100 = (*TO_A100, "--gres=gpu:a100:1"), (*TO_H100, "--gres=gpu:h100:1")
MINUTE = ("-t", "1")


@pytest.fixture(autouse=True)
def gates(cluster: RealCluster) -> Iterator[None]:
    cluster.add_accounts("gate1", "gate2", "gate3")
    write_whole(cluster.balance_file, encode_gates(GATES, good_until=None))
    yield
    cluster.cancel_all()
    cluster.balance_file.unlink()


@pytest.mark.parametrize(
    "options",
    [
        ("-Agate1", *ONE_A100, *MINUTE),
        ("-Agate1", *TO_A100, "--gpus=a100:2", *MINUTE),
        ("-Agate1", *TO_A100, "--gres=gpu:a100", *MINUTE),
        ("-Agate1", *TO_A100, "--gpus-per-task=a100:2", "-n4", "-t60"),
        ("-Agate1", *TO_A100, "--gpus-per-node=a100:5", "-N2", "-t60"),
        ("-Agate1", *ONE_A100, "-t600"),
        ("-Agate1", *TO_H100, *MINUTE),
        ("-Agate1", *TO_H100, "--exclusive", *MINUTE),
        ("-Agate2", "-p", "cpu", *MINUTE),
        ("-Agate3", *TO_A100, "--gres=gpu:1"),
        ("-Agate3", *ONE_H100, "-t600"),
    ],
    ids=" ".join,
)
def test_what_a_voucher_pays_or_none_is_asked_for_goes_through(
    cluster: RealCluster, options: tuple[str, ...]
) -> None:
    cluster.submit(*options, work="true")


@pytest.mark.parametrize(
    ("options", "en", "zh"),
    [
        (("-Agate1", *ONE_H100, *MINUTE), SPENT_EN, SPENT_ZH),
        (("-Agate1", *TO_H100, "--gpus=h100:1", *MINUTE), SPENT_EN, SPENT_ZH),
        (("-Agate2", *ONE_A100, *MINUTE), "account gate2 is EXPIRED", "gate2 的算力券不可用"),
        (("-Agate2", *ONE_H100, *MINUTE), "Not now. Later.", "稍后。"),
        (("-Agate2", *TO_H100, "--exclusive", *MINUTE), "", "。"),
        (("-Agate1", *TO_A100, "--gres=gpu:1", *MINUTE), "Name the type of card", "请写明卡型"),
        (("-Agate1", *TO_A100, "--gpus=1", *MINUTE), "Name the type of card", "请写明卡型"),
        (("-Agate1", *ONE_A100, "-t601"), "asks for 10.01 card-hours", "10.01 卡时"),
        (
            ("-Agate1", *TO_A100, "--gpus-per-node=a100:8", "-N2", "-t60"),
            "16.00 card-hours of gpu:a100 (cards x time limit); the voucher pays 10.00 more",
            "共 16.00 卡时（卡数×时限），算力券余额仅够 10.00 卡时",
        ),
        (("-Agate1", *ONE_A100), "asks for 24.00 card-hours", "24.00 卡时"),
        (
            ("-Agate1", *ONE_A100, *MINUTE, ":", *ONE_H100, *MINUTE),
            f"1: {SPENT_EN}",
            f"1: {SPENT_ZH}",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_no_voucher_pays_is_refused_in_both_languages(
    cluster: RealCluster, options: tuple[str, ...], en: str, zh: str
) -> None:
    number, complaint = cluster.try_to_submit(*options, work="true")

    assert number == ""
    assert en in complaint
    assert zh in complaint
    assert "Job violates accounting/QOS policy" in complaint
    assert cluster.ask("squeue", "-h") == ""


def test_a_job_without_any_time_limit_is_told_to_give_one(cluster: RealCluster) -> None:
    cluster.ask("scontrol", "create", "partitionname=no-default", "nodes=ALL")
    one = ("-p", "no-default", "--gres=gpu:a100:1")

    for options in (("-Agate1", *one), ("-Agate1", *ONE_A100, "--time=UNLIMITED")):
        number, complaint = cluster.try_to_submit(*options)
        assert number == ""
        assert "Give the job a time limit, for example --time=2:00:00." in complaint
        assert "请为作业设置时限" in complaint
    assert cluster.submit("-Agate3", *one, work="true")
    assert cluster.submit("-Agate1", *one, *MINUTE, work="true")


def test_a_waiting_job_cannot_be_moved_to_a_closed_account(cluster: RealCluster) -> None:
    job = cluster.submit("-Agate3", *ONE_A100, *MINUTE, "--hold", work="true")

    moved = cluster.as_user("scontrol", "update", f"jobid={job}", "account=gate2")
    also = cluster.as_user("scontrol", "update", f"jobid={job}", "account=gate1")

    # Slurm 22.05 does not hand the script's own words to scontrol.
    assert "Job violates accounting/QOS policy" in moved
    assert also == ""


def test_balances_too_old_to_trust_close_the_managed_accounts_alone(cluster: RealCluster) -> None:
    write_whole(cluster.balance_file, encode_gates(GATES, good_until=int(time.monotonic())))

    number, complaint = cluster.try_to_submit("-Agate1", *ONE_A100, *MINUTE)

    assert number == ""
    assert "has not been confirmed by the voucher platform for too long" in complaint
    assert "长时间未经平台确认" in complaint
    assert cluster.submit("-Agate3", *ONE_A100, *MINUTE, work="true")


@pytest.mark.parametrize("keep", [0, 30, -3])
def test_a_broken_file_leaves_what_was_known(cluster: RealCluster, keep: int) -> None:
    assert cluster.try_to_submit("-Agate1", *ONE_H100, *MINUTE)[0] == ""
    whole = cluster.balance_file.read_bytes()
    cluster.balance_file.write_bytes(whole[:keep])

    number, complaint = cluster.try_to_submit("-Agate1", *ONE_H100, *MINUTE)

    assert (number, SPENT_ZH in complaint) == ("", True)
    log = (cluster.root / "log" / "slurmctld.log").read_text()
    assert "evernormal-balances.tsv" in log
