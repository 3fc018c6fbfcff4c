"""What an act has at hand: the office's year, the scheme, and the local time of its days."""

from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from evernormal.domain.market import PriceList
from evernormal.domain.policy import Payee, PayeeRule, Scheme
from evernormal.formats.intake.year_input import YearInput

_OPENS_AT = time(9)
"""Acts of a day without a time of their own carry the hour at which the office opens."""

SYSTEM = "system"
"""The actor of acts that follow from the rules alone."""


@dataclass(frozen=True, slots=True)
class Desk:
    """One programme year as its officers see it. `scheme_bytes` is the rule file as published."""

    year: YearInput
    scheme: Scheme
    scheme_bytes: bytes
    prices: PriceList

    @property
    def programme_id(self) -> str:
        """The programme that every act belongs to."""
        return self.year.programme.id

    @property
    def zone(self) -> ZoneInfo:
        """The programme's own time."""
        return ZoneInfo(self.year.programme.zone)

    def at(self, day: date) -> datetime:
        """The instant that acts of a day carry."""
        return datetime.combine(day, _OPENS_AT, tzinfo=self.zone)

    def payee_of(self, contract_id: str) -> str:
        """Who is paid for a contract under the rules of its application: applicant or provider."""
        contract = self.year.contract(contract_id)
        _, rule = self.scheme.get(PayeeRule, contract.applied_on)
        # In kind nobody is paid: what was used up stands to the account of who delivered it.
        is_provider = rule.payee in {Payee.PROVIDER, Payee.NOBODY}
        return contract.provider_id if is_provider else contract.applicant_id
