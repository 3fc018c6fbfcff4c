"""Forms that admit or refuse an application. Each says what it compared."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar

from evernormal.domain.policy.facts import ApplicantType, Case, Use, are_related
from evernormal.domain.policy.findings import Check, Fact
from evernormal.domain.values import add_months

Finding = tuple[bool, Mapping[str, Fact]]


@dataclass(frozen=True, slots=True)
class ApplicantTypeIn:
    """The applicant is of a listed type."""

    name: ClassVar[str] = "applicant_type_in"
    types: tuple[ApplicantType, ...]

    def check(self, case: Case) -> Finding:
        """Compare the applicant's type with the list."""
        allowed = " ".join(sorted(t.value for t in self.types))
        facts = {"type": case.applicant.type.value, "allowed": allowed}
        return case.applicant.type in self.types, facts


@dataclass(frozen=True, slots=True)
class RegisteredIn:
    """The applicant is registered in a listed place, given as a division code or its prefix."""

    name: ClassVar[str] = "registered_in"
    places: tuple[str, ...]

    def check(self, case: Case) -> Finding:
        """Compare the applicant's place with the listed prefixes."""
        place = case.applicant.place
        facts = {"place": place, "allowed": " ".join(self.places)}
        return place.startswith(self.places), facts


@dataclass(frozen=True, slots=True)
class CleanRecord:
    """No record of dishonesty within so many years before the application."""

    name: ClassVar[str] = "clean_record"
    years: int

    def check(self, case: Case) -> Finding:
        """Compare the last record's day with the look-back."""
        last_on = case.applicant.last_dishonesty_on
        since = add_months(case.contract.applied_on, -12 * self.years)
        facts: dict[str, Fact] = {
            "years": self.years,
            "since": since.isoformat(),
            "last": _day(last_on),
        }
        return last_on is None or last_on < since, facts


@dataclass(frozen=True, slots=True)
class ProviderRegistered:
    """The provider is on the programme's list."""

    name: ClassVar[str] = "provider_registered"

    def check(self, case: Case) -> Finding:
        """Look at the provider's registration."""
        return case.provider.is_registered, {"provider": case.provider.id}


@dataclass(frozen=True, slots=True)
class UnrelatedParty:
    """Buyer and seller share no owner and neither owns the other, in what was declared."""

    name: ClassVar[str] = "unrelated_party"

    def check(self, case: Case) -> Finding:
        """Intersect the two owner sets."""
        links = are_related(case.applicant, case.provider)
        return not links, {"provider": case.provider.id, "links": " ".join(links)}


@dataclass(frozen=True, slots=True)
class SignedFrom:
    """The contract was signed on or after a day."""

    name: ClassVar[str] = "signed_from"
    day: date

    def check(self, case: Case) -> Finding:
        """Compare the signing day."""
        signed_on = case.contract.signed_on
        return signed_on >= self.day, {"signed": _day(signed_on), "from": _day(self.day)}


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
        facts = {
            "months": self.months,
            "starts": _day(term.starts_on),
            "last": _day(term.last_on),
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
class AllowedUse:
    """The compute serves a listed use."""

    name: ClassVar[str] = "allowed_use"
    uses: tuple[Use, ...]

    def check(self, case: Case) -> Finding:
        """Compare the contract's use with the list."""
        allowed = " ".join(sorted(u.value for u in self.uses))
        return case.contract.use in self.uses, {"use": case.contract.use.value, "allowed": allowed}


@dataclass(frozen=True, slots=True)
class NoOtherSupport:
    """No other public money supports the same compute."""

    name: ClassVar[str] = "no_other_support"

    def check(self, case: Case) -> Finding:
        """Look at the declaration on the contract."""
        return not case.contract.has_other_support, {"contract": case.contract.id}


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
            "applied": _day(applied_on),
            "first": _day(self.first),
            "last": _day(self.last),
        }
        return self.first <= applied_on <= self.last, facts


Condition = (
    ApplicantTypeIn
    | RegisteredIn
    | CleanRecord
    | ProviderRegistered
    | UnrelatedParty
    | SignedFrom
    | TermAtMost
    | OneAwardPerContract
    | AllowedUse
    | NoOtherSupport
    | AppliedWithin
)


def check_conditions(rules: Iterable[tuple[str, Condition]], *, case: Case) -> tuple[Check, ...]:
    """Apply every condition, also after one has failed, so that all reasons are known at once.

    rules    (rule id, condition) in the scheme's order
    returns  one Check a rule, in the same order
    source   docs/rules/conditions.md
    """
    checks = []
    for rule_id, condition in rules:
        passed, facts = condition.check(case)
        checks.append(Check(rule_id=rule_id, form=condition.name, passed=passed, facts=facts))
    return tuple(checks)


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
