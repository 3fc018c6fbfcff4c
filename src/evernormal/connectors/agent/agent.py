"""One agent: reads a window of the meter into the spool, and sends what waits there."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Protocol

import msgspec

from evernormal.connectors.agent.metrics import Metrics
from evernormal.connectors.agent.sender import Answer, Verdict
from evernormal.connectors.agent.source import Pulled, Source, SourceAway
from evernormal.connectors.agent.spool import Spool, SpoolUnwritable
from evernormal.connectors.agent.told import (
    AgentState,
    encode_state,
    news,
    prune,
    read_state,
)
from evernormal.formats.meters.reading import Reading
from evernormal.formats.usage_answer import MORE, BatchProblem
from evernormal.formats.usage_batch import (
    BYTES_MAX,
    BatchReading,
    UsageBatch,
    batch_reading,
    decode,
    encode,
    encode_reading,
    new_id,
    problems_of,
)

log = logging.getLogger("evernormal.agent")

_ENVELOPE_BYTES = 1_024
# Told readings are kept a day longer than pulls can show them, for the sake of clocks.
_KEPT_LONGER = timedelta(days=1)
_SHOWN_MAX = 10
_NOTED_MAX = 10_000


class Post(Protocol):
    """What takes batches to the platform."""

    def send(self, batch_id: str, body: bytes) -> Answer:
        """Send a batch once."""
        ...


@dataclass(frozen=True, slots=True)
class Reach:
    """What an agent reads and how much it keeps.

    first_from          instant from which the meter is read at first
    overlap             how far each window reaches back before the last one's end
    window              how much time one pull reads at most
    spool_bytes_max     with so many bytes waiting, pulling pauses
    batch_readings_max  readings in one batch
    accounts            the only accounts whose readings are sent; None for all
    card_types          the only types of card; None for all
    """

    provider_id: str
    first_from: datetime
    overlap: timedelta
    window: timedelta
    spool_bytes_max: int
    batch_readings_max: int
    accounts: frozenset[str] | None = None
    card_types: frozenset[str] | None = None


class PullEnd(Enum):
    """How a pull ended."""

    CAUGHT_UP = "CAUGHT_UP"
    MORE = "MORE"
    FULL = "FULL"
    AWAY = "AWAY"


@dataclass(slots=True)
class Delivery:
    """What sending came to. `stopped` is the answer after which it gave up; None when all went."""

    taken: int = 0
    refused: int = 0
    stopped: Answer | None = None


@dataclass(slots=True)
class Agent:
    """One provider's agent on one open spool."""

    source: Source
    spool: Spool
    post: Post
    reach: Reach
    metrics: Metrics = field(default_factory=Metrics)
    _state: AgentState = field(init=False)
    _noted: set[str] = field(init=False, default_factory=set)
    was_full: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        """Take up where the last agent on this spool left off, wherever that was.

        raises   SpoolUnwritable, also when the state is damaged
        """
        try:
            self._state = read_state(self.spool.read_state())
        except ValueError as error:
            raise SpoolUnwritable(
                path="state.json",
                reason=f"it is damaged ({error}); move it away, and the agent begins anew",
            ) from error
        self.spool.finish(self._state.staged)

    @property
    def cursor(self) -> datetime | None:
        """Up to when the meter has been read."""
        cursor = self._state.cursor
        return None if cursor is None else datetime.fromtimestamp(cursor, UTC)

    # --- Pulling ----------------------------------------------------------------------------------

    def pull(self, *, now: datetime) -> PullEnd:
        """Read one window of the meter, and keep what is new: all of it, or nothing.

        now      instant with zone
        raises   SpoolUnwritable, and then nothing was kept and the next pull reads it again
        """
        if self.spool.size_bytes >= self.reach.spool_bytes_max:
            return self._full()
        self.was_full = False
        since, until = self._window(now)
        if until <= since and self._state.cursor is None:
            return PullEnd.CAUGHT_UP
        try:
            pulled = self.source.pull(since=since, until=until, memory=self._state.memory)
        except SourceAway as error:
            self.metrics.source_failures += 1
            log.error("the source cannot be read: %s", error)  # noqa: TRY400 - expected, no stack
            return PullEnd.AWAY
        for problem in pulled.problems:
            self._note(str(problem))
        fresh, told = news(self._sendable(pulled.readings), self._state.told)
        batches, last_id_ms = self._pack(fresh, now)
        size = sum(len(body) for body in batches.values())
        # One pull may be more than the limit by itself: an empty spool takes it all the same.
        if self.spool.size_bytes and self.spool.size_bytes + size > self.reach.spool_bytes_max:
            return self._full()
        cursor = int(pulled.read_until.timestamp())
        before = cursor - int((self.reach.overlap + _KEPT_LONGER).total_seconds())
        self._commit(
            batches,
            AgentState(
                cursor=cursor,
                last_id_ms=last_id_ms,
                memory=pulled.memory,
                told=prune(told, before=before),
            ),
        )
        self._tell_pull(pulled, len(fresh), now)
        # A meter whose own clock is behind has no more, whatever the agent's clock says.
        is_all = until >= now or pulled.read_until < until
        return PullEnd.CAUGHT_UP if is_all else PullEnd.MORE

    def _window(self, now: datetime) -> tuple[datetime, datetime]:
        if self.cursor is None:
            since = self.reach.first_from
            return since, min(now, since + self.reach.window)
        # A clock that was set back must not make a window that ends before it begins.
        since = min(self.cursor, now) - self.reach.overlap
        return since, min(now, self.cursor + self.reach.window)

    def _full(self) -> PullEnd:
        log.warning(
            "pulling pauses: %d bytes wait in the spool, of %d allowed",
            self.spool.size_bytes,
            self.reach.spool_bytes_max,
        )
        self.was_full = True
        return PullEnd.FULL

    def _sendable(self, readings: Sequence[Reading]) -> Iterator[BatchReading]:
        """Leave out what is not asked for, and what no platform would take."""
        accounts, card_types = self.reach.accounts, self.reach.card_types
        for reading in readings:
            if accounts is not None and reading.account not in accounts:
                continue
            if card_types is not None and reading.card_type not in card_types:
                continue
            sendable = batch_reading(reading)
            problems = problems_of(sendable)
            if problems:
                said = "; ".join(str(problem) for problem in problems)
                self._note(f"job {reading.job} on {reading.cluster} cannot be sent: {said}")
            else:
                yield sendable

    def _note(self, said: str) -> None:
        """Log a problem once: the same job shows it at every pull."""
        if said in self._noted:
            return
        if len(self._noted) >= _NOTED_MAX:
            self._noted.clear()
        self._noted.add(said)
        self.metrics.problems += 1
        log.error("%s", said)

    def _pack(self, fresh: Sequence[BatchReading], now: datetime) -> tuple[dict[str, bytes], int]:
        """Make batches, each within the limits; and the milliseconds of the last id."""
        batches = {}
        last_id_ms = self._state.last_id_ms
        for part in _parts(fresh, self.reach.batch_readings_max):
            last_id_ms = max(last_id_ms + 1, int(now.timestamp() * 1_000))
            content = msgspec.json.encode([self.reach.provider_id, part])
            batch_id = new_id(made_at_ms=last_id_ms, content=content)
            batch = UsageBatch(batch_id, self.reach.provider_id, now.astimezone(UTC), part)
            batches[batch_id] = encode(batch)
        return batches, last_id_ms

    def _commit(self, batches: dict[str, bytes], state: AgentState) -> None:
        state = msgspec.structs.replace(state, staged=tuple(batches))
        self.spool.commit(batches, state=encode_state(state))
        self._state = state

    def _tell_pull(self, pulled: Pulled, fresh: int, now: datetime) -> None:
        self.metrics.readings += fresh
        self.metrics.last_pull_at = int(now.timestamp())
        log.info(
            "read up to %s: %d readings, %d of them new, %d rows without cards, %d problems",
            pulled.read_until.isoformat(),
            len(pulled.readings),
            fresh,
            pulled.without_cards,
            len(pulled.problems),
        )

    # --- Sending ----------------------------------------------------------------------------------

    def send(self, *, clock: Callable[[], datetime], is_over: Callable[[], bool]) -> Delivery:
        """Send what waits, the oldest first, until all is sent or an answer says to stop.

        clock    tells now
        is_over  whether to stop before the next batch
        raises   SpoolUnwritable
        """
        done = Delivery()
        while (waiting := self.spool.list_waiting()) and not is_over():
            batch_id = waiting[0]
            body = self.spool.read(batch_id)
            answer = self.post.send(batch_id, body)
            match answer.verdict:
                case Verdict.TAKEN:
                    self.spool.drop(batch_id)
                    done.taken += 1
                    self.metrics.batches_taken += 1
                    self.metrics.last_taken_at = int(clock().timestamp())
                case Verdict.REFUSED:
                    self._put_aside(batch_id, body, answer, now=clock())
                    done.refused += 1
                    self.metrics.batches_refused += 1
                case Verdict.AWAY | Verdict.FORBIDDEN:
                    done.stopped = answer
                    self.metrics.send_failures += 1
                    break
        self.metrics.is_forbidden = (
            done.stopped is not None and done.stopped.verdict is Verdict.FORBIDDEN
        )
        return done

    def _put_aside(self, batch_id: str, body: bytes, answer: Answer, *, now: datetime) -> None:
        """Keep a refused batch for people, and send on the readings that nothing is wrong with."""
        rest = _without(body, answer.problems)
        if rest:
            # First the rest, then the refusal: between the two, the whole batch is sent once more.
            batches, last_id_ms = self._pack(rest, now)
            self._commit(batches, msgspec.structs.replace(self._state, last_id_ms=last_id_ms))
        reasons = self.spool.refuse(batch_id, answer.problems)
        shown = [str(problem) for problem in answer.problems[:_SHOWN_MAX]]
        log.error(
            "the platform refused batch %s for %d problems (%s); %d readings of it go on in a new "
            "batch. All reasons: %s",
            batch_id,
            len(answer.problems),
            "; ".join(shown),
            len(rest),
            reasons,
        )


def _parts(
    readings: Sequence[BatchReading], readings_max: int
) -> Iterator[tuple[BatchReading, ...]]:
    """Cut readings into parts that each fit into one batch."""
    part: list[BatchReading] = []
    size = _ENVELOPE_BYTES
    for reading in readings:
        length = len(encode_reading(reading)) + 1
        if part and (len(part) == readings_max or size + length > BYTES_MAX):
            yield tuple(part)
            part, size = [], _ENVELOPE_BYTES
        part.append(reading)
        size += length
    if part:
        yield tuple(part)


def _without(body: bytes, problems: Sequence[BatchProblem]) -> list[BatchReading]:
    """The readings of a batch that no problem is about; none when it is about the whole batch."""
    indices = {p.reading_index for p in problems if p.code != MORE}
    if None in indices or not indices:
        return []
    return [r for i, r in enumerate(decode(body).readings) if i not in indices]
