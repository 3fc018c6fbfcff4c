"""A worked case as one HTML page, for the screen and for paper: no script, no outside request."""

from jinja2 import Environment, PackageLoader, StrictUndefined

from evernormal.formats.explanation.assessment import ToldRule, WorkedCase, tell
from evernormal.formats.explanation.tree import CitedSource
from evernormal.locale import Words


def assessment_as_html(worked: WorkedCase, words: Words) -> str:
    """Write a worked case as a page in the language of the words.

    words    for amounts of the scheme's unit
    returns  HTML that holds its own style; the same input, the same text
    """
    telling = tell(worked, words)
    environment = Environment(
        loader=PackageLoader("evernormal.formats.explanation"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    turn = () if telling.turn is None else (telling.turn,)
    sources = _sources((*telling.checks, *telling.steps, *turn))
    return environment.get_template("assessment.html.j2").render(
        told=telling,
        say=words.say,
        lang="zh-Hans" if words.lang == "zh_Hans" else "en",
        is_eligible=worked.assessment.is_eligible,
        limb=worked.assessment.entitlement.limb,
        sources=sources,
        number_of={source: number for number, source in enumerate(sources, start=1)},
        made=words.say("rules.made", scheme=worked.scheme.id, on=worked.on),
    )


def _sources(rules: tuple[ToldRule, ...]) -> tuple[CitedSource, ...]:
    """What the rules cite, each once, in the order in which it is first cited."""
    cited = (rule.line.citation.source for rule in rules if rule.line.citation is not None)
    return tuple(dict.fromkeys(cited))
