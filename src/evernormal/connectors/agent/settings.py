"""agent.toml: where the agent reads, where it sends, and how often; all that is wrong, at once."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from evernormal.connectors.agent.agent import Reach
from evernormal.connectors.agent.loop import Pace
from evernormal.connectors.agent.sender import Platform
from evernormal.formats.intake import toml_file
from evernormal.formats.problems import InputProblems, Problem
from evernormal.formats.usage_batch import READINGS_MAX

SOURCES: Final = ("prometheus", "kubernetes", "slurm")
OVERLAP_SECONDS: Final = 6 * 3_600
"""So late may a record reach the meter's own database, as when slurmdbd was down for a while."""

_DAY = 86_400
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,21}")

_TEXT: Final = {"type": "string", "minLength": 1}
_NAMES: Final = {"type": "array", "minItems": 1, "items": _TEXT}


def _count(said: str, *, least: int, most: int) -> dict[str, Any]:
    return {"type": "integer", "minimum": least, "maximum": most, "description": said}


def _text(said: str) -> dict[str, Any]:
    return {**_TEXT, "description": said}


_PLATFORM: Final[Mapping[str, Any]] = {
    "type": "object",
    "description": "the table [platform], with the url",
    "additionalProperties": False,
    "required": ["url"],
    "properties": {
        "url": _text("the platform's address, https://..."),
        "ca_file": _text("a PEM file of the authority of its certificate"),
        "timeout_seconds": _count("how long one step of a request may take", least=1, most=600),
    },
}
_PROPERTIES: Final[Mapping[str, Any]] = {
    "provider": _text("the provider's id in the programme"),
    "programme": _text("the programme's id"),
    "key": _text("the file with the provider's key"),
    "spool": _text("the folder in which batches wait"),
    "first_from": _text("the instant from which the meter is read at first"),
    "interval_seconds": _count("seconds between two pulls", least=1, most=_DAY),
    "overlap_seconds": _count("how late a record may appear", least=0, most=31 * _DAY),
    "window_seconds": _count("how much time one pull reads", least=60, most=31 * _DAY),
    "retry_seconds_max": _count("the longest wait after failures", least=1, most=_DAY),
    "spool_bytes_max": _count("how many bytes may wait", least=1_000_000, most=10**12),
    "batch_readings_max": _count("readings in one batch", least=1, most=READINGS_MAX),
    "metrics_file": _text("where the metrics are written"),
    "accounts": {**_NAMES, "description": "the only accounts that are sent"},
    "card_types": {**_NAMES, "description": "the only types of card that are sent"},
    "platform": _PLATFORM,
}
_NEEDED: Final = ("provider", "programme", "key", "spool", "first_from", "platform")


@dataclass(frozen=True, slots=True)
class AgentSettings:
    """A read agent.toml. `sections` holds the tables of the sources, checked by their schemas."""

    platform: Platform
    reach: Reach
    pace: Pace
    key: Path
    spool: Path
    sections: Mapping[str, Mapping[str, Any]]


class SettingsFile:
    """An agent.toml: its document, and problems with the line where a key stands."""

    def __init__(self, text: str, *, file: str, folder: Path) -> None:
        """Hold the text.

        file     its name, for problems
        folder   where relative paths in it begin
        """
        self._text, self._file, self.folder = text, file, folder
        self.problems: list[Problem] = []
        self.document = toml_file.parse(text, file=file, problems=self.problems) or {}

    def refuse(self, *key: str, message: str, todo: str) -> None:
        """Note a problem of a key."""
        line = toml_file.line_of(key, self._text)
        place = toml_file.dotted(key)
        self.problems.append(Problem(self._file, line, place, "settings.value", message, todo))

    def check(self, schema: Mapping[str, Any]) -> None:
        """Note what a JSON Schema has against the document."""
        found = toml_file.schema_problems(self.document, schema, file=self._file, text=self._text)
        self.problems += found

    def path(self, *key: str) -> Path | None:
        """The path under a key; None where there is none."""
        value = self.value(*key)
        return self.folder / value if isinstance(value, str) and value else None

    def value(self, *key: str) -> Any:
        """What stands under a key; None where nothing does."""
        value: Any = self.document
        for name in key:
            value = value.get(name) if isinstance(value, dict) else None
        return value


