"""Conditions on who applies."""

from dataclasses import dataclass
from typing import ClassVar

from evernormal.domain.policy.conditions.finding import Finding, day_text, words_text
from evernormal.domain.policy.facts import ApplicantType, Case, FirmSize, months_between
from evernormal.domain.policy.findings import Fact
from evernormal.domain.policy.selector import Selector
from evernormal.domain.policy.text import Text
from evernormal.domain.values import Fen, add_months


@dataclass(frozen=True, slots=True)
class ApplicantTypeIn:
    """The applicant is of a listed type."""

    name: ClassVar[str] = "applicant_type_in"
    types: tuple[ApplicantType, ...]

    def check(self, case: Case) -> Finding:
        """Compare the applicant's type with the list."""
        allowed = words_text(t.value for t in self.types)
        facts = {"type": case.applicant.type.value, "allowed": allowed}
        return case.applicant.type in self.types, facts


@dataclass(frozen=True, slots=True)
class SizeIn:
    """The applicant is of a listed size class."""

    name: ClassVar[str] = "size_in"
    sizes: tuple[FirmSize, ...]

    def check(self, case: Case) -> Finding:
        """Compare the applicant's size class with the list."""
        allowed = words_text(s.value for s in self.sizes)
        facts = {"size": case.applicant.size.value, "allowed": allowed}
        return case.applicant.size in self.sizes, facts


@dataclass(frozen=True, slots=True)
class AgeAtMost:
    """The applicant was founded at most so many full months before it applies."""

    name: ClassVar[str] = "age_at_most"
    months: int

    def check(self, case: Case) -> Finding:
        """Count full months from founding to application."""
        founded_on, applied_on = case.applicant.founded_on, case.contract.applied_on
        age = months_between(founded_on, applied_on)
        facts: dict[str, Fact] = {
            "founded": day_text(founded_on),
            "age_months": age,
            "months": self.months,
        }
        return age <= self.months, facts


@dataclass(frozen=True, slots=True)
class AgeAtLeast:
    """The applicant was founded at least so many full months before it applies."""

    name: ClassVar[str] = "age_at_least"
    months: int

    def check(self, case: Case) -> Finding:
        """Count full months from founding to application."""
        founded_on, applied_on = case.applicant.founded_on, case.contract.applied_on
        age = months_between(founded_on, applied_on)
        facts: dict[str, Fact] = {
            "founded": day_text(founded_on),
            "age_months": age,
            "months": self.months,
        }
        return age >= self.months, facts


@dataclass(frozen=True, slots=True)
class StaffAtMost:
    """The applicant employs at most so many people; a figure not stated fails."""

    name: ClassVar[str] = "staff_at_most"
    people: int

    def check(self, case: Case) -> Finding:
        """Compare the staff stated."""
        staff = case.applicant.staff
        return staff is not None and staff <= self.people, {"staff": staff, "people": self.people}


@dataclass(frozen=True, slots=True)
class RevenueAtMost:
    """The applicant's last yearly revenue is at most an amount; a figure not stated fails."""

    name: ClassVar[str] = "revenue_at_most"
    amount: Fen

    def check(self, case: Case) -> Finding:
        """Compare the revenue stated."""
        stated = case.applicant.revenue
        facts: dict[str, Fact] = {
            "revenue_fen": None if stated is None else stated.amount,
            "limit_fen": self.amount.amount,
        }
        return stated is not None and stated <= self.amount, facts


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
class SectorIn:
    """The applicant works in a listed sector."""

    name: ClassVar[str] = "sector_in"
    sectors: tuple[str, ...]

    def check(self, case: Case) -> Finding:
        """Intersect the applicant's sectors with the list."""
        own = case.applicant.sectors
        facts = {"sectors": words_text(own), "allowed": words_text(self.sectors)}
        return not own.isdisjoint(self.sectors), facts


@dataclass(frozen=True, slots=True)
class Filed:
    """The applicant holds every listed filing, as a model's filing number."""

    name: ClassVar[str] = "filed"
    filings: tuple[str, ...]

    def check(self, case: Case) -> Finding:
        """Look for each filing."""
        missing = set(self.filings) - case.applicant.filings
        return not missing, {"filings": words_text(self.filings), "missing": words_text(missing)}


@dataclass(frozen=True, slots=True)
class NotListed:
    """The applicant stands on none of the exclusion lists."""

    name: ClassVar[str] = "not_listed"
    lists: tuple[str, ...]

    def check(self, case: Case) -> Finding:
        """Intersect the lists on which the applicant stands."""
        found = case.applicant.lists & set(self.lists)
        return not found, {"lists": words_text(self.lists), "found": words_text(found)}


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
            "last": day_text(last_on),
        }
        return last_on is None or last_on < since, facts


@dataclass(frozen=True, slots=True)
class Alternative:
    """One of several ways to meet a condition, with its name."""

    label: Text
    when: Selector


@dataclass(frozen=True, slots=True)
class AnyOf:
    """The case meets at least one of the alternatives."""

    name: ClassVar[str] = "any_of"
    alternatives: tuple[Alternative, ...]

    def check(self, case: Case) -> Finding:
        """Try the alternatives in order; the first that holds is named."""
        for number, alternative in enumerate(self.alternatives, start=1):
            if alternative.when.matches(case):
                label = alternative.label
                return True, {"number": number, "met_en": label.en, "met_zh": label.zh}
        facts = {
            "options_en": "; ".join(a.label.en for a in self.alternatives),
            "options_zh": "；".join(a.label.zh for a in self.alternatives),
        }
        return False, facts
