"""Every refusal of the books, and that a refused posting changes nothing."""

from dataclasses import replace
from datetime import date

import pytest

from evernormal.domain.errors import DomainError
from evernormal.domain.ledger import (
    Account,
    AccountKind,
    AlreadyResolved,
    Books,
    NotPositive,
    Overdraft,
    PendingExceeded,
    Phase,
    SameAccount,
    Transfer,
    TransferCode,
    TransferReused,
    UnknownAccount,
    UnknownPending,
    account_id,
)

DAY = date(2026, 1, 1)


def transfer(  # noqa: PLR0913, PLR0917 - the parts of a transfer
    number: str,
    debit: str,
    credit: str,
    amount: int,
    phase: Phase = Phase.SINGLE,
    pending: str | None = None,
) -> Transfer:
    return Transfer(number, debit, credit, amount, phase, TransferCode.HOLD, DAY, pending)


MONEY = transfer("t0", "TREASURY", "POT", 100)
HELD = transfer("p1", "POT", "VOUCHER:1", 60, Phase.PENDING)


def books() -> Books:
    """A pot of 100 of which 60 are on hold for voucher 1."""
    made = Books()
    for kind in (AccountKind.TREASURY, AccountKind.POT):
        made.open_account(kind.value, kind)
    for number in "12":
        made.open_account(f"VOUCHER:{number}", AccountKind.VOUCHER)
    made.post([MONEY, HELD])
    return made


def state(of: Books) -> tuple[dict[str, Account], dict[str, Transfer], set[str]]:
    return dict(of.accounts), dict(of.transfers), set(of._resolved)


def counters(of: Books, name: str) -> tuple[int, int, int, int]:
    a = of.accounts[name]
    return a.debits_pending, a.debits_posted, a.credits_pending, a.credits_posted


def test_a_single_transfer_moves_both_accounts() -> None:
    made = books()

    assert counters(made, "TREASURY") == (0, 100, 0, 0)
    assert counters(made, "POT") == (60, 0, 0, 100)
    assert counters(made, "VOUCHER:1") == (0, 0, 60, 0)
    assert made.out_of_balance() == 0
    pot, treasury = made.accounts["POT"], made.accounts["TREASURY"]
    assert (pot.balance, pot.free) == (100, 40)
    assert (treasury.balance, treasury.free) == (100, 100)
    assert made.accounts["VOUCHER:1"].free == 0


@pytest.mark.parametrize(
    ("resolving", "pot", "voucher"),
    [
        (transfer("r", "POT", "VOUCHER:1", 60, Phase.POST, "p1"), (0, 60, 0, 100), (0, 0, 0, 60)),
        (transfer("r", "POT", "VOUCHER:1", 1, Phase.POST, "p1"), (0, 1, 0, 100), (0, 0, 0, 1)),
        (transfer("r", "POT", "VOUCHER:1", 60, Phase.VOID, "p1"), (0, 0, 0, 100), (0, 0, 0, 0)),
    ],
)
def test_a_pending_transfer_is_posted_in_part_or_full_or_voided(
    resolving: Transfer, pot: tuple[int, int, int, int], voucher: tuple[int, int, int, int]
) -> None:
    made = books()
    made.post([resolving])

    assert (counters(made, "POT"), counters(made, "VOUCHER:1")) == (pot, voucher)
    with pytest.raises(AlreadyResolved):
        made.post([replace(resolving, id="again")])


POST = transfer("r", "POT", "VOUCHER:1", 60, Phase.POST, "p1")

