"""Export rules as dated data: what is compared, with what limits, and what follows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from fractions import Fraction

from evernormal.domain.device.device_class import Confidence, Sale


class Quantity(Enum):
    """What a rule can compare of a device. The set is closed: there is no expression."""

    TPP = "TPP"
    PD = "PD"
    IO_GB_S = "IO_GB_S"
    DRAM_GB_S = "DRAM_GB_S"


class RuleKind(Enum):
    """What follows when a rule holds."""

    CONTROL = "CONTROL"
    CARVE_OUT = "CARVE_OUT"
    REVIEW = "REVIEW"


class LicenceReview(Enum):
    """How a licence is decided on."""

    PRESUMPTION_OF_DENIAL = "PRESUMPTION_OF_DENIAL"
    LICENCE_OR_NOTICE = "LICENCE_OR_NOTICE"
    CASE_BY_CASE = "CASE_BY_CASE"


class NoteKind(Enum):
    """What kind of dated text concerns a device beside what can be computed."""

    LETTER = "LETTER"
    ENTITY_LIST = "ENTITY_LIST"
    GUIDANCE = "GUIDANCE"
    LICENCE = "LICENCE"
    CLARIFICATION = "CLARIFICATION"
    COMPONENT = "COMPONENT"
    QUOTA = "QUOTA"
    PRESUMPTION = "PRESUMPTION"
    TARIFF = "TARIFF"
    BUYER_SIDE = "BUYER_SIDE"


@dataclass(frozen=True, slots=True)
class Limit:
    """A half-open range that a quantity lies in: at_least <= figure < below; None is no bound."""

    at_least: Fraction | None = None
    below: Fraction | None = None

    def __post_init__(self) -> None:
        if self.at_least is None and self.below is None:
            raise ValueError("A limit bounds a figure on one side at least")

    def admits(self, figure: Fraction) -> bool:
        """Whether a figure lies in the range."""
        is_enough = self.at_least is None or figure >= self.at_least
        return is_enough and (self.below is None or figure < self.below)


@dataclass(frozen=True, slots=True)
class ExportTest:
    """Comparisons that must all hold.

    sale     for whom the device is sold; None is for anybody
    limits   the range of each quantity that is compared
    """

    sale: Sale | None = None
    limits: Mapping[Quantity, Limit] = field(default_factory=dict)


def is_in_force(starts_on: date, ends_on: date | None, on: date) -> bool:
    """Whether a half-open term holds a day; None is open."""
    return starts_on <= on and (ends_on is None or on < ends_on)


@dataclass(frozen=True, slots=True)
class ExportRule:
    """A rule that figures decide. It holds when one of its tests does.

    destinations  countries it keeps devices from, ISO 3166-1 alpha-2
    control       the class of the control list that it puts a device in; "" of another kind
    review        how a licence is decided on; None where the rule says nothing of it
    """

    id: str
    kind: RuleKind
    jurisdiction: str
    destinations: tuple[str, ...]
    instrument: str
    clause: str
    tests: tuple[ExportTest, ...]
    announced_on: date
    starts_on: date
    source: str
    confidence: Confidence
    ends_on: date | None = None
    control: str = ""
    review: LicenceReview | None = None


@dataclass(frozen=True, slots=True)
class ExportNote:
    """A dated text that no figure decides: a letter, a list, guidance, a duty.

    devices, vendors  whom it names; a note that names neither concerns no device by itself
    """

    id: str
    kind: NoteKind
    jurisdiction: str
    starts_on: date
    text_en: str
    text_zh: str
    source: str
    confidence: Confidence
    ends_on: date | None = None
    devices: tuple[str, ...] = ()
    vendors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PurchaseRule:
    """A rule of the buyer's side: what a site may take, by who pays for it and how far it is.

    completed_below  share of the site that is complete, from which on it no longer holds
    domestic_only    capacity that is added has to be of the country's own vendors
    """

    id: str
    jurisdiction: str
    instrument: str
    starts_on: date
    is_state_funded: bool
    completed_below: Fraction
    domestic_only: bool
    text_en: str
    text_zh: str
    source: str
    confidence: Confidence
    ends_on: date | None = None


@dataclass(frozen=True, slots=True)
class ExportRules:
    """All that is known, in the order in which rules are asked."""

    rules: tuple[ExportRule, ...]
    purchase: tuple[PurchaseRule, ...] = ()
    notes: tuple[ExportNote, ...] = ()

    def in_force(self, on: date) -> tuple[ExportRule, ...]:
        """The rules of a day, in order."""
        return tuple(rule for rule in self.rules if is_in_force(rule.starts_on, rule.ends_on, on))
