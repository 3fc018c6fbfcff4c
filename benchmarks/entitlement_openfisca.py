"""Beijing 2023 as an OpenFisca system: run by entitlement.py, in an environment of its own.

    python entitlement_openfisca.py <folder with rows.npz>

Writes found.npz and prints the seconds that the calculation took, setting the inputs included, as
any simulation sets them. Whole numbers are 32 bits in OpenFisca, which holds 21 million yuan.
"""

# mypy: ignore-errors
# ruff: noqa: ANN001, ANN201 - formulas have the shape that OpenFisca gives them
import sys
import time
from datetime import date
from pathlib import Path

import numpy as np
from openfisca_core.entities import build_entity
from openfisca_core.periods import DateUnit
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

CASE = build_entity(key="case", plural="cases", label="An application", is_person=True)
PERIOD = "ETERNITY"
YEAR = "2024"


def fact(name, kind):
    """An input."""
    body = {"value_type": kind, "entity": CASE, "definition_period": DateUnit.ETERNITY}
    return type(name, (Variable,), body | {"label": name})


def derived(name, kind, formula):
    """A variable with a formula."""
    body = {"value_type": kind, "entity": CASE, "definition_period": DateUnit.YEAR}
    return type(name, (Variable,), body | {"label": name, "formula": formula})


def later(days, months, spill):
    """The day so many months later; where that month is shorter its last day, or the next."""
    month = days.astype("datetime64[M]")
    target = (month + months).astype("datetime64[D]")
    length = (month + months + 1).astype("datetime64[D]") - target
    into = days - month.astype("datetime64[D]")
    return target + np.minimum(into, length if spill else length - np.timedelta64(1, "D"))


def clean_record(case, period):
    """No record of dishonesty within three years."""
    return case("last_dishonesty_on", period) < later(case("applied_on", period), -36, spill=False)


def short_term(case, period):
    """At most one year."""
    return case("term_ends_on", period) <= later(case("term_starts_on", period), 12, spill=True)


def allowed_use(case, period):
    """Training, fine-tuning, inference."""
    return case("use_code", period) <= 2  # noqa: PLR2004 - the first three of the list


CONDITIONS = {
    "applicant_type": lambda case, period: case("is_enterprise_code", period) == 0,
    "in_beijing": lambda case, period: case("place_code", period) // 10_000 == 11,  # noqa: PLR2004
    "clean_record": clean_record,
    "registered": lambda case, period: case("is_registered", period),
    "unrelated": lambda case, period: ~case("is_related", period),
    "signed_from": lambda case, period: case("signed_on", period) >= np.datetime64("2023-09-01"),
    "short_term": short_term,
    "first_award": lambda case, period: case("awards_on_contract", period) == 0,
    "allowed_use": allowed_use,
    "no_other_support": lambda case, period: ~case("has_other_support", period),
}


def eligible(case, period):
    """Every condition."""
    return np.logical_and.reduce([case(name, period) for name in CONDITIONS])


def amount(case, period):
    """A fifth of the cost, cut to the fen, at most what the year's cap leaves."""
    left = np.maximum(200_000_000 - case("already_fen", period), 0)
    return np.minimum(case("compute_fen", period) // 5, left)


FACTS = {
    "applied_on": date,
    "signed_on": date,
    "term_starts_on": date,
    "term_ends_on": date,
    "last_dishonesty_on": date,
    "is_registered": bool,
    "is_related": bool,
    "has_other_support": bool,
    "is_enterprise_code": int,
    "use_code": int,
    "awards_on_contract": int,
    "place_code": int,
    "compute_fen": int,
    "already_fen": int,
}


def system():
    """The rules as a system."""
    rules = TaxBenefitSystem([CASE])
    rules.add_variables(*[fact(name, kind) for name, kind in FACTS.items()])
    rules.add_variables(*[derived(name, bool, rule) for name, rule in CONDITIONS.items()])
    rules.add_variables(derived("eligible", bool, eligible), derived("amount", int, amount))
    return rules


def main() -> None:
    """Calculate once."""
    folder = Path(sys.argv[1])
    with np.load(folder / "rows.npz") as rows:
        facts = dict(rows)
    rules = system()
    count = len(facts["applied_on"])
    start = time.perf_counter()
    simulation = SimulationBuilder().build_default_simulation(rules, count)
    for name in FACTS:
        simulation.set_input(name, PERIOD, facts[name])
    found = {name: simulation.calculate(name, YEAR) for name in ("amount", "eligible")}
    seconds = time.perf_counter() - start
    np.savez(folder / "found.npz", **found)
    print(seconds)


if __name__ == "__main__":
    main()
