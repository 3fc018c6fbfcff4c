"""The books of the example years, as in tests/life; a year whose service is asked directly."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from evernormal import clock
from tests.crash.office import (
    WINDOW_S,
    ZONE,
    bodies,
    card_seconds,
    drawn,
    finals,
    owed_fen,
    told_by,
    write_office,
)
from tests.crash.programs import Program, free_port, look_at, service
from tests.life.conftest import beijing, guizhou, nanning, shelf

__all__ = ["beijing", "guizhou", "nanning", "shelf"]


@dataclass(frozen=True, slots=True)
class Place:
    """A year on disk, a service for it that is not started, and batches of data centre P1."""

    folder: Path
    out: Path
    url: str
    port: int
    service: Program
    now: datetime
    origin: int
    windows: int

    def batches(self, *, size: int, days_ago: int = 0) -> list[bytes]:
        """Give all that P1's meter comes to tell, in batches of so many readings."""
        told = told_by("P1", origin=self.origin, windows=self.windows)
        made_at = self.now - timedelta(days_ago)
        return bodies(told, size=size, made_at=made_at, provider_id="P1")

    def mixed_batches(self, *, size: int) -> list[bytes]:
        """Give the same with every batch telling of many days: it has much to charge."""
        told = told_by("P1", origin=self.origin, windows=self.windows)
        mixed = [replace(each, since=drawn(repr(each), 1 << 40)) for each in told]
        return bodies(mixed, size=size, made_at=self.now, provider_id="P1")

    def demand_counted_once(self) -> None:
        """Assert that the books hold all of it once, and charged it once."""
        used = finals(told_by("P1", origin=self.origin, windows=self.windows))
        found = look_at(self.folder, self.out, self.url)
        charged = {order_id: fen for order_id, fen in found["charged"].items() if fen}
        assert found["card_seconds"] == {"P1": card_seconds(used)}
        assert found["records"] == {"P1": len(used)}
        assert charged == owed_fen("P1", used)
        assert found["due"] == 0


@pytest.fixture
def place_of(tmp_path: Path) -> Callable[..., Place]:
    """Make such a year on a database."""

    def make(url: str, *, windows: int = 16) -> Place:
        now = clock.now().replace(microsecond=0)
        folder = write_office(tmp_path / "in", today=now.astimezone(ZONE).date(), windows=windows)
        out, port = tmp_path / "out", free_port()
        return Place(
            folder=folder,
            out=out,
            url=url,
            port=port,
            service=service(folder, out, url=url, port=port),
            now=now,
            origin=int(now.timestamp()) - windows * WINDOW_S,
            windows=windows,
        )

    return make


@pytest.fixture
def place(place_of: Callable[..., Place], own_database_url: str) -> Place:
    """Make such a year on an empty database of the kind under test."""
    return place_of(own_database_url)
