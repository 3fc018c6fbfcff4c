"""Classes of cases in words: many of them as few lines."""

from collections.abc import Iterable, Mapping

from evernormal.formats.explanation.fact_words import change_in_words, fact_label
from evernormal.locale import Words

Cube = tuple[tuple[str, tuple[str, ...]], ...]
"""Facts with the values that each may have: all combinations of them are meant."""

_FIGURES = ("≤", ">", "≥")
_CODES = {"applicant_type", "size", "use", "service", "device_origin", "route", "side"}


def gathered(classes: Iterable[Mapping[str, str]], everything: Mapping[str, int]) -> list[Cube]:
    """Gather classes that differ in one fact, fact by fact.

    classes     facts by name, each class with the same names
    everything  by name, how many values there are: a fact that may have all of them is left out
    returns     together the same classes; () alone is every class
    """
    cubes: set[Cube] = {
        tuple((name, (value,)) for name, value in facts.items()) for facts in classes
    }
    for name in everything:
        merged: dict[Cube, list[str]] = {}
        for cube in sorted(cubes):
            others = tuple((n, v) for n, v in cube if n != name)
            merged.setdefault(others, []).extend(dict(cube).get(name, ()))
        cubes = {
            _in_order({**dict(others), name: tuple(sorted(set(values)))}, everything)
            for others, values in merged.items()
        }
    return sorted(
        tuple((n, v) for n, v in cube if len(v) < everything[n]) for cube in sorted(cubes)
    )


def _in_order(values: Mapping[str, tuple[str, ...]], everything: Iterable[str]) -> Cube:
    return tuple((name, values[name]) for name in everything)


def cube_in_words(cube: Cube, say: Words) -> str:
    """Say which cases are meant."""
    if not cube:
        return say.say("notches.every_case")
    facts = [
        say.say(
            "notches.fact",
            name=_label(name, say),
            value=say.say("notches.or").join(_value(name, value, say) for value in values),
        )
        for name, values in cube
    ]
    return say.say("notches.and").join(facts)


def _label(name: str, say: Words) -> str:
    top, _, measure = name.partition(".")
    if measure:
        return say.say("rules.part_of", fact=fact_label(top, say), part=measure)
    return say.say("notches.age") if name == "founded_on" else fact_label(name, say)


def _value(name: str, value: str, say: Words) -> str:
    if value == "-":
        return say.say("notches.other")
    if name not in _CODES or value.startswith(_FIGURES):
        return value
    codes = (change_in_words(name, code, say) for code in value.split())
    return say.say("notches.or").join(codes)
