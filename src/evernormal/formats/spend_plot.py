"""The spend curve: what was asked and granted so far, day by day, under the pot."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest
from textwrap import wrap

from evernormal.domain.policy import Text
from evernormal.formats.books.report.chart import UNIT, Chart, Label, Lettering
from evernormal.locale import Words

_PALE, _DEEP, _AMBER = "#d5e3ee", "#17466e", "#dba75b"
_INK, _MUTED, _LINE = "#1d2b36", "#56646f", "#dfe4e8"
_WIDTH = 460
"""Narrow, so that its letters can be read on a telephone of 375 pixels."""

_LEFT, _RIGHT = 108, 450
_PLOT_HEIGHT = 230
_TITLE_LINE, _LEGEND_LINE = 21, 22
_BELOW = 34
_POT_WIDTH = 2
_TICKS = 4
_MONTHS_MAX, _QUARTERS_MAX = 12, 24
"""Up to these every second month is named, every third; of more, each January."""

_LINE_WIDTH = 54
"""Letters of a line of the title; a Chinese one is as wide as two."""

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


def draw_spend(
    points: Sequence[SpendPoint], *, title: Text, exhausted_on: Sequence[date]
) -> SpendPlot:
    """Draw the curve; sums begin anew each year.

    points         in order of days, at least one
    title          the programme
    exhausted_on   days on which a pot was empty
    """
    lines = _title_lines(title)
    names = ["asked", "granted"] + ["pot"] * any(p.released is not None for p in points)
    top_px = _TITLE_LINE * (len(lines) + 1) + _LEGEND_LINE * (len(names) + 1) + 24
    bottom_px = top_px + _PLOT_HEIGHT
    chart = Chart("spend", width=_WIDTH, height=bottom_px + _BELOW)
    sums = [sum_ for p in points for sum_ in (p.asked, p.granted, p.released or 0)]
    top = _ceiling(max(sums))
    first = points[0].on.replace(month=1, day=1)
    days = (points[-1].on.replace(month=12, day=31) - first).days + 1
    axis = _Axis(first=first, days=days, top=top, top_px=top_px, bottom_px=bottom_px)
    _draw_title(chart, lines, points)
    _draw_legend(chart, names, top_px)
    for amount_of, colour in ((_asked, _PALE), (_granted, _DEEP)):
        chart.area(axis.area([(p.on, amount_of(p)) for p in points]), colour)
    _draw_scale(chart, axis)
    _draw_pot(chart, axis, points)
    for number, day in enumerate(exhausted_on):
        x = axis.x_of(day)
        chart.rule((x, top_px * UNIT), (x, bottom_px * UNIT), _INK)
        label = Label("what_if.plot.exhausted", {"on": day})
        # On the side that has more room.
        is_late = 2 * x > (_LEFT + _RIGHT) * UNIT
        aside, align = (-6 * UNIT, _TO_RIGHT) if is_late else (6 * UNIT, _TO_LEFT)
        chart.text(x + aside, (top_px + 10 + _TITLE_LINE * number) * UNIT, label, align)
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
    top_px: int
    bottom_px: int

    def x_of(self, day: date) -> int:
        return _LEFT * UNIT + (_RIGHT - _LEFT) * UNIT * (day - self.first).days // self.days

    def y_of(self, fen: int) -> int:
        return self.bottom_px * UNIT - (self.bottom_px - self.top_px) * UNIT * fen // self.top

    def area(self, values: Sequence[tuple[date, int]]) -> list[tuple[int, int]]:
        """Under a line that keeps each value until the next one."""
        floor = self.bottom_px * UNIT
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
    tick = Lettering(align="right", colour=_MUTED, size=14)
    for part in range(_TICKS + 1):
        fen = axis.top * part // _TICKS
        y = axis.y_of(fen)
        chart.rule((_LEFT * UNIT, y), (_RIGHT * UNIT, y), _LINE if part else _MUTED)
        chart.text((_LEFT - 8) * UNIT, y, Label("what_if.plot.tick", {"fen": fen}), tick)
    last = axis.first.year + axis.days // 365
    months = [date(y, m, 1) for y in range(axis.first.year, last + 1) for m in range(1, 13)]
    shown = [m for m in months if (m - axis.first).days < axis.days]
    step = 2 if len(shown) <= _MONTHS_MAX else 3 if len(shown) <= _QUARTERS_MAX else 12
    for month in shown[::step]:
        x, y = axis.x_of(month), axis.bottom_px * UNIT
        chart.rule((x, y), (x, y + 5 * UNIT), _MUTED)
        name = Label(f"month.{month.month}", {})
        chart.text(x + 2 * UNIT, y + 18 * UNIT, name, Lettering(colour=_MUTED, size=13))


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


def _title_lines(title: Text) -> list[Text]:
    """The title broken into lines, as many in both languages."""
    english, chinese = wrap(title.en, _LINE_WIDTH), wrap(title.zh, _LINE_WIDTH // 2)
    return [Text(*pair) for pair in zip_longest(english, chinese, fillvalue="")]


def _draw_title(chart: Chart, lines: Sequence[Text], points: Sequence[SpendPoint]) -> None:
    """The programme and the years, from the left edge on."""
    for number, line in enumerate(lines):
        y = (_TITLE_LINE * number + 14) * UNIT
        chart.text(10 * UNIT, y, Label("", {"text": line}), _TITLE)
    years = sorted({points[0].on.year, points[-1].on.year})
    told = Label("what_if.plot.years", {"years": "–".join(str(year) for year in years)})
    chart.text(10 * UNIT, (_TITLE_LINE * len(lines) + 14) * UNIT, told, _LEGEND)


def _draw_legend(chart: Chart, names: Sequence[str], top_px: int) -> None:
    """What each colour is, one below the other, and under them the unit of the axis."""
    lowest = top_px - 20
    for place, name in enumerate(names):
        y = lowest - _LEGEND_LINE * (len(names) - place)
        chart.bar(10 * UNIT, (y - 6) * UNIT, 12 * UNIT, 12 * UNIT, _COLOURS[name])
        chart.text(30 * UNIT, y * UNIT, Label(f"what_if.plot.{name}", {}), _LEGEND)
    chart.text(10 * UNIT, lowest * UNIT, Label("what_if.plot.unit", {}), _LEGEND)


_COLOURS = {"asked": _PALE, "granted": _DEEP, "pot": _AMBER}
_LEGEND = Lettering(colour=_MUTED, size=14)
_TITLE = Lettering(colour=_INK, size=15, weight="bold")
_TO_RIGHT = Lettering(align="right", colour=_INK, size=14)
_TO_LEFT = Lettering(colour=_INK, size=14)


def _ceiling(value: int) -> int:
    """A round number at or above a value: 1, 2, 4, 6, 8 or 10 with zeros."""
    size = int("1" + "0" * (len(str(max(value, 1))) - 1))
    return next(step * size for step in (1, 2, 4, 6, 8, 10) if step * size >= value)
