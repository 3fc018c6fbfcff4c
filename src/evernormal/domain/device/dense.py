"""Sparse figures are refused: a rate counts the operations that are done, not those skipped."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from evernormal.domain.device.device_class import DeviceClass, Precision
from evernormal.domain.errors import DomainError

_SPARSITY = 2
_TOLERANCE = Fraction(1, 100)
"""Data sheets round: 1,321 is twice 660.6."""

DENSITY_MAX = Fraction(30)
"""Performance for each mm2 of die, as in export rules. The densest known is at 22.5 (B200)."""

BANDWIDTH_PER_GB_MAX = Fraction(100)
"""GB/s for each GB of memory. The highest known is at 49; a slip by ten lies above."""


class SparseFigure(DomainError):
    """A rate is quoted that counts operations on zeros."""

    code = "device.sparse_figure"

    def __init__(
        self, *, device_class: str, precision: Precision, quoted: Fraction, dense: Fraction
    ) -> None:
        self.device_class, self.precision = device_class, precision.value
        self.quoted, self.dense = figure_text(quoted), figure_text(dense)
        super().__init__(
            f"{self.quoted} is no dense {precision.value} rate of {device_class}: it counts zeros "
            f"that are skipped. Write the dense rate, {self.dense}."
        )


class ImplausibleFigure(DomainError):
    """A figure is beyond what the chip's size or memory allows."""

    code = "device.implausible_figure"

    def __init__(self, *, device_class: str, what: str, figure: Fraction, limit: Fraction) -> None:
        self.device_class, self.what = device_class, what
        self.figure, self.limit = figure_text(figure), figure_text(limit)
        super().__init__(
            f"{what} of {device_class} is {self.figure}, above {self.limit}: a sparse rate or a "
            "slip. Compare it with the data sheet."
        )


@dataclass(frozen=True, slots=True)
class SparseRate:
    """A sparse figure that circulates for a device class, known so that it is recognised.

    figure, dense   10^12 operations per second, with and without the zeros
    """

    device_class: str
    precision: Precision
    figure: Fraction
    dense: Fraction


def figure_text(figure: Fraction) -> str:
    """Write a figure with at most two decimals and thousands separated, without idle zeros."""
    whole, rest = divmod(round(figure * 100), 100)
    decimals = f"{rest:02d}".rstrip("0")
    return f"{whole:,}.{decimals}" if decimals else f"{whole:,}"


def refuse_sparse(
    device: DeviceClass, precision: Precision, quoted: Fraction, *, known: Iterable[SparseRate] = ()
) -> None:
    """Refuse a rate that somebody quotes for a class, when it counts zeros.

    quoted   10^12 operations per second
    known    sparse figures that circulate
    raises   SparseFigure, when it is one of the known, or twice the dense rate within 1 %;
             NoSuchRate when there is no dense rate to compare with
    """
    for one in known:
        if (one.device_class, one.precision) == (device.id, precision):
            _refuse_near(one, quoted)
    dense = device.rate(precision)
    _refuse_near(SparseRate(device.id, precision, dense * _SPARSITY, dense), quoted)


def _refuse_near(sparse: SparseRate, quoted: Fraction) -> None:
    if abs(quoted - sparse.figure) <= sparse.figure * _TOLERANCE:
        raise SparseFigure(
            device_class=sparse.device_class,
            precision=sparse.precision,
            quoted=quoted,
            dense=sparse.dense,
        )


def refuse_implausible(device: DeviceClass) -> None:
    """Refuse figures that contradict each other.

    raises   ImplausibleFigure, when a rate is too high for the die, the bandwidth for the memory,
             or more was measured than is rated
    """
    rated = device.dense.get(Precision.FP16)
    if rated is not None and device.fp16_measured is not None:
        _within(device, "The measured 16-bit rate", device.fp16_measured, rated)
    if device.die_area_mm2 is not None:
        for precision, rate in device.dense.items():
            density = rate * precision.bits / device.die_area_mm2
            _within(device, f"{precision.value} rate times bits for each mm2", density, DENSITY_MAX)
    if device.bandwidth_gb_s is not None and device.memory_gb is not None:
        share = device.bandwidth_gb_s / device.memory_gb
        _within(device, "GB/s for each GB of memory", share, BANDWIDTH_PER_GB_MAX)


def _within(device: DeviceClass, what: str, figure: Fraction, limit: Fraction) -> None:
    if figure > limit:
        raise ImplausibleFigure(device_class=device.id, what=what, figure=figure, limit=limit)
