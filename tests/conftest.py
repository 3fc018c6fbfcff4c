"""What every test shares: how hard Hypothesis tries, and which database it runs on.

The same tests run on SQLite and on PostgreSQL. EVERNORMAL_DATABASE_URL chooses, as it does for the
program itself; without it they run on SQLite.
"""

import os
import re
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.conf import settings as settings_module
from hypothesis import HealthCheck, settings

DATABASE_VARIABLE = "EVERNORMAL_DATABASE_URL"

# Tests of these folders open no database, or ask only for what comes out: once is enough.
FOLDERS_WITHOUT_DATABASE = frozenset(
    {
        "architecture",
        "clock",
        # Of books as files: tests/cli/test_run.py holds them to be the same from both databases.
        "conformance",
        "connectors",
        "domain",
        "engines",
        "formats",
        "golden",
        "life",
        "locale",
        "schemes",
        "simulator",
        "settings",
        "tools",
    }
)

# A deadline would measure the neighbours on the machine, not the code.
settings.register_profile("dev", max_examples=50, deadline=None)
settings.register_profile("ci", max_examples=50, deadline=None, derandomize=True, print_blob=True)
settings.register_profile(
    "laws", max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if "CI" in os.environ else "dev"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--crashes", type=int, default=2, help="how often tests/crash kills each run (default 2)"
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    tests = Path(__file__).parent
    for item in items:
        place = item.path.relative_to(tests)
        is_law = place.parts[0] == "laws" and not _opens_a_database(item)
        if place.parts[0] in FOLDERS_WITHOUT_DATABASE or is_law or _is_of_files_alone(place):
            item.add_marker(pytest.mark.one_database)


def _opens_a_database(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", ()))
    asks = item.get_closest_marker("django_db") is not None
    return asks or bool(fixtures & {"db", "transactional_db", "own_database_url"})


def _is_of_files_alone(place: Path) -> bool:
    """Whether a test is of commands about rules or files; `verify` has a database of its own."""
    ours = ("test_rules_", "test_verify", "test_changed_byte")
    return place.parts[0] == "cli" and place.name.startswith(ours)


@pytest.fixture(autouse=True, scope="session")
def own_lake(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep the usage lake out of the working folder.

    Its files are named by their content: what a test leaves there no other test reads, unless its
    own rows name it.
    """
    settings_module.USAGE_LAKE = tmp_path_factory.mktemp("lake")


@pytest.fixture
def own_database_url(tmp_path: Path) -> Iterator[str]:
    """Make an empty database of the kind under test, for a test that starts programs.

    Yields the address for EVERNORMAL_DATABASE_URL. It is gone after the test, with whatever a
    killed program left connected to it.
    """
    server = os.environ.get(DATABASE_VARIABLE, "")
    if not server.startswith("postgresql:"):
        yield f"sqlite:///{tmp_path / 'own.sqlite3'}"
        return
    name = f"own_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'create database "{name}"')
        yield re.sub(r"^(postgresql://[^/?]*/)[^?]*", rf"\g<1>{name}", server)
        connection.execute(f'drop database "{name}" with (force)')
