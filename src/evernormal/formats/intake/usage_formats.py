"""Which decoder reads a usage file, and what [[usage]] says that the file does not."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo

from evernormal.formats.intake.programme_file import ProgrammeFile, UsageEntry
from evernormal.formats.intake.programme_schema import USAGE_SETTINGS
from evernormal.formats.intake.text_file import decode
from evernormal.formats.intake.usage_csv import read_usage_csv
from evernormal.formats.meters import (
    CARD_KINDS,
    CardReadings,
    CardRun,
    CardUse,
    FocusTable,
    MeterReadings,
    PodMeter,
    Pull,
    Sacct,
    SwfLog,
    read_focus_usage,
    read_matrix,
    read_pods_json,
    read_sacct_json,
    read_sacct_parsable2,
    read_swf,
)
from evernormal.formats.problems import Problem

_CSV = frozenset({"csv", "focus-csv"})


def setting_problems(programme: ProgrammeFile, entry: UsageEntry) -> Iterator[Problem]:
    """Give the keys that a format needs and [[usage]] has not, and those that it does not know."""
    needed, allowed = _known(entry)
    # One that is there and could not be read is a problem already.
    there = {str(key[2]) for key, _ in programme.leaves() if key[:2] == ("usage", entry.index)}
    for name in sorted(needed - there):
        yield programme.problem(
            "usage",
            entry.index,
            "format",
            code="usage.setting_missing",
            message=f"A file of format {entry.format} does not tell its {name}.",
            todo=f"Add {name} to this [[usage]].",
        )
    for name in sorted(entry.settings.keys() - needed - allowed):
        yield programme.problem(
            "usage",
            entry.index,
            name,
            code="usage.setting_unused",
            message=f"Nothing reads {name} of a file of format {entry.format}.",
            todo="Take it out, or correct the format.",
        )


def is_ready(entry: UsageEntry) -> bool:
    """Whether every setting that the format needs could be read."""
    needed, _ = _known(entry)
    return entry.settings.keys() >= needed


def _known(entry: UsageEntry) -> tuple[frozenset[str], frozenset[str]]:
    """The settings that the entry's format needs, and those that it allows."""
    return USAGE_SETTINGS.get(entry.format or "", (frozenset(), frozenset()))


@dataclass(frozen=True, slots=True)
class Decoder:
    """Reads usage files one after another.

    zone      where sacct's times without offset are local
    encoding  of CSV files
    open      runs of cards that were open at the end of a query's range, by provider, cluster and
              that end: a file that begins there takes them up
    """

    zone: tzinfo
    encoding: str
    open: dict[tuple[str, str, datetime], tuple[CardRun, ...]] = field(default_factory=dict)

    def decode(
        self, data: bytes, entry: UsageEntry
    ) -> tuple[MeterReadings, tuple[CardUse, ...], list[Problem]]:
        """Read a file whose settings are whole.

        returns  its readings, how busy its cards were, and all its problems
        """
        problems: list[Problem] = []
        encoding = self.encoding if entry.format in _CSV else "utf-8"
        text, _ = decode(data, file=entry.file or "", encoding=encoding, problems=problems)
        uses: tuple[CardUse, ...] = ()
        if entry.format == "prometheus-json":
            found = self._matrix(text, entry)
            read, uses = found.read, found.uses
        else:
            read = self._read(text, entry)
        return read, uses, [*problems, *read.problems]

    def _read(self, text: str, entry: UsageEntry) -> MeterReadings:
        file, given = entry.file or "", entry.settings
        named = frozenset(entry.device_classes)
        match entry.format:
            case "slurm-json":
                return read_sacct_json(text, Sacct(file, self.zone, CARD_KINDS | named))
            case "slurm-parsable2":
                return read_sacct_parsable2(text, Sacct(file, self.zone, CARD_KINDS | named))
            case "swf":
                cards = given.get("processors_per_card", 1)
                return read_swf(text, SwfLog(file, given["cluster"], given["card_type"], cards))
            case "focus-csv":
                return read_focus_usage(text, FocusTable(file, given["cluster"], named))
            case "kubernetes-json":
                # A moment of receipt that could not be read is a problem already.
                read_at = entry.received_at or datetime.max.replace(tzinfo=UTC)
                label = given.get("account_label", "")
                return read_pods_json(
                    text, PodMeter(given["cluster"], read_at, label, named, file=file)
                )
            case _:
                return read_usage_csv(text, file=file)

    def _matrix(self, text: str, entry: UsageEntry) -> CardReadings:
        given = entry.settings
        pull = Pull(
            file=entry.file or "",
            cluster=given["cluster"],
            starts_at=given["window_starts_at"],
            ends_at=given["window_ends_at"],
            step_seconds=given["step_seconds"],
            account_label=given.get("account_label", ""),
        )
        place = (entry.provider_id or "", pull.cluster)
        found = read_matrix(text, pull, self.open.get((*place, pull.starts_at), ()))
        self.open[*place, pull.ends_at] = found.open
        return found
