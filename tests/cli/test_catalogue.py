"""`evernormal catalogue`: figures with their sources, and classes with what was compared."""

import pytest
from click.testing import CliRunner

from evernormal.catalogue import library_catalogue
from evernormal.cli import main

pytestmark = pytest.mark.one_database


def typed(*arguments: str, code: int = 0) -> str:
    """What a command prints, on either stream."""
    result = CliRunner().invoke(main, ["catalogue", *arguments])
    assert result.exit_code == code, result.output
    return result.output


def row(text: str, start: str) -> str:
    (found,) = [line for line in text.splitlines() if line.startswith(start)]
    return " ".join(found.split())


def test_every_class_is_listed_and_what_nobody_read_is_marked() -> None:
    text = typed("list")

    for device in library_catalogue().devices:
        assert f"\n{device.id} " in text
    assert row(text, "h100_sxm ").split()[-6:] == ["2022", "989.4", "80", "3,350", "data", "centre"]
    assert "314 (unverified) 80 (unverified)" in row(text, "mlu590")
    assert "– 512 32" not in text
    assert row(typed("list", "--vendor", "huawei", "--lang", "zh_Hans"), "ascend_910c").startswith(
        "ascend_910c 昇腾 910C Huawei CN 2025 752"
    )
    assert "h100" not in typed("list", "--vendor", "huawei")


def test_a_class_is_shown_with_the_source_of_each_figure() -> None:
    text = typed("show", "910B3")

    assert row(text, "FP16, dense") == "FP16, dense 313 read [1]"
    assert row(text, "die, mm2").startswith("die, mm2 666 unverified")
    assert "share of FP16 reached in training: ModelLink" in text
    assert "28 % – 40 % – 50 %" in text
    assert row(text, "training  ").startswith("training 71 results read")
    assert "[1] Pushing the Limits" in text
    assert row(typed("show", "a800", "--lang", "zh_Hans"), "可自由销往中国（止）  ").startswith(
        "可自由销往中国（止） 2023-10-23 未经核实"
    )


def test_a_name_of_several_or_of_none_is_refused() -> None:
    assert "ascend_910b1, ascend_910b2" in typed("show", "Ascend-910B", code=1)
    assert "目录中没有卡型 h1000" in typed("show", "h1000", "--lang", "zh_Hans", code=1)


def test_one_class_is_classified_with_every_comparison() -> None:
    text = typed("classify", "rtx 4090", "--on", "2024-01-01")

    assert row(text, "GeForce RTX 4090 ").startswith("GeForce RTX 4090 3A090.a 5,284.8 8.68")
    assert row(text, "us_2023_consumer") == "us_2023_consumer TPP 5,284.8 below 4,800 no"
    assert "2023-10-23, US: NVIDIA's Form 8-K" in text
    assert "no statement that a sale or a use is lawful" in text


def test_a_missing_die_leaves_it_open_in_both_languages() -> None:
    english = typed("classify", "MLU370", "--on", "2024-01-01")
    chinese = typed("classify", "MLU370", "--on", "2024-01-01", "--lang", "zh_Hans")

    assert "may be 3A090.a or 3A090.b or none: without TPP per mm2 nobody can say" in english
    assert "可能属于3A090.a或3A090.b或未列入：缺少性能密度，无法判定" in chinese
    assert "from 1.6 to below 5.92" in english


def test_a_class_that_is_sold_freely_has_no_table_of_results() -> None:
    text = typed("show", "l20")

    assert "Published results" not in text
    assert "until" not in text


def test_without_names_all_are_classified_today() -> None:
    text = typed("classify")

    assert text.count("\n") > len(library_catalogue().devices)
    assert "What was compared" not in text
