"""An agent of a test: a meter with known jobs, a spool, a platform at the end of a wire."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from evernormal.connectors.agent.agent import Agent, Reach
from evernormal.connectors.agent.loop import Clocks
from evernormal.connectors.agent.sender import Platform, open_sender
from evernormal.connectors.agent.source import Source
from evernormal.connectors.agent.spool import open_spool
from tests.connectors.agent.meter import T0

KEY = Ed25519PrivateKey.generate()
PUBLIC = KEY.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
REACH = Reach(
    provider_id="nanning-dc",
    first_from=T0,
    overlap=timedelta(minutes=2),
    window=timedelta(minutes=10),
    spool_bytes_max=10_000_000,
    batch_readings_max=10,
)


@dataclass(slots=True)
class Time:
    """A clock that stands until a test moves it, and a stop that is set when told."""

    at: datetime = T0
    seconds: float = 0.0
    waited: list[float] = field(default_factory=list)
    stops_after: int = 1_000

    def now(self) -> datetime:
        return self.at

    def ticks(self) -> float:
        return self.seconds

    def clocks(self) -> Clocks:
        return Clocks(now=self.now, ticks=self.ticks)

    def is_set(self) -> bool:
        return len(self.waited) >= self.stops_after

    def wait(self, timeout: float) -> bool:
        """Let the time pass at once."""
        self.waited.append(timeout)
        self.seconds += timeout
        self.at += timedelta(seconds=timeout)
        return self.is_set()


@contextmanager
def agent_on(meter: Source, folder: Path, url: str, *, reach: Reach = REACH) -> Iterator[Agent]:
    """Open an agent on a spool."""
    platform = Platform(url=url, programme_id="nanning-2026", timeout_seconds=5)
    with (
        open_spool(folder) as spool,
        open_sender(platform, key=KEY, ticks=lambda: 0.0) as sender,
    ):
        yield Agent(source=meter, spool=spool, post=sender, reach=reach)


def after(minutes: int) -> datetime:
    return (T0 + timedelta(minutes=minutes)).astimezone(UTC)
