"""How money, ratios, days and use are written in each language."""

from datetime import date
from fractions import Fraction

from evernormal.domain.values import Fen

_FEN_PER_YUAN = 100
_SECONDS_PER_HOUR = 3_600
_PERCENT_DECIMALS_MAX = 2
_ENGLISH_UNITS = ((10**11, " billion"), (10**8, " million"))
_CHINESE_UNITS = ((10**10, " 亿"), (10**6, " 万"))


def write(value: object, *, kind: str, noun: str, is_chinese: bool) -> str:
    """Write a fact.

    value    fen (int, exact "a/b" or Fen), a ratio "a/b", a day (date or ISO text), a count
    kind     money, yuan, short, ratio, percent, date, number, hours, hours_about, s
    noun     behind the value: the unit of money, or what is counted
    raises   ValueError for another kind, TypeError for another value
    """
    writers = {
        "money": lambda: f"{yuan_text(value)} {noun}",
        "yuan": lambda: yuan_text(value),
        "short": lambda: short_text(_whole(value), is_chinese=is_chinese),
        "ratio": lambda: ratio_in_words(_exact(value)),
        "percent": lambda: percent_text(_exact(value)),
        "date": lambda: day_text(value, is_chinese=is_chinese),
        "number": lambda: f"{_whole(value):,}",
        "hours": lambda: hours_text(_whole(value)),
        "hours_about": lambda: hours_about(_whole(value)),
        "s": lambda: f"{_whole(value):,} {noun}{'' if value == 1 else _plural(noun)}",
    }
    if kind not in writers:
        raise ValueError(f"no way to write {kind!r}")
    return writers[kind]()


def yuan_text(value: object) -> str:
    """Fen as whole units with two decimals; "..." behind them where more follow."""
    exact = _exact(value)
    sign = "−" if exact < 0 else ""
    fen = abs(exact).numerator // abs(exact).denominator
    whole, rest = divmod(fen, _FEN_PER_YUAN)
    more = "" if exact.denominator == 1 else "…"
    return f"{sign}{whole:,}.{rest:02d}{more}"


def ratio_in_words(ratio: Fraction) -> str:
    """A ratio as percent where two decimals say it exactly, else as a/b."""
    hundredths = ratio * 100 * 10**_PERCENT_DECIMALS_MAX
    if hundredths.denominator != 1:
        return f"{ratio.numerator}/{ratio.denominator}"
    whole, rest = divmod(hundredths.numerator, 10**_PERCENT_DECIMALS_MAX)
    decimals = f"{rest:02d}".rstrip("0")
    return f"{whole}{'.' if decimals else ''}{decimals} %"


def percent_text(ratio: Fraction) -> str:
    """A share as percent with one decimal, for orientation: a half goes up."""
    tenths = (2 * 1_000 * ratio.numerator + ratio.denominator) // (2 * ratio.denominator)
    return f"{tenths // 10}.{tenths % 10} %"


def short_text(fen: int, *, is_chinese: bool) -> str:
    """Fen as whole units in a plot: 1.84 million, 184 万; at most two decimals, a half goes up."""
    units = _CHINESE_UNITS if is_chinese else _ENGLISH_UNITS
    size, unit = next((u for u in units if abs(fen) >= u[0]), (_FEN_PER_YUAN, ""))
    hundredths = (2 * 100 * abs(fen) + size) // (2 * size)
    decimals = f"{hundredths % 100:02d}".rstrip("0")
    point = "." if decimals else ""
    return f"{'−' if fen < 0 else ''}{hundredths // 100:,}{point}{decimals}{unit}"


def day_text(value: object, *, is_chinese: bool) -> str:
    """A day: 2025-03-01, in Chinese 2025年3月1日."""
    day = value if isinstance(value, date) else date.fromisoformat(_text(value))
    return f"{day.year}年{day.month}月{day.day}日" if is_chinese else f"{day:%Y-%m-%d}"


def hours_text(card_seconds: int) -> str:
    """Card-seconds as card-hours with two decimals; "..." where more follow."""
    sign = "−" if card_seconds < 0 else ""
    hundredths, rest = divmod(abs(card_seconds) * 100, _SECONDS_PER_HOUR)
    return f"{sign}{hundredths // 100:,}.{hundredths % 100:02d}{'…' if rest else ''}"


def hours_about(card_seconds: int) -> str:
    """Card-seconds as card-hours with one decimal, for tables and plots: a half goes up."""
    sign = "−" if card_seconds < 0 else ""
    tenths = (20 * abs(card_seconds) + _SECONDS_PER_HOUR) // (2 * _SECONDS_PER_HOUR)
    return f"{sign}{tenths // 10:,}.{tenths % 10}"


def _plural(noun: str) -> str:
    return "es" if noun.endswith(("ch", "s", "x")) else "s"


def _exact(value: object) -> Fraction:
    match value:
        case bool():
            raise TypeError(f"{value!r} is no amount")
        case Fen():
            return Fraction(value.amount)
        case int() | str() | Fraction():
            return Fraction(value)
        case _:
            raise TypeError(f"{value!r} is no amount")


def _whole(value: object) -> int:
    if type(value) is not int:
        raise TypeError(f"{value!r} is no whole number")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no day")
    return value