def read_settings(
    path: Path, *, source: str, sections: Mapping[str, Mapping[str, Any]]
) -> AgentSettings:
    """Read agent.toml for one source.

    source    whose table must be there
    sections  the JSON Schema of each table that is to be checked, by name; the tables of other
              sources may stand in the file and are passed over
    raises    InputProblems, with everything that is wrong
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        todo = "Name a file that can be read."
        problem = Problem(str(path), None, None, "settings.unreadable", f"{reason}.", todo)
        raise InputProblems([problem]) from error
    file = SettingsFile(text, file=str(path), folder=path.parent)
    if not file.problems:
        file.check(_schema(source, sections))
        _check_values(file)
    if file.problems:
        raise InputProblems(file.problems)
    return _settings(file)


def _schema(source: str, sections: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any]:
    others = {name: {"type": "object"} for name in (*SOURCES, "enforcement")}
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [*_NEEDED, source],
        "properties": {**_PROPERTIES, **others, **sections},
    }


def _check_values(file: SettingsFile) -> None:
    """Look at what a schema cannot say."""
    for name in ("provider", "programme"):
        value = file.value(name)
        if isinstance(value, str) and value and not _ID.fullmatch(value):
            todo = "Write 1 to 22 of A-Z a-z 0-9 . _ - and begin with a letter or digit."
            file.refuse(name, message=f'"{value}" is not an id.', todo=todo)
    moment = file.value("first_from")
    if isinstance(moment, str) and moment and _moment(moment) is None:
        todo = "Write it with its offset, without quotes: 2026-01-01T00:00:00+08:00."
        file.refuse("first_from", message=f'"{moment}" is no instant.', todo=todo)
    url = file.value("platform", "url")
    if isinstance(url, str) and url:
        for message, todo in url_faults(url):
            file.refuse("platform", "url", message=message, todo=todo)
    for key in (("key",), ("platform", "ca_file")):
        path = file.path(*key)
        if path is not None and not path.is_file():
            todo = (
                f"Make it: evernormal agent keygen {path}."
                if key == ("key",)
                else "Name the file, or leave it out to trust what the system trusts."
            )
            file.refuse(*key, message=f"There is no file {path}.", todo=todo)


def url_faults(url: str) -> Iterator[tuple[str, str]]:
    """What is wrong with an address: message and advice. Plain http is for this machine alone."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port
    except ValueError:
        parts, host = urlsplit(""), None
    if parts.scheme not in {"https", "http"} or not host or parts.query or parts.fragment:
        yield f'"{url}" is no address.', "Write https://, the host, and a path if it has one."
    elif parts.scheme == "http" and host not in _LOOPBACK:
        yield "Anyone on the way could read or change what is sent.", "Write https://."
    elif parts.username or parts.password:
        yield "Holds a password.", "The agent's key is its password: take it out."


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _settings(file: SettingsFile) -> AgentSettings:
    document = file.document
    platform = document["platform"]
    return AgentSettings(
        platform=Platform(
            url=platform["url"],
            programme_id=document["programme"],
            timeout_seconds=platform.get("timeout_seconds", 30),
            ca_file=file.path("platform", "ca_file"),
        ),
        reach=Reach(
            provider_id=document["provider"],
            first_from=datetime.fromisoformat(document["first_from"]),
            overlap=timedelta(seconds=document.get("overlap_seconds", OVERLAP_SECONDS)),
            window=timedelta(seconds=document.get("window_seconds", _DAY)),
            spool_bytes_max=document.get("spool_bytes_max", 1_000_000_000),
            batch_readings_max=document.get("batch_readings_max", 10_000),
            accounts=_names(document.get("accounts")),
            card_types=_names(document.get("card_types")),
        ),
        pace=Pace(
            interval_seconds=document.get("interval_seconds", 300),
            retry_seconds_max=document.get("retry_seconds_max", 900),
            metrics_file=file.path("metrics_file"),
        ),
        key=file.folder / document["key"],
        spool=file.folder / document["spool"],
        sections={name: value for name, value in document.items() if isinstance(value, dict)},
    )


def _names(listed: list[str] | None) -> frozenset[str] | None:
    return None if listed is None else frozenset(listed)
