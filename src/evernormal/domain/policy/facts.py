"""What rules are asked about: an applicant, a provider, a contract, and the case they make.

Sectors, filings, lists, traits, facilities, documents and programmes are lower-case words that a
scheme chooses itself, so that a new programme needs no new code.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum

from evernormal.domain.values import Fen, Period, Uscc

Words = frozenset[str]
_NO_WORDS: Words = frozenset()


class ApplicantType(Enum):
    """What kind of organisation applies."""

    ENTERPRISE = "ENTERPRISE"
    UNIVERSITY = "UNIVERSITY"
    INSTITUTE = "INSTITUTE"
    MAKER_TEAM = "MAKER_TEAM"
    GOVERNMENT = "GOVERNMENT"
    CHARITY = "CHARITY"
    PERSON = "PERSON"


class FirmSize(Enum):
    """Size class of the applicant, as the statistics office has it."""

    MICRO = "MICRO"
    SMALL = "SMALL"
    MEDIUM = "MEDIUM"
    LARGE = "LARGE"


class Use(Enum):
    """What the compute is for."""

    TRAINING = "TRAINING"
    FINE_TUNING = "FINE_TUNING"
    INFERENCE = "INFERENCE"
    TESTING = "TESTING"
    SCIENCE = "SCIENCE"
    OTHER = "OTHER"


class CostCategory(Enum):
    """What a line of a contract or an invoice pays for."""

    COMPUTE = "COMPUTE"
    STORAGE = "STORAGE"
    NETWORK = "NETWORK"
    SECURITY = "SECURITY"
    SUPPORT = "SUPPORT"
    MODEL_SERVICE = "MODEL_SERVICE"
    DATA = "DATA"
    STAFF = "STAFF"
    OTHER = "OTHER"


class DeviceOrigin(Enum):
    """Where the cards of a contract come from, as its evidence shows."""

    DOMESTIC = "DOMESTIC"
    FOREIGN = "FOREIGN"
    UNDECLARED = "UNDECLARED"


class Route(Enum):
    """How a case came up: applied for, or matched to an award of another programme."""

    APPLIED = "APPLIED"
    MATCHED = "MATCHED"


class Side(Enum):
    """Who claims for a capacity: the one who built it or the one who uses it."""

    DEMAND = "DEMAND"
    SUPPLY = "SUPPLY"


@dataclass(frozen=True, slots=True)
class Applicant:
    """An organisation that applies. `owners` are USCCs, or `person:` identifiers.

    lists    exclusion lists on which it stands
    staff    people employed; None: not stated
    revenue  of the last full year, fen; None: not stated
    group    name of the group of related firms it belongs to; "": none
    """

    id: str
    name: str
    uscc: Uscc
    type: ApplicantType
    size: FirmSize
    founded_on: date
    place: str
    owners: frozenset[str]
    last_dishonesty_on: date | None
    sectors: Words = _NO_WORDS
    filings: Words = _NO_WORDS
    lists: Words = _NO_WORDS
    traits: Words = _NO_WORDS
    staff: int | None = None
    revenue: Fen | None = None
    group: str = ""


@dataclass(frozen=True, slots=True)
class Provider:
    """A seller of compute. `is_registered`: on the programme's list of providers.

    facility      kind of facility; "": not stated
    is_connected  plugged into the programme's dispatch platform
    scale         size by measure, as in {"pflops": 100}; PFLOPS at dense FP16
    """

    id: str
    name: str
    uscc: Uscc
    is_registered: bool
    place: str
    owners: frozenset[str]
    facility: str = ""
    is_connected: bool = False
    scale: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OtherSupport:
    """Public support from another programme for the same contract, in fen."""

    programme: str
    amount: Fen


@dataclass(frozen=True, slots=True)
class Contract:
    """A compute contract between an applicant and a provider, with its price by category.

    service              what it mainly buys
    supports             other public support for the same, as declared
    capacity_pflops      measured capacity of a capacity award, dense FP16
    facility_id          the facility whose capacity it is; "": none
    score                expert score, where applications are ranked
    price_per_card_hour  what the provider commits itself to, fen, tax included; None: not stated
    """

    id: str
    applicant_id: str
    provider_id: str
    signed_on: date
    term: Period
    costs: Mapping[CostCategory, Fen]
    use: Use
    has_other_support: bool
    applied_on: date
    service: CostCategory = CostCategory.COMPUTE
    device_origin: DeviceOrigin = DeviceOrigin.UNDECLARED
    route: Route = Route.APPLIED
    side: Side = Side.DEMAND
    traits: Words = _NO_WORDS
    documents: Words = _NO_WORDS
    supports: tuple[OtherSupport, ...] = ()
    capacity_pflops: int = 0
    facility_id: str = ""
    score: int | None = None
    price_per_card_hour: Fen | None = None

    @property
    def other_support(self) -> Fen:
        """All public support from other programmes together."""
        return Fen(sum(support.amount.amount for support in self.supports))


@dataclass(frozen=True, slots=True)
class Case:
    """One application: who, with whom, about which contract, and what came before it.

    awards_on_contract  earlier awards on the same contract
    awards_other_side   earlier awards for the same capacity to the other side
    upstream            the programme whose award it is matched to; "": none
    """

    applicant: Applicant
    provider: Provider
    contract: Contract
    awards_on_contract: int
    awards_other_side: int = 0
    upstream: str = ""


def are_related(applicant: Applicant, provider: Provider) -> tuple[str, ...]:
    """What links a buyer and a seller: the same code, one owning the other, or a shared owner.

    returns  the linking identifiers in order, () when there is no link in what was declared
    source   docs/rules/unrelated-party.md
    """
    buyer = applicant.owners | {applicant.uscc.text}
    seller = provider.owners | {provider.uscc.text}
    return tuple(sorted(buyer & seller))


def months_between(earlier: date, later: date) -> int:
    """Full months from one day to another; 0 when the second comes first."""
    months = (later.year - earlier.year) * 12 + later.month - earlier.month
    return max(months - int(later.day < earlier.day), 0)
