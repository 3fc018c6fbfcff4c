"""Whatever figure of the library is changed, a worked case fails: the cases hold the rules fast."""

import os
import tomllib

import pytest

from evernormal.schemes import list_schemes
from evernormal.schemes.problems import Place, find_lines
from tests.schemes.sample import HEAD, SCHEME, SOURCES, rule
from tools.mutate_schemes import Tally, main, mutants, mutate, mutate_library

# All of them when the laws are asked for, as `make laws` and `make mutate` do; else a part of them,
# chosen by hash, so that every run tries the same.
ONE_IN = 1 if os.environ.get("HYPOTHESIS_PROFILE") == "laws" else 4


def test_a_changed_figure_makes_a_case_fail(capsys: pytest.CaptureFixture[str]) -> None:
    found = sum((mutate_library(scheme_id, ONE_IN) for scheme_id in list_schemes()), Tally())
    with capsys.disabled():
        # The rate is the result, also when it is good enough.
        print(f"\nmutants of the schemes, one in {ONE_IN}: {found}")  # noqa: T201

    assert found.whole * ONE_IN > 1_500
    assert found.is_enough, found.survivors


# --- The tool itself ------------------------------------------------------------------------------


def changes_of(*rules: str) -> list[str]:
    text = HEAD + SOURCES + "".join(rules)
    place = Place("s.toml", find_lines(text))
    return [str(mutant) for mutant in mutants(tomllib.loads(text), place)]


DATES = [
    "s.toml:17: rule[x].from[0].date: 2025-01-01 -> 2024-12-31",
    "s.toml:17: rule[x].from[0].date: 2025-01-01 -> 2025-01-02",
]


@pytest.mark.parametrize(
    ("form", "value", "changes"),
    [
        ("clean_record", "{ years = 3 }", ["years: 3 -> 2", "years: 3 -> 4"]),
        (
            "rate",
            '{ ratio = "20/100", up_to = true }',
            [
                "ratio: 20/100 -> 19/100",
                "ratio: 20/100 -> 21/100",
                "ratio: 20/100 -> 20/99",
                "ratio: 20/100 -> 20/101",
                "up_to: true -> false",
            ],
        ),
        ("minimum_spend", '{ amount = "0.09" }', ["amount: 0.09 -> 0.08", "amount: 0.09 -> 0.10"]),
        (
            "registered_in",
            '{ places = ["0099"] }',
            ["places[0]: 0099 -> 0098", "places[0]: 0099 -> 0100"],
        ),
        (
            "payee",
            '{ payee = "EITHER" }',
            [f"payee: EITHER -> {word}" for word in ("APPLICANT", "PROVIDER", "NOBODY")],
        ),
        (
            "applied_within",
            "{ first = 2025-03-01, last = 2025-03-02 }",
            [
                "first: 2025-03-01 -> 2025-02-28",
                "first: 2025-03-01 -> 2025-03-02",
                "last: 2025-03-02 -> 2025-03-01",
                "last: 2025-03-02 -> 2025-03-03",
            ],
        ),
        (
            "any_of",
            (
                '{ any_of = [{ label = { en = "a", zh = "甲" }, when = { traits = ["new", "old"], '
                "scale_at_least = { pflops = 5 } } }] }"
            ),
            [
                "any_of[0].when.traits[0]: new -> new_x",
                "any_of[0].when.traits[1]: old -> old_x",
                "any_of[0].when.scale_at_least.pflops: 5 -> 4",
                "any_of[0].when.scale_at_least.pflops: 5 -> 6",
                "any_of[0].when.scale_at_least.pflops: pflops -> pflops_x",
            ],
        ),
        ("provider_registered", "", []),
    ],
)
def test_each_kind_of_value_is_changed_by_one_step(
    form: str, value: str, changes: list[str]
) -> None:
    assert changes_of(rule("x", form, value)) == [
        *DATES,
        *(f"s.toml:18: rule[x].from[0].value.{change}" for change in changes),
    ]


def test_a_mutant_is_the_file_with_one_thing_changed() -> None:
    text = HEAD + SOURCES + rule("x", "clean_record", "{ years = 3 }")
    tables = tomllib.loads(text)
    before = tomllib.loads(text)

    found = [mutant.tables for mutant in mutants(tables, Place("s.toml", {}))]

    assert found[2] == tomllib.loads(text.replace("years = 3", "years = 2"))
    assert found[1] == tomllib.loads(text.replace("date = 2025-01-01", "date = 2025-01-02"))
    assert tables == before


GIVEN = """[given]
applied_on = 2025-01-01
applicant_type = "ENTERPRISE"
place = "11"
signed_on = 2025-01-01
term = { first = 2025-01-01, last = 2025-12-31 }
cost = { COMPUTE = 100 }
use = "TRAINING"
[[case]]
name = "a"
source = "b"
given = { }
"""


def test_what_no_case_looks_at_survives_and_what_the_loader_refuses_does_not_count() -> None:
    sample = SCHEME.encode()
    blind = mutate(sample, (GIVEN + "then = { up_to = true }\n").encode(), path="s.toml")
    seeing = (GIVEN + "then = { up_to = true, support = 20, voucher_months = 12 }\n").encode()
    better = mutate(sample, seeing, path="s.toml")

    months = "s.toml:54: rule[validity].from[0].value.months: 12 -> 11"
    assert months in blind.survivors
    assert months not in better.survivors
    assert (blind.whole, blind.refused) == (better.whole, better.refused)
    assert better.caught > blind.caught > 0
    assert blind.refused > 0
    assert not blind.is_enough


def test_one_in_some_is_always_the_same_part_of_all() -> None:
    cases = (GIVEN + "then = { eligible = true }\n").encode()
    every, some, again = (
        mutate(SCHEME.encode(), cases, path="s.toml", one_in=n) for n in (1, 3, 3)
    )

    assert some == again
    assert set(some.survivors) < set(every.survivors)
    assert 0 < some.whole + some.refused < every.whole + every.refused


def test_the_rate_says_whether_it_is_enough() -> None:
    assert Tally(caught=19, survivors=("a",)).is_enough
    assert not Tally(caught=18, survivors=("a",)).is_enough
    assert Tally().is_enough
    assert str(Tally(19, 3, ("a",))) == (
        "19 of 20 caught by a case, 95.0 %; 3 more refused by the loader"
    )
    assert Tally(1, 2, ("a",)) + Tally(3, 4, ("b",)) == Tally(4, 6, ("a", "b"))


def test_the_command_prints_the_rate_of_each_scheme_and_of_all(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = main(["--one-in", "5", "cn/beijing/2023", "cn/nanning/2025"])

    printed = capsys.readouterr().out.splitlines()
    assert code == 0
    assert [line.split()[0] for line in printed if line] == [
        "cn/beijing/2023",
        "cn/nanning/2025",
        "2",
    ]
    assert all("caught by a case" in line for line in printed if line)
