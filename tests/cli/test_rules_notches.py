"""`evernormal rules notches`: Hangzhou's known cliff, to the fen, and classes in words."""

import json
from pathlib import Path
from typing import Any

import pytest

from evernormal.cli.rules.class_words import cube_in_words, gathered
from evernormal.cli.rules.notches import CLASSES_MAX
from evernormal.locale import words
from evernormal.schemes import list_schemes
from tests.cli.commands import rules
from tests.cli.scheme_folder import CASES, WITHOUT_RATE, write
from tests.schemes.sample import HEAD, RULES, SOURCES, rule

HANGZHOU = "cn/hangzhou/2025"
SMALL, DOMESTIC = ("--fact", "size=SMALL"), ("--fact", "device_origin=DOMESTIC")
LIMITS = rule("cap", "cap", '{ scope = "FIRM", amount = 900 }') + rule(
    "pot", "pot", "{ amount = 7_000 }"
)
TIERED = (
    '{ measure = "COST", basis = "WHOLE", up_to = true, tiers = ['
    '{ label = { en = "Low", zh = "低" }, at_most = 1_000, ratio = "1/2" }, '
    '{ label = { en = "Rest", zh = "其他" }, when = WHEN, ratio = "1/5" }] }'
)


def found(*arguments: object) -> dict[str, Any]:
    done = rules("notches", *arguments, "--json")
    assert done.code == 0
    told: dict[str, Any] = json.loads(done.out)
    return told


def own(folder: Path, when: str = '{ sizes = ["SMALL"] }', *more: str) -> Path:
    """A scheme of one's own with tiers."""
    tiers = rule("share", "tiered_rate", TIERED.replace("WHEN", when))
    others = [text for text in RULES if 'id = "share"' not in text]
    return write(folder, scheme=HEAD + SOURCES + "".join([*others, tiers, LIMITS, *more]))


# --- The known one --------------------------------------------------------------------------------


def test_hangzhou_in_every_class() -> None:
    told = found(HANGZHOU)

    assert told["classes"] == 32
    assert told["jumps"] == []
    points = [
        (notch["at"], notch["yuan_beyond"], notch["regained_at"]) for notch in told["notches"]
    ]
    at = {"cost": "500000.00", "support": "250000.00"}
    assert points == [
        (at, {"cost": "500001.00", "support": "100000.20"}, "1250000.00"),
        (at, {"cost": "500001.00", "support": "150000.30"}, "833333.34"),
    ]
    for notch in told["notches"]:
        for case in notch["cases"]:
            assert case["size"] == ["MICRO SMALL MEDIUM"]
            assert case["route"] == ["APPLIED"]


def test_stated_facts_make_one_case() -> None:
    told = found(HANGZHOU, *SMALL, *DOMESTIC)

    assert told["classes"] == 1
    (notch,) = told["notches"]
    assert notch["yuan_beyond"]["support"] == "150000.30"
    assert notch["cases"] == [{}]


def test_stated_facts_hold_in_all_cases() -> None:
    told = found(HANGZHOU, *DOMESTIC, "--all-cases")

    assert 1 < told["classes"] < 32
    assert {notch["yuan_beyond"]["support"] for notch in told["notches"]} == {"150000.30"}


def test_facts_come_from_a_file_too(tmp_path: Path) -> None:
    path = tmp_path / "facts.toml"
    path.write_text('size = "SMALL"\nfirm_year_cost_before = 100_000\n', encoding="utf-8")

    (notch,) = found(HANGZHOU, "--facts", path, *DOMESTIC)["notches"]

    assert notch["at"] == {"cost": "400000.00", "support": "200000.00"}


def test_the_words() -> None:
    english = rules("notches", HANGZHOU, *SMALL, *DOMESTIC).out
    chinese = rules("notches", HANGZHOU, *SMALL, *DOMESTIC, "--lang", "zh_Hans").out

    assert "1 notch in 1 class of cases" in english
    assert "  500,001.00 yuan gets 150,000.30 yuan\n" in english
    assert "only from 833,333.34 yuan of cost on is there as much again" in english
    assert "断崖点：500,000.00 元" in chinese
    assert "  费用 500,001.00 元，支持额 150,000.30 元\n" in chinese


@pytest.mark.parametrize("scheme_id", list_schemes())
def test_every_scheme_of_the_library_can_be_asked(scheme_id: str) -> None:
    english, chinese = (rules("notches", scheme_id, "--lang", lang) for lang in ("en", "zh_Hans"))

    assert english.code == chinese.code
    if english.code:
        assert "No amount can be given" in english.err


# --- Schemes of one's own -------------------------------------------------------------------------


