"""What training costs: operations, the share of the peak that is reached, card-hours."""

from dataclasses import dataclass
from math import log2

from evernormal.domain.device import DeviceClass, Precision
from evernormal.domain.planning.figure import Span
from evernormal.domain.planning.job import Method, Recomputation, TrainingJob
from evernormal.domain.planning.model import DataType, LanguageModel

_FORWARD, _BACKWARD_OF_INPUTS, _BACKWARD_OF_WEIGHTS = 2, 2, 2
"""Operations for each weight and token: a multiplication and an addition each."""

_ATTENTION = 12
_REFERENCE_SEQUENCE = 4_096
_TERA = 1e12
_SECONDS = 3_600


@dataclass(frozen=True, slots=True)
class TrainingConstants:
    """What runs lose beside the share of the peak: data, each with its source.

    goodput            share of the time that makes headway: no restart, evaluation, waiting
    loss_per_doubling  speed lost each time the cards double, beyond `loss_from_cards`
    fp8_gain           speed in FP8 for that in 16 bits, at the same 16-bit utilisation
    """

    goodput: Span
    loss_per_doubling: Span
    loss_from_cards: int
    fp8_gain: Span

    def scaling(self, cards: int) -> Span:
        """Share of the speed of a small cluster that each of so many cards keeps."""
        doublings = log2(max(1.0, cards / self.loss_from_cards))
        loss = self.loss_per_doubling
        kept = [(1 - one) ** doublings for one in (loss.high, loss.mid, loss.low)]
        return Span(*kept)


def flop_6nd(model: LanguageModel, tokens: int) -> int:
    """C = 6 N D: operations that training needs, N the weights that a token passes.

    source   docs/rules/planning.md; forward 2 N D, backward 4 N D
    """
    each = _FORWARD + _BACKWARD_OF_INPUTS + _BACKWARD_OF_WEIGHTS
    return each * model.active_params * tokens


def flop_with_attention(model: LanguageModel, tokens: int, *, sequence: int) -> int:
    """(6 N + 12 L d T) D: with the attention of every token to its whole sample."""
    return flop_6nd(model, tokens) + _attention(model, sequence) * tokens


def _attention(model: LanguageModel, sequence: int) -> int:
    return _ATTENTION * model.layers * model.width * sequence


def utilisation(*, flop: int, card_hours: float, peak_tflops: float) -> float:
    """MFU: the share of the peak that a run of so many card-hours reached, all losses in it.

    flop         that the model needs, whatever the cards did besides
    peak_tflops  dense, of one card, in the numbers that MFU is stated for
    """
    return flop / (card_hours * _SECONDS * peak_tflops * _TERA)


def card_hours(*, flop: int, peak_tflops: float, mfu: float) -> float:
    """Card-hours of a run that reaches a share of the peak, from its start to its end."""
    return flop / (peak_tflops * _TERA * mfu * _SECONDS)


def hardware_utilisation(mfu: float, recomputation: Recomputation) -> float:
    """HFU: what the cards did, with what they worked out again. Full recomputation is 8 for 6."""
    return mfu * 4 / 3 if recomputation is Recomputation.FULL else mfu


def flop_per_token(job: TrainingJob) -> float:
    """Operations that count for the time of one token.

    returns  6 N; with an adapter 4 N + 6 A, for no gradient of the model's weights is made; times
             4/3 (an adapter: 6/4) when everything is worked out again; times the part that
             attention adds beyond sequences of 4,096, where the published utilisations are from
    """
    model = job.model
    extra = _FORWARD if job.recomputation is Recomputation.FULL else 0
    each = _FORWARD + _BACKWARD_OF_INPUTS + extra
    of_adapter = 6 * job.adapter_params
    if job.method is not Method.LORA:
        each += _BACKWARD_OF_WEIGHTS
    plain = each * model.active_params + of_adapter
    full = flop_6nd(model, 1)
    long = full + _attention(model, max(job.sequence, _REFERENCE_SEQUENCE))
    return plain * long / (full + _attention(model, _REFERENCE_SEQUENCE))


def training_speed(
    job: TrainingJob, device: DeviceClass, *, constants: TrainingConstants
) -> Span | None:
    """Tokens a second that one card of a small cluster trains on while it runs.

    device   with its dense 16-bit rate and its MFU band
    returns  tokens/s, before goodput and scaling; None where rate or band is not known
    """
    peak = device.dense.get(Precision.FP16)
    if peak is None or device.mfu is None:
        return None
    band = Span(float(device.mfu.low), float(device.mfu.mid), float(device.mfu.high))
    speed = band.times(float(peak) * _TERA / flop_per_token(job))
    return speed.times(constants.fp8_gain) if job.data_type is DataType.FP8 else speed
