"""Starting the database that a command works on."""

import os
from pathlib import Path
from urllib.parse import quote

import django
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command

from evernormal.cli.screen import fail

_MIGRATING = 0x45564E
"""The number of the lock under which tables are made."""


def start_database(url: str | None = None) -> None:
    """Connect, and bring the tables up to date.

    url      where to; None: what EVERNORMAL_DATABASE_URL says, else SQLite
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "evernormal.settings")
    if url is not None:
        os.environ["EVERNORMAL_DATABASE_URL"] = url
    from django.db import DatabaseError, connection  # noqa: PLC0415 - needs the settings

    try:
        django.setup()
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                # Two programmes that start on a new server must not both make its tables.
                cursor.execute("SELECT pg_advisory_lock(%s)", [_MIGRATING])
            call_command("migrate", verbosity=0, interactive=False)
            if connection.vendor == "postgresql":
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_MIGRATING])
    except ImproperlyConfigured as refusal:
        fail(_line(refusal))
    except DatabaseError as error:
        reason = _line(error).rstrip(".?")
        fail(f"The database does not answer: {reason}. Check EVERNORMAL_DATABASE_URL.")


def _line(error: Exception) -> str:
    """Write an error on one line, as drivers do not."""
    return "; ".join(line.strip() for line in str(error).splitlines() if line.strip())


def sqlite_url(folder: Path) -> str:
    """The address of an SQLite file in a folder, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{quote(str(folder.resolve() / 'books.sqlite3'))}"
