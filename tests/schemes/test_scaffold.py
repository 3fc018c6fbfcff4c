"""The scaffold: every form is offered, and no blank of it passes."""

import re
import tomllib
from fractions import Fraction

import pytest

from evernormal.domain.policy import Rate, Settlement, Unit
from evernormal.schemes import (
    SchemeProblems,
    list_schemes,
    load_scheme,
    read_library_scheme,
    run_cases,
)
from evernormal.schemes.case_facts import FACTS
from evernormal.schemes.case_outcomes import OUTCOMES
from evernormal.schemes.forms import FORMS
from evernormal.schemes.scaffold import is_scheme_id, scaffold

FILLED = {
    "eligible_cost": '{ categories = ["COMPUTE"] }',
    "rate": '{ ratio = "30/100", up_to = true }',
    "cap": '{ scope = "FIRM_YEAR", amount = 2_000_000 }',
    "rounding": '{ mode = "TRUNCATE", unit_fen = 1, at_each_step = false }',
    "payee": '{ payee = "APPLICANT" }',
    "pot": "{ amount = 100_000_000 }",
    "shortage": '{ shortage = "FIRST_COME" }',
}


def uncommented(text: str) -> str:
    """The file with the number signs taken off its commented rules."""
    head, _, guide = text.partition("signs off those that the text has.\n")
    return head + "\n" + re.sub(r"^# ?", "", guide, flags=re.MULTILINE)


def fill(text: str) -> str:
    """The file as a person fills it."""
    text = text.replace('en = ""', 'en = "words"').replace('zh = ""', 'zh = "文字"')
    text = text.replace("# read_on = the day", "read_on = 2026-03-01 # the day")
    text = text.replace('date = ""', "date = 2026-01-01")
    for form, value in FILLED.items():
        text = re.sub(
            rf'^(form = "{form}"\n(?:[^v\n][^\n]*\n|\n)*value = )[^\n]*',
            rf"\g<1>{value}",
            text,
            flags=re.MULTILINE,
        )
    return text


def problems_of(text: str) -> dict[str, str]:
    with pytest.raises(SchemeProblems) as refusal:
        load_scheme(text.encode(), path="scheme.toml")
    return {problem.place: problem.message for problem in refusal.value.problems}


@pytest.mark.parametrize("settlement", Settlement)
def test_every_blank_is_refused_by_name(settlement: Settlement) -> None:
    text = scaffold("cn/x/2026", settlement, unit=Unit.CNY)["scheme.toml"]
    places = problems_of(text)
    blanks = [line for line in text.splitlines() if '""' in line and not line.startswith("#")]

    assert "read_on is missing" in places["source[text]"]
    assert {"title.en", "title.zh", "issuer.en", "source[text].title.en"} <= places.keys()
    for rule in tomllib.loads(text)["rule"]:
        at = f"rule[{rule['id']}]"
        assert {f"{at}.label.en", f"{at}.from[0].date", f"{at}.from[0].clause.zh"} <= places.keys()
        for key in rule["from"][0].get("value", {}):
            assert f"{at}.from[0].value.{key}" in places
    assert len(places) > len(blanks)


@pytest.mark.parametrize("settlement", Settlement)
def test_every_form_is_offered_with_its_keys_once(settlement: Settlement) -> None:
    text = scaffold("cn/x/2026", settlement, unit=Unit.CNY)["scheme.toml"]
    rules = tomllib.loads(uncommented(text))["rule"]

    assert sorted(rule["form"] for rule in rules) == sorted(FORMS)
    for rule in rules:
        form = FORMS[rule["form"]]
        value = rule["from"][0].get("value", {})
        assert set(value) == set(form.keys) - form.optional
        for key in form.keys:
            assert re.search(rf"^[# ]*{key}(, may be left out)?: ", text, flags=re.MULTILINE)


def test_each_blank_value_of_every_form_is_refused() -> None:
    text = uncommented(
        scaffold("cn/x/2026", Settlement.POST_USE_SUBSIDY, unit=Unit.CNY)["scheme.toml"]
    )
    places = problems_of(text)

    for rule in tomllib.loads(text)["rule"]:
        for key in rule["from"][0].get("value", {}):
            assert f"rule[{rule['id']}].from[0].value.{key}" in places


def test_a_filled_scaffold_loads() -> None:
    text = scaffold("cn/x/2026", Settlement.POST_USE_SUBSIDY, unit=Unit.CNY)["scheme.toml"]

    scheme = load_scheme(fill(text).encode(), path="scheme.toml")

    assert (scheme.id, scheme.settlement, scheme.unit) == (
        "cn/x/2026",
        Settlement.POST_USE_SUBSIDY,
        Unit.CNY,
    )
    called = {"rate": "share", "cap": "cap_year"}
    assert {rule.id for rule in scheme.rules} == {called.get(form, form) for form in FILLED}


def test_a_rule_is_called_as_the_library_calls_it() -> None:
    text = scaffold("cn/x/2026", Settlement.CLAIM_AND_DEDUCT, unit=Unit.CNY)["scheme.toml"]
    offered = {rule["form"]: rule["id"] for rule in tomllib.loads(uncommented(text))["rule"]}
    library: dict[str, set[str]] = {}
    for scheme_id in list_schemes():
        for rule in read_library_scheme(scheme_id)[0].rules:
            library.setdefault(rule.versions[0].form.name, set()).add(rule.id)

    assert {form for form, ids in library.items() if offered[form] not in ids} == {"any_of"}


def test_a_rate_that_is_known_is_filled_in() -> None:
    files = scaffold(
        "cn/x/2026", Settlement.POST_USE_SUBSIDY, unit=Unit.EUR, ratio=Fraction(30, 100)
    )
    text = files["scheme.toml"]
    kept = text.replace('ratio = "3/10", up_to = ""', 'ratio = "3/10", up_to = true')

    assert kept != text
    assert tomllib.loads(text)["unit"] == "EUR"
    assert "rule[share].from[0].value.ratio" not in problems_of(text)
    loaded = load_scheme(fill(kept).encode(), path="scheme.toml")
    assert isinstance(loaded.get_rule("share").versions[0].form, Rate)


def test_the_blank_cases_are_refused_and_name_every_fact_and_outcome() -> None:
    files = scaffold("cn/x/2026", Settlement.POST_USE_SUBSIDY, unit=Unit.CNY)
    scheme = load_scheme(fill(files["scheme.toml"]).encode(), path="scheme.toml")

    with pytest.raises(SchemeProblems) as refusal:
        run_cases(scheme, files["cases.toml"].encode(), path="cases.toml")

    places = {problem.place for problem in refusal.value.problems}
    assert {"given.applied_on", "given.cost", "case[1].name", "case[1].source"} <= places
    for name in (*FACTS, *OUTCOMES):
        assert re.search(rf"^(# )?{name} = ", files["cases.toml"], flags=re.MULTILINE), name


@pytest.mark.parametrize(
    ("text", "is_id"),
    [
        ("cn/beijing/2023", True),
        ("us/access/2025_2", True),
        ("cn/beijing", False),
        ("CN/beijing/2023", False),
        ("cn/../2023", False),
        ("/cn/beijing/2023", False),
        ("cn/beijing/2023/x", False),
        ("cn/beijing/year", False),
    ],
)
def test_an_id_names_country_place_and_year(text: str, is_id: bool) -> None:  # noqa: FBT001
    assert is_scheme_id(text) is is_id
