"""Jobs: what somebody wants to do with cards."""

from dataclasses import dataclass
from enum import Enum

from evernormal.domain.device import Workload
from evernormal.domain.planning.model import DataType, LanguageModel

_ZERO_STAGE_MAX = 3


class Method(Enum):
    """How weights are trained."""

    PRETRAIN = "PRETRAIN"
    FULL = "FULL"
    LORA = "LORA"


class Recomputation(Enum):
    """What of the activations is worked out again on the way back, instead of being kept."""

    NONE = "NONE"
    SELECTIVE = "SELECTIVE"
    FULL = "FULL"


@dataclass(frozen=True, slots=True)
class TrainingJob:
    """A model to train on so many tokens.

    tokens          >= 1, each pass over them counted
    sequence        tokens in one sample
    zero_stage      what the cards divide among them: 0 nothing, 1 the optimizer's state, 2 the
                    gradients too, 3 the weights too
    adapter_params  weights of the adapter, with LORA alone
    """

    id: str
    model: LanguageModel
    tokens: int
    sequence: int = 4_096
    method: Method = Method.PRETRAIN
    data_type: DataType = DataType.BF16
    recomputation: Recomputation = Recomputation.SELECTIVE
    zero_stage: int = _ZERO_STAGE_MAX
    adapter_params: int = 0

    def __post_init__(self) -> None:
        has_adapter = self.adapter_params > 0
        if min(self.tokens, self.sequence) < 1 or not 0 <= self.zero_stage <= _ZERO_STAGE_MAX:
            raise ValueError(f"Nothing can be trained as {self!r} says")
        if has_adapter != (self.method is Method.LORA):
            raise ValueError(f"LORA, and nothing else, has an adapter: {self!r}")

    @property
    def workload(self) -> Workload:
        """What the cards are used for."""
        return Workload.TRAINING


@dataclass(frozen=True, slots=True)
class ServingJob:
    """A model to answer with.

    requests_per_second  to be answered, > 0; physics, so it may be a fraction
    tokens_in, tokens_out  of a request, >= 1
    hours                for how long
    token_ms_max         most milliseconds between two tokens of an answer, the wait for others'
                         questions counted in; None: as it comes, for the most tokens a second
    is_tuned             by an engine tuned for the card, not by one as it comes
    data_type            of weights, keys and values
    """

    id: str
    model: LanguageModel
    requests_per_second: float
    tokens_in: int
    tokens_out: int
    hours: int
    token_ms_max: float | None = None
    is_tuned: bool = False
    data_type: DataType = DataType.BF16

    def __post_init__(self) -> None:
        target = 1.0 if self.token_ms_max is None else self.token_ms_max
        least = min(self.tokens_in, self.tokens_out, self.hours)
        if least < 1 or self.requests_per_second <= 0 or target <= 0:
            raise ValueError(f"Nothing can be served as {self!r} says")

    @property
    def workload(self) -> Workload:
        """What the cards are used for."""
        return Workload.SERVING

    @property
    def tokens(self) -> int:
        """Tokens given out in all, rounded up."""
        exact = self.requests_per_second * self.tokens_out * self.hours * 3_600
        return max(1, -int(-exact // 1))


Job = TrainingJob | ServingJob
