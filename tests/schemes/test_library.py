"""The library: what travels with the program is there, is right, and every case of it holds."""

import re
import shutil
import tomllib
from collections.abc import Iterable
from pathlib import Path

import pytest

import evernormal.schemes.library
from evernormal.domain.policy import Settlement, Text
from evernormal.schemes import (
    SchemeProblems,
    UnknownScheme,
    library_path,
    list_schemes,
    read_library_cases,
    read_library_scheme,
    run_cases,
)
from tests.schemes.sample import SCHEME

IDS = list_schemes()
CASES_MIN = 4
PLACES_OF_CHINA_MIN = 19

FOREIGN = {
    "in/indiaai/",
    "us/access/",
    "us/nairr/",
    "gb/airr_",
    "kr/",
    "eu/ffplus/",
}

# The golden test of the codes of organisations is in tests/golden: it is of no scheme.
GOLDEN = {
    1: {"cn/nanning/2025"},
    2: {"cn/hangzhou/2025"},
    3: {"cn/beijing/2023"},
    4: {"cn/shenzhen/2024"},
    5: {"cn/xiamen/2024"},
    7: {"cn/henan/2025"},
    9: {"us/access/2025"},
    10: {"cn/hangzhou/2025", "cn/hangzhou_match/2025"},
    11: {"cn/beijing_etown/2024"},
    13: {"cn/qingyang/2023"},
}
NUMBERED = re.compile(r"Golden ([0-9]+)[:,] ")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def is_bilingual(text: Text) -> bool:
    return bool(text.en.strip()) and bool(text.zh.strip())


def places(ids: Iterable[str], country: str) -> set[str]:
    return {scheme_id.split("/")[1] for scheme_id in ids if scheme_id.startswith(f"{country}/")}


def test_the_library_holds_the_places_it_promises() -> None:
    assert sorted(IDS) == IDS
    assert len(places(IDS, "cn")) >= PLACES_OF_CHINA_MIN
    assert "shanghai" in places(IDS, "cn")
    assert {start for start in FOREIGN if not any(i.startswith(start) for i in IDS)} == set()


def test_every_mode_of_settlement_is_used_by_a_scheme() -> None:
    used = {read_library_scheme(scheme_id)[0].settlement for scheme_id in IDS}

    assert used == set(Settlement)


@pytest.mark.parametrize("scheme_id", IDS)
def test_every_library_case_holds(scheme_id: str) -> None:
    scheme, text = read_library_scheme(scheme_id)
    results = run_cases(scheme, read_library_cases(scheme_id), path="cases.toml")

    assert scheme.id == scheme_id
    assert text == library_path().joinpath(scheme_id, "scheme.toml").read_bytes()
    assert len(results) >= CASES_MIN
    assert len({r.name for r in results}) == len(results)
    assert [(r.name, r.differences) for r in results if not r.is_as_stated] == []


@pytest.mark.parametrize("scheme_id", IDS)
def test_every_word_of_a_scheme_is_there_in_both_languages(scheme_id: str) -> None:
    scheme, _ = read_library_scheme(scheme_id)
    sources = [version.source for r in scheme.rules for version in r.versions]

    texts = [scheme.title, scheme.issuer, *(r.label for r in scheme.rules)]
    texts += [text for s in sources for text in (s.title, s.issuer, s.clause)]
    texts += [unknown.text for unknown in scheme.unknown]
    assert [text for text in texts if not is_bilingual(text)] == []
    # A source's title may quote the original, so that a reader finds it; these words are ours.
    ours = [*(r.label for r in scheme.rules), *(unknown.text for unknown in scheme.unknown)]
    assert [text for text in ours if CHINESE.search(text.en)] == []
    assert [text for text in ours if not CHINESE.search(text.zh)] == []


@pytest.mark.parametrize("scheme_id", IDS)
def test_no_value_of_the_library_claims_to_be_verified(scheme_id: str) -> None:
    scheme, _ = read_library_scheme(scheme_id)

    assert scheme.unknown
    assert [r.id for r in scheme.rules if any(v.source.verified for v in r.versions)] == []


def test_every_published_example_is_a_case_by_its_number() -> None:
    found: dict[int, set[str]] = {}
    for scheme_id in IDS:
        for case in tomllib.loads(read_library_cases(scheme_id).decode())["case"]:
            if numbered := NUMBERED.match(case["name"]):
                found.setdefault(int(numbered[1]), set()).add(scheme_id)

    lacking = {number: ids - found.get(number, set()) for number, ids in GOLDEN.items()}
    assert {number: ids for number, ids in lacking.items() if ids} == {}


@pytest.mark.parametrize("scheme_id", ["cn/atlantis/2025", "../schemes/cn/beijing/2023", ""])
@pytest.mark.parametrize("read", [read_library_scheme, read_library_cases])
def test_an_unknown_scheme_is_refused_with_those_there_are(read: object, scheme_id: str) -> None:
    assert callable(read)
    with pytest.raises(UnknownScheme) as refused:
        read(scheme_id)

    assert refused.value.code == "scheme.unknown"
    assert refused.value.known == tuple(IDS)
    assert str(refused.value) == (
        f"There is no scheme {scheme_id!r}. Use one of: {', '.join(IDS)}."
    )


def test_installed_from_a_wheel_the_library_is_inside_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "evernormal" / "schemes"
    shutil.copytree(library_path(), package / "library")
    monkeypatch.setattr(evernormal.schemes.library, "__file__", str(package / "library.py"))

    assert library_path() == package / "library"
    assert list_schemes() == IDS


def test_a_scheme_in_the_wrong_folder_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "library" / "cn" / "elsewhere" / "2025"
    folder.mkdir(parents=True)
    folder.joinpath("scheme.toml").write_text(SCHEME, encoding="utf-8")
    monkeypatch.setattr(evernormal.schemes.library, "__file__", str(tmp_path / "library.py"))

    with pytest.raises(SchemeProblems) as refused:
        read_library_scheme("cn/elsewhere/2025")

    assert str(refused.value) == (
        "schemes/cn/elsewhere/2025/scheme.toml: id: The file stands in cn/elsewhere/2025, its id "
        "is cn/sample/2025. Make them the same."
    )
