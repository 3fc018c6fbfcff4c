"""The structure of a payment file: ISO 20022 pain.001.001.09, as far as we use it, stated by hand.

`DOCUMENT` is the only statement of order, occurrence and text rules. The encoder builds a tree and
has it checked against this table before a byte is written, so a file cannot be produced that the
checker would refuse. The table is the published schema or narrower, never wider.

source  ISO 20022 message definition pain.001.001.09 (2019); type names are the schema's own
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from evernormal.domain.values import Uscc, WrongUscc
from evernormal.formats.pain001_xml import XSI, Element, Problem

# One file holds what two people can still sign together; larger batches are split by the caller.
TRANSFERS_MAX = 10_000
# A hopeless file is not worth a longer list, and the list must fit in a page.
PROBLEMS_MAX = 1_000

_DIGITS_MAX = 18  # ActiveOrHistoricCurrencyAndAmount and DecimalNumber: totalDigits
_AMOUNT_DECIMALS_MAX = 5  # ActiveOrHistoricCurrencyAndAmount: fractionDigits
_DECIMALS_OF_FEN = 2

# Control, format (zero-width, text direction) and line-separating characters, and lone surrogates:
# an officer cannot see them, and XML 1.0 forbids half of them.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_NONCHARACTERS = frozenset("\ufffe\uffff")


def fen_of(text: str) -> int:
    """Read the amount of a payment, in yuan, as whole fen, exactly.

    text     decimal digits with an optional point, such as "12.30"
    returns  fen, > 0
    raises   ValueError naming the limit it breaks
    source   ActiveOrHistoricCurrencyAndAmount: at most 18 digits, 5 of them decimals
    """
    if len(text.partition(".")[2].rstrip("0")) > _AMOUNT_DECIMALS_MAX:
        raise ValueError(f"has more than {_AMOUNT_DECIMALS_MAX} decimals. Write two.")
    fen = _exact_fen(text)
    if fen <= 0:
        raise ValueError("is not above zero. Leave the transfer out or correct the amount.")
    return fen


def _exact_fen(text: str) -> int:
    whole, _, decimals = text.partition(".")
    significant = decimals.rstrip("0")
    if len(whole.lstrip("-0")) + len(significant) > _DIGITS_MAX:
        raise ValueError(f"has more than {_DIGITS_MAX} digits. Split it.")
    if len(significant) > _DECIMALS_OF_FEN:
        raise ValueError("is not a whole number of fen. Write two decimals.")
    return int(whole + significant.ljust(_DECIMALS_OF_FEN, "0"))


def text_of_fen(fen: int) -> str:
    """Write whole fen as yuan with exactly two decimals: 1230 gives "12.30"."""
    sign = "-" if fen < 0 else ""
    yuan, rest = divmod(abs(fen), 100)
    return f"{sign}{yuan}.{rest:02d}"


def _real_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ValueError("is not a day of the calendar. Correct the date.") from error


def _real_moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError("is not a moment of any day. Correct the date or the time.") from error


def _real_uscc(text: str) -> Uscc:
    try:
        return Uscc(text)
    except WrongUscc as refusal:
        raise ValueError(f"{refusal.reason} Copy the code from the business licence.") from refusal


@dataclass(frozen=True, slots=True)
class TextType:
    """What the text of an element may be. `schema_type` is the published type it narrows."""

    schema_type: str
    length_max: int
    pattern: str = r"(?s:.+)"
    advice: str = ""
    parse: Callable[[str], object] | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """An element at its place: how often, and either a text type or ordered parts of its own."""

    tag: str
    text: TextType | None = None
    parts: tuple["Part", ...] = ()
    times_min: int = 1
    times_max: int = 1
    attributes: tuple[tuple[str, TextType], ...] = ()


MAX_35 = TextType("Max35Text", 35)
MAX_70 = TextType("Max70Text", 70)
MAX_140 = TextType("Max140Text", 140)
COUNT = TextType("Max15NumericText", 15, r"[0-9]{1,15}", "Write the number of transfers in digits.")
_DECIMAL = r"-?[0-9]{1,20}(\.[0-9]{1,17})?"
_DECIMAL_ADVICE = 'Write digits and a point, such as "1234.50".'
AMOUNT = TextType("ActiveOrHistoricCurrencyAndAmount", 40, _DECIMAL, _DECIMAL_ADVICE, fen_of)
CONTROL_SUM = TextType("DecimalNumber", 40, _DECIMAL, _DECIMAL_ADVICE, _exact_fen)
CURRENCY = TextType(
    "ActiveOrHistoricCurrencyCode", 3, r"[A-Z]{3}", "Write three capital letters, such as CNY."
)
DATE = TextType("ISODate", 10, r"[0-9]{4}(-[0-9]{2}){2}", "Write YYYY-MM-DD, no zone.", _real_day)
MOMENT = TextType(
    "ISODateTime",
    32,
    # XML Schema allows offsets of whole minutes up to 14 hours; we require one, so that the
    # moment means the same to the bank as to us.
    r"[0-9-]{10}T[0-9]{2}(:[0-9]{2}){2}(\.[0-9]{1,6})?"
    r"(Z|[+-](0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)",
    "Write YYYY-MM-DDThh:mm:ss and an offset in whole minutes, such as +08:00.",
    _real_moment,
)
TRANSFER_METHOD = TextType("PaymentMethod3Code", 3, "TRF", "Only credit transfers: write TRF.")
ACCOUNT_NUMBER = TextType(
    "Max34Text", 34, r"[0-9A-Za-z-]+", "Write the whole account number: ASCII digits, letters, -."
)
USCC = TextType("Max35Text", 18, advice="Write the 18-character code.", parse=_real_uscc)
USCC_SCHEME = TextType("Max35Text", 4, "USCC", "Organisations are identified by USCC: write USCC.")
CNAPS = TextType(
    "ExternalClearingSystemIdentification1Code", 5, "CNAPS", "Write CNAPS (China's clearing)."
)
CNAPS_MEMBER = TextType(
    "Max35Text", 12, r"[0-9]{12}", "Write the branch's 12-digit clearing number (联行号)."
)


def _within(tag: str, *parts: Part) -> Part:
    """Build an element that must occur once and holds these parts in this order."""
    return Part(tag, parts=parts)


_SCHEME = _within("SchmeNm", Part("Prtry", USCC_SCHEME))
_ORGANISATION = _within("Id", _within("OrgId", _within("Othr", Part("Id", USCC), _SCHEME)))
_PARTY = (Part("Nm", MAX_140), _ORGANISATION)
_ACCOUNT = (_within("Id", _within("Othr", Part("Id", ACCOUNT_NUMBER))), Part("Nm", MAX_70))
_CLEARING = _within(
    "ClrSysMmbId", _within("ClrSysId", Part("Cd", CNAPS)), Part("MmbId", CNAPS_MEMBER)
)
_BANK = _within("FinInstnId", _CLEARING, Part("Nm", MAX_140))
_TRANSFER = Part(
    "CdtTrfTxInf",
    times_max=TRANSFERS_MAX,
    parts=(
        _within("PmtId", Part("EndToEndId", MAX_35)),
        _within("Amt", Part("InstdAmt", AMOUNT, attributes=(("Ccy", CURRENCY),))),
        _within("CdtrAgt", _BANK),
        _within("Cdtr", *_PARTY),
        _within("CdtrAcct", *_ACCOUNT),
        Part("RmtInf", parts=(Part("Ustrd", MAX_140),), times_min=0),
    ),
)
_TOTALS = (Part("NbOfTxs", COUNT), Part("CtrlSum", CONTROL_SUM))
_HEADER = _within(
    "GrpHdr",
    Part("MsgId", MAX_35),
    Part("CreDtTm", MOMENT),
    *_TOTALS,
    _within("InitgPty", *_PARTY),
)
_PAYMENT = _within(
    "PmtInf",
    Part("PmtInfId", MAX_35),
    Part("PmtMtd", TRANSFER_METHOD),
    *_TOTALS,
    _within("ReqdExctnDt", Part("Dt", DATE)),
    _within("Dbtr", *_PARTY),
    _within("DbtrAcct", *_ACCOUNT),
    _within("DbtrAgt", _BANK),
    _TRANSFER,
)
DOCUMENT = _within("Document", _within("CstmrCdtTrfInitn", _HEADER, _PAYMENT))


def problems_in(root: Element) -> Iterator[Problem]:
    """Compare a tree with `DOCUMENT`, then its totals and identifiers with its transfers.

    root     as read from a file or built by the encoder
    returns  problems one at a time, structure first; none for a sound tree
    """
    path = f"/{DOCUMENT.tag}"
    if root.tag != DOCUMENT.tag:
        yield root.problem(
            path,
            f"The file holds {root.tag}, not Document of pain.001.001.09. Export that version.",
        )
        return
    yield from _walk(root, DOCUMENT, path)
    for message in root.each("CstmrCdtTrfInitn"):
        yield from _problems_in_message(message, f"{path}/CstmrCdtTrfInitn")


def _walk(element: Element, part: Part, path: str) -> Iterator[Problem]:
    yield from _attribute_problems(element, part, path)
    if part.text is not None:
        for complaint in _complaints(element.text, part.text):
            yield element.problem(path, complaint)
    elif element.text.strip():
        yield element.problem(
            path, f"Holds the loose text {element.text.strip()[:40]!r}. Remove it."
        )
    yield from _order_problems(element, part, path)
    yield from _occurrence_problems(element, part, path)
    for inner in part.parts:
        for n, child in enumerate(element.each(inner.tag), start=1):
            place = f"[{n}]" if inner.times_max > 1 else ""
            yield from _walk(child, inner, f"{path}/{inner.tag}{place}")


def _attribute_problems(element: Element, part: Part, path: str) -> Iterator[Problem]:
    known = dict(part.attributes)
    given = dict(element.attributes)
    for name, text_type in known.items():
        if name not in given:
            yield element.problem(f"{path}/@{name}", f"Is missing. {text_type.advice}")
            continue
        for complaint in _complaints(given[name], text_type):
            yield element.problem(f"{path}/@{name}", complaint)
    for name in given:
        # Where to find the schema is a hint to editors and changes nothing that is paid.
        is_hint = part is DOCUMENT and name == f"{{{XSI}}}schemaLocation"
        if name not in known and not is_hint:
            yield element.problem(f"{path}/@{name}", "Is not used in this file. Remove it.")


def _order_problems(element: Element, part: Part, path: str) -> Iterator[Problem]:
    places = {inner.tag: place for place, inner in enumerate(part.parts)}
    furthest = 0
    for child in element.children:
        place = places.get(child.tag)
        if place is None:
            yield child.problem(f"{path}/{child.tag}", "Is not used in this file. Remove it.")
        elif place < furthest:
            after = part.parts[furthest].tag
            yield child.problem(f"{path}/{child.tag}", f"Stands too late. Move it before {after}.")
        else:
            furthest = place


def _occurrence_problems(element: Element, part: Part, path: str) -> Iterator[Problem]:
    for inner in part.parts:
        found = len(element.each(inner.tag))
        if found < inner.times_min:
            yield element.problem(f"{path}/{inner.tag}", "Is missing. Add it.")
        if found > inner.times_max:
            yield element.problem(
                f"{path}/{inner.tag}",
                f"Occurs {found} times, at most {inner.times_max} allowed. Split the file.",
            )


def _complaints(text: str, text_type: TextType) -> Iterator[str]:
    if not text.strip():
        yield f"Is empty. {text_type.advice or 'Fill it in.'}"
        return
    if text != text.strip():
        yield "Has spaces around the text. Remove them."
    yield from _invisible_complaints(text)
    if len(text) > text_type.length_max:
        yield f"Has {len(text)} characters, at most {text_type.length_max} allowed. Shorten it."
    elif not re.fullmatch(text_type.pattern, text):
        yield f"Is {text!r}. {text_type.advice}"
    elif text_type.parse is not None:
        try:
            text_type.parse(text)
        except ValueError as refusal:
            yield f"Is {text!r}: {refusal}"


def _invisible_complaints(text: str) -> Iterator[str]:
    if text.isprintable():  # the common case: no character of these kinds, asked in one step
        return
    for place, character in enumerate(text, start=1):
        if unicodedata.category(character) in _INVISIBLE or character in _NONCHARACTERS:
            code = f"U+{ord(character):04X}"
            yield f"Character {place} is the invisible character {code}. Remove it."
            return


def _problems_in_message(message: Element, path: str) -> Iterator[Problem]:
    transfers = message.each("PmtInf", "CdtTrfTxInf")
    for header in message.each("GrpHdr"):
        yield from _totals_problems(header, transfers, f"{path}/GrpHdr")
    for payment in message.each("PmtInf"):
        yield from _totals_problems(payment, payment.each("CdtTrfTxInf"), f"{path}/PmtInf")
    yield from _reference_problems(transfers, f"{path}/PmtInf")
    yield from _currency_problems(transfers, f"{path}/PmtInf")


def _totals_problems(
    holder: Element, transfers: tuple[Element, ...], path: str
) -> Iterator[Problem]:
    """Compare stated totals with the transfers; a text that cannot be read has its own problem."""
    for stated in _sound(holder.each("NbOfTxs"), COUNT):
        if int(stated.text) != len(transfers):
            message = f"Says {stated.text}, but there are {len(transfers)} transfers. Correct it."
            yield stated.problem(f"{path}/NbOfTxs", message)
    amounts = [amount for transfer in transfers for amount in transfer.each("Amt", "InstdAmt")]
    readable = _sound(amounts, AMOUNT)
    if len(readable) < len(amounts):
        return
    total = sum(fen_of(amount.text) for amount in readable)
    for stated in _sound(holder.each("CtrlSum"), CONTROL_SUM):
        if _exact_fen(stated.text) != total:
            message = f"Says {stated.text}, but the transfers add up to {text_of_fen(total)}."
            yield stated.problem(f"{path}/CtrlSum", f"{message} Correct it.")


def _sound(elements: Iterable[Element], text_type: TextType) -> list[Element]:
    return [element for element in elements if not any(_complaints(element.text, text_type))]


def _reference_problems(transfers: tuple[Element, ...], path: str) -> Iterator[Problem]:
    first_with: dict[str, int] = {}
    for n, transfer in enumerate(transfers, start=1):
        for reference in transfer.each("PmtId", "EndToEndId"):
            first = first_with.setdefault(reference.text, n)
            if first != n:
                yield reference.problem(
                    f"{path}/CdtTrfTxInf[{n}]/PmtId/EndToEndId",
                    f"{reference.text!r} is also the reference of transfer {first}. "
                    "Give each transfer its own.",
                )


def _currency_problems(transfers: tuple[Element, ...], path: str) -> Iterator[Problem]:
    first: str | None = None
    for n, transfer in enumerate(transfers, start=1):
        for amount in transfer.each("Amt", "InstdAmt"):
            own = dict(amount.attributes).get("Ccy", "")
            if any(_complaints(own, CURRENCY)):
                continue
            first = first or own
            if own != first:
                yield amount.problem(
                    f"{path}/CdtTrfTxInf[{n}]/Amt/InstdAmt/@Ccy",
                    f"Is {own}, but the first transfer is in {first}. Write one file per currency.",
                )
