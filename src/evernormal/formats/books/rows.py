"""The rows of a year's books, as the store reads them out and the files carry them.

Amounts are whole fen, use is card-seconds. Ids are the ones that `evernormal explain` takes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from evernormal.domain.audit import Json


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """One application: assessed and decided. `limb` is the id of the rule that bound."""

    decision_id: str
    contract_id: str
    applicant_id: str
    provider_id: str
    applied_on: date
    is_eligible: bool
    failed_rules: tuple[str, ...]
    entitled_fen: int
    limb: str
    reason: str
    award_id: str
    awarded_fen: int


@dataclass(frozen=True, slots=True)
class VoucherRow:
    """One voucher: face = available + held + captured + lapsed."""

    voucher_id: str
    award_id: str
    holder_id: str
    issued_on: date
    lapses_on: date
    face_fen: int
    available_fen: int
    held_fen: int
    captured_fen: int
    lapsed_fen: int


@dataclass(frozen=True, slots=True)
class ChargeRow:
    """What one order owes for one day and band, or by how much a later reading changed it.

    band        hours with a price of their own; "" the rest of the day
    voucher_id  the voucher that pays its part, issued under award_id
    charged_on  the local day of the act: its month is the one in which the charge is billed
    """

    charge_id: str
    order_id: str
    contract_id: str
    applicant_id: str
    provider_id: str
    voucher_id: str
    award_id: str
    device_class: str
    day: date
    band: str
    used_seconds: int
    price_fen_per_card_hour: int
    amount_fen: int
    voucher_fen: int
    copay_fen: int
    charged_on: date
    batch: str


@dataclass(frozen=True, slots=True)
class FundingRow:
    """What one level of government bears of the voucher's part of one charge."""

    charge_id: str
    award_id: str
    voucher_id: str
    funder: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """One claim. `batch_id` and `paid_on` are empty until it is paid."""

    claim_id: str
    contract_id: str
    applicant_id: str
    payee_id: str
    claimed_on: date
    invoices: tuple[str, ...]
    invoiced_fen: int
    matched_fen: int
    entitled_fen: int
    approved_fen: int
    cut_fen: int
    limb: str
    failed_checks: tuple[str, ...]
    batch_id: str
    paid_on: date | None


@dataclass(frozen=True, slots=True)
class UsageRow:
    """One reading that counts. `contract_id` is empty for use by others than our applicants."""

    provider_id: str
    cluster: str
    job: str
    device_class: str
    account: str
    contract_id: str
    cards: int
    starts_at: datetime
    ends_at: datetime
    card_seconds: int
    state: str
    is_final: bool
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class TransferRow:
    """One line of the journal."""

    number: int
    transfer_id: str
    on: date
    debit: str
    credit: str
    amount_fen: int
    phase: str
    code: str
    pending_id: str
    act_key: str


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One account's four counters."""

    account_id: str
    kind: str
    debits_pending: int
    debits_posted: int
    credits_pending: int
    credits_posted: int


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One payment batch."""

    batch_id: str
    prepared_by: str
    approved_by: str
    approved_on: date
    execute_on: date
    total_fen: int
    claim_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ActRow:
    """One audit record, decoded: `facts` as domain/audit/facts.py writes them."""

    number: int
    act: str
    key: str
    actor: str
    at: datetime
    facts: Mapping[str, Json]
    hash: str


@dataclass(frozen=True, slots=True)
class YearBooks:
    """One programme year, read out of the store in the order of its acts."""

    acts: tuple[ActRow, ...]
    decisions: tuple[DecisionRow, ...]
    vouchers: tuple[VoucherRow, ...]
    charges: tuple[ChargeRow, ...]
    claims: tuple[ClaimRow, ...]
    usage: tuple[UsageRow, ...]
    batches: tuple[BatchRow, ...]
    journal: tuple[TransferRow, ...]
    accounts: tuple[AccountRow, ...]

    def with_acts(self, acts: tuple[ActRow, ...]) -> "YearBooks":
        """The same books with another stretch of the log."""
        return replace(self, acts=acts)
