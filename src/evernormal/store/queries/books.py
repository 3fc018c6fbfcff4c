"""A whole programme year, read out for its files, in the order in which it was written."""

from collections.abc import Callable, Iterable
from datetime import date
from zoneinfo import ZoneInfo

from django.db.models import Prefetch

from evernormal.domain.audit import Act
from evernormal.domain.award import award_id_of
from evernormal.domain.voucher import voucher_of_contract
from evernormal.formats.books.log import decode_act
from evernormal.formats.books.rows import (
    ActRow,
    BatchRow,
    ChargeRow,
    ClaimRow,
    DecisionRow,
    UsageRow,
    VoucherRow,
    YearBooks,
)
from evernormal.store.models import (
    AuditRecord,
    Award,
    Charge,
    Claim,
    PaymentBatch,
    PaymentInstruction,
    Programme,
    Voucher,
)
from evernormal.store.queries.journal import read_accounts, read_journal
from evernormal.store.queries.readings import counting_readings, moment_of


def read_log(programme_id: str) -> list[tuple[bytes, str]]:
    """The audit log: (canonical body, hash) of every record in order."""
    rows = AuditRecord.objects.filter(programme_id=programme_id).order_by("number")
    return [(body.encode("utf-8"), digest) for body, digest in rows.values_list("body", "hash")]


def last_act_on(programme_id: str) -> date:
    """The local day of the last recorded act of a programme that was opened."""
    last = AuditRecord.objects.filter(programme_id=programme_id).order_by("-number")[0]
    return decode_act(last.body.encode("utf-8"), last.hash).at.date()


def read_books(
    programme_id: str, *, zone: ZoneInfo, award_contract: Callable[[str], str]
) -> YearBooks:
    """Everything that the year's files show.

    zone            the programme's own time, in which instants are given
    award_contract  the contract whose award pays a contract or purchase
    """
    acts = _acts(programme_id)
    return YearBooks(
        acts=acts,
        decisions=read_decisions(programme_id),
        vouchers=_vouchers(programme_id),
        charges=_charges(programme_id, acts, award_contract),
        claims=_claims(programme_id),
        usage=_usage(programme_id, zone),
        batches=_batches(programme_id),
        journal=read_journal(programme_id),
        accounts=read_accounts(programme_id),
    )


def _acts(programme_id: str) -> tuple[ActRow, ...]:
    return tuple(decode_act(body, digest) for body, digest in read_log(programme_id))


def read_decisions(programme_id: str) -> tuple[DecisionRow, ...]:
    """Every decided application, in the order of its assessment."""
    rows = Award.objects.filter(programme_id=programme_id).select_related("decision")
    return tuple(
        DecisionRow(
            decision_id=row.decision.decision_id,
            contract_id=row.decision.contract_id,
            applicant_id=row.decision.applicant_id,
            provider_id=row.decision.provider_id,
            applied_on=row.decision.applied_on,
            is_eligible=row.decision.is_eligible,
            failed_rules=tuple(row.decision.failed_rules.split()),
            entitled_fen=row.decision.entitled_fen,
            limb=row.decision.limb,
            reason=row.reason,
            award_id=row.award_id,
            awarded_fen=row.amount_fen,
        )
        for row in rows.order_by("decision__act__number")
    )


def _vouchers(programme_id: str) -> tuple[VoucherRow, ...]:
    rows = Voucher.objects.filter(programme_id=programme_id).select_related("award")
    return tuple(
        VoucherRow(
            voucher_id=row.voucher_id,
            award_id=row.award.award_id,
            holder_id=row.holder_id,
            issued_on=row.issued_on,
            lapses_on=row.lapses_on,
            face_fen=row.face_fen,
            available_fen=row.face_fen - row.held_fen - row.captured_fen - row.lapsed_fen,
            held_fen=row.held_fen,
            captured_fen=row.captured_fen,
            lapsed_fen=row.lapsed_fen,
        )
        for row in rows.order_by("act__number")
    )


