"""Runs of a card in one hand, made of samples that say who held it at each step.

A sample at t speaks for the step from t to t + step. One missing sample between two of the same
holder is bridged, two are not; nor is one that shows another holder, or none.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from fractions import Fraction

from evernormal.formats.meters.reading import Reading

# A run goes on over a gap of this many steps between two samples.
_STEPS_BRIDGED = 2


@dataclass(frozen=True, slots=True, order=True)
class Holder:
    """Who holds a card: a job, and the account it is metered under. Nobody's job is ""."""

    job: str
    account: str


@dataclass(frozen=True, slots=True)
class Sample:
    """What is known of a card at a moment.

    utilisation  percent
    energy       the card's counter, in mJ
    """

    holder: Holder
    utilisation: Fraction | None = None
    energy: Fraction | None = None


@dataclass(frozen=True, slots=True)
class CardRun:
    """A card in one hand, so far. Moments are epoch seconds.

    last         the last sample
    utilisation  sum over `measured` samples, in percent
    energy       mJ between the samples that told it, the counter's restarts left out
    counter      the last sample's counter, in mJ
    """

    card: str
    card_type: str
    holder: Holder
    first: int
    last: int
    line: int
    samples: int = 0
    utilisation: Fraction = field(default_factory=Fraction)
    measured: int = 0
    energy: Fraction | None = None
    counter: Fraction | None = None

    def and_then(self, at: int, sample: Sample) -> "CardRun":
        """The run with one more sample."""
        energy, counter = self.energy, self.counter
        if sample.energy is not None:
            if counter is not None:
                # A counter below what it was has begun again from 0.
                since = sample.energy - (counter if sample.energy >= counter else 0)
                energy = (energy or Fraction()) + since
            counter = sample.energy
        told = sample.utilisation is not None
        return replace(
            self,
            last=at,
            samples=self.samples + 1,
            utilisation=self.utilisation + (sample.utilisation or 0),
            measured=self.measured + told,
            energy=energy,
            counter=counter,
        )


@dataclass(frozen=True, slots=True)
class CardUse:
    """How busy a card was in a run, beside the reading of the same job, type and start.

    card                   its UUID, with the number of a slice of it
    samples                how many samples the run is made of
    utilisation_per_mille  mean over the samples that told it, rounded half up; None without any
    energy_joules          between the first and the last sample that told it, rounded down; None
                           with fewer than two
    """

    cluster: str
    card: str
    job: str
    card_type: str
    starts_at: datetime
    ends_at: datetime
    samples: int
    utilisation_per_mille: int | None
    energy_joules: int | None
    is_final: bool


def runs_of(
    line: int,
    card: tuple[str, str],
    samples: Mapping[int, Sample],
    *,
    step: int,
    carried: CardRun | None,
) -> tuple[list[CardRun], CardRun | None]:
    """Cut a card's samples into runs.

    line     where the card's samples stand
    card     its UUID and type
    samples  by epoch second
    step     seconds from one sample to the next
    carried  the run that was open at the end of the samples before these
    returns  the runs that are over, in order, and the one that the last sample belongs to
    """
    runs: list[CardRun] = []
    run = None if carried is None else replace(carried, line=line)
    for at in sorted(samples):
        sample = samples[at]
        is_held = bool(sample.holder.job)
        is_bridged = run is not None and at - run.last <= _STEPS_BRIDGED * step
        if run is not None and not (is_held and is_bridged and run.holder == sample.holder):
            runs.append(run)
            run = None
        if is_held:
            begun = run or CardRun(*card, sample.holder, first=at, last=at, line=line)
            run = begun.and_then(at, sample)
    return runs, run


def is_open(run: CardRun, *, until: int, step: int) -> bool:
    """Whether a run of samples before `until` may go on with those from then on."""
    return run.last + _STEPS_BRIDGED * step >= until


def reading_of(run: CardRun, cluster: str, *, step: int, is_final: bool) -> Reading:
    """The reading of a run: one card, from its first sample to a step after its last."""
    return Reading(
        line=run.line,
        cluster=cluster,
        job=f"{run.holder.job}@{run.card}",
        account=run.holder.account,
        card_type=run.card_type,
        cards=1,
        starts_at=_moment(run.first),
        ends_at=_moment(run.last + step),
        state="ENDED" if is_final else "RUNNING",
        is_final=is_final,
    )


def use_of(run: CardRun, reading: Reading) -> CardUse:
    """How busy the card of a reading was."""
    mean = run.utilisation * 10 / run.measured if run.measured else None
    return CardUse(
        cluster=reading.cluster,
        card=run.card,
        job=reading.job,
        card_type=reading.card_type,
        starts_at=reading.starts_at,
        ends_at=reading.ends_at,
        samples=run.samples,
        utilisation_per_mille=None if mean is None else int(mean + Fraction(1, 2)),
        energy_joules=None if run.energy is None else int(run.energy // 1000),
        is_final=reading.is_final,
    )


def _moment(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)
