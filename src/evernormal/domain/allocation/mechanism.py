"""The ways to clear a round, and what each of them promises."""

from collections.abc import Mapping
from enum import Enum


class Mechanism(Enum):
    """How a clearing round decides who gets the scarce cards."""

    PROPORTIONAL = "PROPORTIONAL"
    PROPORTIONAL_WITH_OWN_MONEY = "PROPORTIONAL_WITH_OWN_MONEY"
    MAX_MIN = "MAX_MIN"
    DRF = "DRF"
    RANKED = "RANKED"
    FIRST_COME = "FIRST_COME"
    LOTTERY = "LOTTERY"

    @property
    def is_sequential(self) -> bool:
        """Whether requests have their turn one after the other."""
        return self in {Mechanism.RANKED, Mechanism.FIRST_COME, Mechanism.LOTTERY}

    @property
    def spends_own_money(self) -> bool:
        """Whether a request's own money buys cards besides its budget."""
        return self is Mechanism.PROPORTIONAL_WITH_OWN_MONEY


class Promise(Enum):
    """What a mechanism guarantees; of one that shares, before its shares are cut to whole gangs.

    LIMITS                  capacity, gangs, budgets, reserved cards and hours are kept
    ANY_ORDER               the result is the same for any order of the input
    NO_ENVY                 nobody would rather have the shares of another with an equal budget
                            and the same group
    PARETO                  nobody can get more work without another getting less or someone
                            paying more
    CAPACITY_HURTS_NOBODY   cards added to a pool leave nobody with a smaller gain
    SPLITTING_GAINS_NOTHING a request and its budget, split in proportion, gain no more together

    A gain is work and, where own money buys, the own money kept, at what a unit of work is worth.
    """

    LIMITS = "LIMITS"
    ANY_ORDER = "ANY_ORDER"
    NO_ENVY = "NO_ENVY"
    PARETO = "PARETO"
    CAPACITY_HURTS_NOBODY = "CAPACITY_HURTS_NOBODY"
    SPLITTING_GAINS_NOTHING = "SPLITTING_GAINS_NOTHING"


_ALL = frozenset({Promise.LIMITS, Promise.ANY_ORDER})

PROMISES: Mapping[Mechanism, frozenset[Promise]] = {
    Mechanism.PROPORTIONAL: frozenset(Promise),
    Mechanism.PROPORTIONAL_WITH_OWN_MONEY: frozenset(Promise) - {Promise.NO_ENVY},
    Mechanism.MAX_MIN: _ALL | {Promise.PARETO, Promise.SPLITTING_GAINS_NOTHING},
    Mechanism.DRF: _ALL | {Promise.CAPACITY_HURTS_NOBODY, Promise.SPLITTING_GAINS_NOTHING},
    Mechanism.RANKED: _ALL,
    Mechanism.FIRST_COME: _ALL,
    Mechanism.LOTTERY: _ALL,
}
"""What each mechanism promises. The proofs are in docs/rules/clearing.md; the law tests read this
table, and hold a counterexample for each promise that is not made."""
