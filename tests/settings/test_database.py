"""One environment variable chooses the database."""

from pathlib import Path
from typing import Any

import pytest

from evernormal.settings.database import UnknownDatabase, database_settings

FOLDER = Path("folder")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "postgresql://li:p%40ss@db.example:5433/books?sslmode=require",
            {
                "NAME": "books",
                "USER": "li",
                "PASSWORD": "p@ss",
                "HOST": "db.example",
                "PORT": "5433",
                "OPTIONS": {"sslmode": "require"},
            },
        ),
        (
            "postgres:///books?host=/run/pg&user=app&port=5432",
            {
                "NAME": "books",
                "USER": "app",
                "PASSWORD": "",
                "HOST": "/run/pg",
                "PORT": "5432",
                "OPTIONS": {},
            },
        ),
    ],
)
def test_postgresql_by_address_or_by_socket_folder(url: str, expected: dict[str, Any]) -> None:
    found = database_settings(url, embedded_folder=FOLDER)

    assert found == {"ENGINE": "django.db.backends.postgresql", **expected}


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("", "folder/books.sqlite3"),
        ("sqlite:////srv/books.sqlite3", "/srv/books.sqlite3"),
        ("sqlite:///here.sqlite3", "here.sqlite3"),
        ("sqlite:////srv/a%23b%3Fc%25d%20e/%E7%AE%97.sqlite3", "/srv/a#b?c%d e/算.sqlite3"),
    ],
)
def test_sqlite_is_durable_keeps_its_keys_and_queues_writers(url: str, name: str) -> None:
    found = database_settings(url, embedded_folder=FOLDER)

    assert found["NAME"] == name
    assert found["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        assert f"PRAGMA {pragma}" in found["OPTIONS"]["init_command"]


def test_another_database_is_refused_by_name() -> None:
    with pytest.raises(UnknownDatabase, match="mysql"):
        database_settings("mysql://x/y", embedded_folder=FOLDER)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://li:secret/x@host/y", "port"),
        ("postgresql://x:99999/y", "port"),
        ("postgresql://[x/y", "no address"),
        ("postgresql://li:pa#ss@x/y", "%23"),
        ("sqlite:////srv/a?b", "%3F"),
        ("sqlite:////srv/a#b", "%23"),
        ("sqlite://file", "sqlite:///file"),
        ("sqlite:///", "sqlite:///file"),
    ],
)
def test_an_address_that_would_lead_elsewhere_is_refused_on_one_line(url: str, said: str) -> None:
    with pytest.raises(UnknownDatabase, match=said) as refusal:
        database_settings(url, embedded_folder=FOLDER)

    assert len(str(refusal.value).splitlines()) == 1
    assert "secret" not in str(refusal.value)
