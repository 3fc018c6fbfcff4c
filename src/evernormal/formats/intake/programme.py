"""programme.toml: what the office decided for the year, and which usage files there are."""

import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from evernormal.domain.policy import Unit
from evernormal.domain.settlement import MeterControl
from evernormal.formats.intake import toml_file
from evernormal.formats.intake.kinds import ACCOUNT, BANK_CODE, ID, NAME, TEXT, USCC, Kind
from evernormal.formats.intake.kinds_key import PUBLIC_KEY
from evernormal.formats.intake.kinds_money import POSITIVE_MONEY
from evernormal.formats.intake.kinds_time import DAY, MOMENT
from evernormal.formats.intake.programme_file import PROGRAMME_FILE, ProgrammeFile
from evernormal.formats.intake.programme_market import (
    calendar_terms_of,
    clearing_rounds_of,
    market_problems,
)
from evernormal.formats.intake.programme_schema import PROGRAMME_SCHEMA
from evernormal.formats.intake.year_input import Office, PaymentDay, Programme
from evernormal.formats.pain001 import BankAccount
from evernormal.formats.problems import Problem, Unreadable

_KINDS: Final[Mapping[tuple[str, ...], Kind]] = {
    ("id",): ID,
    ("scheme",): TEXT,
    ("lottery_seed",): TEXT,
    ("pot",): POSITIVE_MONEY,
    ("opens_on",): DAY,
    ("closes_on",): DAY,
    ("office", "name"): NAME,
    ("office", "uscc"): USCC,
    ("office", "bank_name"): NAME,
    ("office", "bank_code"): BANK_CODE,
    ("office", "bank_account"): ACCOUNT,
    ("office", "prepares"): TEXT,
    ("office", "approves"): TEXT,
    ("payment_day", "approved_on"): DAY,
    ("payment_day", "execute_on"): DAY,
    ("usage", "file"): TEXT,
    ("usage", "provider"): ID,
    ("usage", "received_at"): MOMENT,
    ("usage", "cluster"): TEXT,
    ("usage", "account_label"): TEXT,
    ("usage", "card_type"): TEXT,
    ("usage", "window_starts_at"): MOMENT,
    ("usage", "window_ends_at"): MOMENT,
    ("calendar_terms", "starts_on"): DAY,
    ("calendar_terms", "source"): TEXT,
    ("clearing_round", "folder"): TEXT,
    ("clearing_round", "held_on"): DAY,
    ("clearing_round", "starts_on"): DAY,
    ("agent", "provider"): ID,
    ("agent", "public_key"): PUBLIC_KEY,
    ("agent", "starts_on"): DAY,
    ("agent", "ends_on"): DAY,
    ("buyer", "applicant"): ID,
    ("buyer", "public_key"): PUBLIC_KEY,
    ("buyer", "starts_on"): DAY,
    ("buyer", "ends_on"): DAY,
}


def read_programme(text: str, *, problems: list[Problem]) -> ProgrammeFile | None:
    """Read programme.toml and check it in itself.

    text      the file's text
    returns   what could be read; None when it is not TOML
    """
    document = toml_file.parse(text, file=PROGRAMME_FILE, problems=problems)
    if document is None:
        return None
    refused = list(
        toml_file.schema_problems(document, PROGRAMME_SCHEMA, file=PROGRAMME_FILE, text=text)
    )
    problems += refused
    wrong = {problem.column for problem in refused}
    programme = ProgrammeFile(text, document)
    for key, value in programme.leaves():
        if toml_file.dotted(key) in wrong:
            continue
        try:
            programme.values[key] = _read(key, value)
        except Unreadable as refusal:
            problems.append(
                programme.problem(
                    *key, code=refusal.code, message=refusal.message, todo=refusal.todo
                )
            )
    problems += _contradictions(programme)
    return programme


def _read(key: tuple[str | int, ...], value: object) -> object:
    kind = _KINDS.get(tuple(part for part in key if isinstance(part, str)))
    if isinstance(value, str) and not value.strip():
        raise Unreadable("cell.blank", "Is blank.", "Write a text.")
    if key == ("timezone",):
        return _read_zone(str(value))
    return value if kind is None else kind.read(str(value))


def _read_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Unreadable(
            "zone.unknown", f'"{name}" is not a time zone.', "Write an IANA name: Asia/Shanghai."
        ) from error
    return name


