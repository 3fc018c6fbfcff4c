"""What governments published, and what follows from it, to the yuan and by name."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from evernormal.domain.award import (
    Assessed,
    Assessment,
    AwardDecision,
    AwardReason,
    assess,
    grant,
    share_pot,
)
from evernormal.domain.policy import (
    Applicant,
    ApplicantType,
    CapCount,
    CapScope,
    Case,
    Contract,
    CostCategory,
    FirmSize,
    Pot,
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
        case=case,
        costs=contract.costs,
        term=contract.term,
        counted_on=act,
        already={CapScope.FIRM_YEAR: year_before, CapScope.FIRM: year_before},
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


# --- Beijing E-Town 2024: how many firms at the cap empty the pot ---------------------------------


def etown_awards(shares: list[Fen] | None = None) -> list[AwardDecision]:
    """Six firms that are each due the cap of 20 million, one after another."""
    scheme, _ = read_library_scheme("cn/beijing_etown/2024")
    on = date(2025, 6, 2)
    contract = replace(
        CONTRACT,
        signed_on=on,
        term=Period.of_days(on, date(2026, 5, 31)),
        costs={CostCategory.COMPUTE: Fen.from_yuan("90000000")},
        applied_on=on,
    )
    entitled = assessed(scheme, contract, act=CapCount.AWARD).entitlement.amount
    assert entitled == Fen.from_yuan("20000000")
    left = scheme.get(Pot, on)[1].amount
    awards = []
    for number in range(6):
        due = Assessed("c", "a", is_eligible=True, entitled=entitled)
        awards.append(grant(due, pot=left, share=shares[number] if shares else None))
        left -= awards[-1].amount
    return awards


def test_etown_five_firms_at_the_cap_empty_the_pot_and_the_sixth_gets_nothing() -> None:
    awards = etown_awards()

    assert [a.amount.yuan for a in awards] == ["20000000.00"] * 5 + ["0.00"]
    assert [a.reason for a in awards] == [AwardReason.ENTITLED] * 5 + [AwardReason.POT_EXHAUSTED]


def test_etown_shared_in_proportion_six_firms_get_a_sixth_each() -> None:
    asked = [Fen.from_yuan("20000000")] * 6
    awards = etown_awards(share_pot(asked, pot=Fen.from_yuan("100000000")))

    # 100 million do not divide by six: four firms get the spare fen.
    assert [a.amount.yuan for a in awards] == ["16666666.67"] * 4 + ["16666666.66"] * 2
    assert {a.reason for a in awards} == {AwardReason.CUT_TO_POT}


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
