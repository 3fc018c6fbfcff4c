"""Refusals: expected outcomes that say no, each with a stable dotted code and what to do next."""

from typing import ClassVar


class DomainError(Exception):
    """A named refusal. `code` is stable and translated; the message says what to do next."""

    code: ClassVar[str] = "domain.refused"
