"""The export classification of known devices by date, from the catalogue's own rules."""

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from evernormal.catalogue import library_catalogue
from evernormal.domain.device import (
    Classification,
    ExportOutcome,
    Quantity,
    classify,
    figure_text,
    performance_density,
)

CASES = tomllib.loads(
    (Path(__file__).parent / "export_classification.toml").read_text(encoding="utf-8")
)["case"]

IN_2022, IN_2023, IN_2026 = date(2022, 10, 7), date(2023, 11, 17), date(2026, 1, 15)

# Chips whose die nobody published, where it would decide.
WITHOUT_DIE = {
    "mlu370_x8",
    "hygon_k100ai",
    "kunlun_r200",
    "mtt_s4000",
    "iluvatar_bi_v100",
    "iluvatar_bi_v150",
    "metax_c500_pcie",
    "metax_c550_oam",
    "enflame_t20",
    "enflame_s60",
    "thead_ppu",
}


def classified(device: str, on: date) -> Classification:
    known = library_catalogue()
    return classify(known.get(device), rules=known.rules, on=on)


def said(found: Classification) -> str:
    return found.control or found.outcome.value


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["device"]))
def test_the_table_holds(case: dict[str, Any]) -> None:
    name = case["device"]
    before, after, reviewed = (classified(name, on) for on in (IN_2022, IN_2023, IN_2026))
    density = performance_density(library_catalogue().get(name))

    assert after.performance is not None
    assert {
        "device": name,
        "tpp": round(after.performance.tpp),
        "pd": figure_text(density) if density else "",
        "in_2022": said(before),
        "in_2023": said(after),
        "in_2026": reviewed.review.value if reviewed.review else "",
    } == case


def test_a_rule_begins_and_ends_on_its_day() -> None:
    days = (date(2022, 10, 6), IN_2022, date(2023, 11, 16), IN_2023)

    assert [said(classified("a100_sxm_80", on)) for on in days] == [
        "NOT_CONTROLLED",
        "3A090",
        "3A090",
        "3A090.a",
    ]
    reviews = [classified("b200", on).review for on in (date(2026, 1, 14), IN_2026)]
    assert [review and review.value for review in reviews] == ["PRESUMPTION_OF_DENIAL"] * 2
    before = classified("h200_sxm", date(2026, 1, 14)).review
    assert before is not None
    assert before.value == "PRESUMPTION_OF_DENIAL"


def test_without_a_die_that_matters_nobody_knows() -> None:
    found = {device.id: classified(device.id, IN_2023) for device in library_catalogue().devices}
    unknown = {name for name, one in found.items() if one.outcome is ExportOutcome.UNKNOWN}

    assert unknown == WITHOUT_DIE
    assert {found[name].missing for name in unknown} == {(Quantity.PD,)}
    assert {found[name].possible for name in unknown} == {("3A090.a", "3A090.b", "")}
    # Without a die as well, but for these it does not matter.
    assert said(found["mlu590"]) == "3A090.a"
    assert said(found["hygon_z100"]) == "NOT_CONTROLLED"


def test_the_carve_out_is_what_frees_the_consumer_card() -> None:
    freed, caught = classified("rtx_4090d", IN_2023), classified("rtx_4090", IN_2023)

    assert freed.decided_by is not None
    assert freed.decided_by.id == "us_2023_consumer"
    assert caught.review is not None
    assert caught.review.value == "LICENCE_OR_NOTICE"


def test_letters_and_guidance_stand_beside_what_is_computed() -> None:
    def notes(device: str, on: date) -> list[str]:
        return [note.id for note in classified(device, on).notes]

    assert notes("h20_sxm", date(2025, 4, 8)) == []
    assert notes("h20_sxm", date(2025, 4, 9)) == ["us_2025_h20_letter"]
    assert notes("h20_sxm", date(2025, 9, 17)) == ["us_2025_h20_licences", "cn_2025_h20"]
    assert notes("ascend_910b3", IN_2026) == ["us_2025_ascend", "us_2019_huawei"]


def test_what_nobody_read_is_told_as_such() -> None:
    read = classified("h100_sxm", IN_2023).confidence
    unread = classified("h100_sxm", IN_2022).confidence

    assert (read.value, unread.value) == ("READ", "GENERAL_KNOWLEDGE")
