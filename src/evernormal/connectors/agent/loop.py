"""The agent's round: pull, send, do its duties, wait; and when to try again after a failure."""

import hashlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from evernormal.connectors.agent.agent import Agent, Delivery, PullEnd
from evernormal.connectors.agent.metrics import write_metrics
from evernormal.connectors.agent.sender import Verdict
from evernormal.connectors.agent.source import Duty, SourceAway
from evernormal.connectors.agent.spool import SpoolUnwritable
from evernormal.domain.errors import DomainError

log = logging.getLogger("evernormal.agent")

_FIRST_WAIT_SECONDS = 2
_DOUBLINGS_MAX = 20


class Stop(Protocol):
    """What ends a loop, such as threading.Event."""

    def is_set(self) -> bool:
        """Whether to end."""
        ...

    def wait(self, timeout: float) -> bool:
        """Wait so many seconds, or until it is set."""
        ...


@dataclass(frozen=True, slots=True)
class Pace:
    """How often.

    interval_seconds   between two pulls
    retry_seconds_max  the longest wait after failures
    metrics_file       where the metrics are written after each round; None for nowhere
    """

    interval_seconds: int
    retry_seconds_max: int
    metrics_file: Path | None = None


@dataclass(frozen=True, slots=True)
class Clocks:
    """now tells the instant, with zone; ticks counts seconds and never goes back."""

    now: Callable[[], datetime]
    ticks: Callable[[], float]


@dataclass(slots=True)
class Outcome:
    """What one round, or the whole of `run_once`, came to."""

    taken: int = 0
    refused: int = 0
    waiting: int = 0
    is_source_read: bool = True


def retry_wait_ms(failures: int, *, wait_seconds_max: int, salt: str) -> int:
    """How long to wait after so many failures in a row.

    failures  1 or more
    salt      such as the key's fingerprint: agents that failed together come back apart, without
              dice
    returns   milliseconds: 2 s doubled with each failure up to the limit, less up to a quarter
    """
    whole = _FIRST_WAIT_SECONDS * 1_000 << min(failures - 1, _DOUBLINGS_MAX)
    wait = min(whole, wait_seconds_max * 1_000)
    drawn = int.from_bytes(hashlib.sha256(f"{salt} {failures}".encode()).digest()[:4])
    return wait - wait // 4 * drawn // 2**32


def run_once(agent: Agent, clocks: Clocks, *, stop: Stop) -> Outcome:
    """Read the meter up to now and send everything, without a second try.

    raises   SpoolUnwritable
    """
    outcome = Outcome()
    while True:
        end = agent.pull(now=clocks.now())
        done = agent.send(clock=clocks.now, is_over=stop.is_set)
        _tell_delivery(done)
        outcome.taken += done.taken
        outcome.refused += done.refused
        is_stuck = done.stopped is not None and end is PullEnd.FULL
        if stop.is_set() or is_stuck or end in {PullEnd.CAUGHT_UP, PullEnd.AWAY}:
            break
    outcome.waiting = len(agent.spool.list_waiting())
    outcome.is_source_read = end is PullEnd.CAUGHT_UP
    return outcome


