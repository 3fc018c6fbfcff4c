"""P (PFLOPS) and card-hours: each always with the precision or the class that it counts in."""

from dataclasses import dataclass
from fractions import Fraction

from evernormal.domain.device.dense import figure_text
from evernormal.domain.device.device_class import DeviceClass, Precision
from evernormal.domain.errors import DomainError

_TERA_IN_PETA = 1_000


class MixedPrecisions(DomainError):
    """Two performances of different precisions cannot be added."""

    code = "device.mixed_precisions"

    def __init__(self, *, first: Precision, second: Precision) -> None:
        self.first, self.second = first.value, second.value
        super().__init__(
            f"P in {first.value} and P in {second.value} do not add up. "
            "State both in one precision."
        )


class MixedClasses(DomainError):
    """Card-hours of two device classes cannot be added, nor taken for each other."""

    code = "device.mixed_classes"

    def __init__(self, *, first: str, second: str) -> None:
        self.first, self.second = first, second
        super().__init__(
            f"Card-hours of {first} and of {second} do not add up. "
            "State them class by class, or convert both to P-hours of one precision."
        )


@dataclass(frozen=True, slots=True)
class Performance:
    """P: 10^15 dense operations per second, in a stated precision. Never a sparse figure."""

    pflops: Fraction
    precision: Precision

    def __add__(self, other: "Performance") -> "Performance":
        """Both together.

        raises   MixedPrecisions
        """
        _same_precision(self.precision, other.precision)
        return Performance(self.pflops + other.pflops, self.precision)

    def __str__(self) -> str:
        return f"{figure_text(self.pflops)} P ({self.precision.value}, dense)"


@dataclass(frozen=True, slots=True)
class PerformanceHours:
    """P-hours: a performance kept up for hours, in a stated precision, dense."""

    pflops_hours: Fraction
    precision: Precision

    def __add__(self, other: "PerformanceHours") -> "PerformanceHours":
        """Both together.

        raises   MixedPrecisions
        """
        _same_precision(self.precision, other.precision)
        return PerformanceHours(self.pflops_hours + other.pflops_hours, self.precision)


@dataclass(frozen=True, slots=True)
class CardHours:
    """Card-hours (卡时) of one device class, by its id; exact, not rounded to whole seconds."""

    device_class: str
    hours: Fraction

    def __add__(self, other: "CardHours") -> "CardHours":
        """Both together.

        raises   MixedClasses
        """
        _same_class(self.device_class, other.device_class)
        return CardHours(self.device_class, self.hours + other.hours)


def performance_of(device: DeviceClass, *, cards: int, precision: Precision) -> Performance:
    """What so many cards are rated at together.

    cards    >= 0
    raises   NoSuchRate when the class has no rate of this precision
    """
    return Performance(device.rate(precision) * cards / _TERA_IN_PETA, precision)


def to_performance_hours(
    used: CardHours, *, device: DeviceClass, precision: Precision
) -> PerformanceHours:
    """Convert card-hours of a class into P-hours: hours x dense rate / 1,000.

    device   the class that the card-hours are of
    raises   MixedClasses when they are of another; NoSuchRate
    source   docs/reference/catalogue.md
    """
    _same_class(used.device_class, device.id)
    return PerformanceHours(used.hours * device.rate(precision) / _TERA_IN_PETA, precision)


def to_card_hours(work: PerformanceHours, *, device: DeviceClass) -> CardHours:
    """Convert P-hours into card-hours of a class, in the precision that the P-hours state.

    returns  exact; whoever buys whole card-hours rounds up
    raises   NoSuchRate when the class has no rate of that precision
    """
    rate = device.rate(work.precision)
    return CardHours(device.id, work.pflops_hours * _TERA_IN_PETA / rate)


def _same_precision(first: Precision, second: Precision) -> None:
    if first is not second:
        raise MixedPrecisions(first=first, second=second)


def _same_class(first: str, second: str) -> None:
    if first != second:
        raise MixedClasses(first=first, second=second)
