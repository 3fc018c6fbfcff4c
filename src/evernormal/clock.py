"""The only reader of time. Everything below the faces takes the time as an argument."""

import time
from datetime import UTC, datetime


def now() -> datetime:
    """The present instant, in UTC."""
    return datetime.now(UTC)


def ticks() -> float:
    """Seconds on a clock that never goes back, for measuring how long something took."""
    return time.monotonic()
