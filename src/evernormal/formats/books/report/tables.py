"""The report's tables in one language: every cell ready to read."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from evernormal.domain.policy import Scheme
from evernormal.formats.books.rows import ClaimRow, DecisionRow, YearBooks
from evernormal.formats.explanation import SchemeView, Teller, in_language, view_of
from evernormal.formats.intake.year_input import YearInput
from evernormal.locale import Words

_ACCOUNT_DIGITS_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell; `below` is small print under it, `target` an id on the page it leads to."""

    text: str
    below: str = ""
    target: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A heading, whether its cells are numbers, and whether they must stay on one line."""

    heading: str
    is_number: bool
    is_unbroken: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A caption, columns, rows and sums; no rows say that there was nothing."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    totals: tuple[Cell, ...] = ()


@dataclass(frozen=True)
class Reader:
    """A year's books in the words of one language."""

    words: Words
    books: YearBooks
    year: YearInput
    scheme: Scheme

    @property
    def pays_money(self) -> bool:
        """Whether money leaves the treasury; in kind, value is used up and nothing is paid."""
        return self.scheme.settlement.traits.pays_money

    @cached_property
    def view(self) -> SchemeView:
        """The scheme's clauses."""
        return view_of(self.scheme)

    def teller(self, contract_id: str) -> Teller:
        """Words for findings, by the rules of the contract's day of application."""
        day = self.year.contract(contract_id).applied_on
        return Teller(words=self.words, scheme=self.view, day=day)

    def money(self, fen: int) -> str:
        """An amount without its unit, which the caption or heading has."""
        return self.words.say("report.cell.money", fen=fen)

    def day(self, day: date | None) -> str:
        """A day, or a dash."""
        return "–" if day is None else self.words.say("report.cell.day", day=day)

    def name(self, party_id: str) -> str:
        """The name of an applicant or a provider."""
        party = self.year.applicants.get(party_id) or self.year.providers.get(party_id)
        return party.name if party else party_id

    def party(self, party_id: str) -> Cell:
        """A name with its id under it."""
        return Cell(self.name(party_id), below=party_id)

    def contract(self, contract_id: str) -> Cell:
        """A contract's number that leads to its card."""
        return Cell(contract_id, target=f"{self.words.lang}-{contract_id}")

    def reason(self, row: DecisionRow) -> str:
        """Why a decision is what it is, with the names of the conditions that failed."""
        reason = self.words.word("reason", row.reason)
        teller = self.teller(row.contract_id)
        if row.failed_rules:
            rules = self.words.listed([teller.label_of(rule) for rule in row.failed_rules])
            return self.words.say("report.decision.failed", reason=reason, rules=rules)
        return reason

    def settled_on_contract(self, contract_id: str) -> int:
        """Fen paid on a contract; in kind, fen used of its voucher."""
        claims, charges = self.books.claims, self.books.charges
        if not self.pays_money:
            return sum(c.voucher_fen for c in charges if c.contract_id == contract_id)
        return sum(c.approved_fen for c in claims if c.contract_id == contract_id and c.batch_id)

    def table(
        self,
        caption: str,
        headings: str,
        rows: Iterable[tuple[Cell, ...]],
        totals: Mapping[str, int] | None = None,
    ) -> Table:
        """Put a table together.

        headings  keys of [report.column]; "#" behind one makes its cells numbers, "~" unbroken
        totals    fen by heading, for the last row
        """
        keys = [key.rstrip("#~") for key in headings.split()]
        columns = tuple(
            Column(self.words.word("report.column", key), mark.endswith("#"), mark.endswith("~"))
            for key, mark in zip(keys, headings.split(), strict=True)
        )
        sums: tuple[Cell, ...] = ()
        if totals is not None:
            first = Cell(self.words.say("report.total"))
            rest = (Cell(self.money(totals[k]) if k in totals else "") for k in keys[1:])
            sums = (first, *rest)
        return Table(self.words.say(f"report.caption.{caption}"), columns, tuple(rows), sums)


