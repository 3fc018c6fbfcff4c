"""The unified social credit code."""

import pytest
from hypothesis import assume, given
from hypothesis.strategies import integers, sampled_from, text

from evernormal.domain.values import Uscc, WrongUscc, uscc_check_character

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
BODIES = text(ALPHABET, min_size=17, max_size=17)


def test_published_vector() -> None:
    assert uscc_check_character("91350100M000100Y4") == "3"
    assert str(Uscc("91350100M000100Y43")) == "91350100M000100Y43"


def test_remainder_nought_gives_nought() -> None:
    # A sum that 31 divides: 31 - 0 is outside the alphabet, and only the outer remainder mends it.
    body = "0" * 17

    assert uscc_check_character(body) == "0"
    assert Uscc(body + "0").text == "0" * 18


@given(body=BODIES)
def test_check_character_completes_the_sum(body: str) -> None:
    code = body + uscc_check_character(body)
    weights = [pow(3, i, 31) for i in range(17)]

    total = sum(ALPHABET.index(c) * w for c, w in zip(code, [*weights, 1], strict=True))
    assert total % 31 == 0
    assert Uscc(code).text == code


@given(body=BODIES, place=integers(0, 17), other=sampled_from(ALPHABET))
def test_any_single_wrong_character_is_noticed(body: str, place: int, other: str) -> None:
    code = body + uscc_check_character(body)
    assume(code[place] != other)

    with pytest.raises(WrongUscc, match="check character"):
        Uscc(code[:place] + other + code[place + 1 :])


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("", "it has 0 characters, not 18."),
        ("91350100M000100Y4", "it has 17 characters, not 18."),
        ("91350100M000100Y433", "it has 19 characters, not 18."),
        ("91350100I000100Y43", "character 9, 'I', is not in the code's alphabet."),
        ("91350100m000100y43", "character 9, 'm', is not in the code's alphabet."),
        ("91350100M000100Y44", "the check character is '4', the others give '3'."),
    ],
)
def test_reason_names_the_place(written: str, reason: str) -> None:
    with pytest.raises(WrongUscc) as refusal:
        Uscc(written)

    assert (refusal.value.text[: len(written)], refusal.value.reason) in {
        (written, reason),
        (written[:17], reason),
    }