def test_jumps_and_cases_that_are_never_eligible(tmp_path: Path) -> None:
    sizes = rule("sizes", "size_in", '{ sizes = ["SMALL", "LARGE"] }')
    asked = rule("asked", "request_between", "{ at_least = 10, at_most = 1_500 }")
    scheme = own(tmp_path, '{ sizes = ["SMALL"] }', sizes, asked)

    told = found(scheme)

    assert [jump["rules"] for jump in told["jumps"]] == [["asked"]]
    assert told["not_eligible"] == [{"rules": ["sizes"], "classes": 1}]
    assert [(n["at"]["cost"], n["regained_at"]) for n in told["notches"]] == [
        ("1000.00", None),
        ("1000.00", None),
        ("1500.00", None),
    ]
    text = rules("notches", scheme).out
    assert "Not eligible at any cost: 1 class of cases, for sizes." in text
    assert "no higher cost gets as much again" in text
    assert "One fen more adds 5.00 yuan of support." in text


def test_no_notch_is_said_too(tmp_path: Path) -> None:
    scheme = write(tmp_path, scheme=HEAD + SOURCES + "".join(RULES) + LIMITS)

    assert "no notch" in rules("notches", scheme).out
    assert "没有断崖点" in rules("notches", scheme, "--lang", "zh_Hans").out


def test_more_classes_than_anyone_can_read_are_refused(tmp_path: Path) -> None:
    words_ = ", ".join(f'"w{n}"' for n in range(12))
    alone = "".join(
        rule(
            f"cap_{n}", "cap", f'{{ scope = "CLAIM", amount = 1, when = {{ traits = ["w{n}"] }} }}'
        )
        for n in range(11)
    )

    done = rules("notches", own(tmp_path, f"{{ traits = [{words_}] }}", alone))

    assert done.code == 1
    assert f"Over {CLASSES_MAX} classes of cases. State some with --fact: traits." in done.err


def test_a_scheme_without_a_rate_is_refused(tmp_path: Path) -> None:
    done = rules("notches", write(tmp_path, scheme=WITHOUT_RATE))

    assert (done.code, done.out) == (1, "")
    assert "No amount can be given" in done.err


def test_without_worked_cases_facts_must_be_stated(tmp_path: Path) -> None:
    scheme = write(tmp_path, cases=None)

    done = rules("notches", scheme, *SMALL)

    assert done.code == 1
    assert "Facts are missing" in done.err
    assert "  applied_on: a date" in done.err
    assert "cost" not in done.err


@pytest.mark.parametrize(
    ("fact", "said"), [("size", "write NAME=VALUE"), ("size=HUGE", "one of MICRO")]
)
def test_a_wrong_fact_is_refused(fact: str, said: str) -> None:
    done = rules("notches", HANGZHOU, "--fact", fact)

    assert done.code == 1
    assert said in done.err


def test_wrong_cases_are_refused(tmp_path: Path) -> None:
    scheme = write(tmp_path, cases=CASES.replace("TRAINING", "MINING"))

    done = rules("notches", scheme)

    assert done.code == 1
    assert "cases.toml:8: given.use" in done.err


# --- Classes in words -----------------------------------------------------------------------------


def test_classes_that_differ_in_one_fact_are_gathered() -> None:
    everything = {"size": 3, "device_origin": 2}
    classes = [{"size": s, "device_origin": o} for s in ("MICRO", "SMALL") for o in ("A", "B")]

    assert gathered(classes, everything) == [(("size", ("MICRO", "SMALL")),)]
    assert gathered([*classes, {"size": "LARGE", "device_origin": "A"}], everything) == [
        (("device_origin", ("A",)),),
        (("size", ("MICRO", "SMALL")), ("device_origin", ("B",))),
    ]
    assert gathered([{}], {}) == [()]


def test_classes_are_said_in_both_languages() -> None:
    cube = (
        ("size", ("MICRO SMALL", "LARGE")),
        ("founded_on", ("≤ 12",)),
        ("scale.pflops", ("≥ 9",)),
        ("traits", ("-", "start_up")),
    )

    assert cube_in_words(cube, words("en")) == (
        "Size of the firm: micro firm or small firm or large firm; Age in months: ≤ 12; "
        "Scale of the facility, pflops: ≥ 9; Traits: none of those named or start_up"
    )
    assert cube_in_words(cube, words("zh_Hans")) == (
        "企业规模：微型企业或小型企业或大型企业；成立月数：≤ 12；"
        "算力设施规模（pflops）：≥ 9；特征：不属于所列各项或start_up"
    )
    assert cube_in_words((), words("zh_Hans")) == "所有情形"
