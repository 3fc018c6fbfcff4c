"""A scheme: rules with dates and sources, and the choice of the version in force on a day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import TypeVar

from evernormal.domain.errors import DomainError
from evernormal.domain.policy.amounts import AmountForm
from evernormal.domain.policy.conditions import Condition
from evernormal.domain.policy.settlement import Settlement
from evernormal.domain.policy.terms import Term
from evernormal.domain.policy.text import Text

Form = Condition | AmountForm | Term
F = TypeVar("F", bound=Form)


class Unit(Enum):
    """What a scheme counts in: money by its ISO 4217 code, or support in kind.

    Amounts are whole hundredths of the unit, whatever it is, and are called fen (分, a hundredth):
    of a yuan, of a euro, of a card-hour, of a credit (decision 0010).
    """

    AUD = "AUD"
    CAD = "CAD"
    CHF = "CHF"
    CNY = "CNY"
    EUR = "EUR"
    GBP = "GBP"
    HKD = "HKD"
    INR = "INR"
    JPY = "JPY"
    KRW = "KRW"
    SGD = "SGD"
    TWD = "TWD"
    USD = "USD"
    CARD_HOUR = "CARD_HOUR"
    CREDIT = "CREDIT"

    @property
    def column(self) -> str:
        """How columns of files name the unit: `amount_yuan`, `amount_eur`, `amount_card_hours`."""
        code = str(self.value).lower()
        if self is Unit.CNY:
            return "yuan"
        return code if self.is_money else f"{code}s"

    @property
    def is_money(self) -> bool:
        """Whether a bank can pay it."""
        return self not in {Unit.CARD_HOUR, Unit.CREDIT}


class UnknownRule(DomainError):
    """A scheme has no rule of a form that this settlement needs."""

    code = "policy.unknown_rule"

    def __init__(self, *, scheme_id: str, form: str) -> None:
        self.scheme_id, self.form = scheme_id, form
        super().__init__(f"Scheme {scheme_id} has no rule of form {form}. Add it to scheme.toml.")


class NoRuleInForce(DomainError):
    """A rule exists, but no version of it is in force on the day."""

    code = "policy.no_rule_in_force"

    def __init__(self, *, rule_id: str, day: date) -> None:
        self.rule_id, self.day = rule_id, day
        super().__init__(f"Rule {rule_id} has no version in force on {day}. Add a dated value.")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value comes from.

    verified    a person compared it with the official original
    is_assumed  no source states it: the illustration assumes it, so that the rules can run
    """

    title: Text
    issuer: Text
    clause: Text
    read_on: date
    verified: bool
    is_assumed: bool = False


@dataclass(frozen=True, slots=True)
class Unknown:
    """What the source read does not state; `form` names the form of rule it would be, or ""."""

    text: Text
    form: str = ""


@dataclass(frozen=True, slots=True)
class DatedValue:
    """A rule's value from a day on, until the next version."""

    starts_on: date
    form: Form
    source: Source


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule and its versions, earliest first."""

    id: str
    label: Text
    versions: tuple[DatedValue, ...]

    def on(self, day: date) -> DatedValue:
        """The version in force on a day.

        raises   NoRuleInForce before the first version
        """
        in_force = [v for v in self.versions if v.starts_on <= day]
        if not in_force:
            raise NoRuleInForce(rule_id=self.id, day=day)
        return in_force[-1]


@dataclass(frozen=True, slots=True)
class Scheme:
    """A published rule set. `unknown` names what the source read does not state."""

    id: str
    title: Text
    issuer: Text
    settlement: Settlement
    rules: tuple[Rule, ...]
    unknown: tuple[Unknown, ...]
    unit: Unit = Unit.CNY

    def in_force(self, day: date) -> Iterator[tuple[str, Form]]:
        """Every rule's id and form in force on the day, in the scheme's order."""
        for rule in self.rules:
            if rule.versions[0].starts_on <= day:
                yield rule.id, rule.on(day).form

    def find(self, form: type[F], day: date) -> tuple[str, F] | None:
        """The first rule of a form in force on the day, with its id, or None."""
        for rule_id, value in self.in_force(day):
            if isinstance(value, form):
                return rule_id, value
        return None

    def get(self, form: type[F], day: date) -> tuple[str, F]:
        """The first rule of a form in force on the day, with its id.

        raises   UnknownRule
        """
        found = self.find(form, day)
        if found is None:
            raise UnknownRule(scheme_id=self.id, form=form.name)
        return found

    def find_all(self, form: type[F], day: date) -> list[tuple[str, F]]:
        """Every rule of a form in force on the day, with its id, in the scheme's order."""
        return [(i, value) for i, value in self.in_force(day) if isinstance(value, form)]

    def states(self, form: str) -> bool:
        """Whether the source states a rule of this form, on any day, or says there is none."""
        return all(unknown.form != form for unknown in self.unknown)

    def get_rule(self, rule_id: str) -> Rule:
        """A rule by its id.

        raises   UnknownRule
        """
        for rule in self.rules:
            if rule.id == rule_id:
                return rule
        raise UnknownRule(scheme_id=self.id, form=rule_id)