def _charges(
    programme_id: str, acts: Iterable[ActRow], award_contract: Callable[[str], str]
) -> tuple[ChargeRow, ...]:
    charged_on = {act.number: act.at.date() for act in acts if act.act == Act.CHARGE.value}
    rows = Charge.objects.filter(programme_id=programme_id).select_related("batch", "act")
    return tuple(
        ChargeRow(
            charge_id=row.charge_id,
            order_id=row.order_id,
            contract_id=row.contract_id,
            applicant_id=row.applicant_id,
            provider_id=row.provider_id,
            voucher_id=voucher_of_contract(award_contract(row.contract_id)),
            award_id=award_id_of(award_contract(row.contract_id)),
            device_class=row.device_class,
            day=row.day,
            band=row.band or "",
            used_seconds=row.used_seconds,
            price_fen_per_card_hour=row.price_fen_per_card_hour,
            amount_fen=row.amount_fen,
            voucher_fen=row.voucher_fen,
            copay_fen=row.amount_fen - row.voucher_fen,
            charged_on=charged_on[row.act.number],
            batch=row.batch.batch_id,
        )
        for row in rows.defer("act__body").order_by("act__number", "charge_id")
    )


def _claims(programme_id: str) -> tuple[ClaimRow, ...]:
    paid = {
        row.claim_id: row.batch
        for row in PaymentInstruction.objects.filter(programme_id=programme_id).select_related(
            "batch"
        )
    }
    rows = Claim.objects.filter(programme_id=programme_id).order_by("act__number")
    return tuple(
        ClaimRow(
            claim_id=row.claim_id,
            contract_id=row.contract_id,
            applicant_id=row.applicant_id,
            payee_id=row.payee_id,
            claimed_on=row.claimed_on,
            invoices=tuple(row.invoices.split()),
            invoiced_fen=row.invoiced_fen,
            matched_fen=row.matched_fen,
            entitled_fen=row.entitled_fen,
            approved_fen=row.approved_fen,
            cut_fen=row.cut_fen,
            limb=row.limb,
            failed_checks=tuple(row.failed_checks.split()),
            batch_id=paid[row.id].batch_id if row.id in paid else "",
            paid_on=paid[row.id].execute_on if row.id in paid else None,
        )
        for row in rows
    )


def _usage(programme_id: str, zone: ZoneInfo) -> tuple[UsageRow, ...]:
    rows = counting_readings(Programme.objects.get(id=programme_id))
    return tuple(
        UsageRow(
            provider_id=row["provider"],
            cluster=row["cluster"],
            job=row["job"],
            device_class=row["device_class"],
            account=row["account"],
            contract_id=row["contract_id"],
            cards=row["cards"],
            starts_at=moment_of(row["starts_at"]).astimezone(zone),
            ends_at=moment_of(row["ends_at"]).astimezone(zone),
            card_seconds=row["cards"] * (row["ends_at"] - row["starts_at"]),
            state=row["state"],
            is_final=row["is_final"],
            file=row["file"],
            line=row["line"],
        )
        for row in rows.to_dicts()
    )


def _batches(programme_id: str) -> tuple[BatchRow, ...]:
    instructions = PaymentInstruction.objects.select_related("claim").order_by("id")
    rows = PaymentBatch.objects.filter(programme_id=programme_id).order_by("act__number")
    batches = []
    for row in rows.prefetch_related(Prefetch("instructions", queryset=instructions)):
        paid = list(row.instructions.all())
        batches.append(
            BatchRow(
                batch_id=row.batch_id,
                prepared_by=row.prepared_by,
                approved_by=row.approved_by,
                approved_on=row.approved_on,
                execute_on=row.execute_on,
                total_fen=sum(instruction.amount_fen for instruction in paid),
                claim_ids=tuple(instruction.claim.claim_id for instruction in paid),
            )
        )
    return tuple(batches)
