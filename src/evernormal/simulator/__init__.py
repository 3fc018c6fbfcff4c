"""What a policy would do: a scheme applied to a population, before anyone is promised anything."""

from evernormal.simulator.application import Application, Outcome
from evernormal.simulator.awarding import PotChoice
from evernormal.simulator.comparison import Comparison, Difference, SizeDifference, compare
from evernormal.simulator.concentration import Concentration
from evernormal.simulator.spending import PotYear, SpendDay
from evernormal.simulator.what_if import (
    FailedLine,
    GroupLine,
    LimbLine,
    NotAdmitted,
    ShortageLine,
    WhatIf,
    what_if,
)

__all__ = [
    "Application",
    "Comparison",
    "Concentration",
    "Difference",
    "FailedLine",
    "GroupLine",
    "LimbLine",
    "NotAdmitted",
    "Outcome",
    "PotChoice",
    "PotYear",
    "ShortageLine",
    "SizeDifference",
    "SpendDay",
    "WhatIf",
    "compare",
    "what_if",
]
