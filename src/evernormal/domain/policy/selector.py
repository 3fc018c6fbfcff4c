"""Which cases a tier, a cap or an alternative is for."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from evernormal.domain.policy.facts import (
    ApplicantType,
    Case,
    CostCategory,
    DeviceOrigin,
    FirmSize,
    Route,
    Side,
    Use,
    months_between,
)
from evernormal.domain.values import Fen


@dataclass(frozen=True, slots=True)
class Selector:
    """Tests that must all hold; a test that is not set holds always (docs/rules/selectors.md).

    The lists hold alternatives. `places` are leading digits of division codes. `traits` are
    words of the applicant or of the contract, `filings` of the applicant. `age_months_at_most`
    is counted in full months to the day of application. `staff_at_most` and
    `revenue_at_most` fail when the figure is not stated. `scale_at_least`, by measure.
    """

    applicant_types: tuple[ApplicantType, ...] = ()
    sizes: tuple[FirmSize, ...] = ()
    places: tuple[str, ...] = ()
    sectors: tuple[str, ...] = ()
    traits: tuple[str, ...] = ()
    filings: tuple[str, ...] = ()
    uses: tuple[Use, ...] = ()
    services: tuple[CostCategory, ...] = ()
    device_origins: tuple[DeviceOrigin, ...] = ()
    facilities: tuple[str, ...] = ()
    routes: tuple[Route, ...] = ()
    sides: tuple[Side, ...] = ()
    age_months_at_most: int | None = None
    staff_at_most: int | None = None
    revenue_at_most: Fen | None = None
    scale_at_least: Mapping[str, int] = field(default_factory=dict)

    def matches(self, case: Case) -> bool:
        """Whether the case passes every test that is set."""
        return all(
            (self._firm_matches(case), self._contract_matches(case), self._size_matches(case))
        )

    def _firm_matches(self, case: Case) -> bool:
        applicant, provider = case.applicant, case.provider
        return (
            _in(applicant.type, self.applicant_types)
            and _in(applicant.size, self.sizes)
            and (not self.places or applicant.place.startswith(self.places))
            and _meets(applicant.sectors, self.sectors)
            and _meets(applicant.traits | case.contract.traits, self.traits)
            and _meets(applicant.filings, self.filings)
            and _in(provider.facility, self.facilities)
        )

    def _contract_matches(self, case: Case) -> bool:
        contract = case.contract
        return (
            _in(contract.use, self.uses)
            and _in(contract.service, self.services)
            and _in(contract.device_origin, self.device_origins)
            and _in(contract.route, self.routes)
            and _in(contract.side, self.sides)
        )

    def _size_matches(self, case: Case) -> bool:
        applicant, scale = case.applicant, case.provider.scale
        age = months_between(applicant.founded_on, case.contract.applied_on)
        revenue = None if applicant.revenue is None else applicant.revenue.amount
        revenue_at_most = None if self.revenue_at_most is None else self.revenue_at_most.amount
        return (
            _at_most(age, self.age_months_at_most)
            and _at_most(applicant.staff, self.staff_at_most)
            and _at_most(revenue, revenue_at_most)
            and all(scale.get(name, 0) >= least for name, least in self.scale_at_least.items())
        )


EVERY_CASE = Selector()


def _in(word: object, allowed: tuple[object, ...]) -> bool:
    return not allowed or word in allowed


def _meets(words: frozenset[str], allowed: tuple[str, ...]) -> bool:
    return not allowed or not words.isdisjoint(allowed)


def _at_most(figure: int | None, limit: int | None) -> bool:
    return limit is None or (figure is not None and figure <= limit)
