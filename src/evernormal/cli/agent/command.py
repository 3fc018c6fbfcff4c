"""What the commands of all sources share: opening everything, running, exit codes."""

import dataclasses
import logging
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import Any

from evernormal import clock
from evernormal.cli.screen import fail
from evernormal.connectors.agent.agent import Agent
from evernormal.connectors.agent.loop import Clocks, Loop, Outcome, run_once
from evernormal.connectors.agent.sender import open_sender
from evernormal.connectors.agent.settings import AgentSettings, read_settings
from evernormal.connectors.agent.source import Duty, Source, SourceAway
from evernormal.connectors.agent.spool import open_spool
from evernormal.connectors.keys import provider_key
from evernormal.domain.errors import DomainError
from evernormal.formats.problems import InputProblems

SOMETHING_WAITS = 3
SOMETHING_REFUSED = 4
SOURCE_NOT_READ = 5
"""Exit codes of --once; the first that holds of 4, 5, 3."""


@dataclasses.dataclass(frozen=True, slots=True)
class Kind:
    """A kind of agent.

    source       the name of its table in agent.toml
    sections     the JSON Schema of that table, and of others that it reads
    open_source  makes the source; may raise DomainError, InputProblems or SourceAway
    open_duties  makes what else it does again and again
    """

    source: str
    sections: Mapping[str, Mapping[str, Any]]
    open_source: Callable[[AgentSettings], Source]
    open_duties: Callable[[AgentSettings], Sequence[Duty]] = lambda _: ()


def run_agent(
    kind: Kind, settings_path: Path, *, is_once: bool, overlap_seconds: int | None
) -> None:
    """Run an agent until it is told to end, or once; ends the process with the exit code."""
    _log_to_stderr()
    try:
        settings = read_settings(settings_path, source=kind.source, sections=kind.sections)
        if overlap_seconds is not None:
            overlap = timedelta(seconds=overlap_seconds)
            reach = dataclasses.replace(settings.reach, overlap=overlap)
            settings = dataclasses.replace(settings, reach=reach)
        with _stop_on_signals() as stop:
            code = _run(kind, settings, stop, is_once=is_once)
    except InputProblems as refusal:
        fail(str(refusal))
    except DomainError as refusal:
        fail(f"{refusal.code}: {refusal}")
    raise SystemExit(code)


def _run(kind: Kind, settings: AgentSettings, stop: threading.Event, *, is_once: bool) -> int:
    key = provider_key(settings.key, can_be_made=False)
    clocks = Clocks(now=clock.now, ticks=clock.ticks)
    with ExitStack() as stack:
        spool = stack.enter_context(open_spool(settings.spool))
        try:
            sender = stack.enter_context(
                open_sender(settings.platform, key=key.private, ticks=clock.ticks)
            )
        except OSError as error:
            fail(f"{settings.platform.ca_file}: {error}")
        try:
            source = stack.enter_context(closing(kind.open_source(settings)))
        except SourceAway as error:
            fail(str(error))
        agent = Agent(source=source, spool=spool, post=sender, reach=settings.reach)
        duties = kind.open_duties(settings)
        loop = Loop(agent, settings.pace, clocks, salt=key.fingerprint, duties=duties)
        if is_once:
            for duty in duties:
                loop.do(duty)
            outcome = run_once(agent, clocks, stop=stop)
            loop.write_metrics()
            return exit_code(outcome)
        loop.run(stop)
        return 0


def exit_code(outcome: Outcome) -> int:
    """The exit code of --once."""
    if outcome.refused:
        return SOMETHING_REFUSED
    if not outcome.is_source_read:
        return SOURCE_NOT_READ
    return SOMETHING_WAITS if outcome.waiting else 0


@contextmanager
def _stop_on_signals() -> Iterator[threading.Event]:
    """Finish the step at hand when the system says to end."""
    stop = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _log_to_stderr() -> None:
    form = logging.Formatter("%(asctime)s %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%SZ")
    form.converter = time.gmtime
    handler = logging.StreamHandler()
    handler.setFormatter(form)
    own = logging.getLogger("evernormal.agent")
    own.handlers = [handler]
    own.setLevel(logging.INFO)
    own.propagate = False
