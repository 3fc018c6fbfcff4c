"""Money in whole fen (RMB 0.01)."""

import re
from dataclasses import dataclass

from evernormal.domain.errors import DomainError

_YUAN = re.compile(r"(-?)([0-9]{1,15})(?:\.([0-9]{1,2}))?")


class NotMoney(DomainError):
    """A text is not an amount with at most two decimals."""

    code = "money.not_an_amount"

    def __init__(self, *, text: str) -> None:
        self.text = text
        super().__init__(
            f"{text!r} is not an amount. "
            "Write digits with at most two decimals, as in 1234567.89, without separators."
        )


@dataclass(frozen=True, slots=True, order=True)
class Fen:
    """Money in whole fen (RMB 0.01). Negative in a reversal, fractional never."""

    amount: int

    def __post_init__(self) -> None:
        if type(self.amount) is not int:
            raise TypeError(f"Fen takes a whole number, got {self.amount!r}")

    def __add__(self, other: "Fen") -> "Fen":
        return Fen(self.amount + other.amount)

    def __sub__(self, other: "Fen") -> "Fen":
        return Fen(self.amount - other.amount)

    def __neg__(self) -> "Fen":
        return Fen(-self.amount)

    def __str__(self) -> str:
        return f"{self.yuan} yuan"

    @property
    def yuan(self) -> str:
        """The amount in yuan with exactly two decimals: `Fen(123456).yuan == "1234.56"`."""
        sign = "-" if self.amount < 0 else ""
        whole, rest = divmod(abs(self.amount), 100)
        return f"{sign}{whole}.{rest:02d}"

    @classmethod
    def from_yuan(cls, text: str) -> "Fen":
        """Read an amount in yuan.

        text     digits, optionally a leading minus and one or two decimals
        returns  fen, exactly
        raises   NotMoney for anything else, thousands separators included
        """
        match = _YUAN.fullmatch(text)
        if match is None:
            raise NotMoney(text=text)
        sign, whole, decimals = match.groups()
        fen = int(whole) * 100 + int((decimals or "").ljust(2, "0"))
        return cls(-fen if sign else fen)


ZERO = Fen(0)
