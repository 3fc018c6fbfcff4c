"""Posting acts' transfers, a row each. The rules are those of `domain.ledger.Books`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from evernormal.domain.ledger import Account, AccountKind, Books, Phase, Transfer, TransferCode
from evernormal.store.bulk import Row, change_rows, insert_rows, new_ids, rows_in
from evernormal.store.ledger.columns import COUNTERS
from evernormal.store.ledger.standing import StoredAccount, begin_posting, stored_accounts
from evernormal.store.models import AuditRecord, Programme

_COMPILED_FROM = 128
"""From so many transfers on the compiled rules are faster, though they take time to load."""

_TRANSFER = (
    "id",
    "programme_id",
    "transfer_id",
    "on",
    "debit_id",
    "credit_id",
    "amount",
    "phase",
    "code",
    "pending_id",
    "act_id",
)

Sets = Sequence[tuple[int, Sequence[Transfer]]]
"""Linked sets in the order in which they are posted, each with the id of its act's record."""


@dataclass(slots=True)
class _Loaded:
    """What of the books some transfers touch.

    ids       row ids by account name
    accounts  as they stand
    numbers   row ids by transfer id, of the transfers that are in the books
    known     those transfers
    resolved  ids of the pending ones among them that were posted or voided
    """

    ids: dict[str, int]
    accounts: dict[str, Account]
    numbers: dict[str, int]
    known: list[Transfer]
    resolved: set[str]


def post(programme: Programme, transfers: Iterable[Transfer], *, act: AuditRecord) -> None:
    """Post transfers that stand or fall together.

    raises   the refusals of Books.post; then nothing is written
    """
    post_many(programme, [(act.pk, tuple(transfers))])


def post_many(programme: Programme, sets: Sets) -> None:
    """Post linked sets in order, in the caller's transaction; all of them or none.

    sets     the id of an act's audit record, and the act's transfers
    raises   what Books.post says to the first set that it refuses; the caller's transaction must
             not be committed then
    """
    wanted = [t for _, transfers in sets for t in transfers]
    if not wanted:
        return
    begin_posting(programme.pk)
    loaded = _load(programme.pk, wanted)
    if len(wanted) < _COMPILED_FROM:
        accounts = _post_plainly(loaded, sets)
    else:
        accounts = _post_compiled(loaded, sets)
    _insert(programme.pk, loaded, sets)
    changed = [a for name, a in accounts.items() if a != loaded.accounts[name]]
    if changed:
        rows = [(*_counters(a), loaded.ids[a.id]) for a in changed]
        change_rows("account", rows, keys=("id",), put=COUNTERS)


def account(programme: Programme, account_id: str) -> Account:
    """One account as it stands; not opened yet, it stands at nothing."""
    found = stored_accounts(programme.pk, [account_id])
    return found[0].account if found else Account(account_id, _kind_of(account_id))


def _counters(standing: Account) -> tuple[int, int, int, int]:
    return (
        standing.debits_pending,
        standing.debits_posted,
        standing.credits_pending,
        standing.credits_posted,
    )


def _post_plainly(loaded: _Loaded, sets: Sets) -> Mapping[str, Account]:
    books = Books.resume(
        accounts=loaded.accounts.values(), transfers=loaded.known, resolved=loaded.resolved
    )
    for _, transfers in sets:
        books.post(transfers)
    return books.accounts


def _post_compiled(loaded: _Loaded, sets: Sets) -> Mapping[str, Account]:
    # Numba takes half a second to load, which a small programme need not wait for.
    from evernormal.engines.posting import BatchBooks  # noqa: PLC0415

    books = BatchBooks(loaded.accounts, loaded.known, loaded.resolved)
    refusals = books.post([transfers for _, transfers in sets])
    if refusals:
        raise min(refusals.items())[1]
    return books.accounts()


def _insert(programme_id: str, loaded: _Loaded, sets: Sets) -> None:
    """Insert the transfers that are not in the books yet."""
    numbers, new = loaded.numbers, []
    for act_id, transfers in sets:
        for t in transfers:
            if t.id not in numbers:
                numbers[t.id] = 0
                new.append((act_id, t))
    if not new:
        return
    for number, (_, t) in zip(new_ids("transfer", len(new)), new, strict=True):
        numbers[t.id] = number
    insert_rows("transfer", _TRANSFER, [_row(programme_id, loaded, t, act) for act, t in new])


def _row(programme_id: str, loaded: _Loaded, t: Transfer, act_id: int) -> Row:
    return (
        loaded.numbers[t.id],
        programme_id,
        t.id,
        t.on.isoformat(),
        loaded.ids[t.debit],
        loaded.ids[t.credit],
        t.amount,
        t.phase.value,
        t.code.value,
        loaded.numbers[t.pending_id] if t.pending_id is not None else None,
        act_id,
    )


def _load(programme_id: str, wanted: Sequence[Transfer]) -> _Loaded:
    names = {name for t in wanted for name in (t.debit, t.credit)}
    rows = _open_accounts(programme_id, names)
    loaded = _Loaded(
        ids={stored.account.id: stored.number for stored in rows},
        accounts={stored.account.id: stored.account for stored in rows},
        numbers={},
        known=[],
        resolved=set(),
    )
    named = {t.id for t in wanted} | {t.pending_id for t in wanted if t.pending_id is not None}
    _load_transfers(loaded, programme_id, sorted(named))
    return loaded


def _load_transfers(loaded: _Loaded, programme_id: str, named: Sequence[str]) -> None:
    rows = rows_in(
        """
        SELECT t.id, t.transfer_id, t."on", d.account_id, c.account_id, t.amount, t.phase, t.code,
               p.transfer_id, r.id
        FROM transfer t
        JOIN account d ON d.id = t.debit_id
        JOIN account c ON c.id = t.credit_id
        LEFT JOIN transfer p ON p.id = t.pending_id
        LEFT JOIN transfer r ON r.pending_id = t.id
        WHERE t.programme_id = %s AND t.transfer_id
        """,
        [programme_id],
        named,
    )
    for number, name, on, debit, credit, amount, phase, code, pending, resolution in rows:
        day = on if isinstance(on, date) else date.fromisoformat(on)
        loaded.numbers[name] = number
        loaded.known.append(
            Transfer(name, debit, credit, amount, Phase(phase), TransferCode(code), day, pending)
        )
        if resolution is not None:
            loaded.resolved.add(name)


def _open_accounts(programme_id: str, names: set[str]) -> list[StoredAccount]:
    """The rows of accounts; new ones are opened."""
    found = stored_accounts(programme_id, names)
    new = sorted(names - {stored.account.id for stored in found})
    if not new:
        return found
    insert_rows(
        "account",
        ("programme_id", "account_id", "kind", *COUNTERS),
        [(programme_id, name, _kind_of(name).value, 0, 0, 0, 0) for name in new],
    )
    return [*found, *stored_accounts(programme_id, new)]


def _kind_of(account_id: str) -> AccountKind:
    return AccountKind(account_id.split(":", 1)[0])
