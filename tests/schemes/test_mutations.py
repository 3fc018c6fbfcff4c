"""Whatever figure of the library is changed, a worked case fails: the cases hold the rules fast."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from enum import Enum

import pytest

from evernormal.domain.policy import (
    ApplicantType,
    CapCount,
    CostCategory,
    Payee,
    Shortage,
    Use,
)
from evernormal.domain.values import DayCount, RoundingMode
from evernormal.schemes import (
    SchemeProblems,
    list_schemes,
    load_scheme,
    read_library_cases,
    read_library_scheme,
    run_cases,
)

CAUGHT_MIN = (95, 100)

VALUE_LINE = re.compile(r"^(?:date|value) = .*$", re.MULTILINE)
DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
FIGURE = re.compile(rf'{DAY}|"[0-9]+/[0-9]+"|"[0-9]+"|\b[0-9][0-9_]*\b')
WORD = re.compile(r'"([A-Z_]+)"|\b(true|false)\b')
ENUMS: tuple[type[Enum], ...] = (
    ApplicantType,
    CapCount,
    CostCategory,
    DayCount,
    Payee,
    RoundingMode,
    Shortage,
    Use,
)


def neighbours(figure: str) -> list[str]:
    """Give the figures one step beside a date, a ratio, a quoted number or a number."""
    if re.fullmatch(DAY, figure):
        day = date.fromisoformat(figure)
        return [(day + timedelta(days=step)).isoformat() for step in (-1, 1)]
    if "/" in figure:
        over, under = figure.strip('"').split("/")
        return [f'"{int(over) + step}/{under}"' for step in (-1, 1)]
    if figure.startswith('"'):
        return [f'"{int(figure.strip(chr(34))) + step}"' for step in (-1, 1)]
    return [str(int(figure.replace("_", "")) + step) for step in (-1, 1)]


def other_words(word: str) -> list[str]:
    """Give the other words of the same list, or the other truth."""
    if word in {"true", "false"}:
        return ["false" if word == "true" else "true"]
    word = word.strip('"')
    known = next([str(m.value) for m in kind] for kind in ENUMS if word in kind.__members__)
    return [f'"{other}"' for other in known if other != word]


def mutants(text: str) -> Iterator[tuple[str, str]]:
    """Change one figure or word of one dated value at a time; yield what changed, and the file."""
    for line in VALUE_LINE.finditer(text):
        changes = [(m, n) for m in FIGURE.finditer(line[0]) for n in neighbours(m[0])]
        changes += [(m, n) for m in WORD.finditer(line[0]) for n in other_words(m[0])]
        for match, new in changes:
            start, end = line.start() + match.start(), line.start() + match.end()
            yield f"{line[0]}: {match[0]} -> {new}", text[:start] + new + text[end:]


def survives(text: str, cases: bytes) -> bool | None:
    """Tell whether no case notices; None when the loader refuses the file already."""
    try:
        scheme = load_scheme(text.encode(), path="mutant")
    except SchemeProblems:
        return None
    return all(result.is_as_stated for result in run_cases(scheme, cases, path="cases"))


def test_a_changed_figure_makes_a_case_fail(capsys: pytest.CaptureFixture[str]) -> None:
    survivors, caught, refused = [], 0, 0
    for scheme_id in list_schemes():
        _, text = read_library_scheme(scheme_id)
        cases = read_library_cases(scheme_id)
        for what, mutant in mutants(text.decode()):
            match survives(mutant, cases):
                case None:
                    refused += 1
                case True:
                    survivors.append(f"{scheme_id}: {what}")
                case False:
                    caught += 1
    whole = caught + len(survivors)
    with capsys.disabled():
        print(  # noqa: T201 - the rate is the result, also when it is good enough
            f"\nmutants of the schemes: {caught} of {whole} caught by a case, "
            f"{refused} more refused by the loader"
        )

    assert whole > 100
    assert caught * CAUGHT_MIN[1] >= whole * CAUGHT_MIN[0], survivors
