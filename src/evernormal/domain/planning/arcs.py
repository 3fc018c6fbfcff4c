"""Where planner and clearing meet: the pools that a job can run on, and how fast."""

from collections.abc import Iterable, Mapping
from math import ceil

from evernormal.domain.allocation import Arc, Pool
from evernormal.domain.device import DeviceClass
from evernormal.domain.planning.basis import PlanningBasis
from evernormal.domain.planning.fitting import Misfit
from evernormal.domain.planning.job import Job, TrainingJob
from evernormal.domain.planning.plan import training_rate
from evernormal.domain.planning.speed import Running, run_on

TOKENS_PER_UNIT = 1_000
"""The unit of a request's work: a card does many of it in an hour, whatever the model."""

_SECONDS = 3_600


def work_of(job: Job) -> int:
    """What a job asks for in all, in thousands of tokens, rounded up."""
    return ceil(job.tokens / TOKENS_PER_UNIT)


def arcs_for(
    job: Job,
    pools: Iterable[Pool],
    devices: Mapping[str, DeviceClass],
    *,
    basis: PlanningBasis,
    cards_max: int | None = None,
) -> tuple[Arc, ...]:
    """The pools that a job fits on, each with its gang and its speed there.

    devices    by id, as pools name them; a pool of another class is left out
    cards_max  most cards that the job wants at once; None: as many as the pool has
    returns    in the order of the pools. Speed is whole thousands of tokens that one card does in
               an hour at the middle of its span, of training with the losses of one gang; a pool
               that is too small for one gang, or does less than one unit, is left out
    """
    found: dict[str, Running | Misfit] = {}
    arcs = []
    for pool in pools:
        device = devices.get(pool.device_class)
        if device is None:
            continue
        if device.id not in found:
            found[device.id] = run_on(job, device, basis=basis)
        arc = _arc(job, pool, found[device.id], basis=basis, cards_max=cards_max)
        if arc is not None:
            arcs.append(arc)
    return tuple(arcs)


def _arc(
    job: Job, pool: Pool, running: Running | Misfit, *, basis: PlanningBasis, cards_max: int | None
) -> Arc | None:
    if isinstance(running, Misfit):
        return None
    gang = running.fit.gang_cards
    limits = (pool.cards, cards_max, running.fit.cards_max)
    cards = min(one for one in limits if one is not None) // gang * gang
    rate = running.speed.tokens_per_second
    if isinstance(job, TrainingJob):
        rate = training_rate(running, cards=gang, basis=basis)
    speed = int(rate.mid * _SECONDS / TOKENS_PER_UNIT)
    if cards < gang or speed < 1:
        return None
    return Arc(pool_id=pool.id, speed=speed, gang_cards=gang, cards_max=cards)
