"""The plots of the report, each drawn once for wide and once for narrow pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from evernormal.domain.policy import Text
from evernormal.formats.books.report.chart import UNIT, Chart, Label, Lettering
from evernormal.formats.books.report.flow import Flow, VoucherDay

DEEP, MIDDLE, PALE = "#17466e", "#5f95c0", "#d5e3ee"
AMBER, GREY, INK, MUTED, LINE = "#dba75b", "#9aa3ab", "#1d2b36", "#56646f", "#dfe4e8"
WIDE, NARROW = 860, 360

_GUTTER = 250
"""Pixels for the rows' names on a wide page; on a narrow one they stand above their bars."""

_ROW_WIDE, _ROW_NARROW, _BAR, _THIN = 34, 50, 18, 10
_RIGHT = Lettering(align="right")
_BOLD = Lettering(weight="bold")
_TICK = Lettering(colour=MUTED, size=12)
_TICK_RIGHT = Lettering(align="right", colour=MUTED, size=12)
_TOP = 8
_POT_TIMES_MAX = 20


@dataclass(frozen=True, slots=True)
class Bar:
    """One row: its name, layers (value, colour, height in pixels) from the back, and its value."""

    name: Label
    layers: tuple[tuple[int, str, int], ...]
    value: Label


@dataclass(frozen=True, slots=True)
class Shape:
    """Whether names stand left of the bars on a wide page, and pixels kept free for values."""

    has_gutter: bool
    end: int


GUTTER = Shape(has_gutter=True, end=105)
_NAME_CHARACTERS_MAX = 18
"""A longer name would not fit the gutter."""


@dataclass(frozen=True, slots=True)
class UsageClass:
    """Card-seconds of one device class by day."""

    device_class: str
    seconds: dict[date, int]


def literal(text: str | Text) -> Label:
    """A text that is no word of the locale: a name, or a scheme's own words."""
    return Label("", {"text": text})