REFUSED: list[tuple[type[DomainError], Transfer]] = [
    (SameAccount, transfer("x", "POT", "POT", 1)),
    (NotPositive, transfer("x", "POT", "VOUCHER:1", 0)),
    (NotPositive, transfer("x", "POT", "VOUCHER:1", -1)),
    (UnknownAccount, transfer("x", "POT", "VOUCHER:9", 1)),
    (UnknownAccount, transfer("x", "VOUCHER:9", "POT", 1)),
    (Overdraft, transfer("x", "POT", "VOUCHER:1", 41)),
    (Overdraft, transfer("x", "POT", "VOUCHER:1", 41, Phase.PENDING)),
    (Overdraft, transfer("x", "VOUCHER:1", "POT", 1)),
    (Overdraft, transfer("x", "POT", "TREASURY", 41)),
    (UnknownPending, transfer("x", "POT", "VOUCHER:1", 1, Phase.SINGLE, "p1")),
    (UnknownPending, transfer("x", "POT", "VOUCHER:1", 1, Phase.PENDING, "p1")),
    (UnknownPending, transfer("x", "POT", "VOUCHER:1", 1, Phase.POST)),
    (UnknownPending, replace(POST, pending_id="nothing")),
    (UnknownPending, replace(POST, pending_id="t0")),
    (UnknownPending, transfer("x", "TREASURY", "POT", 100, Phase.POST, "t0")),
    (UnknownPending, replace(POST, credit="VOUCHER:2")),
    (UnknownPending, replace(POST, debit="VOUCHER:2")),
    (PendingExceeded, replace(POST, amount=61)),
    (PendingExceeded, replace(POST, phase=Phase.VOID, amount=59)),
    (PendingExceeded, replace(POST, phase=Phase.VOID, amount=61)),
    (TransferReused, replace(MONEY, amount=99)),
    (TransferReused, replace(HELD, phase=Phase.SINGLE)),
]


@pytest.mark.parametrize(("refusal", "wrong"), REFUSED)
def test_a_refusal_changes_nothing_also_after_good_transfers(
    refusal: type[DomainError], wrong: Transfer
) -> None:
    made = books()
    before = state(made)

    with pytest.raises(refusal):
        made.post([wrong])
    assert state(made) == before
    with pytest.raises(refusal):
        made.post([transfer("good", "TREASURY", "VOUCHER:2", 5), wrong])
    assert state(made) == before


def test_a_pending_transfer_is_resolved_once() -> None:
    made = books()
    made.post([POST])
    before = state(made)

    for again in (replace(POST, id="s"), replace(POST, id="s", phase=Phase.VOID)):
        with pytest.raises(AlreadyResolved):
            made.post([again])
    assert state(made) == before


def test_a_pending_transfer_can_be_resolved_in_the_same_posting() -> None:
    made = books()
    second = transfer("p2", "POT", "VOUCHER:2", 40, Phase.PENDING)

    made.post([second, replace(POST, id="r2", credit="VOUCHER:2", amount=40, pending_id="p2")])

    assert counters(made, "POT") == (60, 40, 0, 100)


def test_the_same_transfer_again_is_the_same_transfer() -> None:
    made = books()
    made.post([POST])
    before = state(made)

    made.post([MONEY, HELD, POST, MONEY])

    assert state(made) == before


def test_an_overdraft_names_what_is_free() -> None:
    with pytest.raises(Overdraft) as refusal:
        books().post([transfer("x", "POT", "VOUCHER:1", 41)])

    found = refusal.value
    assert (found.account_id, found.asked_fen, found.free_fen) == ("POT", 41, 40)


def test_money_on_its_way_out_of_the_treasury_is_not_free() -> None:
    made = books()
    made.post([transfer("x", "POT", "TREASURY", 40, Phase.PENDING)])

    assert made.accounts["TREASURY"].free == 60


def test_opening_an_account_again_changes_nothing() -> None:
    made = books()
    before = state(made)

    made.open_account("POT", AccountKind.POT)

    assert state(made) == before


def test_books_go_on_from_where_they_were_kept() -> None:
    made = books()
    made.post([POST])
    again = Books.resume(
        accounts=made.accounts.values(), transfers=made.transfers.values(), resolved={"p1"}
    )

    assert state(again) == state(made)
    with pytest.raises(AlreadyResolved):
        again.post([replace(POST, id="s")])


def test_an_account_is_named_by_kind_and_owner() -> None:
    assert account_id(AccountKind.POT) == "POT"
    assert account_id(AccountKind.VOUCHER, "V-1") == "VOUCHER:V-1"
