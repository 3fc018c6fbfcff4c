"""Forms that set terms: who is paid, how long a voucher lives, what happens in a shortage."""

from dataclasses import dataclass
from enum import Enum
from typing import ClassVar


class Payee(Enum):
    """Who receives the money."""

    APPLICANT = "APPLICANT"
    PROVIDER = "PROVIDER"


class Shortage(Enum):
    """What happens when applications exceed the pot."""

    FIRST_COME = "FIRST_COME"
    PRO_RATA = "PRO_RATA"


@dataclass(frozen=True, slots=True)
class PayeeRule:
    """Who is paid under the scheme."""

    name: ClassVar[str] = "payee"
    payee: Payee


@dataclass(frozen=True, slots=True)
class VoucherTerm:
    """How many months after issue a voucher lapses."""

    name: ClassVar[str] = "voucher_term"
    months: int


@dataclass(frozen=True, slots=True)
class ShortageRule:
    """How a pot that is too small is shared."""

    name: ClassVar[str] = "shortage"
    shortage: Shortage


Term = PayeeRule | VoucherTerm | ShortageRule
