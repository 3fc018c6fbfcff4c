"""The one thread that works on the year: requests wait for it in the order in which they came."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from django.db import connections

from evernormal import clock
from evernormal.actions.live import LiveYear
from evernormal.api.limits import WAITING_MAX, WORK_EVERY_SECONDS
from evernormal.api.problems import Problem, Refusal
from evernormal.domain.errors import DomainError

T = TypeVar("T")

LOG: Final = logging.getLogger("evernormal.api")


class Writer:
    """Works on a live year, one thing after the other."""

    def __init__(self, year: LiveYear) -> None:
        """Take over the year; nothing else may touch it."""
        self.year = year
        self.is_stuck = False
        self._pool = ThreadPoolExecutor(1, "writer")
        self._waiting = 0

    async def do(self, work: Callable[[LiveYear], T]) -> T:
        """Do something on the year, when all that came before is done.

        raises   Problem when too much waits already; what the work raises
        """
        if self._waiting >= WAITING_MAX:
            raise Problem(Refusal.AWAY)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work, self.year)
        finally:
            self._waiting -= 1

    async def catch_up(self) -> None:
        """Do what time has made due; what hinders it is told to the log, and tried again."""
        try:
            await self.do(lambda year: year.catch_up(clock.now()))
            self.is_stuck = False
        except (DomainError, Problem):
            self.is_stuck = True
            LOG.exception("what is due could not be done")

    @contextlib.asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Keep up with time until the service stops, and finish what is in hand then."""
        task = asyncio.create_task(self._keep_up())
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
            await asyncio.get_running_loop().run_in_executor(self._pool, connections.close_all)
            self._pool.shutdown()

    async def _keep_up(self) -> None:
        while True:
            await asyncio.sleep(WORK_EVERY_SECONDS)
            await self.catch_up()
