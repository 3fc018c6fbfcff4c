"""`evernormal rules calculate` and `explain`: the amount, why, and what would change it."""

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from evernormal.schemes import list_schemes, read_library_cases, read_library_scheme
from evernormal.schemes.cases import list_case_facts, run_cases
from tests.cli.commands import rules
from tests.cli.scheme_folder import SCHEME, WITHOUT_RATE, write

LANGS = ("en", "zh_Hans")
BEIJING = "cn/beijing/2023"
FACTS = (
    "applied_on=2024-03-01",
    "applicant_type=ENTERPRISE",
    "place=110108",
    "signed_on=2024-02-20",
    "term.first=2024-03-01",
    "term.last=2025-02-28",
    "cost.COMPUTE=12000000",
    "use=TRAINING",
    "provider_listed=yes",
)


def given(*changes: str) -> Iterator[str]:
    """The facts as options, those named in the changes put otherwise."""
    changed = {change.partition("=")[0] for change in changes}
    kept = [fact for fact in FACTS if fact.partition("=")[0] not in changed]
    for fact in (*kept, *changes):
        yield from ("--fact", fact)


# --- calculate ------------------------------------------------------------------------------------


def test_an_applicant_learns_the_amount_and_what_the_cap_costs() -> None:
    done = rules("calculate", BEIJING, *given())

    assert (done.code, done.err) == (0, "")
    assert "= Eligible. The rules give 2,000,000.00 yuan" in done.out
    assert "12,000,000.00 × 20 % = 2,400,000.00 yuan" in done.out
    assert (
        "◇ This limit costs 400,000.00 yuan: without it the rules would give 2,400,000.00 yuan."
        in done.out
    )
    assert "What bound: At most 2 million yuan per firm and calendar year." in done.out
    assert "✓" not in done.out


def test_every_reason_is_told_with_its_clause() -> None:
    done = rules("calculate", BEIJING, *given("place=31", "applicant_type=UNIVERSITY"))

    failed = [line for line in done.out.splitlines() if "✗" in line]
    assert done.code == 0
    assert "Not eligible: 2 conditions not met." in done.out
    assert len(failed) == 2
    assert all("[1, applicants: enterprises registered in the city]" in line for line in failed)


def test_the_only_reason_is_told_with_what_would_lift_it() -> None:
    done = rules("calculate", BEIJING, *given("signed_on=2023-08-31"))

    assert "Only this condition fails. With this otherwise – Contract signed on: 2023-09-01" in (
        done.out
    )


def test_the_domestic_tier_is_told_with_what_it_would_add() -> None:
    """Hangzhou 2024: 20 % for other facilities, 30 % for domestic ones."""
    facts = given(
        "applied_on=2024-09-01",
        "signed_on=2024-08-20",
        "place=330106",
        "cost.COMPUTE=800000",
        "device_origin=FOREIGN",
    )

    done = rules("calculate", "cn/hangzhou/2024", *facts)

    assert "Origin of the cards: domestic would add 80,000.00 yuan" in done.out


def test_facts_of_a_file_give_way_to_those_of_the_line(tmp_path: Path) -> None:
    path = tmp_path / "facts.toml"
    path.write_text(
        'applied_on = 2024-03-01\napplicant_type = "ENTERPRISE"\nplace = "110108"\n'
        "signed_on = 2024-02-20\nterm = { first = 2024-03-01, last = 2025-02-28 }\n"
        'cost = { COMPUTE = 12_000_000 }\nuse = "TRAINING"\nprovider_listed = true\n',
        encoding="utf-8",
    )

    by_file = rules("calculate", BEIJING, "--facts", path)
    less = rules("calculate", BEIJING, "--facts", path, "--fact", "cost.COMPUTE=1000000")

    assert by_file.out == rules("calculate", BEIJING, *given()).out
    assert "The rules give 200,000.00 yuan" in less.out


def test_all_that_is_wrong_with_the_facts_comes_at_once(tmp_path: Path) -> None:
    path = tmp_path / "facts.toml"
    path.write_text('cost = 5\nuse = "FUN"\n', encoding="utf-8")

    done = rules("calculate", BEIJING, "--facts", path, "--fact", "staff=x", "--fact", "colour")

    assert (done.code, done.out) == (1, "")
    for said in (f"{path}:1: cost", f"{path}:2: use", "--fact: staff", "--fact colour: write NAME"):
        assert said in done.err


def test_missing_facts_are_asked_for_by_name() -> None:
    done = rules("calculate", BEIJING, "--fact", "applied_on=2024-03-01")

    assert done.code == 1
    assert [line.split(":")[0].strip() for line in done.err.splitlines()[1:]] == [
        "applicant_type",
        "place",
        "signed_on",
        "term.first",
        "term.last",
        "cost.COMPUTE",
        "use",
    ]


