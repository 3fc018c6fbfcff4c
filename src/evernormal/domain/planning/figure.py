"""Figures of a plan: never one number, always a span and where it comes from."""

from dataclasses import dataclass
from enum import Enum

from evernormal.domain.device import Evidence


class Provenance(Enum):
    """How a speed is known. The strongest first: what is assumed is never shown as measured."""

    MEASURED = "MEASURED"
    ESTIMATED = "ESTIMATED"
    ASSUMED = "ASSUMED"


@dataclass(frozen=True, slots=True)
class Span:
    """A figure with what it may be at least and at most: 0 <= low <= mid <= high.

    Physics, never money: hours, tokens a second, shares of a peak.
    """

    low: float
    mid: float
    high: float

    def __post_init__(self) -> None:
        if not 0 <= self.low <= self.mid <= self.high:
            raise ValueError(f"A span rises from at least 0, not {self!r}")

    def times(self, other: "Span | float") -> "Span":
        """The product, low with low and high with high."""
        if isinstance(other, Span):
            return Span(self.low * other.low, self.mid * other.mid, self.high * other.high)
        return Span(self.low * other, self.mid * other, self.high * other)

    def of_work(self, work: float) -> "Span":
        """What `work` takes at this speed: the most at the low end, so that it rises again.

        raises   ZeroDivisionError when the low speed is 0
        """
        return Span(work / self.high, work / self.mid, work / self.low)


@dataclass(frozen=True, slots=True)
class Speed:
    """What one card of a class does of one job: never a figure of the class alone.

    tokens_per_second  by one card: trained on, or given out
    provenance         that of its weakest part
    evidence           every source that it rests on
    """

    tokens_per_second: Span
    provenance: Provenance
    evidence: tuple[Evidence, ...]
