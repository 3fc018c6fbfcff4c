"""What ten days on the recorded cluster look like: which jobs, from whom, and what befalls them.

Chance comes from hashes of the job's number, so every recording plans the same jobs.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
STARTS_AT: Final = datetime(2026, 3, 23, 8, tzinfo=SHANGHAI)
PERIOD_ENDS_AT: Final = datetime(2026, 4, 1, tzinfo=SHANGHAI)
NINE_BEFORE_THE_END: Final = PERIOD_ENDS_AT - timedelta(hours=9)
JSON_TAKEN_AT: Final = PERIOD_ENDS_AT + timedelta(minutes=10)
TEXT_TAKEN_AT: Final = PERIOD_ENDS_AT + timedelta(hours=18)
BULK_COUNT: Final = 112
HOUR: Final = 3_600

# Uneven on purpose: two firms rent most of the cluster. `otherfirm` has no contract.
ACCOUNT_SHARES: Final = {
    "qianyun": 32,
    "wujiang": 28,
    "fanjing": 14,
    "huangguo": 11,
    "zunyi_ai": 8,
    "xingyi_lab": 6,
    "otherfirm": 5,
}
USERS: Final = {
    "qianyun": ("qy_lin", "qy_zhou"),
    "wujiang": ("wj_chen", "wj_tang"),
    "fanjing": ("fj_yang",),
    "huangguo": ("hg_long",),
    "zunyi_ai": ("zy_luo",),
    "xingyi_lab": ("xy_wei",),
    "otherfirm": ("of_meng",),
}
CARD_SHARES: Final = {"a100": 50, "h100": 28, "ascend910b": 16, "": 8}
# "nodes x cards on each node"
SIZE_SHARES: Final = {"1x1": 16, "1x2": 18, "1x4": 18, "1x8": 26, "2x8": 18, "3x8": 4}
WORK_MINUTES_SHARES: Final = {"25": 6, "95": 12, "240": 20, "430": 22, "780": 22, "1260": 18}
ENDING_SHARES: Final = {"completes": 76, "fails": 13, "runs_out_of_time": 8, "is_cancelled": 8}


class What(Enum):
    """What the operator, or the recorder, does at a moment."""

    SUBMIT = "submit"
    CANCEL = "cancel"
    SUSPEND = "suspend"
    RESUME = "resume"
    REQUEUE = "requeue"
    NODE_DOWN = "node_down"
    NODE_UP = "node_up"
    TAKE_JSON = "take_json"
    TAKE_TEXT = "take_text"


@dataclass(frozen=True, slots=True)
class PlannedJob:
    """One call of sbatch. `options` go to it as they are; the work includes any suspension."""

    name: str
    account: str
    user: str
    options: tuple[str, ...]
    work_seconds: int
    limit_minutes: int
    exit_code: int = 0
    has_step: bool = False

    @property
    def held_seconds_max(self) -> int:
        """Seconds after its start when the job is surely over: slurmctld looks every 30 s."""
        return min(self.work_seconds + 1, self.limit_minutes * 60 + 45)


@dataclass(frozen=True, slots=True)
class Event:
    """Something done at a moment; `target` is a job's name or a node's."""

    at: datetime
    what: What
    target: str = ""
    job: PlannedJob | None = None


def draw(seed: str, shares: Mapping[str, int]) -> str:
    """Pick a key with a chance in proportion to its share; the same seed picks the same key."""
    point = int(hashlib.sha256(seed.encode()).hexdigest(), 16) % sum(shares.values())
    for key, share in shares.items():
        if point < share:
            return key
        point -= share
    raise AssertionError(seed)


def card_options(cards: str, size: str) -> tuple[str, ...]:
    """Give sbatch's options for `size` ("2x8" is 2 nodes with 8 cards each) of a card type."""
    nodes, count = size.split("x")
    if not cards:
        return ("--partition=cpu", "--nodes=1", f"--cpus-per-task={int(count) * 4}")
    return (
        f"--partition={cards}",
        f"--nodes={nodes}",
        "--ntasks-per-node=1",
        "--cpus-per-task=8",
        f"--gres=gpu:{cards}:{count}",
    )


