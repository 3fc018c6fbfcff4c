"""Keys of programme.toml: whose [[agent]] may send usage, and whose [[buyer]] may order."""

from collections.abc import Iterator, Mapping
from typing import Final

from evernormal.formats.checkpoint import fingerprint
from evernormal.formats.intake.programme_file import ProgrammeFile
from evernormal.formats.intake.row import Sheet
from evernormal.formats.intake.year_input import Agent, Buyer
from evernormal.formats.problems import Problem

_PARTIES: Final = (("agent", "provider", "providers.csv"), ("buyer", "applicant", "applicants.csv"))


def read_agents(programme: ProgrammeFile) -> tuple[Agent, ...]:
    """Every [[agent]] whose provider and key could be read."""
    return tuple(
        Agent(
            provider_id=party_id,
            public_key=public_key,
            key=fingerprint(public_key),
            device_classes=programme.texts("agent", index, "device_classes"),
            starts_on=programme.find("agent", index, "starts_on"),
            ends_on=programme.find("agent", index, "ends_on"),
        )
        for index, party_id, public_key in _numbered(programme, "agent", "provider")
    )


def read_buyers(programme: ProgrammeFile) -> tuple[Buyer, ...]:
    """Every [[buyer]] whose applicant and key could be read."""
    return tuple(
        Buyer(
            applicant_id=party_id,
            public_key=public_key,
            key=fingerprint(public_key),
            starts_on=programme.find("buyer", index, "starts_on"),
            ends_on=programme.find("buyer", index, "ends_on"),
        )
        for index, party_id, public_key in _numbered(programme, "buyer", "applicant")
    )


def key_problems(programme: ProgrammeFile, sheets: Mapping[str, Sheet]) -> Iterator[Problem]:
    """Give what is wrong between keys, and between them and the lists of who may have one.

    sheets   by file name
    """
    owners: dict[str, str] = {}
    for table, column, file in _PARTIES:
        known = {row.texts.get(f"{column}_id") for row in sheets[file].rows}
        for index, party_id, public_key in _numbered(programme, table, column):
            if sheets[file].is_whole and party_id not in known:
                yield programme.problem(
                    table,
                    index,
                    column,
                    code="reference.unknown",
                    message=f'"{party_id}" is not in {file}.',
                    todo=f"Correct it, or add the row to {file}.",
                )
            place = f"{table}[{index + 1}]"
            first = owners.setdefault(fingerprint(public_key), place)
            if first != place:
                # Whoever has it could send in the name of both, or in two periods by one key.
                yield programme.problem(
                    table,
                    index,
                    "public_key",
                    code=f"{table}.key_repeated",
                    message=f"{first} has the same key.",
                    todo=f"Let each {table} make a key of its own.",
                )
            yield from _days(programme, table, index)


def _days(programme: ProgrammeFile, table: str, index: int) -> Iterator[Problem]:
    starts_on = programme.find(table, index, "starts_on")
    ends_on = programme.find(table, index, "ends_on")
    if starts_on and ends_on and ends_on < starts_on:
        yield programme.problem(
            table,
            index,
            "ends_on",
            code=f"{table}.ends_before_start",
            message=f"{ends_on} is before starts_on, {starts_on}.",
            todo="Correct one of the two.",
        )


def _numbered(
    programme: ProgrammeFile, table: str, column: str
) -> Iterator[tuple[int, str, bytes]]:
    for index in range(programme.count(table)):
        party_id = programme.find(table, index, column)
        public_key = programme.find(table, index, "public_key")
        if party_id is not None and public_key is not None:
            yield index, party_id, public_key
