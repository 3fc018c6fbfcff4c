"""The awarded share of many contracts at once."""

from collections.abc import Collection
from fractions import Fraction

from evernormal.store.models import Decision, Programme


def awarded_shares(programme: Programme, contract_ids: Collection[str]) -> dict[str, Fraction]:
    """The share of a contract's orders that its voucher pays, by contract; decided ones alone."""
    rows = Decision.objects.filter(programme=programme, contract_id__in=contract_ids)
    return {
        contract_id: Fraction(share)
        for contract_id, share in rows.values_list("contract_id", "share")
        if share
    }
