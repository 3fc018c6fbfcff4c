"""Money and time by the tests' own arithmetic, so that the program is not checked by itself."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

BEIJING = timezone(timedelta(hours=8))
HOUR_S = 3_600


def fen(yuan: str) -> int:
    """Yuan with two decimals in whole fen."""
    exact = Decimal(yuan) * 100
    assert exact == int(exact)
    return int(exact)


def instant(text: str) -> int:
    """Epoch seconds of an ISO time that carries its offset."""
    return int(datetime.fromisoformat(text).timestamp())


def midnight(day: date) -> int:
    """Epoch seconds at which a day begins in China."""
    return int(datetime(day.year, day.month, day.day, tzinfo=BEIJING).timestamp())


def days(start: int, end: int) -> list[tuple[date, int]]:
    """Cut [start, end) in epoch seconds at every midnight in China: day and seconds."""
    parts = []
    while start < end:
        day = datetime.fromtimestamp(start, UTC).astimezone(BEIJING).date()
        until = min(end, midnight(day + timedelta(days=1)))
        parts.append((day, until - start))
        start = until
    return parts
