"""Device classes (卡型): what a card can do, each figure with the source it comes from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from fractions import Fraction

from evernormal.domain.errors import DomainError


class Precision(Enum):
    """In what numbers a rate is counted. FP16 is any 16-bit rate, of FP16 or BF16."""

    FP32 = "FP32"
    FP16 = "FP16"
    INT16 = "INT16"
    FP8 = "FP8"
    INT8 = "INT8"
    FP4 = "FP4"
    INT4 = "INT4"

    @property
    def bits(self) -> int:
        """Length of one operand."""
        return int(self.value.removeprefix("FP").removeprefix("INT"))


class Confidence(Enum):
    """Whether a figure was read in the source that is named, or is merely known."""

    READ = "READ"
    GENERAL_KNOWLEDGE = "GENERAL_KNOWLEDGE"


class Sale(Enum):
    """For whom the vendor sells a card: the export rules ask for it."""

    DATACENTRE = "DATACENTRE"
    CONSUMER = "CONSUMER"


class Workload(Enum):
    """What cards are used for."""

    TRAINING = "TRAINING"
    SERVING = "SERVING"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a figure comes from.

    source      title of what was read, or what stands for it
    taken_on    the day it went into the catalogue
    note        what a reader of the figure has to know; "" nothing
    """

    source: str
    confidence: Confidence
    taken_on: date
    note: str = ""

    @property
    def is_read(self) -> bool:
        """Whether the figure was read; else it is unverified, and has to be shown as such."""
        return self.confidence is Confidence.READ


@dataclass(frozen=True, slots=True)
class MfuBand:
    """Share of the dense 16-bit rate that training reaches (MFU): 0 < low <= mid <= high <= 1.

    basis   the runs it rests on, or that it is an assumption
    """

    low: Fraction
    mid: Fraction
    high: Fraction
    basis: str

    def __post_init__(self) -> None:
        if not 0 < self.low <= self.mid <= self.high <= 1:
            raise ValueError(f"An MFU band rises from above 0 to at most 1, not {self!r}")


@dataclass(frozen=True, slots=True)
class SoftwareEvidence:
    """Published results of a workload on the class: how far its software has come.

    results   how many results the sources hold, >= 1; none is no evidence at all
    stacks    the software they name, in order
    """

    workload: Workload
    results: int
    stacks: tuple[str, ...]
    evidence: Evidence


class NoSuchRate(DomainError):
    """No dense rate of this precision is known of a device class."""

    code = "device.no_such_rate"

    def __init__(self, *, device_class: str, precision: str, known: str) -> None:
        self.device_class, self.precision, self.known = device_class, precision, known
        super().__init__(
            f"No dense {precision} rate of {device_class} is known. Use one of: {known}."
        )


@dataclass(frozen=True, slots=True)
class DeviceClass:
    """One chip with its memory and form. What is None is not known.

    name_zh              "" where no Chinese name is known for sure
    vendor_country       seat of the vendor, ISO 3166-1 alpha-2
    process_node         as the vendor or the press calls it
    dense                10^12 operations per second by precision, dense, a multiply-accumulate
                         counted as two
    fp16_low, fp16_high  the range that sources give for the 16-bit rate
    fp16_measured        10^12 operations per second that a matrix product reached
    die_area_mm2         logic dies of the whole package
    interconnect_gb_s    to other cards, both directions together
    sold_freely_from     when it could be sold to China without a licence, half-open; None for from:
                         never, or not a foreign part; None for until with a from: still
    evidence             where each field comes from, by the field's name; `dense.FP16` for a rate.
                         A field that is not in it comes from `source`
    """

    id: str
    name: str
    name_zh: str
    vendor: str
    vendor_country: str
    launch_year: int
    form_factor: str
    process_node: str
    sale: Sale
    dense: Mapping[Precision, Fraction]
    source: Evidence
    fp16_low: Fraction | None = None
    fp16_high: Fraction | None = None
    fp16_measured: Fraction | None = None
    die_area_mm2: Fraction | None = None
    memory_gb: Fraction | None = None
    memory_type: str = ""
    bandwidth_gb_s: Fraction | None = None
    interconnect_gb_s: Fraction | None = None
    tdp_w: Fraction | None = None
    mfu: MfuBand | None = None
    software: tuple[SoftwareEvidence, ...] = ()
    sold_freely_from: date | None = None
    sold_freely_until: date | None = None
    aliases: tuple[str, ...] = ()
    evidence: Mapping[str, Evidence] = field(default_factory=dict)

    @property
    def is_datacentre(self) -> bool:
        """Whether the vendor sells it for data centres."""
        return self.sale is Sale.DATACENTRE

    def is_domestic_in(self, country: str) -> bool:
        """Whether its vendor has its seat in a country, ISO 3166-1 alpha-2.

        That says nothing about a card that stands somewhere: its papers do (`review_devices`).
        """
        return self.vendor_country == country

    def rate(self, precision: Precision) -> Fraction:
        """The dense rate in 10^12 operations per second.

        raises   NoSuchRate
        """
        rate = self.dense.get(precision)
        if rate is None:
            known = ", ".join(one.value for one in Precision if one in self.dense) or "-"
            raise NoSuchRate(device_class=self.id, precision=precision.value, known=known)
        return rate

    def evidence_of(self, name: str) -> Evidence:
        """Where a field comes from.

        name     a field's name, or `dense.FP16` and so on for a rate
        """
        return self.evidence.get(name, self.source)
