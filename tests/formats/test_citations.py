"""A line cites its clause, and its source by number; the list at the end names each source once."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from evernormal.domain.policy import Text
from evernormal.formats.explanation import Explanation, Line, as_text, explain, view_of
from evernormal.locale import Lang, words
from tests.formats.sample_books import sample_books
from tests.formats.sample_scheme import SCHEME


def explained(identifier: str, lang: Lang = "en") -> Explanation:
    return explain(identifier, acts=sample_books().acts, scheme=view_of(SCHEME), lang=lang)


def every_line(lines: Iterable[Line]) -> Iterator[Line]:
    for line in lines:
        yield line
        yield from every_line(line.children)


def test_every_line_that_a_rule_made_cites_its_clause_and_the_source_by_number() -> None:
    told = explained("K03")
    citing = [line for line in every_line(told.lines) if line.citation]
    cited = [line.citation for line in citing if line.citation]
    title = "Sample city: measures for computing vouchers (2026)"

    assert len(cited) == 10 + 4 + 1
    assert {citation.source for citation in cited} == set(told.sources)
    assert [told.number_of(citation) for citation in cited] == [1] * 14 + [2]
    assert [(s.title, s.is_verified) for s in told.sources] == [(title, False), (title, True)]
    assert [line.label for line in citing if line.citation == cited[-1]] == ["Rounding"]


def test_the_text_names_each_source_once_and_doubts_an_unverified_one() -> None:
    english = as_text(explained("K03"), words("en"))
    chinese = as_text(explained("K03", "zh_Hans"), words("zh_Hans"))

    assert "    → Share of the cost: Up to 50 %" in english
    assert " yuan. [1, Art. 11]\n" in english
    assert english.endswith(
        "  Sources:\n"
        "    [1] Sample city: measures for computing vouchers (2026) (not verified)\n"
        "    [2] Sample city: measures for computing vouchers (2026)\n"
    )
    assert "    → 支持比例：最高 50 %" in chinese
    assert " 元。 [1，第11条]\n" in chinese
    assert chinese.endswith(
        "  来源：\n"
        "    [1] 样例市算力券管理办法（2026年）（未核实）\n"
        "    [2] 样例市算力券管理办法（2026年）\n"
    )


def test_what_no_rule_made_cites_nothing() -> None:
    assert explained("V-K04").sources == ()
    assert "Sources" not in as_text(explained("V-K04"), words("en"))


def test_an_assumed_value_is_cited_as_assumed_and_never_as_a_text() -> None:
    rule = SCHEME.get_rule("share")
    source = replace(
        rule.versions[0].source,
        title=Text("Assumption of this illustration", "本示例的假设"),
        is_assumed=True,
    )
    assumed = replace(rule, versions=(replace(rule.versions[0], source=source),))
    scheme = replace(SCHEME, rules=tuple(assumed if r is rule else r for r in SCHEME.rules))
    acts = sample_books().acts

    english = explain("K03", acts=acts, scheme=view_of(scheme), lang="en")
    chinese = explain("K03", acts=acts, scheme=view_of(scheme), lang="zh_Hans")

    assert [source.standing for source in english.sources] == ["unverified", "assumed", "verified"]
    assert "    [2] Assumption of this illustration (assumed)\n" in as_text(english, words("en"))
    assert "    [2] 本示例的假设（假设）\n" in as_text(chinese, words("zh_Hans"))
