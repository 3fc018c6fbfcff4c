"""What `evernormal run` prints of a year: every decision with what bound it, and the sums."""

from rich.table import Table
from rich.text import Text

from evernormal.actions.desk import Desk
from evernormal.cli.screen import console
from evernormal.locale import Lang, Words, words


def tell_outcome(desk: Desk, *, lang: Lang) -> None:
    """Say what was decided on each application, and the sums."""
    from evernormal.store.queries.books import read_decisions  # noqa: PLC0415 - needs the tables
    from evernormal.store.queries.summary import summarise  # noqa: PLC0415

    say = words(lang, unit=desk.scheme.unit.value)
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("contract", "applicant", "decision", "limb"):
        table.add_column(Text(say.word("run.column", column)), overflow="fold")
    table.add_column(Text(say.word("run.column", "awarded")), justify="right")
    for row in read_decisions(desk.programme_id):
        rules = row.failed_rules or (row.limb,)
        labels = (_label(desk, rule, say) for rule in rules)
        cells = (
            row.contract_id,
            desk.year.applicants[row.applicant_id].name,
            say.word("reason", row.reason),
            say.listed(list(labels)),
            say.say("run.yuan", fen=row.awarded_fen),
        )
        table.add_row(*(Text(cell) for cell in cells))
    console.print(table)
    console.print(say.say("run.sums", **summarise(desk.programme_id).in_fen()))


def _label(desk: Desk, rule_id: str, say: Words) -> str:
    """A rule's own name, or the word for what bound outside the rules."""
    known = {rule.id: rule for rule in desk.scheme.rules}
    if rule_id not in known:
        return say.word("limb", rule_id or "none")
    label = known[rule_id].label
    return label.en if say.lang == "en" else label.zh
