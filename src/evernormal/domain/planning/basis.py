"""What plans rest on: constants, limits and measurements, as the catalogue has them."""

from dataclasses import dataclass

from evernormal.domain.device import DeviceClass, Evidence
from evernormal.domain.planning.measurement import Measurement
from evernormal.domain.planning.model import DataType
from evernormal.domain.planning.roofline import ServingFamily
from evernormal.domain.planning.training import TrainingConstants


@dataclass(frozen=True, slots=True)
class MemoryLimits:
    """Shares of a card's memory.

    usable           that a plan may fill
    weights_tight    of weights alone, in serving: beyond it the roofline was not fitted
    weights_refused  of weights alone, in serving: beyond it the roofline was wrong many times over
    """

    usable: float
    weights_tight: float
    weights_refused: float


@dataclass(frozen=True, slots=True)
class ClusterLimits:
    """How cards come together.

    cards_per_node      that share one machine
    link_gb_s_min       of both directions: a card with less has no link beyond its machine
    without_bf16        device classes that do not reckon in BF16
    unsuited            device classes that do not run language models at all
    """

    cards_per_node: int
    link_gb_s_min: float
    without_bf16: frozenset[str]
    unsuited: frozenset[str]

    def is_linked(self, device: DeviceClass) -> bool:
        """Whether more than one machine of such cards can work on one copy of a model."""
        link = device.interconnect_gb_s
        return link is not None and float(link) >= self.link_gb_s_min

    def runs(self, data_type: DataType, device: DeviceClass) -> bool:
        """Whether a card reckons in these numbers at all."""
        has_range = data_type is not DataType.BF16 or device.id not in self.without_bf16
        return has_range and data_type.precision in device.dense


@dataclass(frozen=True, slots=True)
class PlanningBasis:
    """Everything beside job and cards that a plan is reckoned with.

    fallback  the family of cards that belong to no other: its constants are assumed
    evidence  where the constants of training and memory come from
    """

    training: TrainingConstants
    memory: MemoryLimits
    cluster: ClusterLimits
    families: tuple[ServingFamily, ...]
    fallback: ServingFamily
    measurements: tuple[Measurement, ...]
    evidence: tuple[Evidence, ...]

    def family_of(self, device: DeviceClass) -> ServingFamily:
        """The family that a class of card serves like."""
        own = (one for one in self.families if device.id in one.device_classes)
        return next(own, self.fallback)
