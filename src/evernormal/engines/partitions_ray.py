"""Partitions on a Ray cluster. Ray is an extra: nothing else of the package needs it.

Ray keeps its own tables of what runs where, sends work again when a machine is lost, and moves
results. Work on a partition changes nothing outside, so doing it twice does no harm, and each
partition's result is taken once.
"""

import importlib
from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar

from evernormal.engines.partitions import PARTITIONS_AT_ONCE, Ints

T = TypeVar("T")


class RayMissing(ImportError):
    """Ray is not installed here. Install the package's extra: requirements-ray.txt."""


class RayCluster:
    """The machines of a Ray cluster as workers, while it is open.

    address  as `ray start` printed it, "host:port"; "auto" for the one that runs on this machine
    """

    def __init__(self, address: str) -> None:
        """Join the cluster.

        raises   RayMissing, ConnectionError when there is none at the address
        """
        try:
            self._ray: Any = importlib.import_module("ray")
        except ImportError as missing:
            raise RayMissing("Ray is not installed. Install requirements-ray.txt.") from missing
        # One core a partition: the engine's own threads would only get in each other's way.
        threads = {"POLARS_MAX_THREADS": "1", "NUMBA_NUM_THREADS": "1"}
        self._ray.init(
            address=address,
            runtime_env={"env_vars": threads},
            log_to_driver=False,
            configure_logging=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ray.shutdown()

    @property
    def nodes(self) -> int:
        """How many machines are in the cluster now."""
        return sum(1 for node in self._ray.nodes() if node["Alive"])

    def each(self, work: Callable[[T], Ints], partitions: Sequence[T]) -> Iterator[Ints]:
        """Give what the work makes of each partition, as they become ready."""
        # The work goes to each machine once, not with every partition.
        shared = self._ray.put(work)
        # `SPREAD`: otherwise the first machine takes what it can before the second gets any.
        task = self._ray.remote(_work_on).options(num_cpus=1, scheduling_strategy="SPREAD")
        waiting: list[Any] = []
        for partition in partitions:
            if len(waiting) >= PARTITIONS_AT_ONCE:
                ready, waiting = self._ray.wait(waiting)
                yield from self._ray.get(ready)
            waiting.append(task.remote(shared, partition))
        while waiting:
            ready, waiting = self._ray.wait(waiting)
            yield from self._ray.get(ready)


def _work_on(work: Callable[[T], Ints], partition: T) -> Ints:
    return work(partition)
