"""Orders of card-hours and what they will cost."""

from dataclasses import dataclass
from fractions import Fraction

from evernormal.domain.values import Fen, Period, Rounding, RoundingMode

_TO_FEN = Rounding(RoundingMode.HALF_UP)


@dataclass(frozen=True, slots=True)
class Order:
    """Cards of one device class for a period, wanted in whole gangs, for so many card-hours."""

    id: str
    contract_id: str
    provider_id: str
    device_class: str
    cards: int
    gang_cards: int
    card_hours: int
    period: Period


@dataclass(frozen=True, slots=True)
class Quote:
    """What an order will cost at today's list price: the voucher's part and the co-pay, in fen."""

    order_id: str
    price_fen_per_card_hour: Fen
    listed: Fen
    voucher_part: Fen

    @property
    def copay(self) -> Fen:
        """What the user pays beside the voucher."""
        return self.listed - self.voucher_part


def quote(order: Order, *, price: Fen, rate: Fraction, rounding: Rounding) -> Quote:
    """Price an order.

    price     fen per card-hour on the day of the quote
    rate      the scheme's share, 0 to 1
    rounding  the scheme's own rounding of support
    """
    listed = _TO_FEN.to_fen(Fraction(order.card_hours * price.amount))
    return Quote(
        order_id=order.id,
        price_fen_per_card_hour=price,
        listed=listed,
        voucher_part=rounding.to_fen(listed.amount * rate),
    )
