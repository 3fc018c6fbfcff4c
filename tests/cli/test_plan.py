"""`evernormal plan`: a table a class of card, and one clear error for each mistake."""

import pytest
from click.testing import CliRunner

from evernormal.cli import main

pytestmark = pytest.mark.one_database

TRAIN = ("train", "--params", "7e9", "--tokens", "2e12")
SERVE = ("serve", "--model", "Llama-3.1-8B", "--requests", "5", "--tokens-in", "1000",
         "--tokens-out", "1000")  # fmt: skip


def _say(*words: str) -> str:
    result = CliRunner().invoke(main, ["plan", *words])
    assert result.exit_code == 0, result.output
    return result.output


def test_a_voucher_is_told_with_own_money_and_what_it_buys() -> None:
    told = _say(*TRAIN, "--voucher", "1000000", "--rate", "0.3", "--price", "A800=5")
    assert "a800_sxm_80" in told
    assert "estimated" in told
    assert "(rate)" in told
    assert "contract of 3,333,333.33 yuan; own money 2,333,333.33 yuan" in told
    assert "a800_sxm_80: 666,666 card-hours" in told
    assert "presumed" in told
    assert "h100_sxm" not in told


def test_a_small_voucher_is_bound_by_its_face() -> None:
    told = _say(*TRAIN, "--voucher", "1000", "--rate", "0.3", "--price", "A800=5")
    assert "1000.00 (face value)" in told


def test_it_speaks_chinese_and_says_why_a_class_does_not_do() -> None:
    told = _say(*TRAIN, "--lang", "zh_Hans", "--device", "t4", "--device", "ascend_910b3")
    assert "t4: 不支持该数据类型，请更换 --dtype" in told
    assert "估算" in told
    large = _say("train", "--model", "Llama 2 70B", "--tokens", "1e12", "--device", "rtx_4090")
    assert "no link between machines" in large


def test_sources_are_told_and_what_nobody_read_is_marked() -> None:
    told = _say(*TRAIN, "--device", "h20_sxm", "--sources")
    assert "assumed" in told
    assert "h20_sxm: General knowledge; nothing was read [unverified]" in told
    assert "InternEvo" in told


def test_serving_by_a_tuned_engine_is_measured_where_somebody_did() -> None:
    told = _say(*SERVE, "--device", "h100_sxm", "--tuned", "--dtype", "fp8")
    assert "measured" in told
    assert "estimated" in _say(*SERVE, "--device", "h100_sxm", "--dtype", "fp8")
    assert "assumed" in _say(*SERVE, "--device", "ascend_910b3")
    assert "time asked for" in _say(*SERVE, "--device", "h100_sxm", "--token-ms", "0.1")
    tight = _say("serve", "--params", "145e9", "--requests", "1", "--tokens-in", "100",
                 "--tokens-out", "100", "--device", "rtx_4090", "--dtype", "fp8")  # fmt: skip
    assert "rtx_4090: weights fill more than 72 %" in tight


def test_an_adapter_takes_fewer_cards_than_all_weights() -> None:
    words = ("finetune", "--params", "7e9", "--tokens", "1e8", "--device", "a800_sxm_80")
    gangs = [_say(*words, *more).splitlines()[1].split()[1] for more in ((), ("--lora",))]
    assert gangs == ["2", "1"]
    assert _say(*words, "--lora", "--adapter-params", "1e7")


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("train", "--tokens", "1e9"), "Name either --model or --params."),
        (("train", "--params", "many", "--tokens", "1"), "'many' is no number."),
        (("train", "--params", "-1", "--tokens", "1"), "-1 is not above 0"),
        (("train", "--model", "x", "--tokens", "1"), "'x' is none of: Llama 2 7B"),
        (("train", "--params", "1e9", "--active-params", "2e9", "--tokens", "1"),
         "It is more than --params."),
        ((*TRAIN, "--voucher", "100"), "Name --voucher and --rate together."),
        ((*TRAIN, "--voucher", "1.234", "--rate", "0.3"), "'1.234' is not an amount."),
        ((*TRAIN, "--voucher", "0", "--rate", "0.3"), "0 is not above 0."),
        ((*TRAIN, "--voucher", "9", "--rate", "30"), "A share is at most 1"),
        ((*TRAIN, "--price", "h100_sxm=0"), "write a price above 0"),
        ((*TRAIN, "--price", "h100_sxm"), "is not an amount"),
        ((*TRAIN, "--device", "abacus_9"), "abacus_9"),
    ],
)  # fmt: skip
def test_one_clear_error_for_each_mistake(words: tuple[str, ...], error: str) -> None:
    result = CliRunner().invoke(main, ["plan", *words])
    assert result.exit_code != 0
    assert error in result.output
    assert "Traceback" not in result.output
