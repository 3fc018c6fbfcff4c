"""Who bears the vouchers' part of each charge, where a scheme shares it between levels."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from evernormal.domain.policy import Contract, FundingSplit, Scheme
from evernormal.domain.values import Fen
from evernormal.formats.books.rows import ChargeRow, FundingRow


def funding_of(
    charges: Iterable[ChargeRow], *, contracts: Mapping[str, Contract], scheme: Scheme
) -> tuple[FundingRow, ...]:
    """Share the voucher's part of each charge between the levels of government.

    The split is of the contract's running total, as the voucher's part is of the order's: after
    any number of charges each level has borne what it would have borne of their sum. A level's
    part of one charge may therefore differ by a fen from a split of that charge alone.

    charges  in the order in which they were made
    returns  one row a charge and level; none where no rule shares the cost on the contract's day
             of application. The rows of a charge add up to its voucher part.
    source   docs/rules/funding.md
    """
    paid: dict[str, int] = defaultdict(int)
    rows = []
    for charge in charges:
        found = scheme.find(FundingSplit, contracts[charge.contract_id].applied_on)
        if found is None:
            continue
        rule = found[1]
        before = rule.split(Fen(paid[charge.contract_id]))
        paid[charge.contract_id] += charge.voucher_fen
        after = rule.split(Fen(paid[charge.contract_id]))
        rows += [
            FundingRow(
                charge_id=charge.charge_id,
                award_id=charge.award_id,
                voucher_id=charge.voucher_id,
                funder=share.funder,
                amount_fen=now.amount - then.amount,
            )
            for share, then, now in zip(rule.shares, before, after, strict=True)
        ]
    return tuple(rows)