def test_what_the_source_does_not_state_is_told_in_words(tmp_path: Path) -> None:
    folder = write(tmp_path, scheme=WITHOUT_RATE)
    facts = list(given("applied_on=2025-03-01"))

    english, chinese = (
        rules("calculate", folder, *facts),
        rules("calculate", folder, *facts, "--lang", "zh_Hans"),
    )

    assert (english.code, english.out) == (1, "")
    assert english.err == (
        "No amount can be given: the source does not state the rate. not stated\n"
    )
    assert chinese.err == "无法计算金额：来源未载明补贴比例。未载明\n"


def test_before_the_rules_the_day_is_the_reason(tmp_path: Path) -> None:
    done = rules("calculate", write(tmp_path), *given("applied_on=2024-12-31"))

    assert done.code == 1
    assert "the rate is not in force on 2024-12-31. The rules begin on 2025-01-01." in done.err


RANKED = SCHEME.replace('{ shortage = "FIRST_COME" }', '{ shortage = "RANKED", least_score = 60 }')


@pytest.mark.parametrize(
    ("score", "lang", "said"),
    [
        (("--fact", "score=59"), "en", "Score 59 is below 60: no turn."),
        (("--fact", "score=59"), "zh_Hans", "评分 59 低于最低要求 60，不予排序核定。"),
        ((), "en", "No score is stated; without one of at least 60 there is no turn."),
        ((), "zh_Hans", "未载明评分；评分未达 60 的，不予排序核定。"),
    ],
)
def test_a_score_too_low_or_not_stated_has_no_turn(
    tmp_path: Path, score: tuple[str, ...], lang: str, said: str
) -> None:
    folder = write(tmp_path, scheme=RANKED)
    facts = (*given("applied_on=2025-03-01"), *score, "--lang", lang)

    assert said in rules("calculate", folder, *facts).out
    assert said in rules("explain", folder, *facts).out
    assert said in " ".join(
        Page(rules("explain", folder, *facts, "--format", "html").out).words.split()
    )
    told = json.loads(rules("explain", folder, *facts, "--format", "json").out)["no_turn"]
    assert (told["rule"], told["least_score"]) == ("shortage", 60)
    assert told["score"] == (59 if score else None)
    assert said in told["text"].values()


def test_a_score_that_is_enough_or_not_asked_for_is_not_spoken_of(tmp_path: Path) -> None:
    folder = write(tmp_path / "ranked", scheme=RANKED)
    facts = tuple(given("applied_on=2025-03-01", "score=60"))
    low = tuple(given("applied_on=2025-03-01", "score=59"))
    for done in (
        rules("calculate", folder, *facts),
        rules("calculate", write(tmp_path / "first"), *low),
    ):
        assert "Eligible." in done.out
        assert "turn" not in done.out
    as_json = rules("explain", folder, *facts, "--format", "json").out
    assert json.loads(as_json)["no_turn"] is None


# --- explain --------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("scheme", list_schemes())
def test_every_case_of_the_library_can_be_explained(scheme: str, lang: str) -> None:
    loaded = read_library_scheme(scheme)[0]
    worked = run_cases(loaded, read_library_cases(scheme), path="cases.toml")
    for number, result in enumerate(worked, start=1):
        done = rules("explain", scheme, "--case", number, "--lang", lang)
        if result.assessment is None:
            assert done.code == 1
            assert done.err.startswith(("No amount can be given", "无法计算金额"))
            continue
        assert (done.code, done.err) == (0, ""), result.name
        assert done.out.startswith(result.name)
        assert not [line for line in done.out.splitlines() if "{" in line or "}" in line]


def test_each_step_has_its_clause_and_its_formula() -> None:
    done = rules("explain", BEIJING, "--case", 1)

    working = done.out.split("Amount, step by step:\n")[1].split("\n  What bound")[0]
    steps = [line for line in working.splitlines() if line.strip()[:1] in "→◆"]
    assert len(steps) == 4
    assert all(re.search(r"\[\d+, .+\]$", line) for line in steps)
    assert steps[2].strip().startswith("◆ At most 2 million yuan")


def test_a_case_is_found_by_name_part_and_number() -> None:
    cases = list_case_facts(read_library_cases(BEIJING), path="x")
    whole = rules("explain", BEIJING, "--case", cases[2].name)
    part = rules("explain", BEIJING, "--case", cases[2].name[5:].upper())

    assert whole.out == part.out == rules("explain", BEIJING, "--case", 3).out


