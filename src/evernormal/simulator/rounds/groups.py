"""Jobs alike to a round: those of one firm and one kind bid together, for cards of each class."""

from dataclasses import dataclass

import numpy as np

from evernormal.simulator.rounds.queueing import class_numbers
from evernormal.simulator.rounds.replay import Cluster
from evernormal.simulator.rounds.workload import FULL_SPEED, Floats, Ints


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """g groups of the jobs that have work left, and c device classes that hold cards.

    firm      int64 [g]
    kind      int64 [g]
    cards     float64 [g]: cards of all their gangs
    speeds    float64 [g, c]: of a card, 1 is the reference card; 0 where it cannot run
    capacity  float64 [c]: cards of the class at all sites
    of        int64 [jobs]: the group of each job that was given
    """

    firm: Ints
    kind: Ints
    cards: Floats
    speeds: Floats
    capacity: Floats
    of: Ints

    def keys(self) -> list[tuple[int, int]]:
        """Firm and kind of each group."""
        return list(zip(self.firm.tolist(), self.kind.tolist(), strict=True))


def groups_of(cluster: Cluster, jobs: Ints) -> Groups:
    """Put jobs into groups."""
    workload, fleet = cluster.workload, cluster.fleet
    kinds = fleet.speeds.shape[0]
    keys, of = np.unique(workload.firm[jobs] * kinds + workload.kind[jobs], return_inverse=True)
    numbers = class_numbers(cluster)
    first = np.unique(numbers, return_index=True)[1]
    return Groups(
        firm=keys // kinds,
        kind=keys % kinds,
        cards=np.bincount(of, workload.gang[jobs], minlength=keys.size).astype(np.float64),
        speeds=fleet.speeds[keys % kinds][:, first] / FULL_SPEED,
        capacity=np.bincount(numbers, fleet.cards).astype(np.float64),
        of=of.astype(np.int64),
    )
