"""A scheme file that no person wrote is refused at once, and in few words."""

import pytest

from evernormal.schemes import SchemeProblems, load_scheme
from tests.schemes.sample import SCHEME


def problems(text: str) -> list[str]:
    with pytest.raises(SchemeProblems) as refused:
        load_scheme(text.encode(), path="s.toml")
    return [str(problem) for problem in refused.value.problems]


def test_a_line_without_end_is_not_parsed() -> None:
    name = ".".join(["a"] * 10_000)
    texts = [f'{key} = "{"a" * long}"' for key, long in (("x", 19_994), ("y", 19_995))]
    lines = [*texts, f"{name} = 1", f"z = {{ {name} = 1 }}"]

    assert problems("\n".join(lines)) == [
        "s.toml:2: The line has 20001 characters, the limit is 20000. Break it.",
        "s.toml:3: The line has 20003 characters, the limit is 20000. Break it.",
        "s.toml:4: The line has 20011 characters, the limit is 20000. Break it.",
    ]


@pytest.mark.parametrize("part", ["a", '"a b"', "'a'", "a - b"])
def test_a_name_of_parts_without_end_is_not_parsed(part: str) -> None:
    found = problems(" . ".join([part] * 60) + " = 1\n")

    is_name = "-" not in part
    assert (
        found[0] == ("s.toml:1: A name has more than 50 parts between dots. Shorten it.")
    ) is is_name


def test_a_text_with_many_dots_is_no_name() -> None:
    ended = ". ".join(["One sentence more"] * 60)

    scheme = load_scheme(SCHEME.replace("not stated", ended).encode(), path="s.toml")

    assert {entry.text.en for entry in scheme.unknown} == {ended}


def test_of_mistakes_without_end_the_first_are_told_and_the_others_counted() -> None:
    with pytest.raises(SchemeProblems) as refused:
        load_scheme((SCHEME + "".join(f"k{n} = 1\n" for n in range(300))).encode(), path="s.toml")

    told = str(refused.value).splitlines()
    assert len(refused.value.problems) == 300
    assert len(told) == 201
    assert told[-1] == "and 100 more"
