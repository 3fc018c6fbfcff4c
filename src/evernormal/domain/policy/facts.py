"""What rules are asked about: an applicant, a provider, a contract, and the case they make."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum

from evernormal.domain.values import Fen, Period, Uscc


class ApplicantType(Enum):
    """What kind of organisation applies."""

    ENTERPRISE = "ENTERPRISE"
    UNIVERSITY = "UNIVERSITY"
    INSTITUTE = "INSTITUTE"
    MAKER_TEAM = "MAKER_TEAM"


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


@dataclass(frozen=True, slots=True)
class Applicant:
    """An organisation that applies. `owners` are USCCs, or `person:` identifiers."""

    id: str
    name: str
    uscc: Uscc
    type: ApplicantType
    size: FirmSize
    founded_on: date
    place: str
    owners: frozenset[str]
    last_dishonesty_on: date | None


@dataclass(frozen=True, slots=True)
class Provider:
    """A seller of compute. `is_registered`: on the programme's list of providers."""

    id: str
    name: str
    uscc: Uscc
    is_registered: bool
    place: str
    owners: frozenset[str]


@dataclass(frozen=True, slots=True)
class Contract:
    """A compute contract between an applicant and a provider, with its price by category."""

    id: str
    applicant_id: str
    provider_id: str
    signed_on: date
    term: Period
    costs: Mapping[CostCategory, Fen]
    use: Use
    has_other_support: bool
    applied_on: date


@dataclass(frozen=True, slots=True)
class Case:
    """One application: who, with whom, about which contract, and whether it had an award."""

    applicant: Applicant
    provider: Provider
    contract: Contract
    awards_on_contract: int


def are_related(applicant: Applicant, provider: Provider) -> tuple[str, ...]:
    """What links a buyer and a seller: the same code, one owning the other, or a shared owner.

    returns  the linking identifiers in order, () when there is no link in what was declared
    source   docs/rules/unrelated-party.md
    """
    buyer = applicant.owners | {applicant.uscc.text}
    seller = provider.owners | {provider.uscc.text}
    return tuple(sorted(buyer & seller))
