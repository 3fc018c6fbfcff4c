"""What a cell may hold: texts, ids, choices, whole numbers and unified social credit codes.

Each kind reads one text, already without spaces around it, or says what is wrong and what to write.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

from evernormal.domain.values import Uscc, WrongUscc, uscc_check_character
from evernormal.formats.problems import Unreadable

E = TypeVar("E", bound=Enum)

# An id becomes part of a payment's EndToEndId: "CL-", the id, "-20240131", 35 characters in all.
ID_LENGTH_MAX = 22
# The payment file gives 70 characters to the holder of an account.
NAME_LENGTH_MAX = 70
TEXT_LENGTH_MAX = 140

_ID = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._-]{{0,{ID_LENGTH_MAX - 1}}}")
_WHOLE = re.compile(r"[1-9][0-9]{0,8}")
_WHOLE_OR_NONE = re.compile(r"[0-9]{1,9}")
_SLUG = re.compile(r"[a-z][a-z0-9_]*")
_PERSON = re.compile(r"person:[A-Za-z0-9._-]{1,40}")
# Beside control characters, what the XML of the payment file cannot hold.
_NO_XML = "\ufffe\uffff"
# Letters that GB 32100-2015 leaves out, and what they are mistaken for.
_LOOK_ALIKE = {"O": "0", "I": "1", "S": "5", "Z": "2", "V": "U"}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of cell: its name in both languages, and how its text is read.

    read   text -> value; raises Unreadable
    """

    en: str
    zh: str
    read: Callable[[str], object]


def demand_half_width(text: str) -> None:
    """Refuse digits and signs of full width, as Chinese input methods write them."""
    narrow = unicodedata.normalize("NFKC", text)
    if narrow != text and narrow.isascii():
        raise Unreadable(
            "cell.full_width", f'"{text}" has characters of full width.', f"Write {narrow}."
        )


def _read_name(text: str) -> str:
    return _limited(text, NAME_LENGTH_MAX)


def _read_text(text: str) -> str:
    return _limited(text, TEXT_LENGTH_MAX)


def _limited(text: str, length_max: int) -> str:
    if len(text) > length_max:
        raise Unreadable(
            "text.too_long", f"Has {len(text)} characters.", f"Write at most {length_max}."
        )
    if any(unicodedata.category(c) in {"Cc", "Cf", "Zl", "Zp"} or c in _NO_XML for c in text):
        raise Unreadable(
            "text.invisible",
            f"{text!r} has a line break or an invisible character.",
            "Type it again on one line.",
        )
    return text


def _read_id(text: str) -> str:
    demand_half_width(text)
    if not _ID.fullmatch(text):
        raise Unreadable(
            "id.form",
            f'"{text}" is not an id.',
            f"Write 1 to {ID_LENGTH_MAX} of A-Z a-z 0-9 . _ - and begin with a letter or digit.",
        )
    return text


def _read_uscc(text: str) -> Uscc:
    demand_half_width(text)
    try:
        return Uscc(text)
    except WrongUscc as refusal:
        raise Unreadable("uscc.wrong", str(refusal), _uscc_advice(text)) from refusal


def _uscc_advice(text: str) -> str:
    fixed = text.upper()
    for letter, meant in _LOOK_ALIKE.items():
        fixed = fixed.replace(letter, meant)
    if fixed != text and _is_uscc(fixed):
        return f"The letters I O S V Z and small letters never occur; is {fixed} meant?"
    try:
        expected = uscc_check_character(text[:17]) if len(text) == len("91350100M000100Y43") else ""
    except WrongUscc:
        return "The code has no letters I O S V Z. Copy it from the business licence."
    if expected:
        return (
            f"Copy the code from the business licence; the other 17 characters give "
            f"{text[:17]}{expected}."
        )
    return "Copy all 18 characters from the business licence."


def _is_uscc(text: str) -> bool:
    try:
        Uscc(text)
    except WrongUscc:
        return False
    return True


def _read_owners(text: str) -> frozenset[str]:
    owners = [owner.strip() for owner in text.split(";")]
    for owner in owners:
        if not (_PERSON.fullmatch(owner) or _is_uscc(owner)):
            raise Unreadable(
                "owners.form",
                f'"{owner}" is neither a unified social credit code nor person: and an id.',
                "Write codes and person: ids, with a semicolon (;) between two.",
            )
    return frozenset(owners)


def _read_whole(text: str) -> int:
    demand_half_width(text)
    if not _WHOLE.fullmatch(text):
        raise Unreadable(
            "number.form",
            f'"{text}" is not a whole number from 1 to 999999999.',
            "Write digits only.",
        )
    return int(text)