def decisions(reader: Reader) -> Table:
    """Every application and what was decided about it, in order."""
    rows = reader.books.decisions
    return reader.table(
        "decisions",
        "contract applicant applied_on~ entitled# awarded# decision limb",
        (_decision(reader, row) for row in rows),
        {
            "entitled": sum(r.entitled_fen for r in rows),
            "awarded": sum(r.awarded_fen for r in rows),
        },
    )


def _decision(reader: Reader, row: DecisionRow) -> tuple[Cell, ...]:
    limb = reader.teller(row.contract_id).limb(row.limb) if row.is_eligible else "–"
    return (
        reader.contract(row.contract_id),
        reader.party(row.applicant_id),
        Cell(reader.day(row.applied_on)),
        Cell(reader.money(row.entitled_fen)),
        Cell(reader.money(row.awarded_fen)),
        Cell(reader.reason(row), tone=tone_of(row)),
        Cell(limb),
    )


def tone_of(row: DecisionRow) -> str:
    """How a decision is set: granted, cut or refused."""
    if not row.awarded_fen:
        return "refused"
    return "cut" if row.awarded_fen < row.entitled_fen else "granted"


def vouchers(reader: Reader) -> Table:
    """Every voucher and its state."""
    rows = reader.books.vouchers
    names = ("face", "available", "held", "captured", "lapsed")
    return reader.table(
        "vouchers",
        "voucher applicant lapses_on~ " + " ".join(f"{name}#" for name in names),
        (
            (
                Cell(v.voucher_id),
                reader.party(v.holder_id),
                Cell(reader.day(v.lapses_on)),
                *(Cell(reader.money(getattr(v, f"{name}_fen"))) for name in names),
            )
            for v in rows
        ),
        {name: sum(getattr(v, f"{name}_fen") for v in rows) for name in names},
    )


def orders(reader: Reader) -> Table:
    """Charges added up by order."""
    charges = reader.books.charges
    rows = []
    for order_id in sorted({c.order_id for c in charges}):
        own = [c for c in charges if c.order_id == order_id]
        rows.append(
            (
                Cell(order_id, below=own[0].contract_id),
                reader.party(own[0].provider_id),
                Cell(own[0].device_class),
                Cell(str(len({c.day for c in own}))),
                Cell(
                    reader.words.say("report.cell.hours", seconds=sum(c.used_seconds for c in own))
                ),
                Cell(reader.money(sum(c.amount_fen for c in own))),
                Cell(reader.money(sum(c.voucher_fen for c in own))),
                Cell(reader.money(sum(c.copay_fen for c in own))),
            )
        )
    totals = {
        "amount": sum(c.amount_fen for c in charges),
        "voucher_part": sum(c.voucher_fen for c in charges),
        "copay": sum(c.copay_fen for c in charges),
    }
    headings = "order provider device_class days# hours# amount# voucher_part# copay#"
    return reader.table("charges", headings, rows, totals)


def claims(reader: Reader) -> Table:
    """Every claim, what its evidence supported and what was approved."""
    rows = reader.books.claims
    totals = {
        "invoiced": sum(c.invoiced_fen for c in rows),
        "matched": sum(c.matched_fen for c in rows),
        "approved": sum(c.approved_fen for c in rows),
    }
    headings = "claim match invoiced# matched# approved# limb paid_on~"
    return reader.table("claims", headings, (_claim(reader, c) for c in rows), totals)


def _claim(reader: Reader, claim: ClaimRow) -> tuple[Cell, ...]:
    teller, words = reader.teller(claim.contract_id), reader.words
    text, tone = words.say("report.match.sound"), "granted"
    if claim.failed_checks:
        checks = words.listed([teller.label_of(check) for check in claim.failed_checks])
        text, tone = words.say("report.match.failed", checks=checks), "refused"
    return (
        Cell(claim.claim_id, below=f"{reader.name(claim.applicant_id)} {claim.applicant_id}"),
        Cell(text, below=words.listed(claim.invoices), tone=tone),
        Cell(reader.money(claim.invoiced_fen)),
        Cell(reader.money(claim.matched_fen)),
        Cell(reader.money(claim.approved_fen)),
        Cell(teller.limb(claim.limb)),
        Cell(reader.day(claim.paid_on)),
    )


