"""The spend curve: what was asked and granted so far, day by day, under the pot."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from evernormal.formats.books.report.chart import UNIT, Chart, Label, Lettering
from evernormal.locale import Words

_PALE, _DEEP, _AMBER = "#d5e3ee", "#17466e", "#dba75b"
_INK, _MUTED, _LINE = "#1d2b36", "#56646f", "#dfe4e8"
_WIDTH, _HEIGHT = 860, 380
_LEFT, _RIGHT, _TOP, _BOTTOM = 84, 844, 52, 336
_POT_WIDTH = 2
_TICKS = 4
_MONTHS_MAX = 24
"""More months than this are not named one by one."""

_SVG = "<svg "
_STANDALONE = (
    '<svg xmlns="http://www.w3.org/2000/svg" '
    "font-family=\"system-ui, 'Noto Sans CJK SC', 'Microsoft YaHei', sans-serif\" "
)


@dataclass(frozen=True, slots=True)
class SpendPoint:
    """Sums of fen up to and with a day; `released` of the pot by then, None where there is none."""

    on: date
    asked: int
    granted: int
    released: int | None


@dataclass(frozen=True, slots=True)
class SpendPlot:
    """A drawing that takes its words later."""

    chart: Chart

    def svg(self, words: Words) -> bytes:
        """The drawing as a file of its own, in one language; the same bytes each time."""
        drawing = self.chart.in_words(self.chart.draw(), words)
        return (drawing.replace(_SVG, _STANDALONE, 1) + "\n").encode("utf-8")

    def png(self, words: Words) -> bytes:
        """The drawing as a picture, in one language that matplotlib's own font can write."""
        return self.chart.picture(words)


def draw_spend(points: Sequence[SpendPoint], *, exhausted_on: Sequence[date]) -> SpendPlot:
    """Draw the curve; sums begin anew each year.

    points         in order of days, at least one
    exhausted_on   days on which a pot was empty
    """
    chart = Chart("spend", width=_WIDTH, height=_HEIGHT)
    sums = [sum_ for p in points for sum_ in (p.asked, p.granted, p.released or 0)]
    top = _ceiling(max(sums))
    first = points[0].on.replace(month=1, day=1)
    axis = _Axis(first, (points[-1].on.replace(month=12, day=31) - first).days + 1, top)
    _draw_legend(chart, has_pot=any(p.released is not None for p in points))
    for amount_of, colour in ((_asked, _PALE), (_granted, _DEEP)):
        chart.area(axis.area([(p.on, amount_of(p)) for p in points]), colour)
    _draw_scale(chart, axis)
    _draw_pot(chart, axis, points)
    for day in exhausted_on:
        x = axis.x_of(day)
        chart.rule((x, _TOP * UNIT), (x, _BOTTOM * UNIT), _INK)
        label = Label("what_if.plot.exhausted", {"on": day})
        chart.text(x - 6 * UNIT, (_TOP + 10) * UNIT, label, Lettering(align="right", colour=_INK))
    return SpendPlot(chart)


def _asked(point: SpendPoint) -> int:
    return point.asked


def _granted(point: SpendPoint) -> int:
    return point.granted


@dataclass(frozen=True, slots=True)
class _Axis:
    """Days from left to right, fen from the bottom to the top."""

    first: date
    days: int
    top: int

    def x_of(self, day: date) -> int:
        return _LEFT * UNIT + (_RIGHT - _LEFT) * UNIT * (day - self.first).days // self.days

    def y_of(self, fen: int) -> int:
        return _BOTTOM * UNIT - (_BOTTOM - _TOP) * UNIT * fen // self.top

    def area(self, values: Sequence[tuple[date, int]]) -> list[tuple[int, int]]:
        """Under a line that keeps each value until the next one."""
        floor = _BOTTOM * UNIT
        corners, height, year = [(_LEFT * UNIT, floor)], floor, self.first.year
        for day, fen in values:
            x = self.x_of(day)
            if day.year != year:
                turn = self.x_of(date(day.year, 1, 1))
                corners += [(turn, height), (turn, floor)]
                height, year = floor, day.year
            corners += [(x, height), (x, self.y_of(fen))]
            height = self.y_of(fen)
        end = _RIGHT * UNIT
        return [*corners, (end, height), (end, floor)]


def _draw_scale(chart: Chart, axis: _Axis) -> None:
    tick = Lettering(align="right", colour=_MUTED, size=12)
    for part in range(_TICKS + 1):
        fen = axis.top * part // _TICKS
        y = axis.y_of(fen)
        chart.rule((_LEFT * UNIT, y), (_RIGHT * UNIT, y), _LINE if part else _MUTED)
        chart.text((_LEFT - 8) * UNIT, y, Label("what_if.plot.tick", {"fen": fen}), tick)
    last = axis.first.year + axis.days // 365
    months = [date(y, m, 1) for y in range(axis.first.year, last + 1) for m in range(1, 13)]
    shown = [m for m in months if (m - axis.first).days < axis.days]
    for month in shown if len(shown) <= _MONTHS_MAX else [m for m in shown if m.month == 1]:
        x, y = axis.x_of(month), _BOTTOM * UNIT
        chart.rule((x, y), (x, y + 5 * UNIT), _MUTED)
        name = Label(f"month.{month.month}", {})
        chart.text(x + 3 * UNIT, y + 16 * UNIT, name, Lettering(colour=_MUTED, size=12))


def _draw_pot(chart: Chart, axis: _Axis, points: Sequence[SpendPoint]) -> None:
    """The pot as far as it is released, as a line of its own."""
    x = _LEFT * UNIT
    height = None
    for point in points:
        if point.released is None:
            continue
        y, here = axis.y_of(point.released), axis.x_of(point.on)
        if height is not None:
            chart.bar(x, height - UNIT, here - x, _POT_WIDTH * UNIT, _AMBER)
            x = here
        height = y
    if height is not None:
        chart.bar(x, height - UNIT, _RIGHT * UNIT - x, _POT_WIDTH * UNIT, _AMBER)


def _draw_legend(chart: Chart, *, has_pot: bool) -> None:
    names = [("asked", _PALE), ("granted", _DEEP)] + ([("pot", _AMBER)] if has_pot else [])
    for place, (name, colour) in enumerate(names):
        x = (_LEFT + place * 250) * UNIT
        chart.bar(x, 18 * UNIT, 12 * UNIT, 12 * UNIT, colour)
        chart.text(x + 20 * UNIT, 24 * UNIT, Label(f"what_if.plot.{name}", {}), _LEGEND)


_LEGEND = Lettering(colour=_MUTED)


def _ceiling(value: int) -> int:
    """A round number at or above a value: 1, 2, 4, 6, 8 or 10 with zeros."""
    size = int("1" + "0" * (len(str(max(value, 1))) - 1))
    return next(step * size for step in (1, 2, 4, 6, 8, 10) if step * size >= value)
