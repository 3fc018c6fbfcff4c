"""One programme year as the office hands it in, after every check on the files."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from evernormal.domain.allocation import CalendarTerms, Outcome, Round
from evernormal.domain.market import (
    ExchangeRate,
    Order,
    OrderChange,
    Price,
    QuoteRequest,
    Withdrawal,
)
from evernormal.domain.metering import UsageRecord
from evernormal.domain.policy import Applicant, Case, Contract, Provider, Unit
from evernormal.domain.settlement import BankPayment, InvoiceLine, MeterControl
from evernormal.domain.values import Fen, Uscc
from evernormal.domain.voucher import voucher_of_contract
from evernormal.formats.pain001 import BankAccount


@dataclass(frozen=True, slots=True)
class Office:
    """The office that runs the programme, its account, and the two officers of four-eyes."""

    name: str
    uscc: Uscc
    account: BankAccount
    prepares: str
    approves: str


@dataclass(frozen=True, slots=True)
class PaymentDay:
    """A day on which approved claims are put into a batch, and the day the bank executes it."""

    approved_on: date
    execute_on: date


@dataclass(frozen=True, slots=True)
class RoundEntry:
    """A clearing round of the year: its folder, the day it is held, and the day of its hour 0."""

    folder: str
    held_on: date
    starts_on: date


@dataclass(frozen=True, slots=True)
class RoundHeld:
    """A clearing round whose outcome was found to keep to every limit, and the orders of it.

    orders  order ids, by the request that they are for
    """

    entry: RoundEntry
    round: Round
    outcome: Outcome
    orders: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Programme:
    """What the office decided for one year of one scheme. `zone` is an IANA name.

    scheme_id     of the library, or the name of the folder's own scheme file
    lottery_seed  published before the draw; "" where nothing is drawn
    """

    id: str
    scheme_id: str
    year: int
    pot: Fen
    unit: Unit
    zone: str
    opens_on: date
    closes_on: date
    office: Office
    meter: MeterControl
    payment_days: tuple[PaymentDay, ...]
    lottery_seed: str = ""
    clearing_rounds: tuple[RoundEntry, ...] = ()
    calendar_terms: tuple[CalendarTerms, ...] = ()


@dataclass(frozen=True, slots=True)
class UpstreamRecord:
    """An award of another programme that ours is matched to without an application.

    cost     fen of cost that the other programme accepted
    support  fen that it gives
    """

    id: str
    programme: str
    contract_id: str
    decided_on: date
    cost: Fen
    support: Fen


@dataclass(frozen=True, slots=True)
class Agent:
    """A key with which a provider's agent signs what it sends while the year runs.

    public_key      32 bytes of an Ed25519 key; `key` is its fingerprint
    device_classes  class of card by the data centre's name for it
    starts_on       first day on which the key counts; None: from the opening
    ends_on         last day on which it counts; None: to the closing
    """

    provider_id: str
    public_key: bytes
    key: str
    device_classes: Mapping[str, str]
    starts_on: date | None = None
    ends_on: date | None = None

    @property
    def party_id(self) -> str:
        """Whose key it is."""
        return self.provider_id

    def is_in_force(self, on: date) -> bool:
        """Whether the key counts on a day."""
        has_begun = self.starts_on is None or self.starts_on <= on
        return has_begun and (self.ends_on is None or on <= self.ends_on)


@dataclass(frozen=True, slots=True)
class Buyer:
    """A key with which an applicant signs its orders while the year runs; days as of an Agent."""

    applicant_id: str
    public_key: bytes
    key: str
    starts_on: date | None = None
    ends_on: date | None = None

    @property
    def party_id(self) -> str:
        """Whose key it is."""
        return self.applicant_id

    def is_in_force(self, on: date) -> bool:
        """Whether the key counts on a day."""
        has_begun = self.starts_on is None or self.starts_on <= on
        return has_begun and (self.ends_on is None or on <= self.ends_on)


@dataclass(frozen=True, slots=True)
class ReceivedOrder:
    """An order that was signed and sent while the year ran; `signed_by` is the key's fingerprint.

    received_at  in UTC; later than what came in before it
    """

    order: Order
    applicant_id: str
    path: str
    received_at: datetime
    sha256: str
    signed_by: str


@dataclass(frozen=True, slots=True)
class UsageFile:
    """One file of meter readings as one batch. `lines[i]` is the file's line of `records[i]`.

    without_cards  jobs that used no card: CPU jobs, and jobs that never started
    signed_by      fingerprint of the key that signed it; "" for a file that the office put in
    """

    path: str
    provider_id: str
    received_at: datetime
    sha256: str
    records: tuple[UsageRecord, ...]
    lines: tuple[int, ...]
    without_cards: int
    signed_by: str = ""


@dataclass(frozen=True, slots=True)
class YearInput:
    """Everything the main job needs, each part checked against the others.

    accounts        bank account by applicant or provider id
    meter_accounts  contract id by (provider id, name under which the data centre meters it)
    capacity        cards by (provider id, device class)
    upstream        awards of other programmes, by contract id
    reports         (contract id, day) of accepted reports, in order
    extensions      (contract id, day) of vouchers' extensions, in order
    files           the folder's files as they are, by relative path with forward slashes
    exchange_rates  of the currencies that prices are in, other than the programme's unit
    agents          keys by which providers may send usage while the year runs
    burn_priority   by voucher id: of several that pay for an order the lower is spent first
    buyers          keys by which applicants may order while the year runs
    received_orders the last of `orders`, in the order in which they came
    purchases       contracts that a voucher of another contract pays, by their own id; their
                    orders, readings and invoices name them as they would a contract
    paid_by         by purchase: the contract whose award pays it
    rounds          clearing rounds, whose orders are among `orders`
    withdrawals     cards that providers take out of the programme
    order_changes   what became of orders, in the order of the days on which the office was told
    quotes          that buyers asked for
    """

    programme: Programme
    applicants: Mapping[str, Applicant]
    providers: Mapping[str, Provider]
    accounts: Mapping[str, BankAccount]
    contracts: Mapping[str, Contract]
    meter_accounts: Mapping[tuple[str, str], str]
    orders: tuple[Order, ...]
    capacity: Mapping[tuple[str, str], int]
    invoices: tuple[InvoiceLine, ...]
    payments: tuple[BankPayment, ...]
    prices: tuple[Price, ...]
    usage: tuple[UsageFile, ...]
    upstream: Mapping[str, UpstreamRecord]
    reports: tuple[tuple[str, date], ...]
    extensions: tuple[tuple[str, date], ...]
    files: Mapping[str, bytes]
    agents: tuple[Agent, ...] = ()
    exchange_rates: tuple[ExchangeRate, ...] = ()
    burn_priority: Mapping[str, int] = field(default_factory=dict)
    buyers: tuple[Buyer, ...] = ()
    received_orders: tuple[ReceivedOrder, ...] = ()
    purchases: Mapping[str, Contract] = field(default_factory=dict)
    paid_by: Mapping[str, str] = field(default_factory=dict)
    order_changes: tuple[OrderChange, ...] = ()
    quotes: tuple[QuoteRequest, ...] = ()
    rounds: tuple[RoundHeld, ...] = ()
    withdrawals: tuple[Withdrawal, ...] = ()

    @property
    def orders_change(self) -> bool:
        """Whether any order can come to stand otherwise than its row says."""
        waits = any(order.waits_until for order in self.orders)
        recalls = bool(self.programme.calendar_terms)
        return bool(self.order_changes or self.withdrawals or waits or recalls)

    def contract(self, contract_id: str) -> Contract:
        """A contract that was applied for, or a purchase that another one's award pays."""
        return self.contracts.get(contract_id) or self.purchases[contract_id]

    def award_contract(self, contract_id: str) -> str:
        """The contract whose award pays: its own, or the one that a purchase names."""
        return self.paid_by.get(contract_id, contract_id)

    def voucher_of(self, contract_id: str) -> str:
        """The number of the voucher that pays a contract or a purchase."""
        return voucher_of_contract(self.award_contract(contract_id))

    def under_award(self, contract_id: str) -> tuple[str, ...]:
        """A contract and the purchases that its award pays too."""
        return (contract_id, *(p for p, of in self.paid_by.items() if of == contract_id))

    def case_of(
        self, contract_id: str, *, awards_on_contract: int, awards_other_side: int = 0
    ) -> Case:
        """The case that a contract, its applicant and its provider make."""
        contract = self.contract(contract_id)
        upstream = self.upstream.get(contract_id)
        return Case(
            applicant=self.applicants[contract.applicant_id],
            provider=self.providers[contract.provider_id],
            contract=contract,
            awards_on_contract=awards_on_contract,
            awards_other_side=awards_other_side,
            upstream=upstream.programme if upstream else "",
        )
