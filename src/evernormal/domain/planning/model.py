"""Language models, as far as their cost asks for it."""

from dataclasses import dataclass
from enum import Enum

from evernormal.domain.device import Precision

HEAD_WIDTH = 128
_WIDTH_PER_LAYER = 128
_PARAMS_PER_LAYER_AND_SQUARE = 12
_KV_HEADS = 8


class DataType(Enum):
    """In what numbers a model is trained or served."""

    BF16 = "BF16"
    FP16 = "FP16"
    FP8 = "FP8"
    INT8 = "INT8"

    @property
    def precision(self) -> Precision:
        """The rate of a card that counts for it."""
        return Precision.FP16 if self is DataType.BF16 else Precision(self.value)

    @property
    def size(self) -> int:
        """Bytes of one number."""
        return self.precision.bits // 8


@dataclass(frozen=True, slots=True)
class LanguageModel:
    """A transformer.

    params          weights, all of them
    active_params   weights that one token passes: fewer in a mixture of experts
    width           of the residual stream
    heads           of attention, and kv_heads those whose keys and values are kept
    is_presumed     whether layers, width and heads were presumed from the number of weights
    """

    id: str
    params: int
    active_params: int
    layers: int
    width: int
    heads: int
    kv_heads: int
    head_width: int = HEAD_WIDTH
    is_presumed: bool = False

    def __post_init__(self) -> None:
        counts = (self.layers, self.width, self.heads, self.kv_heads, self.head_width)
        if min(counts) < 1 or not 1 <= self.active_params <= self.params:
            raise ValueError(f"There is no such model as {self!r}")

    @property
    def is_mixture(self) -> bool:
        """Whether a token passes only some of the weights."""
        return self.active_params < self.params

    def kv_bytes_per_token(self, data_type: DataType) -> int:
        """Bytes of keys and values that serving keeps for each token: 2 L n_kv d_head x bytes."""
        return 2 * self.layers * self.kv_heads * self.head_width * data_type.size


def presume_model(*, params: int, active_params: int | None = None) -> LanguageModel:
    """A model of so many weights, in the shape of today's dense models.

    params          >= 1
    active_params   weights that a token passes; None: all
    returns         N = 12 L d^2 with d = 128 L, heads of 128, keys and values of at most 8 heads;
                    `is_presumed`
    source          docs/rules/planning.md
    """
    active = params if active_params is None else active_params
    unit = _PARAMS_PER_LAYER_AND_SQUARE * _WIDTH_PER_LAYER**2
    layers = max(1, round((active / unit) ** (1 / 3)))
    width = _WIDTH_PER_LAYER * layers
    heads = width // HEAD_WIDTH
    return LanguageModel(
        id="",
        params=params,
        active_params=active,
        layers=layers,
        width=width,
        heads=heads,
        kv_heads=min(_KV_HEADS, heads),
        is_presumed=True,
    )
