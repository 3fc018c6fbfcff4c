"""Orders of card-hours and what they will cost."""

from dataclasses import dataclass
from datetime import date
from enum import Enum
from fractions import Fraction
from typing import assert_never

from evernormal.domain.market.price import PriceKey, UnitPrice
from evernormal.domain.values import Fen, Period, Rounding, RoundingMode

_TO_FEN = Rounding(RoundingMode.HALF_UP)


class ProviderAnswer(Enum):
    """What the provider says to an order."""

    APPROVED = "APPROVED"
    MODIFIED = "MODIFIED"
    DECLINED = "DECLINED"


@dataclass(frozen=True, slots=True)
class Order:
    """Cards of one device class for a period, wanted in whole gangs, for so many card-hours.

    answered_card_hours  what the provider offers instead, when it answers MODIFIED
    ordered_on           the day of the order; None: when the voucher is issued
    further_contracts    contracts of the same buyer and provider whose vouchers pay for it too
    site                 the cluster that it runs on, priced as such; "" any, priced as none
    plan                 the provider's plan, as the price list names it
    also_classes         classes that its buyer takes instead when its provider cancels, best first
    waits_until          last day on which it may still begin, where it gets no cards; None: it does
                         not wait
    priority             who keeps its cards longer when a provider withdraws some: the higher
    holds_until          first day on which nothing is held for it any more; None: as long as its
                         vouchers live
    quote_id             the quote that it comes on; "" none
    quoted_on            day whose price list that quote promises; None: that of the day of use
    """

    id: str
    contract_id: str
    provider_id: str
    device_class: str
    cards: int
    gang_cards: int
    card_hours: int
    period: Period
    answer: ProviderAnswer = ProviderAnswer.APPROVED
    answered_card_hours: int = 0
    ordered_on: date | None = None
    site: str = ""
    plan: str = ""
    further_contracts: tuple[str, ...] = ()
    also_classes: tuple[str, ...] = ()
    holds_until: date | None = None
    waits_until: date | None = None
    priority: int = 0
    quote_id: str = ""
    quoted_on: date | None = None

    @property
    def contracts(self) -> tuple[str, ...]:
        """Every contract whose voucher may pay for it, its own first."""
        return (self.contract_id, *self.further_contracts)

    @property
    def price_key(self) -> PriceKey:
        """What the price list is asked for."""
        known_on = self.quoted_on or date.max
        return PriceKey(self.provider_id, self.device_class, self.site, self.plan, known_on)

    @property
    def agreed_card_hours(self) -> int:
        """The card-hours that the provider will deliver."""
        match self.answer:
            case ProviderAnswer.APPROVED:
                return self.card_hours
            case ProviderAnswer.MODIFIED:
                return min(self.answered_card_hours, self.card_hours)
            case ProviderAnswer.DECLINED:
                return 0
            case _:
                assert_never(self.answer)


@dataclass(frozen=True, slots=True)
class Quote:
    """What an order will cost at today's list price: the voucher's part and the co-pay, in fen.

    price_fen_per_card_hour  hundredths of the currency; "" is the programme's unit
    exchange                 the programme's units for one of the currency's
    """

    order_id: str
    price_fen_per_card_hour: Fen
    listed: Fen
    voucher_part: Fen
    currency: str = ""
    exchange: Fraction = Fraction(1)

    @property
    def copay(self) -> Fen:
        """What the user pays beside the voucher."""
        return self.listed - self.voucher_part


def quote(order: Order, *, price: UnitPrice, rate: Fraction, rounding: Rounding) -> Quote:
    """Price an order.

    price     of a card-hour in the dearest hours of the quote's day: an order does not say when in
              the day it will run, and what is held must pay for any hour
    rate      the scheme's share, 0 to 1
    rounding  the scheme's own rounding of support
    """
    listed = _TO_FEN.to_fen(order.agreed_card_hours * price.exact_fen)
    return Quote(
        order_id=order.id,
        price_fen_per_card_hour=price.amount,
        listed=listed,
        voucher_part=rounding.to_fen(listed.amount * rate),
        currency=price.currency,
        exchange=price.exchange,
    )
