"""What a comparison of two schemes says on the screen."""

from collections.abc import Iterator, Sequence

from evernormal.cli.rules.rule_label import rule_label
from evernormal.cli.rules.screen_table import print_table
from evernormal.cli.screen import console
from evernormal.domain.award import entitle_under
from evernormal.domain.policy import DatedValue, Scheme
from evernormal.domain.values import Fen
from evernormal.formats.explanation import in_language
from evernormal.locale import Words
from evernormal.schemes.changes import ChangeKind, RuleChange, value_lines
from evernormal.simulator import Comparison, Difference, Outcome, SizeDifference

_SIZES = ("size", "applications", "gaining", "losing", "unchanged", "gained", "lost", "old", "new")
_TOP = ("application", "firm", "change", "old", "new", "old_limb", "new_limb")


def tell_changes(schemes: tuple[Scheme, Scheme], changes: Sequence[RuleChange], say: Words) -> None:
    """Say which rules differ, with the values, days and sources of both sides."""
    old, new = schemes
    titles = {"old": in_language(old.title, say), "new": in_language(new.title, say)}
    console.print(say.say("what_if.diff.title", **titles))
    for line in _scheme_lines(old, new, say):
        console.print(line)
    if not changes:
        console.print(say.say("what_if.diff.same"))
    redated = [change for change in changes if change.kind is ChangeKind.REDATED]
    for change in changes:
        if change.kind is not ChangeKind.REDATED:
            console.print()
            for line in _change_lines(change, say):
                console.print(line)
    if redated:
        labels = [in_language(change.label, say) for change in redated]
        console.print()
        console.print(say.say("what_if.diff.redated", rules=say.listed(labels)))


def _scheme_lines(old: Scheme, new: Scheme, say: Words) -> Iterator[str]:
    if old.settlement is not new.settlement:
        was, now = (say.word("settlement", s.settlement.value) for s in (old, new))
        name = say.say("what_if.diff.scheme.settlement")
        yield say.say("what_if.diff.other", name=name, old=was, new=now)
    if old.unit is not new.unit:
        was, now = (say.word("unit", s.unit.value) for s in (old, new))
        name = say.say("what_if.diff.scheme.unit")
        yield say.say("what_if.diff.other", name=name, old=was, new=now)


def _change_lines(change: RuleChange, say: Words) -> Iterator[str]:
    label = in_language(change.label, say)
    yield say.say(f"what_if.diff.{change.kind.value}", label=label, rule=change.rule_id)
    for key, versions in (("was", change.old), ("now", change.new)):
        for version in versions:
            yield from _version_lines(key, version, say)


def _version_lines(key: str, version: DatedValue, say: Words) -> Iterator[str]:
    first, *parts = value_lines(version.form, "en" if say.lang == "en" else "zh")
    yield say.say(f"what_if.diff.{key}", day=version.starts_on, value=first)
    yield from (f"    {part}" for part in parts)
    title, clause = (
        in_language(text, say) for text in (version.source.title, version.source.clause)
    )
    yield say.say("what_if.diff.source", title=title, clause=clause)


def tell_comparison(
    found: Comparison, schemes: tuple[Scheme, Scheme], say: Words, *, top: int
) -> None:
    """Say in money who gains and who loses."""
    whole = found.whole
    change = whole.new - whole.old
    console.print()
    console.print(
        say.say("what_if.diff.totals", old=whole.old, new=whole.new, change=_signed(change, say))
    )
    console.print(say.say("what_if.diff.granted", old=found.old_granted, new=found.new_granted))
    rows = [_size_row(say.word("size", size.size), size, say) for size in found.sizes]
    rows.append(_size_row(say.say("what_if.diff.whole"), whole, say))
    print_table(say.say("what_if.diff.sizes"), _columns(_SIZES, say), rows)
    for key, differences in (("gains", found.gains(top)), ("losses", found.losses(top))):
        print_table(
            say.say(f"what_if.diff.{key}"),
            _columns(_TOP, say),
            [_difference_row(each, schemes, say) for each in differences],
        )


def _size_row(name: str, size: SizeDifference, say: Words) -> tuple[str, ...]:
    counts = (size.applications, size.gaining, size.losing, size.unchanged)
    amounts = (size.gained, size.lost, size.old, size.new)
    return (
        name,
        *(say.say("what_if.count", count=count) for count in counts),
        *(say.say("what_if.money", fen=fen) for fen in amounts),
    )


def _difference_row(
    each: Difference, schemes: tuple[Scheme, Scheme], say: Words
) -> tuple[str, ...]:
    application = each.old.application
    return (
        application.id,
        application.case.applicant.id,
        _signed(each.change, say),
        *(say.say("what_if.money", fen=side.asked) for side in (each.old, each.new)),
        _reason(each.old, schemes[0], say),
        _reason(each.new, schemes[1], say),
    )


def _reason(outcome: Outcome, scheme: Scheme, say: Words) -> str:
    """The limb that bound, with its tier, or the conditions that were not met."""
    if not outcome.is_eligible:
        labels = [rule_label(scheme, rule_id, say) for rule_id in outcome.failed]
        return say.say("what_if.diff.failed", rules=say.listed(labels))
    application = outcome.application
    steps = entitle_under(scheme, request=application.request, on=application.applied_on).steps
    facts = next((step.facts for step in steps if step.rule_id == outcome.limb), {})
    tier = facts.get("tier_en" if say.lang == "en" else "tier_zh")
    return str(tier) if tier else rule_label(scheme, outcome.limb, say)


def _signed(change: Fen, say: Words) -> str:
    return say.say("what_if.diff.change", sign="+" if change.amount > 0 else "", fen=change)


def _columns(names: Sequence[str], say: Words) -> list[str]:
    return [say.word("what_if.diff.column", name) for name in names]
