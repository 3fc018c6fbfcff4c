"""The order in which a firm's vouchers pay."""

from collections.abc import Iterable, Mapping

from evernormal.domain.voucher.voucher import Voucher


def in_burn_order(vouchers: Iterable[Voucher], *, priority: Mapping[str, int]) -> list[Voucher]:
    """Sort vouchers as they are to be spent: by priority, earliest expiry, earliest issue, number.

    priority  by voucher id, a lower one first; a voucher without one has 0
    source    docs/rules/rating.md
    """
    return sorted(vouchers, key=lambda v: (priority.get(v.id, 0), v.lapses_on, v.issued_on, v.id))
