"""The payment file for the bank: ISO 20022 customer credit transfer, pain.001.001.09.

A batch of payments in and out of the XML that banks read. What is written has passed `check`, and
what is read must pass it too; docs/reference/payment-file.md maps every field to its element.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice

from evernormal.formats import pain001_xml
from evernormal.formats.pain001_structure import PROBLEMS_MAX, fen_of, problems_in, text_of_fen
from evernormal.formats.pain001_xml import Element, NotReadable, Problem

__all__ = [
    "BankAccount",
    "CreditTransfer",
    "Party",
    "PaymentFile",
    "PaymentFileProblems",
    "Problem",
    "check",
    "decode",
    "encode",
]


@dataclass(frozen=True, slots=True)
class Party:
    """An organisation: its registered name, at most 140 characters, and its USCC."""

    name: str
    uscc: str


@dataclass(frozen=True, slots=True)
class BankAccount:
    """An account at a Chinese bank.

    `number` has at most 34 digits, letters or hyphens; `holder` at most 70 characters;
    `clearing_code` is the branch's 12-digit CNAPS number (联行号).
    """

    number: str
    holder: str
    bank_name: str
    clearing_code: str


@dataclass(frozen=True, slots=True)
class CreditTransfer:
    """One payment: whole fen to one creditor's account. `remittance` may be empty."""

    end_to_end_id: str
    amount_fen: int
    creditor: Party
    account: BankAccount
    remittance: str

    def __post_init__(self) -> None:
        if type(self.amount_fen) is not int:
            raise TypeError(f"amount_fen takes a whole number of fen, got {self.amount_fen!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFile:
    """One batch: from one debtor account, in one currency, on one day.

    `created_at` carries a UTC offset; only its moment is kept, so it compares equal after a
    round trip although a named zone becomes its offset.
    """

    message_id: str
    created_at: datetime
    execute_on: date
    initiator: Party
    debtor: Party
    debtor_account: BankAccount
    batch_id: str
    currency: str = "CNY"
    transfers: tuple[CreditTransfer, ...]


class PaymentFileProblems(ValueError):
    """A payment file is refused. `problems` lists everything wrong with it, each with its place."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def encode(file: PaymentFile) -> bytes:
    """Write a payment file as pain.001.001.09.

    file     the batch; amounts in fen, written in yuan with two decimals
    returns  UTF-8 XML with a declaration, two-space indent and LF; the same file, the same bytes
    raises   PaymentFileProblems with all that `check` would find in the result
    source   docs/reference/payment-file.md
    """
    root = _document(file)
    problems = _listed(root)
    if problems:
        raise PaymentFileProblems(problems)
    return pain001_xml.write(root)


def decode(data: bytes) -> PaymentFile:
    """Read a payment file back: `decode(encode(file)) == file`.

    data     bytes of a pain.001.001.09 document of the shape we write
    returns  the batch, amounts in fen
    raises   PaymentFileProblems with all that `check` finds
    """
    try:
        root = pain001_xml.read(data)
    except NotReadable as refusal:
        raise PaymentFileProblems([refusal.problem]) from refusal
    problems = _listed(root)
    if problems:
        raise PaymentFileProblems(problems)
    return _payment_file(root)


def check(data: bytes) -> list[Problem]:
    """List what is wrong with a payment file: structure, texts, totals, references.

    data     bytes of an XML document
    returns  problems with element path, line, column and what to do; empty when sound. After
             1,000 the list ends with a line that says so
    """
    try:
        return _listed(pain001_xml.read(data))
    except NotReadable as refusal:
        return [refusal.problem]


def _listed(root: Element) -> list[Problem]:
    found = list(islice(problems_in(root), PROBLEMS_MAX + 1))
    if len(found) > PROBLEMS_MAX:
        found[PROBLEMS_MAX:] = [
            Problem("/", f"Has more than {PROBLEMS_MAX} problems. Correct these and check again.")
        ]
    return found


def _leaf(tag: str, text: str) -> Element:
    return Element(tag, text)


def _within(tag: str, *children: Element) -> Element:
    return Element(tag, children=children)


def _document(file: PaymentFile) -> Element:
    total = sum(transfer.amount_fen for transfer in file.transfers)
    totals = (
        _leaf("NbOfTxs", str(len(file.transfers))),
        _leaf("CtrlSum", text_of_fen(total)),
    )
    header = _within(
        "GrpHdr",
        _leaf("MsgId", file.message_id),
        _leaf("CreDtTm", file.created_at.isoformat()),
        *totals,
        _within("InitgPty", *_party(file.initiator)),
    )
    payment = _within(
        "PmtInf",
        _leaf("PmtInfId", file.batch_id),
        _leaf("PmtMtd", "TRF"),
        *totals,
        _within("ReqdExctnDt", _leaf("Dt", file.execute_on.isoformat())),
        _within("Dbtr", *_party(file.debtor)),
        _within("DbtrAcct", *_account(file.debtor_account)),
        _within("DbtrAgt", _bank(file.debtor_account)),
        *(_transfer(transfer, file.currency) for transfer in file.transfers),
    )
    return _within("Document", _within("CstmrCdtTrfInitn", header, payment))


def _transfer(transfer: CreditTransfer, currency: str) -> Element:
    amount = Element("InstdAmt", text_of_fen(transfer.amount_fen), attributes=(("Ccy", currency),))
    # The schema has no empty Ustrd: a payment without a text has no RmtInf at all.
    remittance = (
        (_within("RmtInf", _leaf("Ustrd", transfer.remittance)),) if transfer.remittance else ()
    )
    return _within(
        "CdtTrfTxInf",
        _within("PmtId", _leaf("EndToEndId", transfer.end_to_end_id)),
        _within("Amt", amount),
        _within("CdtrAgt", _bank(transfer.account)),
        _within("Cdtr", *_party(transfer.creditor)),
        _within("CdtrAcct", *_account(transfer.account)),
        *remittance,
    )


def _party(party: Party) -> tuple[Element, ...]:
    scheme = _within("SchmeNm", _leaf("Prtry", "USCC"))
    organisation = _within("OrgId", _within("Othr", _leaf("Id", party.uscc), scheme))
    return (_leaf("Nm", party.name), _within("Id", organisation))


def _account(account: BankAccount) -> tuple[Element, ...]:
    number = _within("Othr", _leaf("Id", account.number))
    return (_within("Id", number), _leaf("Nm", account.holder))


def _bank(account: BankAccount) -> Element:
    system = _within("ClrSysId", _leaf("Cd", "CNAPS"))
    member = _within("ClrSysMmbId", system, _leaf("MmbId", account.clearing_code))
    return _within("FinInstnId", member, _leaf("Nm", account.bank_name))


def _only(element: Element, path: str) -> Element:
    """Follow a path that the structure guarantees to have exactly one end."""
    (found,) = element.each(*path.split("/"))
    return found


def _text(element: Element, path: str) -> str:
    return _only(element, path).text


def _payment_file(root: Element) -> PaymentFile:
    header = _only(root, "CstmrCdtTrfInitn/GrpHdr")
    payment = _only(root, "CstmrCdtTrfInitn/PmtInf")
    transfers = payment.each("CdtTrfTxInf")
    return PaymentFile(
        message_id=_text(header, "MsgId"),
        created_at=datetime.fromisoformat(_text(header, "CreDtTm")),
        execute_on=date.fromisoformat(_text(payment, "ReqdExctnDt/Dt")),
        initiator=_party_of(_only(header, "InitgPty")),
        debtor=_party_of(_only(payment, "Dbtr")),
        debtor_account=_account_of(_only(payment, "DbtrAcct"), _only(payment, "DbtrAgt")),
        batch_id=_text(payment, "PmtInfId"),
        currency=dict(_only(transfers[0], "Amt/InstdAmt").attributes)["Ccy"],
        transfers=tuple(_transfer_of(transfer) for transfer in transfers),
    )


def _transfer_of(element: Element) -> CreditTransfer:
    return CreditTransfer(
        end_to_end_id=_text(element, "PmtId/EndToEndId"),
        amount_fen=fen_of(_text(element, "Amt/InstdAmt")),
        creditor=_party_of(_only(element, "Cdtr")),
        account=_account_of(_only(element, "CdtrAcct"), _only(element, "CdtrAgt")),
        remittance="".join(text.text for text in element.each("RmtInf", "Ustrd")),
    )


def _party_of(element: Element) -> Party:
    return Party(name=_text(element, "Nm"), uscc=_text(element, "Id/OrgId/Othr/Id"))


def _account_of(account: Element, agent: Element) -> BankAccount:
    return BankAccount(
        number=_text(account, "Id/Othr/Id"),
        holder=_text(account, "Nm"),
        bank_name=_text(agent, "FinInstnId/Nm"),
        clearing_code=_text(agent, "FinInstnId/ClrSysMmbId/MmbId"),
    )