@dataclass(slots=True)
class Loop:
    """An agent that goes on until it is stopped. Times are in seconds of `clocks.ticks`."""

    agent: Agent
    pace: Pace
    clocks: Clocks
    salt: str
    duties: Sequence[Duty] = ()
    _pull_at: float = field(init=False, default=float("-inf"))
    _send_at: float = field(init=False, default=float("-inf"))
    _duty_at: dict[str, float] = field(init=False, default_factory=dict)
    _pull_failures: int = field(init=False, default=0)
    _send_failures: int = field(init=False, default=0)

    def run(self, stop: Stop) -> None:
        """Go on until `stop` is set."""
        while not stop.is_set():
            wait = self.round(stop)
            stop.wait(wait)

    def round(self, stop: Stop) -> float:
        """Do what is due, and return how many seconds later something else is."""
        ticks = self.clocks.ticks
        for duty in self.duties:
            if ticks() >= self._duty_at.get(duty.name, float("-inf")):
                self.do(duty)
        if ticks() >= self._pull_at:
            self._pull()
        if ticks() >= self._send_at and self.agent.spool.list_waiting() and not stop.is_set():
            self._send(stop)
        self.write_metrics()
        due = [self._pull_at, *self._duty_at.values()]
        if self.agent.spool.list_waiting():
            due.append(self._send_at)
        return max(0.0, min(due) - ticks())

    def do(self, duty: Duty) -> None:
        """Do a duty once, and set when it is due again."""
        self._duty_at[duty.name] = self.clocks.ticks() + duty.every_seconds
        try:
            duty.do(now=self.clocks.now())
        except (SourceAway, DomainError) as error:
            log.error("%s failed: %s", duty.name, error)  # noqa: TRY400 - expected, no stack

    def _pull(self) -> None:
        try:
            end = self.agent.pull(now=self.clocks.now())
        except SpoolUnwritable as refusal:
            log.error("%s: %s", refusal.code, refusal)  # noqa: TRY400 - expected, no stack
            end = PullEnd.AWAY
        self._pull_failures = self._pull_failures + 1 if end is PullEnd.AWAY else 0
        wait = float(self.pace.interval_seconds)
        if end is PullEnd.MORE:
            wait = 0.0
        elif end is PullEnd.AWAY:
            # A meter that comes back is read at the next interval at the latest.
            wait = min(self._retry_wait(self._pull_failures), wait)
        self._pull_at = self.clocks.ticks() + wait

    def _send(self, stop: Stop) -> None:
        try:
            done = self.agent.send(clock=self.clocks.now, is_over=stop.is_set)
        except SpoolUnwritable as refusal:
            log.error("%s: %s", refusal.code, refusal)  # noqa: TRY400 - expected, no stack
            self._send_at = self.clocks.ticks() + self.pace.interval_seconds
            return
        _tell_delivery(done)
        if done.taken or done.refused:
            self._send_failures = 0
            # There may be room again for a pull that found none.
            if self.agent.was_full:
                self._pull_at = self.clocks.ticks()
        if done.stopped is None:
            self._send_failures = 0
            return
        self._send_failures += 1
        wait = max(self._retry_wait(self._send_failures), float(done.stopped.wait_seconds or 0))
        if done.stopped.verdict is Verdict.FORBIDDEN:
            # No sooner try can help: somebody must register the key.
            wait = float(self.pace.retry_seconds_max)
        self._send_at = self.clocks.ticks() + wait
        log.warning("the next try to send is in %d s", wait)

    def _retry_wait(self, failures: int) -> float:
        wait_max = self.pace.retry_seconds_max
        return retry_wait_ms(failures, wait_seconds_max=wait_max, salt=self.salt) / 1_000

    def write_metrics(self) -> None:
        """Write the metrics where the settings say."""
        path, metrics, spool = self.pace.metrics_file, self.agent.metrics, self.agent.spool
        if path is None:
            return
        metrics.spool_batches, metrics.spool_bytes = len(spool.list_waiting()), spool.size_bytes
        metrics.cursor = int(self.agent.cursor.timestamp()) if self.agent.cursor else 0
        try:
            metrics.refused_kept = spool.count_refused()
            write_metrics(metrics, path)
        except (OSError, SpoolUnwritable) as error:
            log.warning("the metrics cannot be written: %s", error)


def _tell_delivery(done: Delivery) -> None:
    if done.taken:
        log.info("the platform took in %d batches", done.taken)
    if done.stopped is None:
        return
    if done.stopped.verdict is Verdict.FORBIDDEN:
        log.error(
            "SENDING STOPS: the platform does not accept this key (%s). Have its public key put "
            "into programme.toml: `evernormal agent keygen` prints it",
            done.stopped.said,
        )
    else:
        log.warning("the platform is away: %s", done.stopped.said)
