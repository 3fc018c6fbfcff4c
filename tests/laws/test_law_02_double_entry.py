"""Law 2.

A transfer has two different accounts and a positive amount; the books always sum to zero.
"""

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given

from evernormal.domain.errors import DomainError
from evernormal.domain.ledger import Transfer
from evernormal.store.models import Account as AccountRow
from evernormal.store.models import AuditRecord, Programme
from evernormal.store.models import Transfer as TransferRow
from tests.laws.posting import DAY, empty_books, postings


@given(groups=postings())
def test_books_sum_to_zero_whatever_is_posted(groups: list[list[Transfer]]) -> None:
    books = empty_books()
    for group in groups:
        try:
            books.post(group)
        except DomainError:
            continue
        finally:
            assert books.out_of_balance() == 0
            accounts = books.accounts.values()
            assert sum(a.debits_pending - a.credits_pending for a in accounts) == 0
    for transfer in books.transfers.values():
        assert transfer.debit != transfer.credit
        assert transfer.amount > 0


@pytest.mark.django_db
@pytest.mark.parametrize(("same", "amount"), [(True, 5), (False, 0), (False, -5)])
def test_the_database_refuses_one_account_twice_and_what_is_not_positive(
    *, same: bool, amount: int
) -> None:
    programme = Programme.objects.create(id="p", scheme_id="s", inputs_digest="", opened_on=DAY)
    act = AuditRecord.objects.create(programme=programme, number=1, key="k", body="{}", hash="h")
    pot, other = (
        AccountRow.objects.create(programme=programme, account_id=name, kind="POT")
        for name in ("POT", "POT:2")
    )

    with pytest.raises(IntegrityError), transaction.atomic():
        TransferRow.objects.create(
            programme=programme, transfer_id="t", on=DAY, debit=pot,
            credit=pot if same else other, amount=amount, phase="SINGLE", code="AWARD", act=act,
        )  # fmt: skip
    assert not TransferRow.objects.exists()
