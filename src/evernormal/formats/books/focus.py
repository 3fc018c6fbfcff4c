"""A year's charges as FOCUS 1.2 cost and usage rows: each charge, and the voucher's part of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from functools import cached_property
from zoneinfo import ZoneInfo

from evernormal.domain.audit.canonical import canonical_bytes
from evernormal.domain.market import MINIMUM, Order, PriceList, UnitPrice
from evernormal.domain.metering.cutting import cells_on, instant_of
from evernormal.domain.policy import Payee, PayeeRule, Scheme
from evernormal.domain.values import Fen
from evernormal.formats.books.rows import ChargeRow, YearBooks
from evernormal.formats.focus import FocusRow, decimal_text, encode_focus, instant_text, rounded
from evernormal.formats.intake.year_input import YearInput

FOCUS_FILE = "focus.csv"

_SECONDS_PER_HOUR = 3_600
_HUNDREDTHS = 100


def encode_charges(books: YearBooks, *, year: YearInput, scheme: Scheme) -> dict[str, bytes]:
    """The charges of a year as a FOCUS file.

    returns  bytes by file name; nothing where nothing was charged, and for a scheme that counts in
             card-hours or credits: FOCUS bills in a currency
    raises   NoPrice where a charge has no price any more, which the same inputs never give
    source   docs/reference/focus.md
    """
    if not (books.charges and scheme.unit.is_money):
        return {}
    writer = _Writer(books, year, scheme)
    return {FOCUS_FILE: encode_focus(writer.rows())}


@dataclass(frozen=True)
class _Writer:
    """Writes the rows of one year."""

    books: YearBooks
    year: YearInput
    scheme: Scheme

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.year.programme.zone)

    @cached_property
    def prices(self) -> PriceList:
        return PriceList(self.year.prices, self.year.exchange_rates)

    @cached_property
    def orders(self) -> Mapping[str, Order]:
        return {order.id: order for order in self.year.orders}

    def rows(self) -> Iterator[FocusRow]:
        """Give two rows a charge, usage and credit; one where the voucher pays nothing of it."""
        billed_in: dict[tuple[str, date, str], date] = {}
        for charge in self.books.charges:
            month = charge.charged_on.replace(day=1)
            cell = (charge.order_id, charge.day, charge.band)
            # Only what changes a month that was billed before is a correction to FOCUS.
            is_correction = billed_in.setdefault(cell, month) < month
            shared = self._shared(charge, month, is_correction=is_correction)
            yield {**shared, **self._usage(charge)}
            if charge.voucher_fen:
                yield {**shared, **self._credit(charge)}

    def _shared(self, charge: ChargeRow, month: date, *, is_correction: bool) -> FocusRow:
        """What usage and credit have in common: who, when, what, and our own columns."""
        order = self.orders[charge.order_id]
        provider = self.year.providers[charge.provider_id]
        starts_at, ends_at = self._hours(charge)
        next_month = (month + timedelta(days=31)).replace(day=1)
        return {
            "AvailabilityZone": order.site,
            "BillingAccountId": charge.applicant_id,
            "BillingAccountName": self.year.applicants[charge.applicant_id].name,
            "BillingAccountType": "Applicant",
            "BillingCurrency": self.scheme.unit.value,
            "BillingPeriodEnd": instant_text(instant_of(next_month, 0, zone=self.zone)),
            "BillingPeriodStart": instant_text(instant_of(month, 0, zone=self.zone)),
            "ChargeClass": "Correction" if is_correction else "",
            "ChargeFrequency": "Usage-Based",
            "ChargePeriodEnd": instant_text(ends_at),
            "ChargePeriodStart": instant_text(starts_at),
            "ProviderName": provider.name,
            "PublisherName": provider.name,
            # No names of places are kept: the code of the place stands for its name.
            "RegionId": provider.place,
            "RegionName": provider.place,
            "ResourceId": charge.order_id,
            "ResourceType": "Order",
            "ServiceCategory": "Compute",
            "ServiceName": "Cards",
            "ServiceSubcategory": "Other (Compute)",
            "SubAccountId": charge.contract_id,
            "SubAccountName": charge.contract_id,
            "SubAccountType": "Contract",
            "x_AwardId": charge.award_id,
            "x_Band": charge.band,
            "x_CardType": charge.device_class,
            "x_ChargeId": charge.charge_id,
            "x_OrderId": charge.order_id,
            "x_ProgrammeId": self.year.programme.id,
            "x_UsageBatch": charge.batch,
            "x_VoucherId": charge.voucher_id,
        }

    def _usage(self, charge: ChargeRow) -> FocusRow:
        """The use and its price.

        List and contracted cost are price × quantity, not rounded; billed and effective cost are
        the charge, which is rounded to 0.01 once a day and band.
        """
        order = self.orders[charge.order_id]
        listed = self._unit_price(charge)
        price, quantity, unit = self._pricing(charge, listed)
        cost = decimal_text(price * quantity)
        billed = Fen(charge.amount_fen).yuan
        in_currency = decimal_text(rounded(price / listed.exchange))
        is_band = charge.band not in ("", MINIMUM)
        when = f"in the {charge.band} hours of {charge.day}" if is_band else f"on {charge.day}"
        what = "what lifts the day to its minimum" if charge.band == MINIMUM else "card-hours"
        return {
            "BilledCost": billed,
            "ChargeCategory": "Usage",
            "ChargeDescription": (f"{charge.device_class}, {what} {when}, order {charge.order_id}"),
            "ConsumedQuantity": str(charge.used_seconds),
            "ConsumedUnit": "Card-Seconds",
            "ContractedCost": cost,
            "ContractedUnitPrice": decimal_text(price),
            "EffectiveCost": billed,
            "InvoiceIssuerName": self.year.providers[charge.provider_id].name,
            "ListCost": cost,
            "ListUnitPrice": decimal_text(price),
            "PricingCategory": "Standard",
            **self._in_pricing_currency(charge.amount_fen, listed),
            "PricingCurrencyContractedUnitPrice": in_currency,
            "PricingCurrencyListUnitPrice": in_currency,
            "PricingQuantity": decimal_text(quantity),
            "PricingUnit": unit,
            "SkuId": _joined(charge.provider_id, charge.device_class),
            "SkuMeter": "Minimum charge" if charge.band == MINIMUM else "Card-hours",
            "SkuPriceDetails": _details(charge, order),
            "SkuPriceId": _joined(
                charge.provider_id,
                charge.device_class,
                order.site,
                order.plan,
                charge.band,
                listed.currency,
                Fen(charge.price_fen_per_card_hour).yuan,
            ),
        }

    def _credit(self, charge: ChargeRow) -> FocusRow:
        """The voucher's part, which leaves the co-pay. Without a price its costs are all alike."""
        billed = Fen(-charge.voucher_fen).yuan
        contract = self.year.contract(charge.contract_id)
        _, rule = self.scheme.get(PayeeRule, contract.applied_on)
        # A provider that is paid takes the voucher off its bill; an applicant gets it back.
        is_off_bill = rule.payee is Payee.PROVIDER
        provider, office = self.year.providers[charge.provider_id], self.year.programme.office
        return {
            "BilledCost": billed,
            "ChargeCategory": "Credit",
            "ChargeDescription": f"Voucher {charge.voucher_id} pays its part of {charge.charge_id}",
            "ContractedCost": billed,
            "EffectiveCost": billed,
            "InvoiceIssuerName": provider.name if is_off_bill else office.name,
            "ListCost": billed,
            **self._in_pricing_currency(-charge.voucher_fen, self._unit_price(charge)),
        }

    def _in_pricing_currency(self, billed_fen: int, listed: UnitPrice) -> FocusRow:
        cost = rounded(Fraction(billed_fen, _HUNDREDTHS) / listed.exchange)
        return {
            "PricingCurrency": listed.currency or self.scheme.unit.value,
            "PricingCurrencyEffectiveCost": decimal_text(cost),
        }

    def _pricing(self, charge: ChargeRow, listed: UnitPrice) -> tuple[Fraction, Fraction, str]:
        """The unit price in the billing currency, the quantity, and the unit of both."""
        if charge.band == MINIMUM:
            sign = -1 if charge.amount_fen < 0 else 1
            return Fraction(abs(charge.amount_fen), _HUNDREDTHS), Fraction(sign), "Days"
        quantity = rounded(Fraction(charge.used_seconds, _SECONDS_PER_HOUR))
        return rounded(listed.exact_fen / _HUNDREDTHS), quantity, "Card-Hours"

    def _unit_price(self, charge: ChargeRow) -> UnitPrice:
        band = "" if charge.band == MINIMUM else charge.band
        return self.prices.price_on(self.orders[charge.order_id].price_key, charge.day, band)

    def _hours(self, charge: ChargeRow) -> tuple[datetime, datetime]:
        """The local day, or from a band's first minute in it to its last."""
        key = self.orders[charge.order_id].price_key
        cells = cells_on(key, charge.day, prices=self.prices, zone=self.zone)
        if charge.band not in ("", MINIMUM):
            cells = tuple(cell for cell in cells if cell.band == charge.band)
        return cells[0].starts_at, cells[-1].ends_at


def _joined(*parts: str) -> str:
    return "/".join(part for part in parts if part)


def _details(charge: ChargeRow, order: Order) -> str:
    """What tells one price from another, as a JSON object."""
    details = {
        "Band": charge.band,
        "DeviceClass": charge.device_class,
        "Plan": order.plan,
        "Site": order.site,
    }
    return canonical_bytes({name: value for name, value in details.items() if value}).decode(
        "utf-8"
    )
