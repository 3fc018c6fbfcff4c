"""Facts as text: the same values as a TOML file gives, and every mistake at once."""

import tomllib
from datetime import date

import pytest

from evernormal.domain.policy import CostCategory, DeviceOrigin, FirmSize
from evernormal.domain.values import Fen, Period
from evernormal.schemes.case_facts import FACTS
from evernormal.schemes.fact_text import read_facts
from evernormal.schemes.kinds import read_table
from evernormal.schemes.problems import Place, SchemeProblems

CELLS = {
    "applied_on": "2025-03-01",
    "applicant_type": "ENTERPRISE",
    "place": "110108",
    "signed_on": "2025-02-20",
    "term.first": "2025-03-01",
    "term.last": "2025-12-31",
    "cost.COMPUTE": "1000000",
    "cost.STORAGE": "12.50",
    "use": "TRAINING",
    "size": "SMALL",
    "founded_on": "2020-01-01",
    "staff": "12",
    "revenue": "3000000.01",
    "sectors": "robots; chips",
    "filings": "model",
    "lists": "",
    "traits": "start_up;",
    "last_dishonesty_on": "2019-01-01",
    "provider_listed": "yes",
    "provider_connected": "no",
    "provider_place": "3205",
    "facility": "public",
    "scale.pflops": "100",
    "scale.racks": "7",
    "shared_owner": "TRUE",
    "service": "MODEL_SERVICE",
    "device_origin": "DOMESTIC",
    "route": "MATCHED",
    "side": "SUPPLY",
    "upstream": "national",
    "documents": "plan;deed",
    "other_support": "False",
    "other_supports.national": "5",
    "facility_id": "DC-1",
    "capacity_pflops": "300",
    "price_per_card_hour": "12.80",
    "score": "88",
    "awards_on_contract": "0",
    "awards_other_side": "1",
    "counted_on": "CLAIM",
    "already.FIRM_YEAR": "2000000",
    "already.CLAIM": "0.01",
    "firm_year_cost_before": "100",
    "pot_free": "7",
    "last_used_on": "2025-04-01",
    "extensions": "2",
    "paid": "10",
    "clawed_back_for": "MISUSE",
    "days_since_paid": "30",
    "claim_documents": "invoice",
    "device_class": "910B",
}

TOML = """
applied_on = 2025-03-01
applicant_type = "ENTERPRISE"
place = "110108"
signed_on = 2025-02-20
term = { first = 2025-03-01, last = 2025-12-31 }
cost = { COMPUTE = 1_000_000, STORAGE = "12.50" }
use = "TRAINING"
size = "SMALL"
founded_on = 2020-01-01
staff = 12
revenue = "3000000.01"
sectors = ["robots", "chips"]
filings = ["model"]
traits = ["start_up"]
last_dishonesty_on = 2019-01-01
provider_listed = true
provider_connected = false
provider_place = "3205"
facility = "public"
scale = { pflops = 100, racks = 7 }
shared_owner = true
service = "MODEL_SERVICE"
device_origin = "DOMESTIC"
route = "MATCHED"
side = "SUPPLY"
upstream = "national"
documents = ["plan", "deed"]
other_support = false
other_supports = { national = 5 }
facility_id = "DC-1"
capacity_pflops = 300
price_per_card_hour = "12.80"
score = 88
awards_on_contract = 0
awards_other_side = 1
counted_on = "CLAIM"
already = { FIRM_YEAR = 2_000_000, CLAIM = "0.01" }
firm_year_cost_before = 100
pot_free = 7
last_used_on = 2025-04-01
extensions = 2
paid = 10
clawed_back_for = "MISUSE"
days_since_paid = 30
claim_documents = ["invoice"]
device_class = "910B"
"""


def test_text_gives_the_same_facts_as_toml() -> None:
    tables = tomllib.loads(TOML)
    stated = read_table(tables, Place("x", {}), FACTS, optional=frozenset(FACTS))

    assert read_facts(CELLS, path="x.csv") == stated
    # `lists` is blank in the cells, and there it is not stated.
    assert set(tables) == set(FACTS) - {"lists"}


def test_values_are_those_of_the_domain() -> None:
    facts = read_facts(CELLS, path="x.csv")

    assert facts["cost"] == {
        CostCategory.COMPUTE: Fen(100_000_000),
        CostCategory.STORAGE: Fen(1250),
    }
    assert facts["term"] == Period.of_days(date(2025, 3, 1), date(2025, 12, 31))
    assert (facts["size"], facts["device_origin"]) == (FirmSize.SMALL, DeviceOrigin.DOMESTIC)
    assert facts["shared_owner"] is True


def test_blank_and_absent_are_not_stated() -> None:
    blank = dict.fromkeys(CELLS, "  ")

    assert read_facts(blank, path="x.csv") == {}
    assert read_facts({}, path="x.csv") == {}


@pytest.mark.parametrize(
    ("column", "cell", "said"),
    [
        ("colour", "red", "There is no fact 'colour'"),
        ("aplied_on", "2025-01-01", "Did you mean applied_on?"),
        ("colour", "", "There is no fact 'colour'"),
        ("cost", "5", "Name the part of cost"),
        ("other_supports", "5", "other_supports.<name>"),
        ("size.x", "SMALL", "size has no parts"),
        ("cost.COMPUTES", "5", "Did you mean COMPUTE?"),
        ("cost.COMPUTE", "1,000", "without separators"),
        ("cost.COMPUTE", "-1", "does not fit here"),
        ("cost.COMPUTE", "1e3", "without separators"),
        ("scale.PF", "3", "'PF' does not fit here"),
        ("scale.pflops", "3.5", "'3.5' does not fit here"),
        ("staff", "many", "'many' does not fit here"),
        ("staff", "9" * 30, "does not fit here"),
        ("signed_on", "2025-02-30", "'2025-02-30' does not fit here"),
        ("signed_on", "20250301", "'20250301' does not fit here"),
        ("signed_on", "2025-W09-6", "does not fit here"),
        ("provider_listed", "maybe", "'maybe' does not fit here"),
        ("sectors", "robots;robots", "An entry stands twice"),
        ("sectors", "Robots", "'Robots' does not fit here"),
        ("use", "training", "'training' does not fit here"),
        ("term.first", "2025-01-01", "last is missing"),
    ],
)
def test_a_cell_that_does_not_fit_is_refused_with_its_column(
    column: str, cell: str, said: str
) -> None:
    with pytest.raises(SchemeProblems) as refusal:
        read_facts({column: cell}, path="x.csv", line=7)

    (problem,) = refusal.value.problems
    assert problem.place.startswith(column.partition(".")[0])
    assert (problem.path, problem.line) == ("x.csv", 7)
    assert said in problem.message


def test_all_mistakes_of_a_row_come_at_once() -> None:
    cells = {"staff": "x", "cost.COMPUTE": "y", "term.first": "2025-02-01", "colour": "red"}
    cells["term.last"] = "2025-01-01"

    with pytest.raises(SchemeProblems) as refusal:
        read_facts(cells, path="x.csv")

    places = {problem.place for problem in refusal.value.problems}
    assert places == {"staff", "cost.COMPUTE", "term", "colour"}
