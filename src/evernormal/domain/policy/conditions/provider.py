"""Conditions on who sells the compute, and where."""

from dataclasses import dataclass
from typing import ClassVar

from evernormal.domain.policy.conditions.finding import Finding, words_text
from evernormal.domain.policy.facts import Case, are_related
from evernormal.domain.policy.findings import Fact


@dataclass(frozen=True, slots=True)
class ProviderRegistered:
    """The provider is on the programme's list."""

    name: ClassVar[str] = "provider_registered"

    def check(self, case: Case) -> Finding:
        """Look at the provider's registration."""
        return case.provider.is_registered, {"provider": case.provider.id}


@dataclass(frozen=True, slots=True)
class ProviderConnected:
    """The provider is plugged into the programme's dispatch platform."""

    name: ClassVar[str] = "provider_connected"

    def check(self, case: Case) -> Finding:
        """Look at the provider's connection."""
        return case.provider.is_connected, {"provider": case.provider.id}


@dataclass(frozen=True, slots=True)
class ProviderIn:
    """The provider's facility stands in a listed place, given as a division code's prefix."""

    name: ClassVar[str] = "provider_in"
    places: tuple[str, ...]

    def check(self, case: Case) -> Finding:
        """Compare the provider's place with the listed prefixes."""
        place = case.provider.place
        facts = {"place": place, "allowed": " ".join(self.places)}
        return place.startswith(self.places), facts


@dataclass(frozen=True, slots=True)
class FacilityIn:
    """The provider's facility is of a listed kind."""

    name: ClassVar[str] = "facility_in"
    facilities: tuple[str, ...]

    def check(self, case: Case) -> Finding:
        """Compare the kind of facility with the list."""
        facility = case.provider.facility
        facts = {"facility": facility, "allowed": words_text(self.facilities)}
        return facility in self.facilities, facts


@dataclass(frozen=True, slots=True)
class ScaleAtLeast:
    """The provider's facility reaches a size: PFLOPS at dense FP16, racks, or another measure."""

    name: ClassVar[str] = "scale_at_least"
    measure: str
    least: int

    def check(self, case: Case) -> Finding:
        """Compare the size stated; none stated counts as 0."""
        found = case.provider.scale.get(self.measure, 0)
        facts: dict[str, Fact] = {"measure": self.measure, "found": found, "least": self.least}
        return found >= self.least, facts


@dataclass(frozen=True, slots=True)
class UnrelatedParty:
    """Buyer and seller share no owner and neither owns the other, in what was declared."""

    name: ClassVar[str] = "unrelated_party"

    def check(self, case: Case) -> Finding:
        """Intersect the two owner sets."""
        links = are_related(case.applicant, case.provider)
        return not links, {"provider": case.provider.id, "links": " ".join(links)}
