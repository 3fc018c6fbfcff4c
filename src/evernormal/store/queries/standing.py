"""What a firm, a contract or an order already has, for the next decision."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction

from django.db.models import Max, Q, QuerySet, Sum

from evernormal.domain.award import AwardReason
from evernormal.domain.policy import CostCategory
from evernormal.domain.values import Fen, Period
from evernormal.store.models import (
    Award,
    Charge,
    Claim,
    Decision,
    Programme,
    Voucher,
)


def awarded(programme: Programme, contract_ids: Collection[str], *, year: int | None = None) -> Fen:
    """Fen awarded on contracts, in a calendar year of application or in all.

    An application that waits for its award counts with what it is entitled to, so that two of
    them cannot both use what is left of a cap.
    """
    rows = Decision.objects.filter(programme=programme, contract_id__in=contract_ids)
    if year is not None:
        rows = rows.filter(applied_on__year=year)
    granted = rows.aggregate(total=Sum("award__amount_fen"))["total"] or 0
    waiting = rows.filter(award__isnull=True, is_eligible=True)
    return Fen(granted + (waiting.aggregate(total=Sum("entitled_fen"))["total"] or 0))


def awarded_cost(programme: Programme, applicant_id: str, *, year: int, but: str) -> Fen:
    """Fen of eligible cost of a firm's other contracts that qualified, less what was turned away.

    A contract to which the rules gave nothing, as below a floor of the firm's year, counts: else
    no sum of small contracts would ever reach it. One for which no money was left does not.

    year     calendar year of application
    but      the contract that is not counted
    """
    rows = Decision.objects.filter(
        programme=programme, applicant_id=applicant_id, applied_on__year=year, is_eligible=True
    ).exclude(contract_id=but)
    nothing_due = Q(award__reason=AwardReason.NOTHING_DUE.value)
    rows = rows.filter(Q(award__isnull=True) | Q(award__amount_fen__gt=0) | nothing_due)
    return Fen(rows.aggregate(total=Sum("cost_fen"))["total"] or 0)


def approved(
    programme: Programme, contract_ids: Collection[str], *, year: int | None = None
) -> Fen:
    """Fen of approved claims on contracts, in a calendar year of claiming or in all."""
    rows = Claim.objects.filter(programme=programme, contract_id__in=contract_ids)
    if year is not None:
        rows = rows.filter(claimed_on__year=year)
    return Fen(rows.aggregate(total=Sum("approved_fen"))["total"] or 0)


def awarded_on(programme: Programme, contract_id: str) -> Fen:
    """Fen awarded on a contract."""
    rows = Award.objects.filter(programme=programme, decision__contract_id=contract_id)
    return Fen(rows.aggregate(total=Sum("amount_fen"))["total"] or 0)


def awarded_share(programme: Programme, contract_id: str) -> Fraction:
    """The share of a contract's orders that its voucher pays, as its assessment found it."""
    return awarded_shares(programme, [contract_id]).get(contract_id, Fraction(0))


def awarded_shares(programme: Programme, contract_ids: Iterable[str]) -> dict[str, Fraction]:
    """The awarded shares of many contracts at once; of those that have one."""
    rows = Decision.objects.filter(programme=programme, contract_id__in=set(contract_ids))
    # Not parse_ratio: tiers that add up give a share of more digits than a text of law has.
    return {
        contract_id: Fraction(share)
        for contract_id, share in rows.values_list("contract_id", "share")
        if share
    }


def matched_upstream(programme: Programme) -> frozenset[str]:
    """Awards of other programmes that approved claims rest on."""
    rows = Claim.objects.filter(programme=programme, approved_fen__gt=0)
    awards = rows.values_list("upstream_award", flat=True)
    return frozenset(award for award in awards if award)


def last_use_on(programme: Programme, contract_ids: Collection[str]) -> date | None:
    """The last day for which a voucher paid use on any of some contracts, or None."""
    rows = Charge.objects.filter(programme=programme, contract_id__in=contract_ids)
    day: date | None = rows.filter(voucher_fen__gt=0).aggregate(day=Max("day"))["day"]
    return day


