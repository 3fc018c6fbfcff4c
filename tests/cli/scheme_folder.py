"""A small scheme of the user's own, in a folder, for commands to read."""

from pathlib import Path

from tests.schemes.sample import HEAD, RULES, SOURCES, rule, unknown

CAP = rule("cap_year", "cap", '{ scope = "FIRM_YEAR", amount = 2_000_000 }')
POT = rule("pot", "pot", "{ amount = 100_000_000 }")
SCHEME = HEAD + SOURCES + "".join(RULES) + CAP + POT

CASES = """\
[given]
applied_on = 2025-03-01
applicant_type = "ENTERPRISE"
place = "110108"
signed_on = 2025-02-20
term = { first = 2025-03-01, last = 2025-12-31 }
cost = { COMPUTE = 1_000_000 }
use = "TRAINING"

[[case]]
name = "A fifth"
given = {}
then = { support = 200_000, limb = "share" }
source = "worked by hand"

[[case]]
name = "The cap binds"
given = { cost = { COMPUTE = 12_000_000 } }
then = { support = 2_000_000, limb = "cap_year" }
source = "worked by hand"
"""

WITHOUT_RATE = (
    HEAD
    + SOURCES
    + "".join(r for r in RULES if 'id = "share"' not in r)
    + CAP
    + POT
    + unknown("rate")
)


def write(folder: Path, *, scheme: str = SCHEME, cases: str | None = CASES) -> Path:
    """Write the two files of a scheme; None leaves the cases out."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.joinpath("scheme.toml").write_text(scheme, encoding="utf-8")
    if cases is not None:
        folder.joinpath("cases.toml").write_text(cases, encoding="utf-8")
    return folder
