"""What a clearing round is about: requests for scarce cards, and the pools that hold the cards."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from evernormal.domain.values import Fen
from evernormal.domain.values.money import ZERO


@dataclass(frozen=True, slots=True)
class Pool:
    """Cards of one device class at one site, as they are free for a round.

    cards     whole cards, free in every hour of the round, >= 0
    price     fen per card-hour, the posted price: nothing is given for less
    reserved  cards kept for a group of requests, by the group's name; their sum is at most `cards`,
              and what is left is open to every group
    """

    id: str
    provider_id: str
    site: str
    device_class: str
    cards: int
    price: Fen
    reserved: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        kept = sum(self.reserved.values())
        if min(self.reserved.values(), default=0) < 0 or kept > self.cards:
            raise ValueError(f"Pool {self.id} of {self.cards} cards cannot reserve {kept} of them")


@dataclass(frozen=True, slots=True)
class Arc:
    """A pool that a request can run on: where its model fits, is allowed and is worth something.

    speed       work that one card does in one hour, in whole units of the request's own choice;
                only the ratios between one request's arcs mean anything
    gang_cards  cards come in whole multiples of this, >= 1: the fewest that hold the model
    cards_max   most cards that it can use at once there, a multiple of the gang
    """

    pool_id: str
    speed: int
    gang_cards: int
    cards_max: int

    def __post_init__(self) -> None:
        is_whole = self.gang_cards >= 1 and self.cards_max % max(self.gang_cards, 1) == 0
        if self.speed < 1 or not is_whole or self.cards_max < self.gang_cards:
            raise ValueError(f"A request cannot run on {self.pool_id} as {self!r} says")


@dataclass(frozen=True, slots=True)
class Request:
    """One request for cards in a round.

    arcs        where it can run, at most one per pool, in any order
    work        units of work that it asks for in all, > 0; more has no use for it
    budget      fen at posted prices that its voucher pays for, the co-pay counted in
    own         fen of its own money that it would add; what it does not spend it keeps
    group       whose reserved cards it may use besides those open to all; "" is no group
    score       rank among requests where cards go by score: a higher one first
    number      its place in the order of arrival, without two alike in a round
    earliest    hour of the round before which it cannot start, >= 0
    deadline    hour of the round by which it must be done; None: the round's end
    """

    id: str
    applicant_id: str
    arcs: tuple[Arc, ...]
    work: int
    budget: Fen
    own: Fen = ZERO
    group: str = ""
    score: int = 0
    number: int = 0
    earliest: int = 0
    deadline: int | None = None

    def __post_init__(self) -> None:
        pools = [arc.pool_id for arc in self.arcs]
        if self.work < 1 or len(set(pools)) != len(pools):
            raise ValueError(f"Request {self.id} asks for {self.work} on pools {pools}")


@dataclass(frozen=True, slots=True)
class Round:
    """A clearing round: all that is asked for and all that there is, for so many hours.

    seed    the public seed of the draw, where cards are drawn for; "" where nothing is drawn
    tiers   least scores of the tiers of a draw, highest first: who reaches a higher one is drawn
            before all others; who reaches none is in the last tier. Empty: one draw for all
    """

    id: str
    hours: int
    pools: tuple[Pool, ...]
    requests: tuple[Request, ...]
    seed: str = ""
    tiers: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if list(self.tiers) != sorted(set(self.tiers), reverse=True):
            raise ValueError(f"Round {self.id} has tiers {self.tiers}, not from high to low")
        known = {pool.id for pool in self.pools}
        asked = {arc.pool_id for request in self.requests for arc in request.arcs}
        numbers = {request.number for request in self.requests}
        if self.hours < 1 or len(known) != len(self.pools) or not asked <= known:
            raise ValueError(f"Round {self.id} asks for pools {sorted(asked - known)} it lacks")
        if len({request.id for request in self.requests}) != len(self.requests) or len(
            numbers
        ) != len(self.requests):
            raise ValueError(f"Round {self.id} has two requests of one id or number")
