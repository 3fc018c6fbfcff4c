"""What a rule found: a check that passed or not, a step that turned one amount into another."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

Fact = str | int | bool | None


@dataclass(frozen=True, slots=True)
class Check:
    """One condition applied to one case. `facts` are the values compared, ready for words."""

    rule_id: str
    form: str
    passed: bool
    facts: Mapping[str, Fact]


@dataclass(frozen=True, slots=True)
class Step:
    """One rule applied to an amount, in fen.

    before   what came in
    exact    what the rule's formula gives
    after    what goes on to the next rule: `exact`, rounded where the scheme rounds at each step
    facts    the numbers the formula used
    """

    rule_id: str
    form: str
    before: Fraction
    exact: Fraction
    after: Fraction
    facts: Mapping[str, Fact]
