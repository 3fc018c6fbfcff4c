"""Measured speeds: what somebody published of a model on a class of card."""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

from evernormal.domain.device import Evidence, Workload
from evernormal.domain.planning.figure import Span
from evernormal.domain.planning.job import Job, Method, TrainingJob


@dataclass(frozen=True, slots=True)
class Measurement:
    """One published figure.

    tokens_per_second  by one card: trained on, or given out
    lengths            tokens of the samples, or of question and answer
    cards              it ran on; in serving, those that hold one copy of the model
    size               bytes of one weight
    is_tuned           served by an engine tuned for the card
    """

    id: str
    workload: Workload
    model: str
    device_class: str
    cards: int
    tokens_per_second: float
    lengths: tuple[int, ...]
    size: int
    is_tuned: bool
    evidence: Evidence


def measured_speed(
    job: Job, *, device_class: str, cards: int, measurements: Iterable[Measurement]
) -> tuple[Span, tuple[Evidence, ...]] | None:
    """The least, the median and the most that was measured of the very same job.

    cards    that hold one copy, in serving; in training any number counts
    returns  tokens/s by one card with the sources; None where nobody measured it. A job with a
             target for its latency, or with an adapter, was not what they measured
    """
    found = [
        one
        for one in measurements
        if one.device_class == device_class
        and one.model == job.model.id
        and one.size == job.data_type.size
        and _is_same(one, job, cards)
    ]
    if not found:
        return None
    speeds = sorted(one.tokens_per_second for one in found)
    sources = tuple(dict.fromkeys(one.evidence for one in found))
    return Span(speeds[0], median(speeds), speeds[-1]), sources


def _is_same(one: Measurement, job: Job, cards: int) -> bool:
    if one.workload is not job.workload:
        return False
    if isinstance(job, TrainingJob):
        return job.method is not Method.LORA and one.lengths == (job.sequence,)
    is_free = job.token_ms_max is None
    lengths = (job.tokens_in, job.tokens_out)
    return is_free and (one.lengths, one.cards, one.is_tuned) == (lengths, cards, job.is_tuned)
