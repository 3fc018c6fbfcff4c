"""Every form of rule: its keys in a scheme file, and how they make the domain's value."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from evernormal.domain.policy import Form
from evernormal.schemes.form_keys import amounts, conditions, terms
from evernormal.schemes.kinds import Kind, table_kind
from evernormal.schemes.problems import Place


@dataclass(frozen=True, slots=True)
class FormKeys:
    """How one form is written: kind by key of its `value`, and what the values become.

    optional  keys that may be left out
    repeats   whether a scheme may have several rules of the form in force together
    """

    keys: Mapping[str, Kind[Any]]
    build: Callable[..., Form]
    optional: frozenset[str] = field(default_factory=frozenset)
    repeats: bool = False

    def read(self, value: object, place: Place) -> Form | None:
        """Read the form with its values; None after the place was told what is wrong."""
        return table_kind(self.keys, self.build, optional=self.optional).read(value, place)


def _form_keys(row: tuple[Any, ...]) -> FormKeys:
    keys, build, *more = row
    options: Mapping[str, Any] = more[0] if more else {}
    return FormKeys(
        keys,
        build,
        optional=frozenset(options.get("optional", ())),
        repeats=options.get("repeats", False),
    )


FORMS: Mapping[str, FormKeys] = {
    name: _form_keys(row)
    for name, row in (*conditions.FORMS.items(), *amounts.FORMS.items(), *terms.FORMS.items())
}
"""Forms by name, in the order of the domain's own lists."""
