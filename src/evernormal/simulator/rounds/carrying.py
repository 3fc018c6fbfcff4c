"""Fairness carried from round to round: who used more than its share bids with less."""

import numpy as np

from evernormal.simulator.rounds.replay import Cluster
from evernormal.simulator.rounds.workload import Floats

LEAST, MOST = 1 / 8, 2.0
"""Bounds of the factor on a firm's budget: nobody is shut out, and nobody waits to be rich."""


class CarriedUse:
    """Decayed use of each firm, and the budgets that follow from it.

    half_life_seconds   after so long, use counts half

    A firm's budget is its weight times 2 ** (1 - part / share), within bounds: `part` is its part
    of the decayed use of all, `share` its weight's part of all firms with use or jobs. Who uses its
    share bids with its weight. The form is the classic fair-share factor of Slurm's multifactor
    priority plugin, doubled. Use is card-hours, each class at its mean speed over the kinds.
    """

    def __init__(self, *, half_life_seconds: int) -> None:
        self.half_life_seconds = half_life_seconds
        self._at = 0
        self._seen = np.zeros((0, 0))
        self._decayed = np.zeros(0)

    def budgets(self, cluster: Cluster, is_active: Floats) -> Floats:
        """Budgets as of now: float64 [firms]; call it at every round, in order of time.

        is_active   float64 [firms]: above 0 for a firm with jobs
        """
        used = cluster.used_by_now().astype(np.float64)
        if not self._decayed.size:
            self._seen, self._decayed = np.zeros_like(used), np.zeros(used.shape[0])
        worth = cluster.fleet.speeds.mean(axis=0)
        age = (cluster.now - self._at) / self.half_life_seconds
        self._decayed = self._decayed * 0.5**age + (used - self._seen) @ worth
        self._at, self._seen = cluster.now, used
        weights = cluster.workload.weights
        counts = (self._decayed > 0) | (is_active > 0)
        total = float(self._decayed.sum())
        if not total:
            return weights
        share = weights / weights[counts].sum()
        return np.asarray(weights * np.clip(2 ** (1 - self._decayed / total / share), LEAST, MOST))
