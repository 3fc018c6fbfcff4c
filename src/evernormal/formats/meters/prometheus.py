"""What Prometheus answers to a range query of a card exporter's series, as meter readings.

Each card is read by itself: of its samples those are runs that the same job or pod holds one after
another. The labels are those of DCGM-Exporter with its HPC job mapping or its Kubernetes mapping.
source  Prometheus HTTP API, query_range: a matrix; DCGM-Exporter: labels and fields
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Final

from evernormal.formats.meters.card_runs import (
    CardRun,
    CardUse,
    Holder,
    Sample,
    is_open,
    reading_of,
    runs_of,
    use_of,
)
from evernormal.formats.meters.json_elements import Source, elements_of
from evernormal.formats.meters.reading import MeterReadings, part_at, text_at
from evernormal.formats.problems import Problem

UTILISATION: Final = "DCGM_FI_DEV_GPU_UTIL"
ENERGY: Final = "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION"
# DCGM writes numbers from here on for "no value": blank, not found, not supported, not permitted.
_BLANK: Final = Fraction(0x7FFFFFFFFFFFFFF0)
_IDLE: Final = Holder("", "")


@dataclass(frozen=True, slots=True)
class Pull:
    """A range query: what was asked, of which cluster.

    starts_at      the first sample's moment, whole epoch seconds
    ends_at        a whole number of steps later; a sample at that moment is the next pull's
    step_seconds   from one sample to the next
    account_label  the label that names the buyer; without it, the namespace does
    """

    file: str
    cluster: str
    starts_at: datetime
    ends_at: datetime
    step_seconds: int
    account_label: str = ""

    @property
    def seconds(self) -> range:
        """The moments of its samples."""
        return range(
            int(self.starts_at.timestamp()), int(self.ends_at.timestamp()), self.step_seconds
        )

    def problem(self, line: int, place: str, code: str, message: str, todo: str) -> Problem:
        """A problem of a series."""
        return Problem(self.file, line, place, code, message, todo)


@dataclass(frozen=True, slots=True)
class CardReadings:
    """What a pull says.

    read   readings of one card each; those that reach the end of the pull are not final
    uses   how busy the card of each reading was, in the same order
    open   runs that may go on: the next pull takes them, and gives them the same start
    """

    read: MeterReadings
    uses: tuple[CardUse, ...]
    open: tuple[CardRun, ...]


@dataclass(slots=True)
class _Card:
    """All that a pull says of a card. `clash` is the first moment at which two held it."""

    line: int
    card_type: str
    samples: dict[int, Sample] = field(default_factory=dict)
    clash: int | None = None


def read_matrix(text: str, pull: Pull, carried: Sequence[CardRun] = ()) -> CardReadings:
    """Read the answer to a range query.

    text     the answer, whole; all its series are read. DCGM_FI_DEV_GPU_UTIL tells of utilisation,
             DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION of energy, any series of who held a card
    carried  the runs that were open at the end of the pull before, where this one begins
    returns  readings by card and start. Pulls that follow one another give the same final readings
             as one over all of their time; series of cards that nobody held count as without cards
    """
    problems: list[Problem] = []
    if not _is_sound(pull, problems):
        return CardReadings(MeterReadings((), 0, tuple(problems)), (), tuple(carried))
    source = Source(pull.file, ("data", "result"), "prometheus.json", _ADVICE)
    series = list(elements_of(text, source, problems))
    has_exported = any("exported_pod" in part_at(each, "metric") for _, each in series)
    cards: dict[str, _Card] = {}
    without_cards = 0
    for line, each in series:
        try:
            is_held = _take(line, each, pull, cards, has_exported=has_exported)
        except _Unread as error:
            problems.append(pull.problem(line, error.place, error.code, str(error), _ADVICE))
            continue
        without_cards += not is_held
    readings, uses, still = [], [], []
    for run, goes_on in _runs(pull, cards, {run.card: run for run in carried}, problems):
        reading = reading_of(run, pull.cluster, step=pull.step_seconds, is_final=not goes_on)
        readings.append(reading)
        uses.append(use_of(run, reading))
        still += [run] if goes_on else []
    told = MeterReadings(tuple(readings), without_cards, tuple(problems))
    return CardReadings(told, tuple(uses), tuple(still))


def _runs(
    pull: Pull, cards: Mapping[str, _Card], carried: Mapping[str, CardRun], problems: list[Problem]
) -> Iterator[tuple[CardRun, bool]]:
    """Give each run, and whether it may go on after the pull."""
    until, step = pull.seconds.stop, pull.step_seconds
    for name in sorted(cards.keys() | carried.keys()):
        card, before = cards.get(name), carried.get(name)
        if card is not None and card.clash is not None:
            message = f"Card {name} was held by two jobs at {card.clash}."
            problems.append(
                pull.problem(card.line, "metric", "prometheus.two_holders", message, _CLASH_ADVICE)
            )
            card = None
        runs: list[CardRun] = []
        # Without samples of its card, the line of a run is one of another answer.
        run = None if before is None else replace(before, line=1)
        if card is not None:
            kind = (name, card.card_type)
            runs, run = runs_of(card.line, kind, card.samples, step=step, carried=before)
        for each in runs:
            yield each, False
        if run is not None:
            yield run, is_open(run, until=until, step=step)


class _Unread(Exception):
    """A series cannot be read."""

    def __init__(self, code: str, place: str, message: str) -> None:
        self.code, self.place = code, place
        super().__init__(message)


def _take(
    line: int,
    series: Mapping[str, object],
    pull: Pull,
    cards: dict[str, _Card],
    *,
    has_exported: bool,
) -> bool:
    """Add a series to what is known of its card; whether it names a holder."""
    labels = part_at(series, "metric")
    name, card_type = text_at(labels, "UUID"), text_at(labels, "modelName")
    if text_at(labels, "GPU_I_ID"):
        # A slice of a card is sold as what it is.
        name = f"{name}/{text_at(labels, 'GPU_I_ID')}"
        card_type = text_at(labels, "GPU_I_PROFILE") or card_type
    if not name or not card_type:
        message = "The series names no card: it has no UUID or no modelName."
        raise _Unread("prometheus.card", "metric", message)
    holder = _holder(labels, pull, has_exported=has_exported)
    samples = list(_samples(series, pull))
    card = cards.setdefault(name, _Card(line, card_type))
    metric = text_at(labels, "__name__")
    for at, value in samples:
        _add(card, at, _sample(holder, metric, value))
    return bool(holder.job)


def _add(card: _Card, at: int, sample: Sample) -> None:
    before = card.samples.get(at, Sample(sample.holder))
    holders = {before.holder, sample.holder} - {_IDLE}
    if len(holders) > 1:
        card.clash = at if card.clash is None else min(at, card.clash)
    card.samples[at] = Sample(
        holder=max(holders, default=_IDLE),
        utilisation=sample.utilisation if before.utilisation is None else before.utilisation,
        energy=sample.energy if before.energy is None else before.energy,
    )


def _sample(holder: Holder, metric: str, value: Fraction | None) -> Sample:
    if metric == UTILISATION:
        return Sample(holder, utilisation=value)
    if metric == ENERGY:
        return Sample(holder, energy=value)
    return Sample(holder)


def _holder(labels: Mapping[str, object], pull: Pull, *, has_exported: bool) -> Holder:
    """Who the labels say holds the card.

    has_exported  whether Prometheus put the exporter's own pod under `pod`, and the pod that holds
                  the card under `exported_pod`, in any series of the answer
    """
    prefix = "exported_" if has_exported else ""
    namespace, pod = text_at(labels, f"{prefix}namespace"), text_at(labels, f"{prefix}pod")
    account = text_at(labels, pull.account_label) if pull.account_label else namespace
    if text_at(labels, "hpc_job"):
        return Holder(text_at(labels, "hpc_job"), account)
    return Holder(f"{namespace}/{pod}", account) if pod else _IDLE


def _samples(series: Mapping[str, object], pull: Pull) -> Iterator[tuple[int, Fraction | None]]:
    """Give the samples of a series before the end of the pull."""
    values = series.get("values")
    if not isinstance(values, list):
        message = "The series has no values: ask with query_range."
        raise _Unread("prometheus.values", "values", message)
    moments = pull.seconds
    for place, pair in enumerate(values):
        at, value = pair if isinstance(pair, list) and len(pair) == 2 else (None, None)  # noqa: PLR2004
        second = _whole(at)
        if second is None or not isinstance(value, str):
            message = "A sample is no pair of a whole second and a text."
            raise _Unread("prometheus.sample", f"values[{place}]", message)
        if second == moments.stop:
            continue  # the next pull's
        if second not in moments:
            message = f"{second} is no moment of this query's range and step."
            raise _Unread("prometheus.window", f"values[{place}]", message)
        yield second, _number(value, f"values[{place}]")


def _whole(at: object) -> int | None:
    """A whole second, written as 7 or 7.0."""
    if isinstance(at, bool) or not isinstance(at, int | float) or at % 1:
        return None
    return int(at)


def _number(text: str, place: str) -> Fraction | None:
    """A sample's number; None where the card had none to tell."""
    if text in {"NaN", "+Inf", "-Inf"}:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise _Unread("prometheus.sample", place, f'"{text[:40]}" is no number.') from error
    # A float64 has no exponent beyond this; as a fraction one would fill the memory.
    if not number.is_finite() or abs(number.adjusted()) > 400:  # noqa: PLR2004 - said above
        raise _Unread("prometheus.sample", place, f'"{text[:40]}" is no number.')
    return None if number >= _BLANK or number < 0 else Fraction(number)


def _is_sound(pull: Pull, problems: list[Problem]) -> bool:
    """Whether the pull is a whole number of steps between whole seconds."""
    edges = (pull.starts_at, pull.ends_at)
    is_whole = pull.step_seconds > 0 and not any(edge.microsecond for edge in edges)
    if (
        is_whole
        and pull.seconds
        and not (pull.seconds.stop - pull.seconds.start) % pull.step_seconds
    ):
        return True
    message = "The query's range is no whole number of steps between whole seconds."
    todo = "Correct its start, end and step."
    problems.append(Problem(pull.file, None, None, "prometheus.range", message, todo))
    return False


_ADVICE = "Save what query_range answers, whole and unchanged, and give its start, end and step."
_CLASH_ADVICE = "A card that jobs share is metered by its parts: slices, or by its scheduler."