def plan() -> list[Event]:
    """List all events of the recording, in order of time."""
    events = [*bulk_events(), *named_events(), *period_end_events()]
    events.append(Event(JSON_TAKEN_AT, What.TAKE_JSON))
    events.append(Event(TEXT_TAKEN_AT, What.TAKE_TEXT))
    return sorted(events, key=lambda event: event.at)


def bulk_events() -> Iterator[Event]:
    """Give the everyday jobs, spread unevenly over the days up to the noon of 31 March."""
    for n in range(BULK_COUNT):
        account = draw(f"account {n}", ACCOUNT_SHARES)
        cards = draw(f"cards {n}", CARD_SHARES)
        size = draw(f"size {n}", SIZE_SHARES)
        if cards == "ascend910b" and size == "3x8":
            size = "2x8"
        ending = draw(f"ending {n}", ENDING_SHARES)
        minutes = int(draw(f"work {n}", WORK_MINUTES_SHARES)) + n % 17
        minutes = min(minutes, 500) if cards == "ascend910b" else minutes
        job = PlannedJob(
            name=f"{'train' if cards else 'prepare'}-{n:03d}",
            account=account,
            user=draw(f"user {n}", dict.fromkeys(USERS[account], 1)),
            options=(*card_options(cards, size), *remark(n)),
            work_seconds=minutes * 60 + n % 53,
            limit_minutes=minutes // 2 if ending == "runs_out_of_time" else minutes + 120,
            exit_code=1 if ending == "fails" else 0,
            has_step=n % 4 == 0,
        )
        jitter = int(draw(f"minute {n}", {str(minute): 1 for minute in range(150)}))
        at = STARTS_AT + timedelta(minutes=5 + n * 103 + jitter)
        yield Event(at, What.SUBMIT, job.name, job)
        if ending == "is_cancelled":
            yield Event(at + timedelta(minutes=minutes * 2 // 3), What.CANCEL, job.name)


def remark(n: int) -> tuple[str, ...]:
    """Give every third job a comment, every sixth one in Chinese."""
    if n % 3:
        return ()
    return (f"--comment=模型训练 第{n}轮",) if n % 6 == 0 else (f"--comment=run {n}; seed=7",)


def named_events() -> Iterator[Event]:
    """Give the jobs to which something in particular happens."""
    yield from preempted()
    yield from hit_by_a_dead_node()
    yield from suspended()
    yield from handed_in_oddly()


def preempted() -> Iterator[Event]:
    """Give low jobs that high ones throw off their nodes, to start again later."""
    for cards, firms, start, nodes, hours in (
        ("h100 2x8", ("xingyi_lab", "qianyun"), STARTS_AT, "gpu-h[03-04]", (30, 19, 5)),
        ("a100 1x8", ("zunyi_ai", "wujiang"), STARTS_AT, "gpu-a06", (20, 14, 9)),
        # RUNNING when the JSON is taken; PREEMPTED, with a second run after it, in the text.
        ("ascend910b 1x8", ("zunyi_ai", "fanjing"), NINE_BEFORE_THE_END, "npu-d02", (13, 10, 2)),
    ):
        on, kind = ("-w", nodes), cards.split()[0]
        low = named(f"low-{kind}", firms[0], cards, hours=hours[0], more=("-q", "low", *on))
        high = named(f"high-{kind}", firms[1], cards, hours=hours[2], more=("-q", "high", *on))
        yield Event(start, What.SUBMIT, low.name, low)
        yield Event(start + timedelta(hours=hours[1]), What.SUBMIT, high.name, high)


def hit_by_a_dead_node() -> Iterator[Event]:
    """Give a job that may not start again, and one that may, on a node that dies."""
    for name, account, cards, requeue in (
        ("doomed", "fanjing", "a100 1x4", "--no-requeue"),
        ("unlucky", "qianyun", "a100 1x2", "--requeue"),
    ):
        job = named(name, account, cards, hours=44, more=(requeue, "-w", "gpu-a05"))
        yield Event(STARTS_AT, What.SUBMIT, name, job)
    yield Event(STARTS_AT + timedelta(hours=38, minutes=20), What.NODE_DOWN, "gpu-a05")
    yield Event(STARTS_AT + timedelta(hours=39), What.NODE_UP, "gpu-a05")


def suspended() -> Iterator[Event]:
    """Give a job suspended within a day, and one over midnight. The cards stay with them."""
    for name, account, cards, start in (
        ("paused-day", "huangguo", "ascend910b 1x4", timedelta(hours=2)),
        ("paused-night", "wujiang", "h100 1x2", timedelta(days=2, hours=11)),
    ):
        at, job = STARTS_AT + start, named(name, account, cards, hours=12)
        # Ahead of the queue, so that it runs when the suspension comes.
        yield Event(at, What.SUBMIT, name, replace(job, options=(*job.options, "-q", "high")))
        yield Event(at + timedelta(hours=4), What.SUSPEND, name)
        yield Event(at + timedelta(hours=6, minutes=30), What.RESUME, name)


def handed_in_oddly() -> Iterator[Event]:
    """Give a job that never starts, one sent back by hand, arrays, two halves, no card type."""
    # A colon of its own parts the two halves of a heterogeneous job.
    half = (":", "--partition=h100", "--nodes=1", "--gres=gpu:h100:2", "--cpus-per-task=8")
    for name, account, cards, hours, more, (day, hour) in (
        ("never", "fanjing", "h100 1x8", 4, ("--begin=2026-03-30T08:00:00",), (3, 0)),
        ("again", "zunyi_ai", "a100 1x2", 7, ("-q", "high"), (4, 0)),
        ("sweep", "wujiang", "a100 1x1", 3, ("--array=0-11%4",), (1, 4)),
        ("score", "fanjing", "ascend910b 1x2", 2, ("--array=1,3,5,7-9",), (5, 13)),
        ("pair", "qianyun", "a100 1x4", 6, half, (2, 1)),
        # ReqTRES then names no type, AllocTRES does.
        ("untyped", "huangguo", "h100 1x1", 10, ("--gres=gpu:3",), (3, 2)),
    ):
        at = STARTS_AT + timedelta(days=day, hours=hour)
        yield Event(at, What.SUBMIT, name, named(name, account, cards, hours=hours, more=more))
    yield Event(STARTS_AT + timedelta(days=3, hours=5), What.CANCEL, "never")
    yield Event(STARTS_AT + timedelta(days=4, hours=3), What.REQUEUE, "again")


def period_end_events() -> Iterator[Event]:
    """Give the jobs that hold cards across 1 April 00:00, and those of the day after."""
    for name, account, cards, hours_before, hours in (
        ("across-1", "qianyun", "a100 2x8", 30, 38),
        ("across-2", "wujiang", "h100 1x8", 6, 10),
        ("across-3", "huangguo", "ascend910b 1x8", 4, 9),
        ("across-4", "otherfirm", "a100 1x2", 2, 5),
        ("across-5", "xingyi_lab", "h100 1x4", 1, 3),
        ("ends-just-before", "fanjing", "a100 1x4", 8, 7),
        ("after-1", "qianyun", "a100 1x8", -2, 3),
        ("after-2", "wujiang", "h100 2x8", -5, 4),
        ("still-running", "qianyun", "h100 1x4", -9, 40),
    ):
        job = named(name, account, cards, hours=hours)
        yield Event(PERIOD_ENDS_AT - timedelta(hours=hours_before), What.SUBMIT, name, job)


def named(
    name: str, account: str, cards: str, *, hours: int, more: tuple[str, ...] = ()
) -> PlannedJob:
    """Make a job of whole hours and some seconds, from the account's first user."""
    kind, size = cards.split()
    return PlannedJob(
        name=name,
        account=account,
        user=USERS[account][0],
        options=(*card_options(kind, size), *more),
        work_seconds=hours * HOUR + sum(name.encode()) % 977,
        limit_minutes=hours * 60 + 240,
        has_step=name.startswith("across"),
    )
