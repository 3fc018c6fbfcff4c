"""How fast cards serve a model: what they must read and reckon for each token (roofline)."""

from dataclasses import dataclass
from math import log2

from evernormal.domain.device import DeviceClass, Evidence
from evernormal.domain.planning.figure import Provenance, Span
from evernormal.domain.planning.job import ServingJob

_GIGA, _TERA = 1e9, 1e12
_OPERATIONS = 2
_MS = 1e-3


@dataclass(frozen=True, slots=True)
class ServingFamily:
    """Constants of cards that serve alike, fitted to measurements or assumed.

    compute, bandwidth  share of the dense rate, and of the memory's bandwidth, that is reached
    link                share that each doubling of the cards of one copy keeps
    batch_max           answers that the engine works on at once
    engine              what an engine as it comes reaches of one tuned for the card
    error               relative error of nine in ten rows that were kept out of the fit
    """

    id: str
    device_classes: frozenset[str]
    compute: float
    bandwidth: float
    link: float
    batch_max: int
    engine: Span
    error: float
    provenance: Provenance
    evidence: Evidence

    def of_roofline(self, *, is_tuned: bool) -> Span:
        """What is reached of the roofline, by the tuned engine or by one as it comes."""
        return Span(1 / (1 + self.error), 1, 1 + self.error) if is_tuned else self.engine


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy of a model on so many cards of one class.

    flop, bandwidth, memory  of all its cards together, the first two as far as they are reached:
                             operations/s, bytes/s, bytes
    """

    job: ServingJob
    cards: int
    flop: float
    bandwidth: float
    memory: float
    batch_max: int

    @property
    def weights(self) -> int:
        """Bytes of all weights."""
        return self.job.model.params * self.job.data_type.size

    @property
    def weights_share(self) -> float:
        """Weights for all memory."""
        return self.weights / self.memory

    @property
    def kept_bytes(self) -> float:
        """Keys and values of one answer when half of it is written."""
        context = self.job.tokens_in + self.job.tokens_out / 2
        return self.job.model.kv_bytes_per_token(self.job.data_type) * context

    def batch_in_memory(self, usable_share: float) -> float:
        """Answers at once that memory has room for; below 1 not even one."""
        return (usable_share * self.memory - self.weights) / self.kept_bytes

    @property
    def question_seconds(self) -> float:
        """Seconds to read one question: t_pre = 2 N in / F."""
        return _OPERATIONS * self.job.model.active_params * self.job.tokens_in / self.flop

    def token_seconds(self, batch: float) -> float:
        """Seconds from token to token of each answer, the reading of new questions counted in.

        batch    answers at once, >= 1
        returns  (W + B KV) / bandwidth + 2 N B / F + B t_pre / out. Of a mixture of experts no
                 more weights are read than the answers at once can ask for
        source   docs/rules/planning.md
        """
        model, size = self.job.model, self.job.data_type.size
        read = min(self.weights, model.active_params * size * batch)
        return read / self.bandwidth + batch * self._seconds_per_answer

    @property
    def _seconds_per_answer(self) -> float:
        reckoned = _OPERATIONS * self.job.model.active_params / self.flop
        asked = self.question_seconds / self.job.tokens_out
        return self.kept_bytes / self.bandwidth + reckoned + asked

    def batch_in_time(self, token_ms_max: float) -> float:
        """Answers at once that still have a token each so many milliseconds; below 1 none has."""
        left = token_ms_max * _MS - self.weights / self.bandwidth
        return left / self._seconds_per_answer

    def batch(self, usable_share: float) -> float:
        """Answers at once, within memory, the engine's most, and the target for latency."""
        target = self.job.token_ms_max
        in_time = self.batch_max if target is None else self.batch_in_time(target)
        return min(self.batch_in_memory(usable_share), self.batch_max, in_time)

    def tokens_per_second(self, batch: float) -> float:
        """Tokens given out by all cards of the copy, at so many answers at once."""
        return batch / self.token_seconds(batch)


def copy_on(
    job: ServingJob, device: DeviceClass, *, family: ServingFamily, cards: int
) -> Copy | None:
    """One copy of a model on so many cards.

    returns  None where the card's rate for the data type, memory or bandwidth is not known
    """
    rate = device.dense.get(job.data_type.precision)
    if rate is None or device.memory_gb is None or device.bandwidth_gb_s is None:
        return None
    kept = cards * family.link ** log2(cards)
    return Copy(
        job=job,
        cards=cards,
        flop=float(rate) * _TERA * family.compute * kept,
        bandwidth=float(device.bandwidth_gb_s) * _GIGA * family.bandwidth * kept,
        memory=float(device.memory_gb) * _GIGA * cards,
        batch_max=family.batch_max,
    )