@pytest.mark.parametrize("wanted", ["no such case", "0", "999", "a"])
def test_a_case_that_is_not_one_is_refused_with_the_list(wanted: str) -> None:
    done = rules("explain", BEIJING, "--case", wanted)

    cases = list_case_facts(read_library_cases(BEIJING), path="x")
    assert (done.code, done.out) == (1, "")
    assert all(f"{n} {case.name}" in done.err for n, case in enumerate(cases, start=1))


@pytest.mark.parametrize("options", [(), ("--case", "1", "--fact", "use=TRAINING")])
def test_either_a_case_or_facts_are_asked_for(options: tuple[str, ...]) -> None:
    done = rules("explain", BEIJING, *options)

    assert done.code == 1
    assert "not both" in done.err


def test_json_holds_every_figure_and_both_languages() -> None:
    told = json.loads(rules("explain", BEIJING, "--case", 1, "--format", "json").out)

    assert (told["eligible"], told["entitled_fen"], told["support_fen"], told["limb"]) == (
        True,
        200_000_000,
        200_000_000,
        "cap_year",
    )
    assert [(step["rule"], step["after"]) for step in told["steps"]] == [
        ("eligible_cost", 1_200_000_000),
        ("share", 240_000_000),
        ("cap_year", 200_000_000),
    ]
    assert told["steps"][1]["facts"]["ratio"] == "1/5"
    assert told["steps"][1]["clause"]["zh"]
    (saving,) = told["counterfactuals"]
    assert (saving["kind"], saving["rule"], saving["difference_fen"]) == (
        "LIMIT",
        "cap_year",
        40_000_000,
    )
    assert "400,000.00 yuan" in saving["text"]["en"]
    assert "400,000.00 元" in saving["text"]["zh"]
    for part in ("conditions", "steps"):
        assert all(item["text"]["en"] and item["text"]["zh"] for item in told[part])


def test_an_ineligible_case_has_no_support_in_json() -> None:
    done = rules("explain", BEIJING, *given("place=31"), "--format", "json")

    told = json.loads(done.out)
    assert (told["eligible"], told["entitled_fen"], told["support_fen"]) == (False, 200_000_000, 0)
    assert [c["rule"] for c in told["conditions"] if not c["passed"]] == ["place"]
    assert told["case"] == ""


class Page(HTMLParser):
    """What of a page matters here: its tags, what it asks for from outside, and its words."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.opened: list[str] = []
        self.outside: list[str] = []
        self.lang = ""
        self.words = ""
        self.ids: list[str] = []
        self.targets: list[str] = []
        self._depth: list[str] = []
        self.feed(text)
        self.close()
        assert self._depth == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        self.opened.append(tag)
        if tag not in {"meta", "link", "img", "br"}:
            self._depth.append(tag)
        if tag == "html":
            self.lang = known.get("lang") or ""
        self.ids += [known["id"] or ""] if "id" in known else []
        href = known.get("href") or known.get("src") or ""
        (self.targets if href.startswith("#") else self.outside).append(href)

    def handle_endtag(self, tag: str) -> None:
        assert self._depth.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._depth and self._depth[-1] not in {"style", "title"}:
            self.words += data


@pytest.mark.parametrize(("lang", "code"), [("en", "en"), ("zh_Hans", "zh-Hans")])
@pytest.mark.parametrize("number", [1, 10, 16])
def test_the_page_stands_alone_and_says_what_the_text_says(
    lang: str, code: str, number: int
) -> None:
    text = rules("explain", BEIJING, "--case", number, "--format", "html", "--lang", lang).out
    page = Page(text)

    assert page.lang == code
    assert [target for target in page.outside if target] == []
    assert "url(" not in text
    assert "@import" not in text
    assert "script" not in page.opened
    assert page.opened.count("h1") == 1
    assert len(page.ids) == len(set(page.ids))
    assert {target[1:] for target in page.targets} <= set(page.ids)
    assert "{" not in page.words
    told = json.loads(rules("explain", BEIJING, "--case", number, "--format", "json").out)
    spoken = "zh" if lang == "zh_Hans" else "en"
    said = " ".join(page.words.split())
    assert told["verdict"][spoken] in said
    for item in (*told["steps"], *told["conditions"], *told["counterfactuals"]):
        assert item["text"][spoken] in said


def test_what_a_user_writes_is_shown_as_it_is(tmp_path: Path) -> None:
    cases = """\
[given]
applied_on = 2025-03-01
applicant_type = "ENTERPRISE"
place = "110108"
signed_on = 2025-02-20
term = { first = 2025-03-01, last = 2025-12-31 }
cost = { COMPUTE = 1_000_000 }
use = "TRAINING"

[[case]]
name = "<script>alert(1)</script> & more"
given = {}
then = { support = 200_000 }
source = "worked by hand"
"""
    text = rules("explain", write(tmp_path, cases=cases), "--case", 1, "--format", "html").out

    assert "<script" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more" in text
