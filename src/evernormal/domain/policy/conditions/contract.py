"""Conditions on the contract and on what is asked for it."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar

from evernormal.domain.policy.conditions.finding import Finding, day_text, words_text
from evernormal.domain.policy.facts import Case, Use
from evernormal.domain.policy.findings import Fact
from evernormal.domain.values import Fen, add_months


@dataclass(frozen=True, slots=True)
class SignedFrom:
    """The contract was signed on or after a day."""

    name: ClassVar[str] = "signed_from"
    day: date

    def check(self, case: Case) -> Finding:
        """Compare the signing day."""
        signed_on = case.contract.signed_on
        facts = {"signed": day_text(signed_on), "from": day_text(self.day)}
        return signed_on >= self.day, facts


@dataclass(frozen=True, slots=True)
class TermAtMost:
    """The contract runs for at most so many months."""

    name: ClassVar[str] = "term_at_most"
    months: int

    def check(self, case: Case) -> Finding:
        """Compare the contract's end with its start plus the months."""
        term = case.contract.term
        latest = add_months(term.starts_on, self.months)
        if latest.day != term.starts_on.day:
            # A year from 29 February ends with 28 February: that day is still inside.
            latest += timedelta(days=1)
        facts: dict[str, Fact] = {
            "months": self.months,
            "starts": day_text(term.starts_on),
            "last": day_text(term.last_on),
        }
        return term.ends_on <= latest, facts


@dataclass(frozen=True, slots=True)
class OneAwardPerContract:
    """The same contract is supported once."""

    name: ClassVar[str] = "one_award_per_contract"

    def check(self, case: Case) -> Finding:
        """Count earlier awards on the contract."""
        return case.awards_on_contract == 0, {
            "contract": case.contract.id,
            "awards": case.awards_on_contract,
        }


@dataclass(frozen=True, slots=True)
class OneSideOnly:
    """The same capacity is supported on its demand side or on its supply side, never on both."""

    name: ClassVar[str] = "one_side_only"

    def check(self, case: Case) -> Finding:
        """Count earlier awards to the other side."""
        facts: dict[str, Fact] = {
            "side": case.contract.side.value,
            "awards": case.awards_other_side,
        }
        return case.awards_other_side == 0, facts


@dataclass(frozen=True, slots=True)
class AllowedUse:
    """The compute serves a listed use."""

    name: ClassVar[str] = "allowed_use"
    uses: tuple[Use, ...]

    def check(self, case: Case) -> Finding:
        """Compare the contract's use with the list."""
        allowed = words_text(u.value for u in self.uses)
        return case.contract.use in self.uses, {"use": case.contract.use.value, "allowed": allowed}


@dataclass(frozen=True, slots=True)
class CapacityAtLeast:
    """The measured capacity reaches a floor, in PFLOPS at dense FP16."""

    name: ClassVar[str] = "capacity_at_least"
    pflops: int

    def check(self, case: Case) -> Finding:
        """Compare the capacity measured."""
        found = case.contract.capacity_pflops
        return found >= self.pflops, {"found": found, "least": self.pflops}


@dataclass(frozen=True, slots=True)
class PriceAtMost:
    """The contract's price of a card-hour is at most an amount; a price not stated fails."""

    name: ClassVar[str] = "price_at_most"
    amount: Fen

    def check(self, case: Case) -> Finding:
        """Compare the price stated."""
        stated = case.contract.price_per_card_hour
        facts: dict[str, Fact] = {
            "price_fen": None if stated is None else stated.amount,
            "limit_fen": self.amount.amount,
        }
        return stated is not None and stated <= self.amount, facts


@dataclass(frozen=True, slots=True)
class RequestBetween:
    """What the contract costs, or asks for in kind, lies between two bounds; both are in."""

    name: ClassVar[str] = "request_between"
    at_least: Fen
    at_most: Fen

    def check(self, case: Case) -> Finding:
        """Compare the sum of the contract's cost."""
        asked = sum(cost.amount for cost in case.contract.costs.values())
        facts: dict[str, Fact] = {
            "asked_fen": asked,
            "least_fen": self.at_least.amount,
            "most_fen": self.at_most.amount,
        }
        return self.at_least.amount <= asked <= self.at_most.amount, facts