def payments(reader: Reader) -> Table:
    """Every payment instruction; accounts are masked."""
    paid = [c for c in reader.books.claims if c.batch_id]
    batches = {b.batch_id: b for b in reader.books.batches}
    rows = []
    for claim in paid:
        batch = batches[claim.batch_id]
        rows.append(
            (
                Cell(batch.batch_id, below=reader.day(batch.execute_on)),
                Cell(f"{batch.prepared_by} / {batch.approved_by}"),
                Cell(claim.claim_id),
                reader.party(claim.payee_id),
                Cell(_masked(reader.year, claim.payee_id)),
                Cell(reader.money(claim.approved_fen)),
            )
        )
    headings = "batch officers claim payee account~ paid#"
    return reader.table("payments", headings, rows, {"paid": sum(c.approved_fen for c in paid)})


def _masked(year: YearInput, party_id: str) -> str:
    """The last digits of a bank account, which the payee knows it by."""
    account = year.accounts.get(party_id)
    return f"**** {account.number[-_ACCOUNT_DIGITS_SHOWN:]}" if account else "–"


def providers(reader: Reader) -> Table:
    """What was awarded, charged and paid on each provider's contracts."""
    books = reader.books

    def rows() -> Iterator[tuple[Cell, ...]]:
        for provider_id in sorted({d.provider_id for d in books.decisions}):
            own = [d for d in books.decisions if d.provider_id == provider_id]
            charges = [c for c in books.charges if c.provider_id == provider_id]
            use = [sum(c.amount_fen for c in charges)]
            if reader.pays_money:
                use.append(sum(c.voucher_fen for c in charges))
            yield (
                reader.party(provider_id),
                Cell(str(len(own))),
                Cell(reader.money(sum(d.awarded_fen for d in own))),
                *(Cell(reader.money(fen)) for fen in use if books.charges),
                Cell(reader.money(sum(reader.settled_on_contract(d.contract_id) for d in own))),
            )

    charged = "amount# voucher_part#" if reader.pays_money else "amount#"
    charged = charged if books.charges else ""
    headings = f"provider applications# awarded# {charged} paid#"
    return reader.table("providers", headings, rows())


def applicants(reader: Reader) -> Table:
    """What each applicant was awarded, paid itself for the use, and was paid for."""
    books = reader.books

    def rows() -> Iterator[tuple[Cell, ...]]:
        for applicant_id in sorted({d.applicant_id for d in books.decisions}):
            own = [d for d in books.decisions if d.applicant_id == applicant_id]
            copay = sum(c.copay_fen for c in books.charges if c.applicant_id == applicant_id)
            approved = sum(c.approved_fen for c in books.claims if c.applicant_id == applicant_id)
            yield (
                reader.party(applicant_id),
                Cell(str(len(own))),
                Cell(reader.money(sum(d.awarded_fen for d in own))),
                *(Cell(reader.money(fen)) for fen in (copay,) if books.charges),
                *(Cell(reader.money(fen)) for fen in (approved,) if reader.pays_money),
                Cell(reader.money(sum(reader.settled_on_contract(d.contract_id) for d in own))),
            )

    charged = "copay#" if books.charges else ""
    approval = "approved#" if reader.pays_money else ""
    headings = f"applicant applications# awarded# {charged} {approval} paid#"
    return reader.table("applicants", headings, rows())


def sources(reader: Reader) -> Table:
    """Every rule, the clause of the version in force when the programme opened, and who read it."""
    words = reader.words

    def rows() -> Iterator[tuple[Cell, ...]]:
        for rule in reader.scheme.rules:
            in_force = [
                v for v in rule.versions if v.starts_on <= reader.year.programme.opens_on
            ] or [rule.versions[0]]
            source = in_force[-1].source
            verified = words.say("report.yes" if source.verified else "report.no")
            if source.is_assumed:
                verified = words.say("report.assumed")
            yield (
                Cell(in_language(rule.label, words), below=rule.id),
                Cell(in_language(source.clause, words)),
                Cell(in_language(source.title, words), below=in_language(source.issuer, words)),
                Cell(reader.day(source.read_on)),
                Cell(verified, tone="" if source.verified else "cut"),
            )

    return reader.table("sources", "rule clause source read_on~ verified", rows())
