"""Two schemes on one population: who gains and who loses, in money."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from evernormal.domain.policy import Scheme
from evernormal.domain.values import Fen
from evernormal.simulator.application import Application, Outcome
from evernormal.simulator.awarding import PotChoice
from evernormal.simulator.year import outcomes_of


@dataclass(frozen=True, slots=True)
class Difference:
    """One application under both schemes; `change` is what the rules give more, before the pot."""

    old: Outcome
    new: Outcome

    @property
    def change(self) -> Fen:
        """Fen that the new rules give more; below 0: less."""
        return self.new.asked - self.old.asked


@dataclass(frozen=True, slots=True)
class SizeDifference:
    """Applications of one size class under both schemes; gains and losses apart, in fen."""

    size: str
    applications: int
    gaining: int
    losing: int
    gained: Fen
    lost: Fen
    old: Fen
    new: Fen

    @property
    def unchanged(self) -> int:
        """Applications that are given the same."""
        return self.applications - self.gaining - self.losing


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two schemes on one population.

    whole                        all applications; what the rules give, before each pot
    old_granted, new_granted     fen granted within each scheme's own pot
    differences                  every application, in order of days of application
    """

    whole: SizeDifference
    sizes: tuple[SizeDifference, ...]
    old_granted: Fen
    new_granted: Fen
    differences: tuple[Difference, ...]

    def gains(self, most: int) -> tuple[Difference, ...]:
        """The applications that gain most, the largest first."""
        found = [each for each in self.differences if each.change.amount > 0]
        return tuple(sorted(found, key=lambda d: (-d.change.amount, d.old.application.id))[:most])

    def losses(self, most: int) -> tuple[Difference, ...]:
        """The applications that lose most, the largest first."""
        found = [each for each in self.differences if each.change.amount < 0]
        return tuple(sorted(found, key=lambda d: (d.change.amount, d.old.application.id))[:most])


def compare(
    old: Scheme,
    new: Scheme,
    applications: Sequence[Application],
    choices: tuple[PotChoice, PotChoice] = (PotChoice(), PotChoice()),
) -> Comparison:
    """Apply two schemes to one population, each with its own caps and its own pot.

    applications  [n], n >= 1, in any order: the result is the same
    choices       what is taken in place of each scheme's own
    raises        UnknownRule when a scheme gives no amount on one of the days
    source        docs/how-to/ask-what-a-policy-would-do.md
    """
    before = outcomes_of(old, applications, choices[0])
    after = outcomes_of(new, applications, choices[1])
    differences = tuple(Difference(o, n) for o, n in zip(before, after, strict=True))
    sizes = sorted({_size(each) for each in differences})
    return Comparison(
        whole=_measure("", differences),
        sizes=tuple(_measure(s, [d for d in differences if _size(d) == s]) for s in sizes),
        old_granted=_sum(outcome.granted for outcome in before),
        new_granted=_sum(outcome.granted for outcome in after),
        differences=differences,
    )


def _size(difference: Difference) -> str:
    return difference.old.application.case.applicant.size.value


def _measure(size: str, differences: Sequence[Difference]) -> SizeDifference:
    changes = [each.change.amount for each in differences]
    return SizeDifference(
        size=size,
        applications=len(changes),
        gaining=sum(1 for change in changes if change > 0),
        losing=sum(1 for change in changes if change < 0),
        gained=Fen(sum(change for change in changes if change > 0)),
        lost=Fen(-sum(change for change in changes if change < 0)),
        old=_sum(each.old.asked for each in differences),
        new=_sum(each.new.asked for each in differences),
    )


def _sum(amounts: Iterable[Fen]) -> Fen:
    return Fen(sum(amount.amount for amount in amounts))
