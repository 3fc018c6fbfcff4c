"""What differs between two schemes is told by value, day and source."""

import pytest

from evernormal.domain.policy import Scheme
from evernormal.schemes import list_schemes, load_scheme, read_library_scheme
from evernormal.schemes.changes import ChangeKind, changes_between, stated_value, value_lines
from tests.schemes import sample
from tests.schemes.sample import HEAD, SOURCES, rule

POT = rule("pot", "pot", "{ amount = 7 }")
CAP = rule("cap", "cap", '{ scope = "FIRM", amount = 5 }')
RULES = (*sample.RULES, CAP, POT)

TIERS = (
    '{ measure = "COST", basis = "WHOLE", up_to = true, tiers = ['
    '{ label = { en = "Small", zh = "小" }, when = { sizes = ["SMALL"] }, at_most = 5, above = 1, '
    'ratio = "1/2" }, { label = { en = "Rest", zh = "其他" }, below = 9, at_least = 2, '
    'ratio = "20/100" }] }'
)


def scheme(*rules: str) -> Scheme:
    return load_scheme((HEAD + SOURCES + "".join(rules)).encode(), path="scheme.toml")


def changed(old: str, new: str) -> tuple[str, ...]:
    """The sample's rules with one text in place of another."""
    return tuple(text.replace(old, new) for text in RULES)


def kinds(old: Scheme, new: Scheme) -> list[tuple[str, str]]:
    return [(change.kind.value, change.rule_id) for change in changes_between(old, new)]


def test_a_scheme_does_not_differ_from_itself() -> None:
    assert changes_between(scheme(*RULES), scheme(*RULES)) == ()


def test_rules_that_came_went_or_have_another_value() -> None:
    first, second = (rule(name, "cap", '{ scope = "FIRM", amount = 9 }') for name in ("a", "b"))
    old = scheme(*RULES, first)
    new = scheme(*changed("20/100", "30/100"), second)

    found = changes_between(old, new)

    assert kinds(old, new) == [("CHANGED", "share"), ("ADDED", "b"), ("REMOVED", "a")]
    (before,), (after,) = found[0].old, found[0].new
    assert stated_value(before.form) == {"ratio": "1/5", "up_to": True}
    assert stated_value(after.form) == {"ratio": "3/10", "up_to": True}
    assert after.source.title.en


def test_the_same_value_from_another_day_on_is_only_redated() -> None:
    later = POT.replace("date = 2025-01-01", "date = 2025-06-01")

    assert kinds(scheme(*RULES), scheme(*RULES[:-1], later)) == [("REDATED", "pot")]


def test_another_form_or_version_is_a_change() -> None:
    tiers = rule("share", "tiered_rate", TIERS)
    others = [text for text in RULES if 'id = "share"' not in text]

    assert kinds(scheme(*RULES), scheme(*others, tiers)) == [("CHANGED", "share")]


def test_words_and_sources_alone_are_no_change() -> None:
    assert kinds(scheme(*RULES), scheme(*changed("第三条", "第四条"))) == []


def test_a_value_is_told_under_the_keys_of_the_file() -> None:
    others = [text for text in RULES if 'id = "share"' not in text]
    made = scheme(*others, rule("share", "tiered_rate", TIERS)).get_rule("share")
    form = made.versions[0].form

    assert stated_value(form)["tiers"] == [
        {
            "label": {"en": "Small", "zh": "小"},
            "ratio": "1/2",
            "when": {"sizes": ["SMALL"]},
            "above": "1.00",
            "at_most": "5.00",
        },
        {
            "label": {"en": "Rest", "zh": "其他"},
            "ratio": "1/5",
            "at_least": "2.00",
            "below": "9.00",
        },
    ]
    assert value_lines(form, "zh") == [
        "tiered_rate: measure = COST, basis = WHOLE, up_to = true",
        "label = “小”, ratio = 1/2, when = { sizes = [SMALL] }, above = 1.00, at_most = 5.00",
        "label = “其他”, ratio = 1/5, at_least = 2.00, below = 9.00",
    ]


@pytest.mark.parametrize("scheme_id", list_schemes())
def test_every_value_of_the_library_can_be_told(scheme_id: str) -> None:
    found, _ = read_library_scheme(scheme_id)
    nothing = Scheme(found.id, found.title, found.issuer, found.settlement, (), ())

    changes = changes_between(nothing, found)

    assert [change.rule_id for change in changes] == [rule.id for rule in found.rules]
    assert {change.kind for change in changes} <= {ChangeKind.ADDED}
    for change in changes:
        for version in change.new:
            lines = value_lines(version.form, "en")
            assert lines[0].split(":")[0] == version.form.name
            assert "Fen(" not in " ".join(lines)
            assert "<" not in " ".join(lines)
