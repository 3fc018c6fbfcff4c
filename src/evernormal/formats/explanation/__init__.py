"""How any number of a year came about, in words, clause by clause, from the audit log alone."""

from collections.abc import Sequence

from evernormal.formats.explanation.clauses import Clause, SchemeView, in_language, view_of
from evernormal.formats.explanation.explainer import Explainer
from evernormal.formats.explanation.findings import Teller
from evernormal.formats.explanation.reading import ActRecord
from evernormal.formats.explanation.trail import Trail, UnknownIdentifier
from evernormal.formats.explanation.tree import (
    Citation,
    CitedSource,
    Explanation,
    Line,
    Mark,
    as_text,
)
from evernormal.locale import Lang, words

__all__ = [
    "ActRecord",
    "Citation",
    "CitedSource",
    "Clause",
    "Explainer",
    "Explanation",
    "Line",
    "Mark",
    "SchemeView",
    "Teller",
    "Trail",
    "UnknownIdentifier",
    "as_text",
    "explain",
    "in_language",
    "view_of",
]


def explain(
    identifier: str, *, acts: Sequence[ActRecord], scheme: SchemeView, lang: Lang
) -> Explanation:
    """Say how a number came about.

    identifier  a decision D-, contract, award A-, voucher V-, hold H-, order, charge CH-, claim
                CL-, payment P-, batch B-, account, transfer or act key
    acts        the audit log's records, in order
    scheme      the clauses, by `view_of`
    raises      UnknownIdentifier with the nearest ones
    source      docs/reference/report.md
    """
    own = words(lang, unit=scheme.unit.value)
    return Explainer(trail=Trail(acts), scheme=scheme, words=own).explain(identifier)
