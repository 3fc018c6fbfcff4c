"""Every form of condition says in both languages what it compared, held or not."""

from dataclasses import replace
from datetime import date
from typing import get_args

import pytest

from evernormal.domain.audit.facts import of_check
from evernormal.domain.policy import (
    AgeAtLeast,
    AgeAtMost,
    AllowedUse,
    Alternative,
    AnyOf,
    ApplicantType,
    ApplicantTypeIn,
    AppliedWithin,
    CapacityAtLeast,
    Case,
    CleanRecord,
    Documents,
    FacilityIn,
    Filed,
    FirmSize,
    NoOtherSupport,
    NotListed,
    OneAwardPerContract,
    OneSideOnly,
    OtherSupport,
    OtherSupportFrom,
    PriceAtMost,
    ProviderConnected,
    ProviderIn,
    ProviderRegistered,
    RegisteredIn,
    RequestBetween,
    RevenueAtMost,
    ScaleAtLeast,
    SectorIn,
    Selector,
    SignedFrom,
    SizeIn,
    StaffAtMost,
    TermAtMost,
    Text,
    UnrelatedParty,
    UpstreamAward,
    Use,
    check_conditions,
)
from evernormal.domain.policy.conditions import Condition
from evernormal.domain.values import Fen, Period
from evernormal.formats.explanation import Line, Mark, Teller, view_of
from evernormal.locale import LANGS, Lang, words
from tests.formats.sample_scheme import scheme_of
from tests.formats.sample_year import sample_input

FORMS: tuple[Condition, ...] = (
    ApplicantTypeIn((ApplicantType.ENTERPRISE,)),
    SizeIn((FirmSize.SMALL, FirmSize.MICRO)),
    AgeAtMost(120),
    AgeAtLeast(12),
    StaffAtMost(100),
    RevenueAtMost(Fen(2_000_000_00)),
    RegisteredIn(("52",)),
    SectorIn(("ai_model", "robotics")),
    Filed(("model_filing",)),
    NotListed(("export_control",)),
    CleanRecord(3),
    AnyOf(
        (
            Alternative(Text("a small firm", "小微企业"), Selector(sizes=(FirmSize.SMALL,))),
            Alternative(Text("a research institute", "科研院所"), Selector(traits=("lab",))),
        )
    ),
    ProviderRegistered(),
    ProviderConnected(),
    ProviderIn(("5201",)),
    FacilityIn(("public_centre",)),
    ScaleAtLeast("racks", 100),
    UnrelatedParty(),
    SignedFrom(date(2026, 1, 1)),
    TermAtMost(12),
    OneAwardPerContract(),
    OneSideOnly(),
    AllowedUse((Use.TRAINING,)),
    CapacityAtLeast(100),
    PriceAtMost(Fen(12_80)),
    RequestBetween(Fen(100_00), Fen(5_000_000_00)),
    AppliedWithin(date(2026, 2, 1), date(2026, 6, 30)),
    Documents(("contract", "licence")),
    NoOtherSupport(),
    OtherSupportFrom(("national_voucher",)),
    UpstreamAward(("national_voucher",)),
)


def good_case() -> Case:
    """A case that every form admits."""
    case = sample_input().case_of("K01", awards_on_contract=0)
    return replace(
        case,
        applicant=replace(
            case.applicant,
            sectors=frozenset({"ai_model"}),
            filings=frozenset({"model_filing"}),
            staff=40,
            revenue=Fen(1_500_000_00),
        ),
        provider=replace(
            case.provider, is_connected=True, facility="public_centre", scale={"racks": 250}
        ),
        contract=replace(
            case.contract,
            documents=frozenset({"contract", "licence"}),
            capacity_pflops=120,
            price_per_card_hour=Fen(12_80),
        ),
        upstream="national_voucher",
    )


def bad_case() -> Case:
    """A case that no form admits, with every fact stated."""
    good = good_case()
    return Case(
        applicant=replace(
            good.applicant,
            type=ApplicantType.UNIVERSITY,
            size=FirmSize.LARGE,
            founded_on=date(2010, 7, 1),
            place="110108",
            last_dishonesty_on=date(2025, 5, 5),
            owners=frozenset({"person:zhang-san", good.provider.uscc.text}),
            sectors=frozenset({"retail"}),
            filings=frozenset(),
            lists=frozenset({"export_control"}),
            staff=101,
            revenue=Fen(2_000_000_01),
        ),
        provider=replace(
            good.provider,
            is_registered=False,
            is_connected=False,
            place="110108",
            owners=frozenset({"person:zhang-san"}),
            facility="office_room",
            scale={},
        ),
        contract=replace(
            good.contract,
            signed_on=date(2025, 12, 31),
            term=Period(date(2026, 1, 1), date(2027, 2, 1)),
            costs={},
            use=Use.OTHER,
            has_other_support=True,
            applied_on=date(2026, 7, 1),
            documents=frozenset({"contract"}),
            supports=(OtherSupport("district_voucher", Fen(1)),),
            capacity_pflops=99,
            price_per_card_hour=Fen(12_81),
        ),
        awards_on_contract=1,
        awards_other_side=1,
        upstream="district_voucher",
    )


