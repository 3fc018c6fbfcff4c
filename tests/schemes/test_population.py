"""A population is read whole, or every mistake in it is named at once."""

from datetime import date
from pathlib import Path

import pytest

from evernormal.domain.policy import CapScope, CostCategory, DeviceOrigin, FirmSize
from evernormal.domain.values import Fen, Period
from evernormal.schemes import SchemeProblems, population
from evernormal.schemes.population import read_population

SHIPPED = Path("examples/population/population.csv")
HEAD = (
    "application,firm,provider,contract,group,applied_on,applicant_type,size,place,signed_on,"
    "term.first,term.last,cost.COMPUTE,cost.STORAGE,use,device_origin,traits,already.FIRM_YEAR"
)
ROW = (
    "A1,F1,P1,,,2026-03-01,ENTERPRISE,SMALL,330106,2026-02-20,2026-03-01,2027-02-28,"
    "1234.50,,TRAINING,DOMESTIC,start_up;unicorn,100"
)

CODE = "Write the first 2 to 6 digits of a division code, as in 11."
NO_AMOUNT = (
    "is not an amount. "
    "Write digits with at most two decimals, as in 1234567.89, without separators."
)
DAY = "Write a date from 1900-01-01 to 2999-12-31, as in 2025-03-01."
AMOUNT = "Write an amount from 0.00 to 1000000000000, as in 2000000, or 0.01."


def read(*lines: str) -> tuple[population.PopulationRow, ...]:
    return read_population("\n".join(lines).encode(), path="p.csv")


def problems(*lines: str) -> list[str]:
    with pytest.raises(SchemeProblems) as refused:
        read(*lines)
    return [str(problem) for problem in refused.value.problems]


def test_a_row_becomes_a_case_and_what_is_asked_for_it() -> None:
    (row,) = read(HEAD, ROW)

    assert (row.application, row.line) == ("A1", 2)
    case, contract = row.case, row.case.contract
    assert (case.applicant.id, case.applicant.size, case.applicant.group) == (
        "F1",
        FirmSize.SMALL,
        "",
    )
    assert (case.provider.id, contract.provider_id, contract.id) == ("P1", "P1", "A1")
    assert case.applicant.traits == {"start_up", "unicorn"}
    assert contract.applied_on == date(2026, 3, 1)
    assert contract.term == Period(date(2026, 3, 1), date(2027, 3, 1))
    assert contract.device_origin is DeviceOrigin.DOMESTIC
    assert row.request.case == case
    assert row.request.costs == {CostCategory.COMPUTE: Fen(123_450)}
    assert row.request.already == {CapScope.FIRM_YEAR: Fen(10_000)}


def test_contracts_and_groups_are_named() -> None:
    (row,) = read(HEAD, ROW.replace("P1,,,", "P1,C7,G1,"))

    assert (row.case.contract.id, row.case.applicant.group) == ("C7", "G1")


def test_a_mark_at_the_start_blank_lines_and_quotes_are_read() -> None:
    found = read_population(
        f"\ufeff{HEAD}\n\n{ROW.replace('A1', chr(34) + 'A,1' + chr(34))}\n\n".encode(), path="p"
    )

    assert [(row.application, row.line) for row in found] == [("A,1", 3)]


def test_every_mistake_is_named_with_line_and_column() -> None:
    found = problems(
        HEAD,
        ROW.replace("1234.50", "1,234.50").replace("TRAINING", "MINING"),
        ROW.replace("1234.50", "12.345").replace("TRAINING", "MINING"),
        ROW.replace("A1,F1", ",").replace("330106", ""),
        ROW,
        ROW,
    )

    assert [line.split(": ")[:2] for line in found] == [
        ["p.csv:2", "19 fields, the header has 18. Look for a missing comma."],
        ["p.csv:3", "cost.COMPUTE"],
        ["p.csv:3", "use"],
        ["p.csv:4", "application"],
        ["p.csv:4", "firm"],
        ["p.csv:4", "place"],
        ["p.csv:6", "application"],
    ]
    assert "on line 5 already" in found[-1]


