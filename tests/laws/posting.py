"""Random transfers between a few accounts, some of them wrong."""

from datetime import date

from hypothesis.strategies import DrawFn, SearchStrategy, composite, integers, lists, sampled_from

from evernormal.domain.ledger import AccountKind, Books, Phase, Transfer, TransferCode

ACCOUNTS = ("TREASURY", "POT", "VOUCHER:1", "VOUCHER:2", "ACCRUED:P1")
DAY = date(2026, 1, 1)


@composite
def transfers(draw: DrawFn, numbers: int = 14) -> Transfer:
    """A transfer with a number that may come again; it may resolve one with a lower number."""
    number = draw(integers(1, numbers))
    phase = draw(sampled_from(Phase))
    resolves = phase in (Phase.POST, Phase.VOID)
    # Most pending transfers go one way, so that many resolutions name the right accounts.
    ways = [("TREASURY", "POT"), ("POT", "VOUCHER:1"), ("VOUCHER:1", "ACCRUED:P1")]
    anyway = sampled_from(ACCOUNTS)
    debit, credit = draw(sampled_from([*ways, *ways, (draw(anyway), draw(anyway))]))
    return Transfer(
        id=f"act#{number}",
        debit=debit,
        credit=credit,
        amount=draw(sampled_from([0, -1, 1, 2, 3, 5, 5, 5, 8, 20])),
        phase=phase,
        code=TransferCode.HOLD,
        on=DAY,
        pending_id=f"act#{draw(integers(1, numbers))}" if resolves else None,
    )


def postings(size: int = 12) -> SearchStrategy[list[list[Transfer]]]:
    """Groups of transfers; each group stands or falls together."""
    return lists(lists(transfers(), min_size=1, max_size=3), max_size=size)


def empty_books() -> Books:
    books = Books()
    for name in ACCOUNTS:
        books.open_account(name, AccountKind(name.split(":")[0]))
    return books
