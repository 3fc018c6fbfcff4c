"""Whether a job fits on a class of card, and on how few."""

from dataclasses import dataclass
from enum import Enum
from math import ceil

from evernormal.domain.device import DeviceClass
from evernormal.domain.planning.basis import PlanningBasis
from evernormal.domain.planning.job import ServingJob, TrainingJob
from evernormal.domain.planning.memory import TrainingMemory, fewest_cards, training_memory
from evernormal.domain.planning.model import DataType
from evernormal.domain.planning.roofline import Copy, copy_on

_GIGA = 1e9


class Obstacle(Enum):
    """Why a class of card cannot do a job."""

    UNSUITED = "UNSUITED"
    UNKNOWN_FIGURE = "UNKNOWN_FIGURE"
    NO_DATA_TYPE = "NO_DATA_TYPE"
    TOO_LARGE = "TOO_LARGE"
    NEEDS_LINK = "NEEDS_LINK"
    NO_ROOM_FOR_CONTEXT = "NO_ROOM_FOR_CONTEXT"
    TOO_SLOW = "TOO_SLOW"


@dataclass(frozen=True, slots=True)
class Misfit:
    """A class of card cannot do a job."""

    obstacle: Obstacle


@dataclass(frozen=True, slots=True)
class Fit:
    """The fewest cards of a class that hold a job, or one copy of a model that is served.

    gang_cards    cards come in whole multiples of this
    split         cards that split every layer
    filled        share of each card's memory that is filled; in serving by weights alone
    is_tight      weights fill more than the share up to which the roofline was fitted
    memory        of a training job
    cards_max     most cards that train one model together: without a link, those of one machine;
                  None: as many as there are
    batch         answers that one copy of a served model works on at once
    tokens_per_second  by each card of a served model, as the roofline has it
    """

    gang_cards: int
    split: int
    filled: float
    is_tight: bool = False
    memory: TrainingMemory | None = None
    cards_max: int | None = None
    batch: float = 0.0
    tokens_per_second: float = 0.0


def fit_training(job: TrainingJob, device: DeviceClass, *, basis: PlanningBasis) -> Fit | Misfit:
    """The fewest cards that hold a training job: memory alone decides, not how long it takes.

    returns  a gang of 1, 2, 4, 8 cards or of whole machines
    source   docs/rules/planning.md
    """
    obstacle = _common_obstacle(job.data_type, device, basis)
    if obstacle or device.memory_gb is None:
        return Misfit(obstacle or Obstacle.UNKNOWN_FIGURE)
    memory = training_memory(job)
    per_card = float(device.memory_gb) * _GIGA
    node = basis.cluster.cards_per_node
    found = []
    for split in _splits(node):
        cards = fewest_cards(
            memory,
            bytes_per_card=per_card * basis.memory.usable,
            split=split,
            zero_stage=job.zero_stage,
        )
        if cards is not None:
            found.append((_gang(cards, node), split))
    if not found:
        return Misfit(Obstacle.TOO_LARGE)
    gang, split = min(found)
    most = None if basis.cluster.is_linked(device) else node
    if most is not None and gang > most:
        return Misfit(Obstacle.NEEDS_LINK)
    filled = memory.per_card(cards=gang, split=split, zero_stage=job.zero_stage) / per_card
    return Fit(gang_cards=gang, split=split, filled=filled, memory=memory, cards_max=most)


def fit_serving(job: ServingJob, device: DeviceClass, *, basis: PlanningBasis) -> Fit | Misfit:
    """The copy of a model that gives out the most for each of its cards, on one machine.

    returns  the fewest cards among those that give the most; where none serves, what stood in the
             way of the largest copy that was tried
    source   docs/rules/planning.md: weights above 72 % of memory are tight, above 85 % refused
    """
    obstacle = _common_obstacle(job.data_type, device, basis)
    if obstacle:
        return Misfit(obstacle)
    family = basis.family_of(device)
    tried = [
        _fit_copy(copy, basis)
        for cards in _splits(basis.cluster.cards_per_node)
        if (copy := copy_on(job, device, family=family, cards=cards)) is not None
    ]
    fits = [one for one in tried if isinstance(one, Fit)]
    if fits:
        return max(fits, key=lambda fit: (not fit.is_tight, fit.tokens_per_second))
    return tried[-1] if tried else Misfit(Obstacle.UNKNOWN_FIGURE)


def _fit_copy(copy: Copy, basis: PlanningBasis) -> Fit | Misfit:
    share, limits = copy.weights_share, basis.memory
    if share > limits.weights_refused:
        return Misfit(Obstacle.TOO_LARGE)
    if copy.batch_in_memory(limits.usable) < 1:
        return Misfit(Obstacle.NO_ROOM_FOR_CONTEXT)
    batch = copy.batch(limits.usable)
    if batch < 1:
        return Misfit(Obstacle.TOO_SLOW)
    return Fit(
        gang_cards=copy.cards,
        split=copy.cards,
        filled=share,
        is_tight=share > limits.weights_tight,
        batch=batch,
        tokens_per_second=copy.tokens_per_second(batch) / copy.cards,
    )


def _common_obstacle(
    data_type: DataType, device: DeviceClass, basis: PlanningBasis
) -> Obstacle | None:
    if device.id in basis.cluster.unsuited:
        return Obstacle.UNSUITED
    return None if basis.cluster.runs(data_type, device) else Obstacle.NO_DATA_TYPE


def _splits(node: int) -> list[int]:
    """1, 2, 4 ... cards of one machine: links between machines are too slow to split layers."""
    return [1 << power for power in range(node.bit_length())]


def _gang(cards: int, node: int) -> int:
    """Cards rounded up to a part of a machine that schedulers give out, or to whole machines."""
    if cards > node:
        return node * ceil(cards / node)
    return next(size for size in _splits(node) if size >= cards)
