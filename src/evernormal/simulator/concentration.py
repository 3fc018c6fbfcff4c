"""How much of the money few firms get."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from evernormal.domain.values import Fen
from evernormal.simulator.application import Outcome

TOP_FIRMS = 5
_HHI_WHOLE = 10_000


@dataclass(frozen=True, slots=True)
class Concentration:
    """How much of what was granted few firms got.

    firms        that applied
    firms_empty  that got nothing
    top_share    share of all that the five firms with the most got; 0 when nothing was granted
    hhi          Herfindahl-Hirschman index: squared shares in percent, together; from near 0, very
                 many equal firms, to 10,000, one firm; a half goes up
    largest      the firms with the most and fen of each, at most five
    """

    firms: int
    firms_empty: int
    top_share: Fraction
    hhi: int
    largest: tuple[tuple[str, Fen], ...]

    @property
    def empty_share(self) -> Fraction:
        """Share of the firms that got nothing."""
        return Fraction(self.firms_empty, self.firms) if self.firms else Fraction(0)


def concentration_of(outcomes: Iterable[Outcome]) -> Concentration:
    """Measure how what was granted is spread over firms."""
    by_firm: dict[str, int] = defaultdict(int)
    for outcome in outcomes:
        by_firm[outcome.application.case.applicant.id] += outcome.granted.amount
    ranked = sorted(by_firm.items(), key=lambda firm: (-firm[1], firm[0]))
    total = sum(by_firm.values())
    largest = [(firm, Fen(fen)) for firm, fen in ranked[:TOP_FIRMS] if fen]
    squares = sum(fen * fen for fen in by_firm.values())
    hhi = Fraction(squares * _HHI_WHOLE, total * total) if total else Fraction(0)
    return Concentration(
        firms=len(by_firm),
        firms_empty=sum(1 for fen in by_firm.values() if fen == 0),
        top_share=Fraction(sum(f.amount for _, f in largest), total) if total else Fraction(0),
        hhi=(2 * hhi.numerator + hhi.denominator) // (2 * hhi.denominator),
        largest=tuple(largest),
    )