def _contradictions(programme: ProgrammeFile) -> Iterator[Problem]:
    opens_on, closes_on = programme.find("opens_on"), programme.find("closes_on")
    if opens_on and closes_on and closes_on < opens_on:
        yield programme.problem(
            "closes_on",
            code="programme.ends_before_start",
            message=f"{closes_on} is before opens_on, {opens_on}.",
            todo="Correct one of the two.",
        )
    year = programme.find("year")
    is_ordered = opens_on and closes_on and opens_on <= closes_on
    if is_ordered and year and not opens_on.year <= year <= closes_on.year:
        yield programme.problem(
            "year",
            code="programme.year",
            message=f"{year} is not between opens_on and closes_on.",
            todo="Correct the year or the days.",
        )
    prepares, approves = programme.find("office", "prepares"), programme.find("office", "approves")
    if prepares and approves and _same_name(prepares, approves):
        yield programme.problem(
            "office",
            "approves",
            code="office.same_officer",
            message=f'"{approves}" also prepares, as "{prepares}": four eyes are needed.',
            todo="Name another officer; blanks, width and case do not make one.",
        )
    yield from _payment_days(programme)
    yield from market_problems(programme)
    if is_ordered:
        yield from _days_outside(programme, opens_on, closes_on)


def _same_name(one: str, other: str) -> bool:
    """Whether two names differ in nothing but blanks, width of characters and case."""
    plain, other_plain = (
        "".join(
            unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold()).split()
        )
        for name in (one, other)
    )
    return plain == other_plain


def _days_outside(programme: ProgrammeFile, opens_on: date, closes_on: date) -> Iterator[Problem]:
    """Refuse days of payment and receipt on which the year is not run: they would do nothing."""
    days = f"the programme, {opens_on} to {closes_on}"
    for index in range(programme.count("payment_day")):
        approved_on = programme.find("payment_day", index, "approved_on")
        if approved_on and not opens_on <= approved_on <= closes_on:
            yield programme.problem(
                "payment_day",
                index,
                "approved_on",
                code="day.outside_programme",
                message=f"{approved_on} is outside {days}: nothing would be paid.",
                todo="Approve within it, or correct the programme's days.",
            )
    zone = programme.find("timezone")
    for entry in programme.usage() if zone else ():
        if entry.received_at is None:
            continue
        received_on = entry.received_at.astimezone(ZoneInfo(zone)).date()
        if opens_on <= received_on <= closes_on:
            continue
        yield programme.problem(
            "usage",
            entry.index,
            "received_at",
            code="usage.received_outside",
            message=f"{received_on} in {zone} is outside {days}: the file would not be counted.",
            todo=(
                f"A file that came before the opening is received on the opening day, {opens_on}."
                if received_on < opens_on
                else "A file that came after the closing belongs to the next year's books: "
                "take it out, or correct closes_on."
            ),
        )


def _payment_days(programme: ProgrammeFile) -> Iterator[Problem]:
    before: date | None = None
    for index in range(programme.count("payment_day")):
        approved_on = programme.find("payment_day", index, "approved_on")
        execute_on = programme.find("payment_day", index, "execute_on")
        is_late = before is None or approved_on is None or approved_on > before
        if not is_late:
            yield programme.problem(
                "payment_day",
                index,
                "approved_on",
                code="payment_day.order",
                message=f"{approved_on} does not come after {before}.",
                todo="Write each payment day once, in order of time.",
            )
        if approved_on and execute_on and execute_on < approved_on:
            yield programme.problem(
                "payment_day",
                index,
                "execute_on",
                code="payment_day.executes_before_approval",
                message=f"{execute_on} is before the approval of {approved_on}.",
                todo="Correct one of the two.",
            )
        before = approved_on or before


def programme_of(file: ProgrammeFile) -> Programme:
    """The programme of a file without problems."""
    office: dict[str, Any] = {str(k[1]): v for k, v in file.values.items() if k[0] == "office"}
    account = BankAccount(
        office["bank_account"], office["name"], office["bank_name"], office["bank_code"]
    )
    return Programme(
        id=file.find("id"),
        scheme_id=file.find("scheme"),
        year=file.find("year"),
        pot=file.find("pot"),
        unit=Unit(file.find("unit")),
        zone=file.find("timezone"),
        opens_on=file.find("opens_on"),
        closes_on=file.find("closes_on"),
        office=Office(
            office["name"], office["uscc"], account, office["prepares"], office["approves"]
        ),
        meter=MeterControl(file.find("controls", "meter")),
        payment_days=tuple(
            PaymentDay(
                file.find("payment_day", index, "approved_on"),
                file.find("payment_day", index, "execute_on"),
            )
            for index in range(file.count("payment_day"))
        ),
        lottery_seed=file.find("lottery_seed") or "",
        calendar_terms=calendar_terms_of(file),
        clearing_rounds=clearing_rounds_of(file),
    )
