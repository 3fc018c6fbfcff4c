"""Exact ratios: a rate of support is a fraction, never a float."""

import re
from fractions import Fraction

from evernormal.domain.errors import DomainError

_RATIO = re.compile(r"([0-9]{1,9})/([0-9]{1,9})")


class NotARatio(DomainError):
    """A text is not a ratio written as whole/whole."""

    code = "ratio.not_a_ratio"

    def __init__(self, *, text: str) -> None:
        self.text = text
        super().__init__(f"{text!r} is not a ratio. Write two whole numbers, as in 30/100.")


def parse_ratio(text: str) -> Fraction:
    """Read a ratio.

    text     `whole/whole`, the second not zero, as in "30/100"
    returns  the exact fraction, >= 0
    raises   NotARatio
    """
    match = _RATIO.fullmatch(text)
    if match is None or int(match.group(2)) == 0:
        raise NotARatio(text=text)
    return Fraction(int(match.group(1)), int(match.group(2)))


def ratio_text(ratio: Fraction) -> str:
    """Write a ratio so that `parse_ratio` reads it back: Fraction(1, 5) -> "1/5"."""
    return f"{ratio.numerator}/{ratio.denominator}"