def bars(
    name: str,
    rows: Sequence[Bar],
    *,
    width: int,
    legend: Sequence[tuple[Label, str]] = (),
    shape: Shape = GUTTER,
) -> Chart:
    """Horizontal bars on one scale, with an optional legend above."""
    has_gutter = width == WIDE and shape.has_gutter
    row_height = _ROW_WIDE if has_gutter else _ROW_NARROW
    head = _TOP + _legend_height(legend, width=width)
    chart = Chart(f"{name}-{width}", width=width, height=head + row_height * len(rows) + _TOP)
    _draw_legend(chart, legend)
    left = (_GUTTER if has_gutter else 0) * UNIT
    span = width * UNIT - left - shape.end * UNIT
    top = max((value for row in rows for value, _, _ in row.layers), default=0) or 1
    for number, row in enumerate(rows):
        y = (head + row_height * number) * UNIT
        middle = y + (row_height // 2 if has_gutter else 33) * UNIT
        if has_gutter:
            chart.text(left - 12 * UNIT, middle, row.name, _RIGHT)
        else:
            chart.text(0, y + 12 * UNIT, row.name)
        for value, colour, height in row.layers:
            chart.bar(left, middle - height * UNIT // 2, span * value // top, height * UNIT, colour)
        reach = span * max((value for value, _, _ in row.layers), default=0) // top
        x = left + reach + (8 * UNIT if reach else 0)
        chart.text(x, middle, row.value, _BOLD)
    return chart


def is_pot_drawn(flow: Flow) -> bool:
    """Whether the awards can still be seen beside the pot."""
    return flow.awarded * _POT_TIMES_MAX >= flow.pot


def waterfall(flow: Flow, *, width: int, pays_money: bool = True) -> Chart:
    """How far the pot's money came, stage by stage; stages that this mode lacks are left out."""
    stages = [("awarded", flow.awarded)]
    if is_pot_drawn(flow):
        stages = [("pot", flow.pot), *stages]
    if flow.vouchers:
        stages += [("vouchers", flow.vouchers), ("reserved", flow.reserved)]
    stages += [("earned", flow.earned)]
    if pays_money:
        stages += [("approved", flow.approved), ("paid", flow.paid)]
    rows = []
    before = stages[0][1]
    for stage, fen in stages:
        layers = ((before, PALE, _BAR), (fen, DEEP, _BAR))
        rows.append(_money_bar("report.flow", stage, fen, layers))
        before = fen
    if flow.lapsed:
        rows.append(_money_bar("report.flow", "lapsed", flow.lapsed, ((flow.lapsed, GREY, _BAR),)))
    if is_pot_drawn(flow):
        rows.append(_money_bar("report.flow", "free", flow.free, ((flow.free, AMBER, _BAR),)))
    return bars("flow", rows, width=width)


def who_got_what(rows: Sequence[tuple[str, int, int, int, Label]], *, width: int) -> Chart:
    """Entitlement, award and payment of each applicant on one bar.

    rows   (name, entitled, awarded and paid fen, what stands behind the bar)
    """
    drawn = [
        Bar(
            name=literal(name),
            layers=((entitled, PALE, 20), (awarded, MIDDLE, 14), (paid, DEEP, 6)),
            value=value,
        )
        for name, entitled, awarded, paid, value in rows
    ]
    legend = [
        (Label(f"report.who.{key}", {}), colour)
        for key, colour in (("entitled", PALE), ("awarded", MIDDLE), ("paid", DEEP))
    ]
    is_short = all(len(row[0]) <= _NAME_CHARACTERS_MAX for row in rows)
    shape = Shape(has_gutter=is_short, end=150)
    return bars("who", drawn, width=width, legend=legend, shape=shape)


def reasons(rows: Sequence[tuple[Label, int]], *, applications: int, width: int) -> Chart:
    """How often each clause stood in the way, of all applications."""
    drawn = [
        Bar(
            label,
            ((applications, PALE, _THIN), (count, AMBER, _THIN)),
            Label("report.why.count", {"count": count, "all": applications}),
        )
        for label, count in rows
    ]
    return bars("why", drawn, width=width, shape=Shape(has_gutter=False, end=105))


def burn_down(days: Sequence[VoucherDay], *, first: date, last: date, width: int) -> Chart:
    """Available, held, captured and lapsed value of all vouchers, stacked, day by day."""
    names = (("captured", DEEP), ("held", AMBER), ("available", PALE), ("lapsed", GREY))
    legend = [(Label(f"report.burn.{name}", {}), colour) for name, colour in names]
    plot = 240
    head = _TOP + _legend_height(legend, width=width)
    chart = Chart(f"burn-{width}", width=width, height=head + plot + 34)
    _draw_legend(chart, legend)
    frame = _Frame(left=66 * UNIT, right=(width - 8) * UNIT, top=head * UNIT, height=plot * UNIT)
    axis = _DayAxis(frame, first=first, last=last)
    top = _ceiling(max((d.available + d.held + d.captured + d.lapsed for d in days), default=1))
    below = dict.fromkeys([d.on for d in days], 0)
    for name, colour in names:
        line = [(d.on, below[d.on] + int(getattr(d, name))) for d in days]
        if any(getattr(d, name) for d in days):
            floor = [(d.on, below[d.on]) for d in days]
            outline = axis.steps(line, top=top) + axis.steps(floor, top=top)[::-1]
            chart.area(outline, colour)
        below = dict(line)
    for part in range(5):
        y = frame.bottom - frame.height * part // 4
        chart.rule((frame.left, y), (frame.right, y), LINE if part else MUTED)
        fen = top * part // 4
        chart.text(frame.left - 8 * UNIT, y, Label("report.burn.tick", {"fen": fen}), _TICK_RIGHT)
    axis.draw_months(chart, every=1 if width == WIDE else 2)
    return chart


def usage(classes: Sequence[UsageClass], *, first: date, last: date, width: int) -> Chart:
    """One panel a device class: card-hours by day, each panel on its own scale."""
    panel, gap = 90, 46
    chart = Chart(f"usage-{width}", width=width, height=len(classes) * (panel + gap) + 30)
    for number, each in enumerate(classes):
        y = (number * (panel + gap) + 34) * UNIT
        frame = _Frame(left=0, right=width * UNIT, top=y, height=panel * UNIT)
        axis = _DayAxis(frame, first=first, last=last)
        total, top = sum(each.seconds.values()), max(each.seconds.values(), default=1)
        facts = {"device_class": each.device_class, "seconds": total}
        chart.text(0, y - 20 * UNIT, Label("report.usage.class", facts), _BOLD)
        if width == WIDE:
            peak = Label("report.usage.peak", {"seconds": top})
            chart.text(width * UNIT, y - 20 * UNIT, peak, _TICK_RIGHT)
        chart.rule((frame.left, frame.bottom), (frame.right, frame.bottom), MUTED)
        chart.area(axis.columns(each.seconds, top=max(top, 1)), MIDDLE)
        if number == len(classes) - 1:
            axis.draw_months(chart, every=1 if width == WIDE else 2)
    return chart


@dataclass(frozen=True, slots=True)
class _Frame:
    left: int
    right: int
    top: int
    height: int

    @property
    def bottom(self) -> int:
        return self.top + self.height


@dataclass(frozen=True, slots=True)
class _DayAxis:
    """Days from left to right."""

    frame: _Frame
    first: date
    last: date

    def x_of(self, day: date, *, shift: int = 0) -> int:
        days = max((self.last - self.first).days + 1, 1)
        inside = min(max((day - self.first).days + shift, 0), days)
        return self.frame.left + (self.frame.right - self.frame.left) * inside // days

    def steps(self, values: Sequence[tuple[date, int]], *, top: int) -> list[tuple[int, int]]:
        """A line that keeps each value until the next, up to the right edge."""
        corners: list[tuple[int, int]] = []
        for number, (day, value) in enumerate(values):
            y = self.frame.bottom - self.frame.height * value // top
            is_last = number == len(values) - 1
            until = self.frame.right if is_last else self.x_of(values[number + 1][0])
            corners += [(self.x_of(day), y), (until, y)]
        return corners

    def columns(self, values: Mapping[date, int], *, top: int) -> list[tuple[int, int]]:
        """The outline of one column a day; days without a value stand at zero."""
        corners = []
        for day, value in sorted(values.items()):
            y = self.frame.bottom - self.frame.height * value // top
            left, right = self.x_of(day), self.x_of(day, shift=1)
            floor = self.frame.bottom
            corners += [(left, floor), (left, y), (right, y), (right, floor)]
        return corners

    def draw_months(self, chart: Chart, *, every: int) -> None:
        y = self.frame.bottom
        months = [
            date(year, month, 1)
            for year in range(self.first.year, self.last.year + 1)
            for month in range(1, 13)
        ]
        inside = [m for m in months if self.first <= m <= self.last]
        every = max(every, -(-len(inside) * every // 12))
        for number, month in enumerate(inside):
            x = self.x_of(month)
            chart.rule((x, y), (x, y + 5 * UNIT), MUTED)
            if number % every == 0:
                chart.text(x + 3 * UNIT, y + 16 * UNIT, Label(f"month.{month.month}", {}), _TICK)


def _money_bar(table: str, stage: str, fen: int, layers: tuple[tuple[int, str, int], ...]) -> Bar:
    return Bar(Label(f"{table}.{stage}", {}), layers, Label(f"{table}.value", {"fen": fen}))


def _legend_columns(legend: Sequence[object], *, width: int) -> int:
    """Side by side on a wide page; on a narrow one in twos, an odd number one below another."""
    if width == WIDE:
        return max(len(legend), 1)
    return 1 if len(legend) % 2 else 2


def _legend_height(legend: Sequence[object], *, width: int) -> int:
    rows = -(-len(legend) // _legend_columns(legend, width=width))
    return rows * 24 + (10 if legend else 0)


def _draw_legend(chart: Chart, legend: Sequence[tuple[Label, str]]) -> None:
    columns = _legend_columns(legend, width=chart.width)
    step = chart.width * UNIT // columns
    for number, (label, colour) in enumerate(legend):
        x, y = step * (number % columns), (_TOP + 8 + 24 * (number // columns)) * UNIT
        chart.bar(x, y - 6 * UNIT, 12 * UNIT, 12 * UNIT, colour)
        chart.text(x + 20 * UNIT, y, label, Lettering(colour=MUTED))


def _ceiling(value: int) -> int:
    """A round number at or above a value: 1, 2, 4, 6, 8 or 10 with zeros."""
    size = int("1" + "0" * (len(str(max(value, 1))) - 1))
    return next(step * size for step in (1, 2, 4, 6, 8, 10) if step * size >= value)
