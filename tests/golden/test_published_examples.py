"""What governments published, and what follows from it, to the yuan and by name."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from evernormal.domain.award import Assessment, assess
from evernormal.domain.policy import (
    Applicant,
    ApplicantType,
    CapCount,
    Case,
    Contract,
    CostCategory,
    FirmSize,
    Provider,
    Scheme,
    SupportRequest,
    Use,
)
from evernormal.domain.values import Fen, Period, Uscc, WrongUscc, uscc_check_character
from evernormal.schemes import read_library_scheme

NOTHING = Fen(0)
APPLICANT = Applicant(
    id="a",
    name="a",
    uscc=Uscc("91350100M000100Y43"),
    type=ApplicantType.ENTERPRISE,
    size=FirmSize.SMALL,
    founded_on=date(2022, 1, 1),
    place="110108",
    owners=frozenset({"person:1"}),
    last_dishonesty_on=None,
)
PROVIDER = Provider(
    id="p",
    name="p",
    uscc=Uscc("91110000000000000E"),
    is_registered=True,
    place="110108",
    owners=frozenset({"person:2"}),
)
CONTRACT = Contract(
    id="c",
    applicant_id="a",
    provider_id="p",
    signed_on=date(2023, 12, 20),
    term=Period.of_days(date(2024, 1, 1), date(2024, 12, 31)),
    costs={CostCategory.COMPUTE: Fen.from_yuan("12000000")},
    use=Use.TRAINING,
    has_other_support=False,
    applied_on=date(2024, 1, 10),
)


def assessed(
    scheme: Scheme, contract: Contract, *, year_before: Fen = NOTHING, act: CapCount
) -> Assessment:
    case = Case(APPLICANT, PROVIDER, contract, awards_on_contract=0)
    request = SupportRequest(
        costs=contract.costs,
        term=contract.term,
        counted_on=act,
        firm_year_before=year_before,
        firm_before=year_before,
    )
    return assess(scheme, case=case, request=request, on=contract.applied_on)


def steps(assessment: Assessment) -> Mapping[str, Fraction]:
    return {step.rule_id: step.after for step in assessment.entitlement.steps}


def failed(assessment: Assessment) -> list[str]:
    return [check.rule_id for check in assessment.checks if not check.passed]


# --- Nanning 2025: the spokesperson's example -----------------------------------------------------


def test_nanning_base_and_subsidy_to_the_yuan() -> None:
    scheme, _ = read_library_scheme("cn/nanning/2025")
    contract = replace(
        CONTRACT,
        term=Period.of_days(date(2025, 1, 1), date(2026, 12, 31)),
        costs={CostCategory.COMPUTE: Fen.from_yuan("200000")},
        applied_on=date(2026, 1, 4),
    )
    assessment = assessed(scheme, contract, act=CapCount.CLAIM)

    assert assessment.is_eligible
    assert steps(assessment)["window"] == Fen.from_yuan("83676").amount
    assert assessment.entitlement.amount == Fen.from_yuan("25102")
    facts = assessment.entitlement.steps[1].facts
    assert (facts["days_inside"], facts["days"]) == (305, 729)


# --- Beijing 2023 ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def beijing() -> Scheme:
    return read_library_scheme("cn/beijing/2023")[0]


@pytest.mark.parametrize("act", list(CapCount))
def test_beijing_twelve_million_is_capped_at_two(beijing: Scheme, act: CapCount) -> None:
    assessment = assessed(beijing, CONTRACT, act=act)

    assert assessment.is_eligible
    assert steps(assessment)["share"] == Fen.from_yuan("2400000").amount
    assert assessment.entitlement.amount == Fen.from_yuan("2000000")
    assert assessment.entitlement.limb == "cap_year"


def test_beijing_second_contract_of_the_year_gets_nothing(beijing: Scheme) -> None:
    second = assessed(beijing, CONTRACT, year_before=Fen.from_yuan("2000000"), act=CapCount.AWARD)

    assert second.is_eligible
    assert second.entitlement.amount == Fen(0)
    assert second.entitlement.limb == "cap_year"


def test_beijing_signed_a_day_early_is_not_eligible(beijing: Scheme) -> None:
    early = assessed(beijing, replace(CONTRACT, signed_on=date(2023, 8, 31)), act=CapCount.AWARD)
    in_time = assessed(beijing, replace(CONTRACT, signed_on=date(2023, 9, 1)), act=CapCount.AWARD)

    assert failed(early) == ["signed_from"]
    assert failed(in_time) == []


def test_beijing_thirteen_months_are_not_eligible(beijing: Scheme) -> None:
    thirteen = Period.of_days(date(2024, 1, 1), date(2025, 1, 31))

    assert failed(assessed(beijing, replace(CONTRACT, term=thirteen), act=CapCount.AWARD)) == [
        "term"
    ]


# --- GB 32100-2015 --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "check"),
    [
        pytest.param("91350100M000100Y4", "3", id="published vector"),
        pytest.param("91110105000000011", "0", id="the sum leaves no remainder"),
        pytest.param("91110000000000000", "E", id="a letter"),
    ],
)
def test_check_character_of_a_social_credit_code(body: str, check: str) -> None:
    assert uscc_check_character(body) == check
    assert Uscc(body + check).text == body + check
    wrong = "1" if check == "0" else "0"
    with pytest.raises(WrongUscc, match=f"the check character is '{wrong}'"):
        Uscc(body + wrong)


@pytest.mark.parametrize("letter", "IOSVZ")
def test_letters_that_look_like_digits_are_not_in_the_alphabet(letter: str) -> None:
    with pytest.raises(WrongUscc, match=f"character 9, '{letter}', is not in"):
        uscc_check_character(f"91350100{letter}000100Y4")