def voucher_ends(programme: Programme, voucher_ids: Collection[str]) -> dict[str, date | None]:
    """The first day without each voucher that was issued; None while it lives."""
    rows = Voucher.objects.filter(programme=programme, voucher_id__in=voucher_ids)
    found = rows.values_list("voucher_id", "lapses_on", "is_lapsed")
    return {number: day if is_lapsed else None for number, day, is_lapsed in found}


def count_awards_on(programme: Programme, contract_ids: Collection[str]) -> int:
    """How many awards above nothing contracts have."""
    rows = Award.objects.filter(programme=programme, decision__contract_id__in=contract_ids)
    return rows.filter(amount_fen__gt=0).count()


def list_granted(programme: Programme) -> list[str]:
    """Contracts with an award above nothing, by number."""
    rows = Award.objects.filter(programme=programme, amount_fen__gt=0)
    # Sorted here, because databases differ in how they order texts.
    return sorted(rows.values_list("decision__contract_id", flat=True))


def claimed_invoices(programme: Programme) -> frozenset[str]:
    """Invoices in sound claims: their cost counts for the contract, also where nothing was left."""
    rows = Claim.objects.filter(programme=programme, failed_checks="")
    return frozenset(
        n for invoices in rows.values_list("invoices", flat=True) for n in invoices.split()
    )


def supported(programme: Programme, contract_id: str) -> Mapping[CostCategory, Fen]:
    """Cost by category that sound claims on a contract rest on."""
    rows = Claim.objects.filter(programme=programme, contract_id=contract_id, failed_checks="")
    sums: dict[CostCategory, Fen] = defaultdict(lambda: Fen(0))
    for matched in rows.values_list("matched_by_category", flat=True):
        for category, fen in matched.items():
            sums[CostCategory(category)] += Fen(fen)
    return dict(sums)


def settled(programme: Programme, contract_id: str) -> Fen:
    """Fen of captures on a contract that claims have approved or cut."""
    rows = Claim.objects.filter(programme=programme, contract_id=contract_id)
    sums = rows.aggregate(approved=Sum("approved_fen"), cut=Sum("cut_fen"))
    return Fen((sums["approved"] or 0) + (sums["cut"] or 0))


def unsettled(programme: Programme, contract_id: str) -> Fen:
    """Fen captured for a contract's use that no claim has settled yet."""
    rows = _unsettled_rows(programme, contract_id)
    return Fen(rows.aggregate(total=Sum("voucher_fen"))["total"] or 0)


def list_unsettled(
    programme: Programme, contract_id: str, *, periods: Sequence[Period]
) -> list[Charge]:
    """The charges that a claim for some periods settles.

    returns  the unsettled ones of those days, oldest first, and corrections that took value back on
             earlier ones; of corrections those that leave something, so that the sum of the
             voucher's parts is never below nothing. The others wait for a later claim
    """
    rows = sorted(_unsettled_rows(programme, contract_id), key=lambda row: (row.day, row.charge_id))
    inside = [row for row in rows if any(period.holds(row.day) for period in periods)]
    outside = [row for row in rows if row not in inside and row.voucher_fen < 0]
    left = sum(row.voucher_fen for row in inside if row.voucher_fen > 0)
    waiting = set()
    for row in [*inside, *outside]:
        if row.voucher_fen < 0 and left + row.voucher_fen < 0:
            waiting.add(row.pk)
        elif row.voucher_fen < 0:
            left += row.voucher_fen
    return [row for row in [*inside, *outside] if row.pk not in waiting]


def list_sound_claims(programme: Programme, contract_id: str) -> list[tuple[list[str], Fen]]:
    """Invoices, and compute cost they were found to bear, of a contract's sound claims."""
    rows = Claim.objects.filter(programme=programme, contract_id=contract_id, failed_checks="")
    return [
        (row.invoices.split(), Fen(row.matched_by_category.get(CostCategory.COMPUTE.value, 0)))
        for row in rows.order_by("act__number")
    ]


def _unsettled_rows(programme: Programme, contract_id: str) -> QuerySet[Charge]:
    return Charge.objects.filter(
        programme=programme, contract_id=contract_id, settled_by__isnull=True
    )
