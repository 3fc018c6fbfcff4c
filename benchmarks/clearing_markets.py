"""Seeded markets for benchmarks of clearing: sites with several classes of card each.

Each request has ported its model to a class with chance 0.55, may use a site with chance 0.35, and
has at most 16 pools; its speed on a class is the class's own times what suits the model. Money is
log-normal, and demand is above capacity. This is the generator of the project's feasibility notes.
"""

import numpy as np
from numpy.typing import NDArray

from evernormal.engines.clearing import Market

BASE = np.array([1.0, 0.45, 0.30, 2.0, 0.60, 0.75, 0.40, 0.85])
SITES, PORTED, REACHED, ARCS_MAX = 25, 0.55, 0.35, 16
ROWS = 20_000
HOURS_EACH = 10.0


def market(
    requests: int, *, is_capped: bool = False, has_own: bool = False, alike: bool = False
) -> Market:
    """A market of 200 pools; with caps and posted prices; with own money; with equal models."""
    chance = np.random.default_rng(1)
    classes = np.tile(np.arange(BASE.size), SITES)
    arcs, pools = _reached(chance, requests, classes)
    owner = np.repeat(np.arange(requests), arcs)
    speeds = BASE[classes[pools]]
    if not alike:
        suits = np.exp(chance.normal(0, 0.25, (requests, BASE.size)))
        speeds = speeds * suits[owner, classes[pools]] * np.exp(chance.normal(0, 0.05, pools.size))
    budgets = np.exp(chance.normal(0, 1, requests)) * 1e5
    capacity = np.exp(chance.normal(0, 0.5, classes.size))
    capacity *= requests * HOURS_EACH / capacity.sum()
    price = budgets.sum() / capacity.sum()
    caps, reserve = np.full(requests, np.inf), np.zeros(classes.size)
    if is_capped:
        caps = budgets / price * np.exp(chance.normal(0.2, 0.7, requests))
        reserve = BASE[classes] * price * np.exp(chance.normal(0, 0.3, classes.size))
    own, worth = np.zeros(requests), np.ones(requests)
    if has_own:
        own = np.where(chance.random(requests) < 0.3, budgets * chance.random(requests), 0)  # noqa: PLR2004
        worth = price * 1.2 * np.exp(chance.normal(0, 0.3, requests))
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(arcs)]).astype(np.int64)
    return Market(starts, pools, speeds, budgets, own, caps, capacity, reserve, worth)


def _reached(
    chance: np.random.Generator, requests: int, classes: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """How many pools each request has, and which."""
    sites = np.repeat(np.arange(SITES), BASE.size)
    counts, found = [], []
    for low in range(0, requests, ROWS):
        rows = min(ROWS, requests - low)
        ported = chance.random((rows, BASE.size)) < PORTED
        reached = chance.random((rows, SITES)) < REACHED
        draw = chance.random((rows, classes.size), dtype=np.float32)
        draw[~(ported[:, classes] & reached[:, sites])] = 2
        last = np.partition(draw, ARCS_MAX - 1, axis=1)[:, ARCS_MAX - 1]
        row, pool = np.nonzero((draw < 2) & (draw <= last[:, None]))  # noqa: PLR2004 - of no use
        counts.append(np.bincount(row, minlength=rows))
        found.append(pool.astype(np.int32))
    return np.concatenate(counts), np.concatenate(found)
