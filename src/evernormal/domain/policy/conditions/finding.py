"""What a condition gives back, and how it writes what it compared."""

from collections.abc import Iterable, Mapping
from datetime import date

from evernormal.domain.policy.findings import Fact

Finding = tuple[bool, Mapping[str, Fact]]


def day_text(day: date | None) -> str | None:
    """A day as 2026-01-31; None stays None."""
    return None if day is None else day.isoformat()


def words_text(words: Iterable[str]) -> str:
    """Words in order, with spaces between them; "" for none."""
    return " ".join(sorted(words))
