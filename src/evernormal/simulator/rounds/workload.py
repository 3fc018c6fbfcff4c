"""What a replay is of: gang jobs of firms, and pools on whose cards they have their own speeds."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

FULL_SPEED = 1_000
"""Thousandths: the speed of the reference card. Whole numbers keep a replay exact."""


@dataclass(frozen=True, slots=True, eq=False)
class Fleet:
    """k pools of cards, each of one device class at one site; cards of a pool are alike.

    names     of the pools, "class@site"
    classes   of the pools: the device class of each
    cards     int64 [k], > 0
    speeds    int64 [kinds, k]: thousandths of the reference card's speed that a job of a kind makes
              on a card of a pool; 0 where it cannot run
    """

    names: tuple[str, ...]
    classes: tuple[str, ...]
    cards: Ints
    speeds: Ints

    def __post_init__(self) -> None:
        k = len(self.names)
        if len(self.classes) != k or self.cards.shape != (k,) or self.speeds.shape[1] != k:
            raise ValueError(f"A fleet of {k} pools has a class, cards and speeds for each")
        if (self.cards < 1).any() or (self.speeds < 0).any():
            raise ValueError("A pool has at least one card, and no speed is below nothing")


@dataclass(frozen=True, slots=True, eq=False)
class Workload:
    """n jobs in order of arrival. A job is a gang: all its cards at once, in one pool, or none.

    arrives   int64 [n]: seconds since the start, never falling
    gang      int64 [n]: cards, > 0
    work      int64 [n]: milliseconds that the whole gang needs on reference cards, > 0
    limit     int64 [n]: what its user says that this is, >= work
    firm      int64 [n]: whose it is
    kind      int64 [n]: its row of the fleet's speeds
    weights   float64 [firms], > 0: the voucher of each firm, only the ratios mean anything
    """

    arrives: Ints
    gang: Ints
    work: Ints
    limit: Ints
    firm: Ints
    kind: Ints
    weights: Floats

    def __post_init__(self) -> None:
        n = self.arrives.size
        columns = (self.gang, self.work, self.limit, self.firm, self.kind)
        if any(column.shape != (n,) for column in columns):
            raise ValueError(f"Every column of a workload has {n} rows, one for each job")
        if (np.diff(self.arrives) < 0).any() or (self.limit < self.work).any():
            raise ValueError("Jobs come in order of arrival, and no limit is below its work")
        if n and min(int(self.gang.min()), int(self.work.min())) < 1:
            raise ValueError("A job has at least one card and some work")
        if n and int(self.firm.max()) >= self.weights.size:
            raise ValueError("Every firm has a weight")

    @property
    def size(self) -> int:
        """How many jobs."""
        return int(self.arrives.size)


def rows_of(workload: Workload, rows: Ints) -> Workload:
    """The workload of these jobs alone, in order; firms and kinds keep their numbers."""
    return Workload(
        arrives=workload.arrives[rows],
        gang=workload.gang[rows],
        work=workload.work[rows],
        limit=workload.limit[rows],
        firm=workload.firm[rows],
        kind=workload.kind[rows],
        weights=workload.weights,
    )


def can_run(workload: Workload, fleet: Fleet) -> NDArray[np.bool_]:
    """Whether a job can run on a pool at all: bool [n, k]."""
    fits = workload.gang[:, None] <= fleet.cards[None, :]
    return fits & (fleet.speeds[workload.kind] > 0)
