"""Drawing by matplotlib with words put in afterwards, so that one drawing serves both languages.

Positions are whole tenths of a CSS pixel: a plot never turns money into a float.
"""

import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from io import BytesIO
from typing import Literal

import matplotlib as mpl
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Polygon, Rectangle

from evernormal.domain.policy import Text
from evernormal.formats.explanation import in_language
from evernormal.locale import Words

UNIT = 10
"""Units of a chart in one CSS pixel."""

_POINTS_PER_INCH = 72
_METADATA = {"Date": None, "Creator": None, "Format": None, "Type": None}
_NO_SOFTWARE = {"Software": None}
_TOKEN = re.compile(r"¤([0-9]+)¤")
_HEAD = re.compile(r"^.*?(?=<svg)", re.DOTALL)
_META = re.compile(r"\s*<metadata>.*?</metadata>", re.DOTALL)
_SIZE = re.compile(r'<svg [^>]*viewBox="([^"]+)"[^>]*>')
_STYLE = re.compile(r"\s*<defs>\s*<style[^>]*>.*?</style>\s*</defs>", re.DOTALL)
_FONT = re.compile(r" font-family: [^;]*;")
_STRAIGHT = re.compile(r' transform="rotate\(-?0 [^)]*\)"')
_BREAK = re.compile(r"\s*\n\s*")
_ID = re.compile(r'(id="|href="#|url\(#)')


@dataclass(frozen=True, slots=True)
class Label:
    """Words of the locale with their facts, or with key "" the fact `text` as it is."""

    key: str
    facts: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Lettering:
    """How words are set: side of their point, colour, CSS pixels, weight."""

    align: Literal["left", "center", "right"] = "left"
    colour: str = "#1d2b36"
    size: int = 13
    weight: Literal["normal", "bold"] = "normal"


PLAIN = Lettering()


class Chart:
    """A canvas with its origin at the top left; widths and heights in CSS pixels."""

    def __init__(self, name: str, *, width: int, height: int) -> None:
        """Start an empty chart. The name makes the ids inside it its own."""
        self.name, self.width, self.height = name, width, height
        self._labels: list[Label] = []
        self._figure = Figure(figsize=(width / _POINTS_PER_INCH, height / _POINTS_PER_INCH))
        FigureCanvasSVG(self._figure)
        self._axes = self._figure.add_axes((0, 0, 1, 1))
        self._axes.set_xlim(0, width * UNIT)
        self._axes.set_ylim(height * UNIT, 0)
        self._axes.set_axis_off()
        self._figure.patch.set_visible(False)

    def bar(self, x: int, y: int, width: int, height: int, colour: str) -> None:
        """A filled rectangle; nothing for no width."""
        if width > 0 and height > 0:
            self._add(Rectangle((x, y), width, height, facecolor=colour, linewidth=0))

    def area(self, corners: list[tuple[int, int]], colour: str) -> None:
        """A filled shape."""
        self._add(Polygon(corners, facecolor=colour, linewidth=0))

    def _add(self, shape: Patch) -> None:
        self._axes.add_patch(shape)
        shape.set_clip_on(False)

    def rule(self, start: tuple[int, int], end: tuple[int, int], colour: str) -> None:
        """A hairline."""
        self._axes.plot(
            (start[0], end[0]), (start[1], end[1]), color=colour, linewidth=0.8, clip_on=False
        )

    def text(self, x: int, y: int, label: Label, lettering: Lettering = PLAIN) -> None:
        """Words on the chart, centred on y."""
        self._labels.append(label)
        self._axes.text(
            x,
            y,
            f"¤{len(self._labels) - 1}¤",
            ha=lettering.align,
            va="center_baseline",
            color=lettering.colour,
            fontsize=lettering.size,
            fontweight=lettering.weight,
        )

    def draw(self) -> str:
        """The drawing, with its labels still numbered."""
        out = BytesIO()
        with mpl.rc_context(), warnings.catch_warnings():
            mpl.rcParams["svg.hashsalt"] = self.name
            mpl.rcParams["svg.fonttype"] = "none"
            # Words come later and in the reader's own font: which glyphs ours has says nothing.
            warnings.simplefilter("ignore", UserWarning)
            self._figure.savefig(out, format="svg", metadata=_METADATA, transparent=True)
        text = _HEAD.sub("", out.getvalue().decode("utf-8"), count=1)
        for left_out in (_META, _STYLE, _FONT, _STRAIGHT):
            text = left_out.sub("", text)
        text = _BREAK.sub(" ", text)
        return _SIZE.sub(r'<svg viewBox="\1" aria-hidden="true" focusable="false">', text, count=1)

    def picture(self, words: Words) -> bytes:
        """The drawing in one language as PNG, twice as large, in matplotlib's own letters.

        Only for languages that its own font, DejaVu Sans, can write: the same bytes everywhere.
        """
        out = BytesIO()
        for number, artist in enumerate(self._axes.texts):
            artist.set_text(self._say(number, words))
            artist.set_fontfamily("DejaVu Sans")
        self._figure.savefig(
            out, format="png", dpi=2 * _POINTS_PER_INCH, facecolor="white", metadata=_NO_SOFTWARE
        )
        for number, artist in enumerate(self._axes.texts):
            artist.set_text(f"¤{number}¤")
        return out.getvalue()

    def _say(self, number: int, words: Words) -> str:
        label = self._labels[number]
        if label.key:
            return words.say(label.key, **label.facts)
        return _own_text(label.facts["text"], words)

    def in_words(self, drawing: str, words: Words) -> str:
        """The drawing in one language, with ids that are its own on the page."""

        def say(match: re.Match[str]) -> str:
            return escape(self._say(int(match[1]), words))

        own = f"{words.lang}-{self.name}-"
        drawing = drawing.replace("xlink:href", "href")
        return _TOKEN.sub(say, _ID.sub(rf"\g<1>{own}", drawing))


def _own_text(text: object, words: Words) -> str:
    """A label that is no text of the locale: the same in both languages, or a scheme's own."""
    return in_language(text, words) if isinstance(text, Text) else str(text)