def _read_count(text: str) -> int:
    demand_half_width(text)
    if not _WHOLE_OR_NONE.fullmatch(text):
        raise Unreadable(
            "number.form",
            f'"{text}" is not a whole number from 0 to 999999999.',
            "Write digits only.",
        )
    return int(text)


def read_slug(text: str) -> str:
    """Read a lower-case word, as schemes use for traits, sectors and documents.

    raises   Unreadable
    """
    if not _SLUG.fullmatch(text):
        raise Unreadable(
            "word.form",
            f'"{text}" is not a word of a scheme.',
            "Write lower-case words as the scheme does, start_up, with a semicolon between two.",
        )
    return text


def _read_slugs(text: str) -> frozenset[str]:
    return frozenset(read_slug(word.strip()) for word in text.split(";"))


def _read_ids(text: str) -> tuple[str, ...]:
    return tuple(_read_id(word.strip()) for word in text.split(";"))


def _read_texts(text: str) -> tuple[str, ...]:
    return tuple(_read_text(word.strip()) for word in text.split(";"))


def _read_scale(text: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for entry in text.split(";"):
        name, sign, count = entry.partition("=")
        if not sign:
            message, todo = f'"{entry}" has no figure.', "Write word=number, as in pflops=100."
            raise Unreadable("scale.form", message, todo)
        measure = read_slug(name.strip())
        found[measure] = _read_count(count.strip())
    return found


def _read_yes(text: str) -> bool:
    if text not in {"yes", "no"}:
        raise Unreadable("choice.unknown", f'"{text}" is not a choice.', "Write yes or no.")
    return text == "yes"


def choice(enum: type[E]) -> Kind:
    """One of an enum's words."""
    words = [member.value for member in enum]

    def read(text: str) -> E:
        if text in words:
            return enum(text)
        todo = f"Write one of {', '.join(words)}."
        raise Unreadable("choice.unknown", f'"{text}" is not a choice.', todo)

    listed = " ".join(words)
    return Kind(f"one of {listed}", f"{listed} 之一", read)


def digits(count: int, *, code: str, what: str) -> Kind:
    """Exactly so many digits, kept as text."""

    def read(text: str) -> str:
        demand_half_width(text)
        if re.fullmatch(rf"[0-9]{{{count}}}", text) is None:
            raise Unreadable(code, f'"{text}" is not {what}.', _digits_advice(text, count))
        return text

    return Kind(f"{count} digits", f"{count} 位数字", read)


def _read_account(text: str) -> str:
    demand_half_width(text)
    # 34 is the payment file's limit; Chinese accounts have 9 to 32 digits.
    if re.fullmatch(r"[0-9][0-9-]{7,33}", text) is None:
        raise Unreadable(
            "account.form", f'"{text}" is not an account number.', _digits_advice(text, None)
        )
    return text


def _digits_advice(text: str, count: int | None) -> str:
    wanted = "8 to 34 digits" if count is None else f"{count} digits"
    if re.fullmatch(r"[0-9.]+[Ee]\+?[0-9]+", text):
        return f"A spreadsheet cut it short: format the column as text and enter all {wanted}."
    return f"Write {wanted}, without spaces."


NAME = Kind("name", "名称", _read_name)
TEXT = Kind("text", "文本", _read_text)
ID = Kind("id", "编号", _read_id)
USCC = Kind("USCC", "统一社会信用代码", _read_uscc)
OWNERS = Kind("owners", "所有人", _read_owners)
WHOLE = Kind("whole number, 1 or more", "正整数", _read_whole)
COUNT = Kind("whole number, 0 or more", "非负整数", _read_count)
SLUGS = Kind("words, `;` between two", "若干英文代号，以 `;` 分隔", _read_slugs)
IDS = Kind("ids, `;` between two", "若干编号，以 `;` 分隔", _read_ids)
CLASSES = Kind("classes of card, `;` between two", "若干卡型，以 `;` 分隔", _read_texts)
SLUG = Kind("word", "英文代号", read_slug)
SCALE = Kind("word=number, `;` between two", "代号=数值，以 `;` 分隔", _read_scale)
YES_NO = Kind("yes or no", "yes 或 no", _read_yes)
PLACE = digits(6, code="place.form", what="a division code (行政区划代码)")
INVOICE_NUMBER = digits(20, code="invoice.number_form", what="the number of a digital invoice")
BANK_CODE = digits(12, code="bank_code.form", what="a CNAPS number (联行号)")
ACCOUNT = Kind("account number, 8 to 34 digits", "银行账号", _read_account)
