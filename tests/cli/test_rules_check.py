"""`evernormal rules check`: mistakes and lint with their places, and the schema for editors."""

import json
import shlex
from pathlib import Path

import pytest

from evernormal.schemes import list_schemes
from evernormal.schemes.file_schema import scheme_json_schema
from tests.cli.commands import rules
from tests.cli.scheme_folder import CASES, SCHEME, write
from tests.schemes.sample import rule

STANDING = "8 of 8 values were not yet compared with the official original."
LIFE = rule("cap_life", "cap", '{ scope = "FIRM", amount = 1_000_000 }')


def test_a_sound_scheme_has_only_a_note(tmp_path: Path) -> None:
    done = rules("check", write(tmp_path))

    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        f"{tmp_path}/scheme.toml: note: {STANDING}",
        "1 scheme checked: 0 errors, 0 warnings, 1 note",
    ]


def test_an_error_is_told_with_its_place_and_ends_with_one(tmp_path: Path) -> None:
    done = rules("check", write(tmp_path, scheme=SCHEME + LIFE))
    line = SCHEME[: SCHEME.index('form = "cap"')].count("\n") + 5

    assert done.code == 1
    first, *_ = done.out.splitlines()
    assert first == (
        f"{tmp_path}/scheme.toml:{line}: error: cap_year: This cap of 2,000,000.00 yuan never "
        "binds: rule cap_life already allows at most 1,000,000.00 yuan. Correct one of them, or "
        "take this one out."
    )
    assert done.out.endswith("1 scheme checked: 1 error, 0 warnings, 1 note\n")


def test_a_warning_does_not_end_with_one(tmp_path: Path) -> None:
    folder = write(tmp_path)

    few, enough = rules("check", folder, "--firms", "51"), rules("check", folder, "--firms", "50")

    assert (few.code, enough.code) == (0, 0)
    assert "50 firms at the cap of 2,000,000.00 yuan" in few.out
    assert "firms at the cap" not in enough.out


def test_every_mistake_of_a_file_is_an_error(tmp_path: Path) -> None:
    scheme = SCHEME.replace('"20/100"', "0.2").replace('mode = "TRUNCATE"', 'mode = "DOWN"')

    done = rules("check", write(tmp_path, scheme=scheme), "--json")

    told = json.loads(done.out)
    assert done.code == 1
    assert [item["level"] for item in told] == ["error", "error"]
    assert {item["rule"] for item in told} == {
        "rule[share].from[0].value.ratio",
        "rule[rounding].from[0].value.mode",
    }
    assert all(item["line"] and item["text"] for item in told)


@pytest.mark.parametrize("lang", ["en", "zh_Hans"])
def test_json_holds_what_is_printed(lang: str, tmp_path: Path) -> None:
    folder = write(tmp_path, scheme=SCHEME + LIFE)

    told = json.loads(rules("check", folder, "--json", "--lang", lang).out)
    printed = rules("check", folder, "--lang", lang).out

    assert [(item["code"], item["rule"]) for item in told] == [
        ("cap_never_binds", "cap_year"),
        ("unverified", ""),
    ]
    assert all(item["text"] in printed for item in told)


def test_the_library_is_checked_as_a_whole() -> None:
    done = rules("check")

    assert done.err == ""
    assert done.out.splitlines()[-1].startswith(f"{len(list_schemes())} schemes checked: 0 errors")
    assert done.code == 0


def test_the_known_cliff_of_hangzhou_is_seen() -> None:
    done = rules("check", "cn/hangzhou/2025", "--json")

    notches = [item for item in json.loads(done.out) if item["code"] == "notch"]
    assert [item["rule"] for item in notches] == ["share"]
    assert notches[0]["text"].startswith(
        "At 500,000.00 yuan any more cost lowers the ratio from 50 % to 20 %"
    )


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", "At 500.00 card-hours any more cost lowers the ratio from 50 % to 20 %"),
        ("zh_Hans", "在 500.00 卡时处，费用再有增加，全部费用的比例即由 50 % 降至 20 %。"),
    ],
)
def test_a_notch_is_told_in_the_unit_with_a_command_that_works(
    lang: str, said: str, tmp_path: Path
) -> None:
    ends = (("at_most", "5/10"), ("above", "2/10"))
    tiers = ", ".join(
        f'{{ label = {{ en = "a", zh = "甲" }}, {end} = 500, ratio = "{ratio}" }}'
        for end, ratio in ends
    )
    rate = f'{{ measure = "COST", basis = "WHOLE", up_to = true, tiers = [{tiers}] }}'
    scheme = (
        SCHEME.replace('form = "rate"', 'form = "tiered_rate"')
        .replace('{ ratio = "20/100", up_to = true }', rate)
        .replace('unit = "CNY"', 'unit = "CARD_HOUR"')
        .replace('settlement = "A"', 'settlement = "G"')
        .replace('"APPLICANT"', '"NOBODY"')
    )
    folder = write(tmp_path / "my scheme", scheme=scheme)

    found = json.loads(rules("check", folder, "--json", "--lang", lang).out)

    (notch,) = [item["text"] for item in found if item["code"] == "notch"]
    assert said in notch
    command = notch.split("`")[1].removeprefix("evernormal ")
    done = rules(*shlex.split(command)[1:])
    assert done.code == 0
    assert "1 notch in" in done.out


def test_of_mistakes_without_end_the_first_are_printed(tmp_path: Path) -> None:
    folder = write(tmp_path, scheme=SCHEME + "".join(f"k{n} = 1\n" for n in range(300)))

    done = rules("check", folder)

    *lines, more, summary = done.out.splitlines()
    assert (len(lines), more) == (200, "and 100 more")
    assert "300 errors" in summary
    assert len(json.loads(rules("check", folder, "--json").out)) == 300


def test_the_schema_is_that_of_the_loader() -> None:
    done = rules("check", "--schema")

    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out) == scheme_json_schema()


def test_the_cases_are_read_as_well_and_missed_where_there_are_none(tmp_path: Path) -> None:
    without = write(tmp_path / "without", cases=None)
    wrong = write(tmp_path / "wrong", cases=CASES.replace("TRAINING", "FUN"))

    missing, mistaken = rules("check", without), rules("check", wrong)

    assert missing.code == 0
    assert f"{without}/cases.toml: warning: No worked cases stand beside the scheme." in missing.out
    assert mistaken.code == 1
    assert f"{wrong}/cases.toml:8: error: given.use: 'FUN' does not fit here." in mistaken.out
