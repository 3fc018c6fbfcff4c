"""Plans: what a job takes on a class of card, in cards, hours and money."""

from dataclasses import dataclass
from math import ceil, floor

from evernormal.domain.allocation import Pool
from evernormal.domain.device import DeviceClass
from evernormal.domain.planning.basis import PlanningBasis
from evernormal.domain.planning.cost import (
    CostShare,
    PlanCost,
    Purchase,
    Support,
    price_card_hours,
    share_cost,
)
from evernormal.domain.planning.figure import Span
from evernormal.domain.planning.fitting import Misfit
from evernormal.domain.planning.job import Job, ServingJob, TrainingJob
from evernormal.domain.planning.speed import Running, run_on

_SECONDS = 3_600


@dataclass(frozen=True, slots=True)
class Count:
    """Whole things, at the least, most likely and at the most: 0 <= low <= mid <= high."""

    low: int
    mid: int
    high: int

    def __post_init__(self) -> None:
        if not 0 <= self.low <= self.mid <= self.high:
            raise ValueError(f"A count rises from at least 0, not {self!r}")


@dataclass(frozen=True, slots=True)
class PlanTerms:
    """What a plan has to keep to, and what it is priced with.

    hours_max  in which training is to be done at the middle speed; serving has its own hours
    offers     pools with their posted prices; those of other classes are passed over
    support    what the rules give for a cost; None without a voucher
    """

    hours_max: int
    offers: tuple[Pool, ...] = ()
    support: Support | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What a job takes on one class of card.

    cards       whole gangs. In training the same for all three: the hours differ. In serving the
                hours are given: the cards differ
    hours       from start to end
    card_hours  rounded up to whole ones
    speed       in tokens a second by one card, with all losses of a run counted
    costs       at each offer of the class, in the order given
    """

    job_id: str
    device_class: str
    running: Running
    cards: Count
    hours: Span
    card_hours: Count
    speed: Span
    costs: tuple[PlanCost, ...]


@dataclass(frozen=True, slots=True)
class NoPlan:
    """A job that a class of card cannot do, and why not."""

    job_id: str
    device_class: str
    misfit: Misfit


def plan(job: Job, device: DeviceClass, *, basis: PlanningBasis, terms: PlanTerms) -> Plan | NoPlan:
    """What a job takes on a class of card: cards, hours, card-hours, money.

    returns  spans from the best to the worst that the evidence allows, or why it does not run
    source   docs/rules/planning.md
    """
    found = run_on(job, device, basis=basis)
    if isinstance(found, Misfit):
        return NoPlan(job.id, device.id, found)
    if isinstance(job, TrainingJob):
        cards, speed = _training_cards(job, found, basis=basis, hours_max=terms.hours_max)
        counts = Count(cards, cards, cards)
        hours = speed.of_work(job.tokens / cards / _SECONDS)
        card_hours = Count(*(ceil(one * cards) for one in (hours.low, hours.mid, hours.high)))
    else:
        speed = found.speed.tokens_per_second
        counts = _serving_cards(job, found)
        hours = Span(job.hours, job.hours, job.hours)
        card_hours = Count(*(one * job.hours for one in (counts.low, counts.mid, counts.high)))
    return Plan(
        job_id=job.id,
        device_class=device.id,
        running=found,
        cards=counts,
        hours=hours,
        card_hours=card_hours,
        speed=speed,
        costs=tuple(
            _cost(card_hours, offer, terms.support)
            for offer in terms.offers
            if offer.device_class == device.id
        ),
    )


def purchase(found: Plan, *, offer: Pool, contract: CostShare) -> Purchase:
    """What a contract buys of a planned job: hours at the offer's price, tokens at its speeds.

    contract  what voucher and own money pay together
    raises    ZeroDivisionError where the price is 0
    """
    card_hours = contract.cost.amount // offer.price.amount
    speeds = (found.speed.low, found.speed.mid, found.speed.high)
    low, mid, high = (floor(one * card_hours * _SECONDS) for one in speeds)
    return Purchase(contract=contract, card_hours=card_hours, tokens=(low, mid, high))


def training_rate(found: Running, *, cards: int, basis: PlanningBasis) -> Span:
    """Tokens a second by each of so many cards, with goodput and the loss of large clusters."""
    kept = basis.training.goodput.times(basis.training.scaling(cards))
    return found.speed.tokens_per_second.times(kept)


def _training_cards(
    job: TrainingJob, found: Running, *, basis: PlanningBasis, hours_max: int
) -> tuple[int, Span]:
    """The fewest gangs that are done in time; more cards lose some speed, hence more than once.

    Cards without a link stay in one machine, however long it takes.
    """
    gang, most = found.fit.gang_cards, found.fit.cards_max
    cards, needed = gang, 0
    while needed != cards:
        needed = cards
        speed = training_rate(found, cards=cards, basis=basis)
        wanted = ceil(job.tokens / (speed.mid * _SECONDS * hours_max * gang)) * gang
        cards = max(cards, wanted if most is None else min(wanted, most))
    return cards, training_rate(found, cards=cards, basis=basis)


def _serving_cards(job: ServingJob, found: Running) -> Count:
    """Whole copies that give out what is asked for; at the low speed, the most of them."""
    gang, speed = found.fit.gang_cards, found.speed.tokens_per_second
    asked = job.requests_per_second * job.tokens_out
    return Count(*(gang * ceil(asked / (one * gang)) for one in (speed.high, speed.mid, speed.low)))


def _cost(card_hours: Count, offer: Pool, support: Support | None) -> PlanCost:
    low, mid, high = (
        share_cost(price_card_hours(one, offer), support)
        for one in (card_hours.low, card_hours.mid, card_hours.high)
    )
    return PlanCost(offer, low, mid, high)
