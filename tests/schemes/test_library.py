"""The library: what travels with the program is there, is right, and every case of it holds."""

import shutil
from pathlib import Path

import pytest

import evernormal.schemes.library
from evernormal.domain.policy import Settlement
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

IDS = ["cn/beijing/2023", "cn/guizhou/2026", "cn/nanning/2025"]


def test_the_library_is_listed() -> None:
    assert list_schemes() == IDS


@pytest.mark.parametrize("scheme_id", IDS)
def test_every_library_case_holds(scheme_id: str) -> None:
    scheme, text = read_library_scheme(scheme_id)
    results = run_cases(scheme, read_library_cases(scheme_id), path="cases.toml")

    assert scheme.id == scheme_id
    assert text == library_path().joinpath(scheme_id, "scheme.toml").read_bytes()
    assert len(results) >= 4
    assert [(r.name, r.differences) for r in results if not r.is_as_stated] == []


@pytest.mark.parametrize("scheme_id", IDS)
def test_no_value_of_the_library_claims_to_be_verified(scheme_id: str) -> None:
    scheme, _ = read_library_scheme(scheme_id)

    assert scheme.unknown
    assert [r.id for r in scheme.rules if any(v.source.verified for v in r.versions)] == []


def test_the_three_settlements_are_there() -> None:
    found = {scheme_id: read_library_scheme(scheme_id)[0].settlement for scheme_id in IDS}

    assert found == {
        "cn/beijing/2023": Settlement.REIMBURSE_VOUCHER,
        "cn/guizhou/2026": Settlement.CLAIM_AND_DEDUCT,
        "cn/nanning/2025": Settlement.POST_USE_SUBSIDY,
    }


@pytest.mark.parametrize("scheme_id", ["cn/atlantis/2025", "../schemes/cn/beijing/2023", ""])
@pytest.mark.parametrize("read", [read_library_scheme, read_library_cases])
def test_an_unknown_scheme_is_refused_with_those_there_are(read: object, scheme_id: str) -> None:
    assert callable(read)
    with pytest.raises(UnknownScheme) as refused:
        read(scheme_id)

    assert refused.value.code == "scheme.unknown"
    assert refused.value.known == tuple(IDS)
    assert str(refused.value) == (
        f"There is no scheme {scheme_id!r}. "
        "Use one of: cn/beijing/2023, cn/guizhou/2026, cn/nanning/2025."
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