def young_case() -> Case:
    bad = bad_case()
    return replace(bad, applicant=replace(bad.applicant, founded_on=date(2025, 8, 1)))


def silent_case() -> Case:
    """A case that leaves out whatever it may."""
    bad = bad_case()
    return replace(
        bad,
        applicant=replace(bad.applicant, staff=None, revenue=None, sectors=frozenset()),
        provider=replace(bad.provider, facility=""),
        contract=replace(bad.contract, supports=(), price_per_card_hour=None),
        upstream="",
    )


def told(case: Case, lang: Lang, *forms: Condition) -> list[Line]:
    view = view_of(scheme_of(*forms))
    teller = Teller(words=words(lang), scheme=view, day=date(2026, 3, 1))
    rules = [(f"{form.name}-{number}", form) for number, form in enumerate(forms)]
    return [teller.check(of_check(check)) for check in check_conditions(rules, case=case)]


def failed(case: Case, form: type[Condition], lang: Lang = "en") -> str:
    [line] = told(case, lang, *(each for each in FORMS if isinstance(each, form)))
    assert line.mark is Mark.FAILED
    return line.text


def test_the_forms_here_are_all_that_there_are() -> None:
    assert {type(form) for form in FORMS} == set(get_args(Condition))


@pytest.mark.parametrize("lang", LANGS)
def test_every_condition_has_a_sentence_for_holding_and_for_failing(lang: Lang) -> None:
    held, missed = told(good_case(), lang, *FORMS), told(bad_case(), lang, *FORMS)
    missed[3] = told(young_case(), lang, *FORMS)[3]

    assert [line.mark for line in held] == [Mark.PASSED] * len(FORMS)
    assert [line.mark for line in missed] == [Mark.FAILED] * len(FORMS)
    assert len({line.text for line in held + missed}) == 2 * len(FORMS)


@pytest.mark.parametrize("lang", LANGS)
def test_what_is_not_stated_is_said_to_be_so(lang: Lang) -> None:
    forms = (SectorIn, StaffAtMost, RevenueAtMost, FacilityIn, OtherSupportFrom, UpstreamAward)
    for form in (*forms, PriceAtMost):
        stated, unstated = failed(bad_case(), form, lang), failed(silent_case(), form, lang)
        assert stated != unstated
        assert "–" not in unstated
        assert "None" not in unstated


def test_a_failed_condition_says_what_it_compared() -> None:
    case = bad_case()

    assert failed(case, CleanRecord) == (
        "A record of dishonesty of 2025-05-05 lies in the 3 years before the application "
        "(since 2023-07-01)."
    )
    assert failed(case, TermAtMost) == "Runs from 2026-01-01 to 2027-01-31, longer than 12 months."
    assert failed(case, OneAwardPerContract) == "Contract K01 has 1 award already."
    assert failed(case, AllowedUse) == "The compute serves another use; admitted are: training."
    assert (
        failed(case, SizeIn)
        == "The applicant is a large firm; admitted are: micro firm, small firm."
    )
    assert failed(case, RevenueAtMost) == (
        "Revenue of the last full year: 2,000,000.01 yuan, more than 2,000,000.00 yuan."
    )
    assert failed(case, PriceAtMost, "zh_Hans") == (
        "合同约定的每卡时价格为 12.81 元，超过 12.80 元。"
    )
    assert failed(silent_case(), PriceAtMost) == (
        "The contract's price of a card-hour is not stated; at most 12.80 yuan is admitted."
    )
    assert failed(case, Documents) == (
        "Documents that are missing: licence (asked for: contract, licence)."
    )
    assert failed(case, OneSideOnly) == (
        "Claimed from the demand side; the other side has 1 award for the same capacity already."
    )


def test_alternatives_are_named_in_the_language_of_the_reader() -> None:
    assert failed(bad_case(), AnyOf) == (
        "None of the alternatives holds: a small firm; a research institute."
    )
    assert failed(bad_case(), AnyOf, "zh_Hans") == "以下各项均不符合：小微企业；科研院所。"
    form = next(each for each in FORMS if isinstance(each, AnyOf))
    assert told(good_case(), "zh_Hans", form)[0].text == "符合其中一项：小微企业。"
    assert told(good_case(), "en", form)[0].text == "One of the alternatives holds: a small firm."


def test_a_person_who_links_two_parties_is_not_named() -> None:
    provider_uscc = good_case().provider.uscc.text

    assert failed(bad_case(), UnrelatedParty) == (
        f"Related to provider P1; both name: {provider_uscc}, a natural person."
    )
