"""Speeds by job and class of card: a matrix, for ranks turn round from one job to another."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from evernormal.domain.device import DeviceClass, Evidence, Precision
from evernormal.domain.planning.basis import PlanningBasis
from evernormal.domain.planning.figure import Provenance, Speed
from evernormal.domain.planning.fitting import Fit, Misfit, Obstacle, fit_serving, fit_training
from evernormal.domain.planning.job import Job, ServingJob, TrainingJob
from evernormal.domain.planning.measurement import measured_speed
from evernormal.domain.planning.training import training_speed


@dataclass(frozen=True, slots=True)
class Running:
    """A job on a class of card: the cards that it takes at least, and the speed of each."""

    fit: Fit
    speed: Speed


@dataclass(frozen=True, slots=True)
class SpeedMatrix:
    """What each class of card does of each job, by job and class."""

    cells: Mapping[tuple[str, str], Running | Misfit]

    def cell(self, job_id: str, device_class: str) -> Running | Misfit:
        """How a job runs on a class, or why not.

        raises   KeyError for a pair that was not asked for
        """
        return self.cells[job_id, device_class]

    def ratio(self, job_id: str, *, of: str, to: str) -> float | None:
        """Speed of one class for another's, in this one job; None where it does not run on both."""
        one, other = self.cell(job_id, of), self.cell(job_id, to)
        if isinstance(one, Misfit) or isinstance(other, Misfit):
            return None
        return one.speed.tokens_per_second.mid / other.speed.tokens_per_second.mid


def speed_matrix(
    jobs: Iterable[Job], devices: Iterable[DeviceClass], *, basis: PlanningBasis
) -> SpeedMatrix:
    """Reckon every job on every class of card."""
    classes = tuple(devices)
    cells = {(job.id, one.id): run_on(job, one, basis=basis) for job in jobs for one in classes}
    return SpeedMatrix(cells)


def run_on(job: Job, device: DeviceClass, *, basis: PlanningBasis) -> Running | Misfit:
    """How a job runs on a class of card: measured where somebody did, else reckoned.

    returns  tokens/s by one card; of training before goodput and scaling losses
    source   docs/rules/planning.md
    """
    if isinstance(job, TrainingJob):
        fit = fit_training(job, device, basis=basis)
    else:
        fit = fit_serving(job, device, basis=basis)
    if isinstance(fit, Misfit):
        return fit
    measured = measured_speed(
        job, device_class=device.id, cards=fit.gang_cards, measurements=basis.measurements
    )
    if measured is not None:
        span, sources = measured
        return Running(fit, Speed(span, Provenance.MEASURED, sources))
    if isinstance(job, TrainingJob):
        speed = _of_training(job, device, basis)
        return Misfit(Obstacle.UNKNOWN_FIGURE) if speed is None else Running(fit, speed)
    return Running(fit, _of_serving(job, device, fit, basis))


def _of_training(job: TrainingJob, device: DeviceClass, basis: PlanningBasis) -> Speed | None:
    span = training_speed(job, device, constants=basis.training)
    if span is None:
        return None
    sources = [device.evidence_of("mfu"), device.evidence_of(f"dense.{Precision.FP16.value}")]
    return Speed(span, _weakest(Provenance.ESTIMATED, sources), _once(sources))


def _of_serving(job: ServingJob, device: DeviceClass, fit: Fit, basis: PlanningBasis) -> Speed:
    family = basis.family_of(device)
    span = family.of_roofline(is_tuned=job.is_tuned).times(fit.tokens_per_second)
    fields = (f"dense.{job.data_type.precision.value}", "memory_gb", "bandwidth_gb_s")
    sources = [family.evidence, *(device.evidence_of(name) for name in fields)]
    return Speed(span, _weakest(family.provenance, sources), _once(sources))


def _weakest(provenance: Provenance, sources: Iterable[Evidence]) -> Provenance:
    """What was not read in a source is an assumption, and all that rests on it."""
    return provenance if all(one.is_read for one in sources) else Provenance.ASSUMED


def _once(sources: Iterable[Evidence]) -> tuple[Evidence, ...]:
    return tuple(dict.fromkeys(sources))
