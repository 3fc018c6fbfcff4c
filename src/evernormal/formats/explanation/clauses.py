"""A scheme as an explanation needs it: what a rule is called and which clause it stands in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from evernormal.domain.policy import RoundingRule, Scheme, Source, Text, Unit
from evernormal.domain.values import Rounding
from evernormal.formats.explanation.tree import Citation, CitedSource
from evernormal.locale import Words


@dataclass(frozen=True, slots=True)
class Clause:
    """A rule's name and where its value in force on a day comes from."""

    label: Text
    title: Text
    clause: Text
    is_verified: bool
    is_assumed: bool


@dataclass(frozen=True, slots=True)
class DatedClause:
    """A clause from a day on."""

    starts_on: date
    clause: Clause
    rounding: Rounding | None


@dataclass(frozen=True, slots=True)
class SchemeView:
    """A scheme's clauses by rule id, each rule's versions earliest first, and what it counts in."""

    title: Text
    rules: Mapping[str, tuple[DatedClause, ...]]
    unit: Unit

    def clause_of(self, rule_id: str, day: date) -> Clause | None:
        """The clause of a rule on a day; None for what is no rule of the scheme."""
        versions = [v for v in self.rules.get(rule_id, ()) if v.starts_on <= day]
        return versions[-1].clause if versions else None

    def rounding_on(self, day: date) -> tuple[str, Rounding] | None:
        """The rounding rule's id and its rounding on a day, or None."""
        for rule_id, versions in self.rules.items():
            in_force = [v for v in versions if v.starts_on <= day]
            if in_force and in_force[-1].rounding is not None:
                return rule_id, in_force[-1].rounding
        return None


def view_of(scheme: Scheme) -> SchemeView:
    """What an explanation needs of a scheme."""
    return SchemeView(
        title=scheme.title,
        unit=scheme.unit,
        rules={
            rule.id: tuple(
                DatedClause(
                    starts_on=version.starts_on,
                    clause=_clause(rule.label, version.source),
                    rounding=(
                        version.form.rounding if isinstance(version.form, RoundingRule) else None
                    ),
                )
                for version in rule.versions
            )
            for rule in scheme.rules
        },
    )


def in_language(text: Text, words: Words) -> str:
    """The text in the language of the words."""
    return text.zh if words.lang == "zh_Hans" else text.en


def citation_of(clause: Clause, words: Words) -> Citation:
    """Where a clause stands, in the language of the words."""
    source = CitedSource(
        in_language(clause.title, words),
        is_verified=clause.is_verified,
        is_assumed=clause.is_assumed,
    )
    return Citation(source, in_language(clause.clause, words))


def _clause(label: Text, source: Source) -> Clause:
    return Clause(
        label=label,
        title=source.title,
        clause=source.clause,
        is_verified=source.verified,
        is_assumed=source.is_assumed,
    )