def test_mistakes_in_the_header_are_named_once() -> None:
    found = problems(
        HEAD.replace("provider,", "").replace("size", "sise").replace("device_origin", "use"),
        ROW.replace("P1,", "", 1),
        ROW.replace("P1,", "", 1),
    )

    assert [line.split(": ")[:2] for line in found] == [
        ["p.csv:1", "use"],
        ["p.csv:1", "sise"],
        ["p.csv:1", "provider"],
    ]
    assert "Did you mean size?" in found[1]


def test_a_wrong_part_is_told_once_and_hides_no_wrong_cell() -> None:
    head = HEAD.replace("cost.STORAGE", "cost.STORGE").replace("term.last", "term.end")
    wrong = ROW.replace("1234.50", "much")

    assert problems(head, ROW, wrong, wrong) == [
        "p.csv:1: term.end: There is no part of term 'end'. Use one of: first, last.",
        "p.csv:1: cost.STORGE: There is no part of cost 'STORGE'. Did you mean STORAGE?",
        "p.csv:1: term.last: The column is missing. Add it, filled in every row.",
        *(f"p.csv:{line}: cost.COMPUTE: 'much' {NO_AMOUNT}" for line in (3, 4)),
    ]


@pytest.mark.parametrize("name", ["cost", "term", "use.x", "scale.PF", "term.last.x"])
def test_a_column_that_names_no_fact_is_told_in_the_header_alone(name: str) -> None:
    found = problems(f"{HEAD},{name}", *[f"{ROW.replace('A1', a)},1" for a in ("A1", "A2")])

    assert [line.split(": ")[:2] for line in found] == [["p.csv:1", name]]


def test_cells_are_not_asked_for_in_the_quotes_of_toml() -> None:
    odd = {"A1": "A 1", "SMALL": "TINY", "330106": "HZ", "2026-03-01": "1 March", "unicorn": "UNI"}
    row = ROW.replace("1234.50", "-1").replace(",100", ',"""x"""')
    for old, new in odd.items():
        row = row.replace(old, new)

    found = problems(HEAD, row)

    assert found == [
        f"p.csv:2: {column}: {message}"
        for column, message in [
            ("applied_on", f"'1 March' does not fit here. {DAY}"),
            ("size", "'TINY' does not fit here. Write one of MICRO, SMALL, MEDIUM, LARGE."),
            (
                "place",
                f"'HZ' does not fit here. {CODE}",
            ),
            ("term.first", f"'1 March' does not fit here. {DAY}"),
            ("cost.COMPUTE", f"'-1' does not fit here. {AMOUNT}"),
            (
                "traits[1]",
                "'UNI' does not fit here. Write a lower-case word, as in start_up.",
            ),
            (
                "already.FIRM_YEAR",
                f"'\"x\"' {NO_AMOUNT}",
            ),
        ]
    ]


def test_a_facility_is_named() -> None:
    (row,) = read(f"{HEAD},facility_id", f"{ROW},DC-1")

    assert row.case.contract.facility_id == "DC-1"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "No applications"),
        (HEAD.encode(), "No applications"),
        (f"{HEAD}\n".encode() + b"\xff\xfe", "not UTF-8"),
        (f'{HEAD}\n"open'.encode(), "quotes cannot be read"),
    ],
)
def test_what_is_no_sheet_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(SchemeProblems) as refused:
        read_population(data, path="p.csv")

    assert said in str(refused.value)


def test_a_sheet_that_is_wrong_everywhere_says_so_and_stops(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(population, "PROBLEMS_MAX", 3)

    assert len(problems(HEAD, *[ROW.replace("TRAINING", "MINING")] * 9)) == 3


def test_a_sheet_that_is_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(population, "ROWS_MAX", 2)

    assert "Split the file" in problems(HEAD, *[ROW] * 4)[0]


def test_the_shipped_population_is_read() -> None:
    rows = read_population(SHIPPED.read_bytes(), path=SHIPPED.name)

    assert len(rows) == 1_000
    assert len({row.case.applicant.id for row in rows}) == 460
    days = [row.case.contract.applied_on for row in rows]
    assert days == sorted(days)
    assert {day.year for day in days} == {2026}
