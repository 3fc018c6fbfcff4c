"""What has to lie in the memory of the cards, and how few cards hold it."""

from dataclasses import dataclass
from math import ceil
from typing import assert_never

from evernormal.domain.planning.job import Method, Recomputation, TrainingJob

_WEIGHT, _GRADIENT, _OPTIMIZER = 2, 2, 12
"""Bytes for each weight in mixed precision with Adam: 12 are the master copy and two moments."""

_ACTIVATION, _ATTENTION_MAP, _KEPT_INPUT = 34, 5, 2
"""Bytes a layer keeps for each token and unit of width; the map's for each head and token of both
sides; the input alone, where a layer is worked out again."""


@dataclass(frozen=True, slots=True)
class TrainingMemory:
    """Bytes of a training job on all its cards together, at one sample a card.

    activations  of one sample: each group of cards that splits the model's layers holds one
    """

    weights: int
    gradients: int
    optimizer: int
    activations: int

    @property
    def states(self) -> int:
        """Weights, gradients and the optimizer's state."""
        return self.weights + self.gradients + self.optimizer

    def divided(self, zero_stage: int) -> int:
        """The part of the states that data-parallel cards divide among them."""
        parts = (0, self.optimizer, self.optimizer + self.gradients, self.states)
        return parts[zero_stage]

    def per_card(self, *, cards: int, split: int, zero_stage: int) -> float:
        """Bytes on each of so many cards.

        split    cards that split every layer (tensor parallelism), a divisor of `cards`
        """
        divided = self.divided(zero_stage)
        whole = self.states - divided
        return divided / cards + (whole + self.activations) / split


def training_memory(job: TrainingJob) -> TrainingMemory:
    """The bytes that a training job needs.

    returns  16 bytes a weight in mixed precision with Adam; with an adapter 2 for each of the
             model's and 16 for each of its own. Activations a layer and sample: s h (34 + 5 a s/h)
             bytes, 34 s h where the maps of attention are not kept, 2 s h and one layer's 34 s h
             where all is worked out again
    source   docs/rules/planning.md
    """
    model = job.model
    is_lora = job.method is Method.LORA
    trained = job.adapter_params if is_lora else model.params
    frozen = model.params if is_lora else 0
    unit = job.sequence * model.width
    match job.recomputation:
        case Recomputation.NONE:
            maps = _ATTENTION_MAP * model.heads * job.sequence**2
            activations = model.layers * (_ACTIVATION * unit + maps)
        case Recomputation.SELECTIVE:
            activations = model.layers * _ACTIVATION * unit
        case Recomputation.FULL:
            activations = (model.layers * _KEPT_INPUT + _ACTIVATION) * unit
        case _:
            assert_never(job.recomputation)
    return TrainingMemory(
        weights=_WEIGHT * (frozen + trained),
        gradients=_GRADIENT * trained,
        optimizer=_OPTIMIZER * trained,
        activations=activations,
    )


def fewest_cards(
    memory: TrainingMemory, *, bytes_per_card: float, split: int, zero_stage: int
) -> int | None:
    """The fewest cards that hold a training job.

    bytes_per_card  of memory that may be used
    split           cards that split every layer
    returns         a multiple of `split`; None where no number of cards is enough
    """
    divided = memory.divided(zero_stage)
    room = bytes_per_card - (memory.states - divided + memory.activations) / split
    if room <= 0:
        return None
    return split * max(1, ceil(divided / room / split))
