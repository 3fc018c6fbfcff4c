"""The usage files that programme.toml names, each in its own format, as meter readings."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final
from zoneinfo import ZoneInfo

from evernormal.domain.metering import UsageKey, UsageRecord
from evernormal.formats.intake.programme_file import ProgrammeFile, UsageEntry
from evernormal.formats.intake.usage_formats import Decoder, is_ready, setting_problems
from evernormal.formats.meters import CardUse, Reading
from evernormal.formats.problems import Problem

RECEIVED_FORMAT: Final = "evernormal-usage"
"""How a batch is written that an agent sent: no [[usage]] names one (formats/usage_batch.py)."""


@dataclass(frozen=True, slots=True)
class Meter:
    """One usage file as it was read: readings whose card type is still the data centre's name.

    signed_by  fingerprint of the key of a batch that an agent sent
    uses       how busy the cards were, where the meter tells it
    """

    entry: UsageEntry
    path: str
    sha256: str
    readings: tuple[Reading, ...]
    without_cards: int
    signed_by: str = ""
    uses: tuple[CardUse, ...] = ()

    def record_of(self, reading: Reading) -> UsageRecord:
        """The reading as a usage record, under the programme's class of card where one is named."""
        device_class = self.entry.device_classes.get(reading.card_type, reading.card_type)
        key = UsageKey(
            provider_id=self.entry.provider_id or "",
            cluster=reading.cluster,
            job=reading.job,
            device_class=device_class,
            starts_at=reading.starts_at,
        )
        return UsageRecord(
            key=key,
            account=reading.account,
            cards=reading.cards,
            ends_at=reading.ends_at,
            is_final=reading.is_final,
            state=reading.state,
            revision=reading.revision,
        )


def read_usage(
    files: Mapping[str, bytes], programme: ProgrammeFile, encoding: str, problems: list[Problem]
) -> tuple[Meter, ...]:
    """Read every file that a [[usage]] names.

    encoding  of CSV files; every other format is UTF-8
    """
    decoder = Decoder(ZoneInfo(programme.find("timezone") or "UTC"), encoding)
    meters = []
    seen: set[str] = set()
    for entry in programme.usage():
        path = entry.file
        if path is None or entry.format is None:
            continue
        if path not in files or path in seen:
            problems.append(_not_there(programme, entry, files, is_repeated=path in seen))
            continue
        seen.add(path)
        wrong = list(setting_problems(programme, entry))
        problems += wrong
        if wrong or not is_ready(entry):
            continue
        read, uses, found = decoder.decode(files[path], entry)
        problems += found
        if not read.readings and not found:
            problems.append(_without_use(path, read.without_cards))
        sha256 = hashlib.sha256(files[path]).hexdigest()
        meters.append(Meter(entry, path, sha256, read.readings, read.without_cards, uses=uses))
    return tuple(meters)


def _without_use(path: str, without_cards: int) -> Problem:
    """Say that a file counts nothing: a meter set up wrong looks the same as an idle cluster."""
    message = (
        f"Tells of no use of cards at all: {without_cards} rows without cards were passed over."
    )
    todo = "Ask the provider whether its meter counts cards; if none was used, take the file out."
    return Problem(path, None, None, "usage.no_use", message, todo)


def slip(file: str, files: Mapping[str, bytes]) -> str:
    """The sentence that asks whether a file of nearly the same name is meant; "" without one."""
    near = get_close_matches(file, sorted(files), n=1, cutoff=0.8)
    return f" Is {near[0]} meant?" if near and near[0] != file else ""


def _not_there(
    programme: ProgrammeFile, entry: UsageEntry, files: Mapping[str, bytes], *, is_repeated: bool
) -> Problem:
    code, message, todo = (
        ("usage.file_repeated", f"{entry.file} is named before.", "Name each file once.")
        if is_repeated
        else (
            "file.missing",
            f"There is no {entry.file}.",
            f"Add the file.{slip(str(entry.file), files)}",
        )
    )
    return programme.problem("usage", entry.index, "file", code=code, message=message, todo=todo)
