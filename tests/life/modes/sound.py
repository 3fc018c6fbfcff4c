"""What must be true of the books of any mode, read from their files by the test's own sums."""

from collections import Counter

from evernormal.formats.explanation import Explainer, Trail, as_text, view_of
from evernormal.locale import Lang, words
from evernormal.schemes import load_scheme
from tests.life.money import fen
from tests.life.shelf import SCHEME, Books, evernormal, transfers_of

LANGUAGES: tuple[Lang, ...] = ("en", "zh_Hans")
_STATES = ("available", "held", "captured", "lapsed")


def acts(books: Books) -> list[tuple[str, str]]:
    """The day and key of every act between the opening and the closing of the books."""
    keys = [(f"{act.at:%Y-%m-%d}", act.key) for act in books.acts]
    assert keys[0][1] == "OPEN_PROGRAMME"
    assert keys[-1][1] == "CLOSE_BOOKS"
    return keys[1:-1]


def voucher(books: Books, contract: str, *, unit: str) -> dict[str, int]:
    """A contract's voucher at the close, in hundredths of the unit."""
    row = books.row("vouchers.csv", voucher_id=f"V-{contract}")
    return {name: fen(row[f"{name}_{unit}"]) for name in ("face", *_STATES)}


def balances(books: Books, kind: str) -> dict[str, int]:
    """What the accounts of a kind have at the close: credits less debits, in hundredths."""
    return {
        row["account_id"].partition(":")[2]: int(row["credits_posted"]) - int(row["debits_posted"])
        for row in books.rows("accounts.csv")
        if row["kind"] == kind
    }


def demand_sound(books: Books, *, unit: str, pot: int) -> None:
    """Assert that law 1, the zero sum, the journal and the pot hold, and that verify agrees.

    pot   of the year, in hundredths of the unit
    """
    _demand_law_1(books, unit=unit)
    _demand_zero_sum(books)
    _demand_pot(books, unit=unit, pot=pot)
    done = evernormal("verify", books.folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("everything holds.\n")


def _demand_law_1(books: Books, *, unit: str) -> None:
    for row in books.rows("vouchers.csv"):
        parts = [fen(row[f"{state}_{unit}"]) for state in _STATES]
        assert fen(row[f"face_{unit}"]) == sum(parts), row
        assert min(parts) >= 0, row


def _demand_zero_sum(books: Books) -> None:
    posted: Counter[str] = Counter()
    for row in books.rows("accounts.csv"):
        posted[row["account_id"]] = int(row["credits_posted"]) - int(row["debits_posted"])
        assert row["debits_pending"] == row["credits_pending"] == "0", row
    assert sum(posted.values()) == 0
    moved: Counter[str] = Counter()
    for act in books.acts:
        for transfer in transfers_of(act):
            if transfer["phase"] in {"SINGLE", "POST"}:
                moved[transfer["debit"]] -= transfer["amount_fen"]
                moved[transfer["credit"]] += transfer["amount_fen"]
    assert +moved == +posted
    assert -moved == -posted


def _demand_pot(books: Books, *, unit: str, pot: int) -> None:
    left = pot
    for row in books.rows("journal.csv"):
        amount = fen(row[f"amount_{unit}"])
        if row["debit"] == "POT":
            left -= amount
        elif row["credit"] == "POT" and row["code"] != "APPROPRIATE":
            left += amount
        assert 0 <= left <= pot, row
    assert balances(books, "POT") == {"": left}


def demand_explained(books: Books, *identifiers: str) -> None:
    """Assert that every decision, voucher, account and claim is told in both languages."""
    ids = [*identifiers, *(row["decision_id"] for row in books.rows("decisions.csv"))]
    ids += [row["voucher_id"] for row in books.rows("vouchers.csv")]
    ids += [row["account_id"] for row in books.rows("accounts.csv")]
    ids += [row["claim_id"] for row in books.rows("claims.csv")]
    ids += [key for _, key in acts(books)]
    trail, scheme = Trail(books.acts), view_of(load_scheme(books.files[SCHEME], path=SCHEME))
    for lang in LANGUAGES:
        own = words(lang, scheme.unit.value)
        explainer = Explainer(trail=trail, scheme=scheme, words=own)
        for identifier in ids:
            said = as_text(explainer.explain(identifier), own)
            assert identifier.rpartition("/")[2] in said
            assert "{" not in said
