"""Work over partitions: in this process, or on the machines of a Ray cluster, with the same result.

Every partition gives whole numbers, and these are added up. Addition of whole numbers gives the
same whatever the order, so how partitions are cut, where they are worked on and which is ready
first changes nothing. See docs/how-to/rate-a-billion-records.md.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
T = TypeVar("T")

PARTITIONS_AT_ONCE: Final = 1_024
"""Sums on their way at once: the memory of whoever adds them up is what limits it."""


class SumTooLarge(ArithmeticError):
    """A sum does not fit into 64 bits, so it would be wrong. Rate fewer partitions at a time."""


class Workers(Protocol):
    """Who works on partitions."""

    def each(self, work: Callable[[T], Ints], partitions: Sequence[T]) -> Iterator[Ints]:
        """Give what the work makes of each partition, in any order."""
        ...


class ThisProcess:
    """Works on one partition after the other, here."""

    def each(self, work: Callable[[T], Ints], partitions: Sequence[T]) -> Iterator[Ints]:
        """Give what the work makes of each partition, in their order."""
        return map(work, partitions)


def sum_partitions(
    work: Callable[[T], Ints], partitions: Sequence[T], *, workers: Workers, shape: tuple[int, ...]
) -> Ints:
    """What all partitions add up to.

    work        whole numbers of one partition, an array of that shape; a function that other
                machines have too, or that can be sent to them
    partitions  what the work is given, one by one; file names must mean the same on all machines
    raises      SumTooLarge
    """
    return add_exactly(workers.each(work, partitions), shape=shape)


def add_exactly(parts: Iterable[Ints], *, shape: tuple[int, ...]) -> Ints:
    """Add whole numbers, in any order, to exactly their sum.

    raises   SumTooLarge where a sum leaves 64 bits, instead of wrapping round
    """
    total = np.zeros(shape, dtype=np.int64)
    for part in parts:
        if part.shape != shape or part.dtype != np.int64:
            raise TypeError(f"A partition gave {part.dtype} {part.shape}, not int64 {shape}")
        added = total + part
        # It wrapped round where both had one sign and their sum has the other.
        if (((total ^ added) & (part ^ added)) < 0).any():
            raise SumTooLarge("A sum of partitions does not fit into 64 bits.")
        total = added
    return total


def in_parts(items: Sequence[T], *, at_most: int) -> list[Sequence[T]]:
    """Items in stretches of at most so many, in order."""
    return [items[i : i + at_most] for i in range(0, len(items), at_most)]
