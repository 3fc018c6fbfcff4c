"""Conditions on the application itself: when, with which papers, beside which other support."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from evernormal.domain.policy.conditions.finding import Finding, day_text, words_text
from evernormal.domain.policy.facts import Case


@dataclass(frozen=True, slots=True)
class AppliedWithin:
    """The application came in while the call was open; both days are in."""

    name: ClassVar[str] = "applied_within"
    first: date
    last: date

    def check(self, case: Case) -> Finding:
        """Compare the application's day with the call."""
        applied_on = case.contract.applied_on
        facts = {
            "applied": day_text(applied_on),
            "first": day_text(self.first),
            "last": day_text(self.last),
        }
        return self.first <= applied_on <= self.last, facts


@dataclass(frozen=True, slots=True)
class Documents:
    """Every paper that the application needs was put forward."""

    name: ClassVar[str] = "documents"
    documents: tuple[str, ...]

    def check(self, case: Case) -> Finding:
        """Look for each document."""
        missing = set(self.documents) - case.contract.documents
        facts = {"documents": words_text(self.documents), "missing": words_text(missing)}
        return not missing, facts


@dataclass(frozen=True, slots=True)
class NoOtherSupport:
    """No other public money supports the same contract."""

    name: ClassVar[str] = "no_other_support"

    def check(self, case: Case) -> Finding:
        """Look at the declaration on the contract."""
        contract = case.contract
        has_other = contract.has_other_support or bool(contract.supports)
        return not has_other, {"contract": contract.id}


@dataclass(frozen=True, slots=True)
class OtherSupportFrom:
    """Other public money for the same contract comes from listed programmes only."""

    name: ClassVar[str] = "other_support_from"
    programmes: tuple[str, ...]

    def check(self, case: Case) -> Finding:
        """Compare the programmes declared; support that names none is not allowed."""
        contract = case.contract
        found = {support.programme for support in contract.supports}
        strange = found - set(self.programmes)
        is_unnamed = contract.has_other_support and not found
        facts = {"allowed": words_text(self.programmes), "strange": words_text(strange)}
        return not strange and not is_unnamed, facts


@dataclass(frozen=True, slots=True)
class UpstreamAward:
    """The case rests on an award of a listed programme, to which this one is matched."""

    name: ClassVar[str] = "upstream_award"
    programmes: tuple[str, ...]

    def check(self, case: Case) -> Finding:
        """Compare the programme of the award that the case was matched to."""
        facts = {"upstream": case.upstream, "allowed": words_text(self.programmes)}
        return case.upstream in self.programmes, facts
