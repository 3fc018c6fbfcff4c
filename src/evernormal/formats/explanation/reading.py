"""An act of the log, and typed reading of its facts: one of another kind is a bug of its writer."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from evernormal.domain.audit import Json

Facts = Mapping[str, Json]


class ActRecord(Protocol):
    """One decoded record of the audit log, such as the books' ActRecord."""

    @property
    def number(self) -> int:
        """Its place in the log."""

    @property
    def act(self) -> str:
        """What was done: a value of the domain's Act."""

    @property
    def key(self) -> str:
        """The act's own name."""

    @property
    def actor(self) -> str:
        """Who did it."""

    @property
    def at(self) -> datetime:
        """When."""

    @property
    def facts(self) -> Facts:
        """What it rests on and made."""


class UnreadableFact(TypeError):
    """An act's fact is missing or of another kind than facts.py writes."""

    def __init__(self, *, name: str, value: object, wanted: str) -> None:
        super().__init__(f"fact {name}: {wanted} is wanted, got {value!r}")


def text_of(facts: Facts, name: str) -> str:
    """A fact that is a text."""
    value = facts.get(name)
    if not isinstance(value, str):
        raise UnreadableFact(name=name, value=value, wanted="a text")
    return value


def whole_of(facts: Facts, name: str) -> int:
    """A fact that is a whole number."""
    value = facts.get(name)
    if type(value) is not int:
        raise UnreadableFact(name=name, value=value, wanted="a whole number")
    return value


def facts_of(facts: Facts, name: str) -> Facts:
    """A fact that is an object; {} when it is null or not there."""
    value = facts.get(name)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise UnreadableFact(name=name, value=value, wanted="an object")
    return value


def each_of(facts: Facts, name: str) -> list[Facts]:
    """A fact that is a list of objects; [] when it is not there."""
    value = facts.get(name)
    if value is None:
        return []
    if isinstance(value, str) or not isinstance(value, list | tuple):
        raise UnreadableFact(name=name, value=value, wanted="a list")
    items: list[Facts] = []
    for item in value:
        if not isinstance(item, Mapping):
            raise UnreadableFact(name=name, value=item, wanted="an object")
        items.append(item)
    return items


def texts_of(facts: Facts, name: str) -> list[str]:
    """A fact that is a list of texts; [] when it is not there."""
    value = facts.get(name)
    if value is None:
        return []
    if not isinstance(value, list | tuple):
        raise UnreadableFact(name=name, value=value, wanted="a list")
    return [str(item) for item in value]


def standings_of(act: ActRecord) -> list[Facts]:
    """What a charging made of each voucher that pays, with what it says of all of them."""
    payers: list[Facts] = [{**act.facts, **each} for each in each_of(act.facts, "payers")]
    return payers or [act.facts]


def draws_of(act: ActRecord) -> list[Facts]:
    """What an order holds on each voucher that it draws on, with what it says of all of them."""
    draws: list[Facts] = [{**act.facts, **draw} for draw in each_of(act.facts, "draws")]
    return draws or [act.facts]
