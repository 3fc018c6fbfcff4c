"""Where a site's cards come from: the papers for them, and what a programme asks of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum, IntEnum

from evernormal.domain.device.device_class import DeviceClass
from evernormal.domain.device.export_rule import is_in_force
from evernormal.domain.errors import DomainError


class PaperKind(Enum):
    """What shows where cards come from."""

    INVOICE = "INVOICE"
    IMPORT_DECLARATION = "IMPORT_DECLARATION"
    DOMESTIC_CERTIFICATE = "DOMESTIC_CERTIFICATE"
    ATTESTATION = "ATTESTATION"


class PaperLevel(IntEnum):
    """How far a paper was looked at: named, seen as a copy, compared with its issuer."""

    NAMED = 1
    COPY_SEEN = 2
    VERIFIED = 3


class CapacityTrust(IntEnum):
    """How far one can rely on a declared number of cards; each step is above the one before."""

    DECLARED = 1
    DOCUMENTED = 2
    ATTESTED = 3
    METERED = 4


class DeviceAnswer(Enum):
    """What a programme does about cards of which a finding is made."""

    ALLOWED = "ALLOWED"
    FLAGGED = "FLAGGED"
    REFUSED = "REFUSED"


class DeviceRule(Enum):
    """What a finding is about."""

    GAMING_CLASS = "GAMING_CLASS"
    UNKNOWN_CLASS = "UNKNOWN_CLASS"
    NO_PAPERS = "NO_PAPERS"
    PAPER_MISSING = "PAPER_MISSING"
    CONTRADICTION = "CONTRADICTION"
    MORE_THAN_DECLARED = "MORE_THAN_DECLARED"


@dataclass(frozen=True, slots=True)
class Holding:
    """Cards of one class that a provider declares at a site.

    named          the class in the provider's words
    device         the class of the catalogue; None where the words are none, or several
    metered_cards  most cards that the meter saw at work at once; 0: it saw none
    """

    id: str
    provider_id: str
    site: str
    named: str
    device: DeviceClass | None
    cards: int
    metered_cards: int = 0

    def __post_init__(self) -> None:
        if self.cards < 0 or self.metered_cards < 0:
            raise ValueError(f"Holding {self.id} cannot have fewer than no cards: {self!r}")


@dataclass(frozen=True, slots=True)
class ProvenanceRecord:
    """A paper for cards of a holding.

    cards      how many it covers, >= 1
    number     of the document, as its issuer numbers it
    ends_on    first day on which it no longer counts; None: it does not run out
    """

    holding_id: str
    kind: PaperKind
    level: PaperLevel
    cards: int
    number: str
    issued_on: date
    ends_on: date | None = None

    def __post_init__(self) -> None:
        if self.cards < 1:
            raise ValueError(f"Paper {self.number} covers {self.cards} cards")


@dataclass(frozen=True, slots=True)
class DevicePolicy:
    """What a programme asks of cards, from a day on.

    country        where a domestic card's vendor has its seat, ISO 3166-1 alpha-2
    for_domestic   papers that each card of a domestic class needs; () asks for none
    for_foreign    papers that each card of a foreign class needs
    level          least level at which a paper counts
    gaming         what happens to a class sold to consumers
    unknown        ... to cards whose class is not in the catalogue, or not clear
    undeclared     ... to cards for which there is no paper at all
    unpapered      ... to cards that lack a paper that is asked for
    contradiction  ... to cards whose papers contradict their class, or the meter their number
    """

    starts_on: date
    country: str
    for_domestic: tuple[PaperKind, ...] = (PaperKind.DOMESTIC_CERTIFICATE,)
    for_foreign: tuple[PaperKind, ...] = (PaperKind.INVOICE, PaperKind.IMPORT_DECLARATION)
    level: PaperLevel = PaperLevel.COPY_SEEN
    gaming: DeviceAnswer = DeviceAnswer.FLAGGED
    unknown: DeviceAnswer = DeviceAnswer.FLAGGED
    undeclared: DeviceAnswer = DeviceAnswer.FLAGGED
    unpapered: DeviceAnswer = DeviceAnswer.FLAGGED
    contradiction: DeviceAnswer = DeviceAnswer.FLAGGED


class NoDevicePolicy(DomainError):
    """No policy on devices is in force."""

    code = "device.no_policy"

    def __init__(self, *, day: date) -> None:
        self.day = day
        super().__init__(f"No device policy is in force on {day}. Add a dated one.")


@dataclass(frozen=True, slots=True)
class DeviceFinding:
    """One thing about cards of a holding, and what the policy does about it.

    cards    how many it is about
    paper    the paper that is lacking or contradicts, where there is one
    """

    holding_id: str
    rule: DeviceRule
    answer: DeviceAnswer
    cards: int
    paper: PaperKind | None = None


@dataclass(frozen=True, slots=True)
class HoldingReview:
    """All that was found about a holding.

    answer         the strictest of the findings' answers; ALLOWED without findings
    allowed_cards  declared cards that no finding refuses
    trust          how far its number of cards can be relied on
    """

    holding: Holding
    findings: tuple[DeviceFinding, ...]
    answer: DeviceAnswer
    allowed_cards: int
    trust: CapacityTrust


def policy_on(policies: Iterable[DevicePolicy], day: date) -> DevicePolicy:
    """The policy of a day: the latest that has started.

    raises   NoDevicePolicy
    """
    started = [policy for policy in policies if policy.starts_on <= day]
    if not started:
        raise NoDevicePolicy(day=day)
    return max(started, key=lambda policy: policy.starts_on)


def review_devices(
    holdings: Iterable[Holding],
    *,
    papers: Sequence[ProvenanceRecord],
    policy: DevicePolicy,
    on: date,
) -> tuple[HoldingReview, ...]:
    """Look at the papers for cards, and say what a policy does about them.

    papers   of all holdings; those not issued yet, run out or below the policy's level do not count
    returns  one review for each holding, in order. A finding records; it does not say that a card
             is lawful, nor that it is not
    source   docs/reference/catalogue.md
    """
    return tuple(_review(holding, papers, policy, on) for holding in holdings)


def _review(
    holding: Holding, papers: Iterable[ProvenanceRecord], policy: DevicePolicy, on: date
) -> HoldingReview:
    counting = [
        paper
        for paper in papers
        if paper.holding_id == holding.id
        and is_in_force(paper.issued_on, paper.ends_on, on)
        and paper.level >= policy.level
    ]
    covered = {
        kind: min(sum(paper.cards for paper in counting if paper.kind is kind), holding.cards)
        for kind in PaperKind
    }
    findings = tuple(
        finding
        for finding in (*_of_class(holding, policy), *_of_papers(holding, covered, policy))
        if finding.cards > 0
    )
    return HoldingReview(
        holding=holding,
        findings=findings,
        answer=max(
            (finding.answer for finding in findings),
            key=list(DeviceAnswer).index,
            default=DeviceAnswer.ALLOWED,
        ),
        allowed_cards=max(holding.cards - _refused_cards(findings), 0),
        trust=_trust(holding, covered, policy),
    )


def _refused_cards(findings: Iterable[DeviceFinding]) -> int:
    """How many of the declared cards are refused.

    A paper says how many cards it covers, not which: papers are taken to be for the same cards as
    far as they reach, so that cards which lack two of them are counted once.
    """
    most: dict[DeviceRule, int] = {}
    for finding in findings:
        is_of_declared = finding.rule is not DeviceRule.MORE_THAN_DECLARED
        if finding.answer is DeviceAnswer.REFUSED and is_of_declared:
            most[finding.rule] = max(most.get(finding.rule, 0), finding.cards)
    return sum(most.values())


def _of_class(holding: Holding, policy: DevicePolicy) -> Iterable[DeviceFinding]:
    if holding.device is None:
        yield _finding(holding, DeviceRule.UNKNOWN_CLASS, policy.unknown, holding.cards)
    elif not holding.device.is_datacentre:
        yield _finding(holding, DeviceRule.GAMING_CLASS, policy.gaming, holding.cards)
    seen_beyond = holding.metered_cards - holding.cards
    yield _finding(holding, DeviceRule.MORE_THAN_DECLARED, policy.contradiction, seen_beyond)


def _of_papers(
    holding: Holding, covered: dict[PaperKind, int], policy: DevicePolicy
) -> Iterable[DeviceFinding]:
    most = max(covered.values())
    yield _finding(holding, DeviceRule.NO_PAPERS, policy.undeclared, holding.cards - most)
    for kind in _demanded(holding, policy):
        # Cards without any paper are told once, above; here those that have some other.
        lacking = most - covered[kind]
        yield _finding(holding, DeviceRule.PAPER_MISSING, policy.unpapered, lacking, kind)
    certified = covered[PaperKind.DOMESTIC_CERTIFICATE]
    if holding.device is not None and not holding.device.is_domestic_in(policy.country):
        contradiction = DeviceRule.CONTRADICTION, policy.contradiction
        yield _finding(holding, *contradiction, certified, PaperKind.DOMESTIC_CERTIFICATE)


def _demanded(holding: Holding, policy: DevicePolicy) -> tuple[PaperKind, ...]:
    """The papers that a holding's cards need; of an unclear class, nobody can say."""
    if holding.device is None:
        return ()
    is_domestic = holding.device.is_domestic_in(policy.country)
    return policy.for_domestic if is_domestic else policy.for_foreign


def _trust(holding: Holding, covered: dict[PaperKind, int], policy: DevicePolicy) -> CapacityTrust:
    if 0 < holding.cards <= holding.metered_cards:
        return CapacityTrust.METERED
    if 0 < holding.cards <= covered[PaperKind.ATTESTATION]:
        return CapacityTrust.ATTESTED
    demanded = _demanded(holding, policy)
    if demanded and all(0 < holding.cards <= covered[kind] for kind in demanded):
        return CapacityTrust.DOCUMENTED
    return CapacityTrust.DECLARED


def _finding(
    holding: Holding,
    rule: DeviceRule,
    answer: DeviceAnswer,
    cards: int,
    paper: PaperKind | None = None,
) -> DeviceFinding:
    return DeviceFinding(holding.id, rule, answer, cards, paper)
