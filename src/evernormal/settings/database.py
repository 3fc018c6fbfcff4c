"""Which database: PostgreSQL by one environment variable, else SQLite in a file."""

from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

_SQLITE_START = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
    "PRAGMA recursive_triggers=ON; PRAGMA cache_size=-65536"
)


class UnknownDatabase(ImproperlyConfigured):
    """EVERNORMAL_DATABASE_URL names a database that the project does not run on."""


def database_settings(url: str, *, embedded_folder: Path) -> dict[str, Any]:
    """Django's settings for one database.

    url              "" for SQLite, else sqlite:///file or postgresql://user:password@host/name,
                     special characters in per cent form
    embedded_folder  where the SQLite file lies when no url is given
    raises           UnknownDatabase
    """
    if "#" in url:
        # Whatever comes after it would be dropped in silence, also half a password.
        raise UnknownDatabase("EVERNORMAL_DATABASE_URL has a '#'. Write it as %23.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        # What is wrong with it is not repeated: it may be a piece of the password.
        raise UnknownDatabase(
            "EVERNORMAL_DATABASE_URL is no address: its host or port cannot be read. Write the "
            "port as a number up to 65535, and special characters in a password in per cent form."
        ) from error
    match parts.scheme:
        case "":
            return _sqlite(embedded_folder / "books.sqlite3")
        case "sqlite":
            return _sqlite(_file(parts))
        case "postgresql" | "postgres":
            options = {key: values[-1] for key, values in parse_qs(parts.query).items()}
            return {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": unquote(parts.path.lstrip("/")),
                "USER": unquote(parts.username or options.pop("user", "")),
                "PASSWORD": unquote(parts.password or options.pop("password", "")),
                "HOST": parts.hostname or options.pop("host", ""),
                "PORT": str(port or options.pop("port", "")),
                "OPTIONS": options,
            }
        case _:
            pass
    raise UnknownDatabase(
        f"EVERNORMAL_DATABASE_URL starts with {parts.scheme!r}. "
        "Write postgresql://user@host/name or sqlite:///file, or leave it empty."
    )


def lake_folder(named: str, *, database: dict[str, Any]) -> Path:
    """The folder of the usage lake: the one that is named, else beside the SQLite file, else var.

    named     "" where the setting is empty
    database  Django's settings of the database
    """
    if named:
        return Path(named)
    is_embedded = database["ENGINE"].endswith("sqlite3")
    return (Path(database["NAME"]).parent if is_embedded else Path("var")) / "lake"


def _file(parts: SplitResult) -> Path:
    """The SQLite file that an address names, its special characters taken back."""
    path = unquote(parts.path.removeprefix("/"))
    if parts.netloc or parts.query or not path:
        raise UnknownDatabase(
            "EVERNORMAL_DATABASE_URL names no SQLite file. Write sqlite:///file, four slashes for "
            "an absolute path, and '?' as %3F."
        )
    return Path(path)


def _sqlite(path: Path) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        # Writers queue at their first statement instead of failing at their last.
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            "init_command": _SQLITE_START,
        },
        "TEST": {"NAME": None},
    }
