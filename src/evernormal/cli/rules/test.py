"""`evernormal rules test`: every worked case of every scheme."""

import click

from evernormal.cli.rules.language import lang_option
from evernormal.cli.rules.scheme_argument import SchemeFiles, find_schemes
from evernormal.cli.screen import REFUSED, fail
from evernormal.locale import Lang, Words, words
from evernormal.schemes import CaseResult, SchemeProblem, SchemeProblems, run_cases


@click.command()
@click.argument("schemes", nargs=-1, metavar="[SCHEME]...")
@lang_option
def test(schemes: tuple[str, ...], lang: Lang) -> None:
    """Work the cases beside each SCHEME, or of the whole library, and count them.

    A case that does not come out as it says is told with file, line, what it says and what was
    found.
    """
    say, found = words(lang), find_schemes(schemes)
    cases, wrong, broken = 0, 0, 0
    for files in found:
        try:
            results = _work(files)
        except SchemeProblems as refusal:
            broken += 1
            click.echo(str(refusal), err=True)
            continue
        cases += len(results)
        wrong += sum(not result.is_as_stated for result in results)
        click.echo(say.say("rules.tested", scheme=files.name, cases=len(results)))
        for result in results:
            _tell(result, files, say)
    counts = {"cases": cases, "schemes": len(found) - broken, "wrong": wrong}
    if broken:
        click.echo(say.say("rules.tested_broken", broken=broken), err=True)
    if wrong or broken:
        if not cases:
            raise SystemExit(REFUSED)
        fail(say.say("rules.tested_wrong", **counts))
    click.echo(say.say("rules.tested_all", **counts))


def _work(files: SchemeFiles) -> list[CaseResult]:
    scheme = files.load()
    if files.cases is None:
        message = "The file is not there. Write worked cases beside the scheme."
        raise SchemeProblems([SchemeProblem(files.cases_path, "", None, message)])
    return run_cases(scheme, files.cases, path=files.cases_path)


def _tell(result: CaseResult, files: SchemeFiles, say: Words) -> None:
    place = files.cases_path if result.line is None else f"{files.cases_path}:{result.line}"
    for difference in result.differences:
        told = say.say(
            "rules.difference",
            place=place,
            case=result.name,
            key=difference.key,
            expected=difference.expected,
            found=difference.found,
        )
        click.echo(told, err=True)
