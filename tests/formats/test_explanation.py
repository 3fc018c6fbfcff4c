"""Explanations: every number in words, clause by clause, in both languages."""

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from evernormal.domain.audit.facts import of_check, of_step
from evernormal.domain.award import assess, entitle_under
from evernormal.domain.policy import (
    AllowedUse,
    ApplicantType,
    ApplicantTypeIn,
    AppliedWithin,
    CapCount,
    Case,
    CleanRecord,
    CostCategory,
    CostWindow,
    DatedValue,
    EligibleCost,
    FirmCap,
    FirmYearCap,
    Form,
    MinimumSpend,
    NoOtherSupport,
    OneAwardPerContract,
    ProviderRegistered,
    Rate,
    RegisteredIn,
    RoundingRule,
    Rule,
    Scheme,
    SignedFrom,
    Source,
    SupportRequest,
    TermAtMost,
    Text,
    UnrelatedParty,
    Use,
)
from evernormal.domain.policy.conditions import Condition
from evernormal.domain.settlement import matching
from evernormal.domain.values import DayCount, Fen, Period, Rounding, RoundingMode
from evernormal.formats.books.rows import ActRow
from evernormal.formats.explanation import (
    Explainer,
    Line,
    Mark,
    Teller,
    Trail,
    UnknownIdentifier,
    as_text,
    explain,
    view_of,
)
from evernormal.locale import LANGS, Lang, words
from tests.formats.sample_books import sample_books
from tests.formats.sample_scheme import SCHEME
from tests.formats.sample_year import sample_input

ACTS: tuple[ActRow, ...] = sample_books().acts
VIEW = view_of(SCHEME)
CODE_IN_CAPITALS = re.compile(r"(?<![A-Z0-9-])[A-Z][A-Z_]{3,}(?![A-Z0-9:/_-])")
ACCOUNTS_WITHOUT_OWNER = {"TREASURY"}


def text_of(identifier: str, lang: Lang = "en") -> str:
    return as_text(explain(identifier, acts=ACTS, scheme=VIEW, lang=lang), words(lang))


def scheme_of(*forms: Form) -> Scheme:
    source = Source(
        Text("Notice", "通知"), Text("Part 1", "第一部分"), date(2026, 1, 1), verified=True
    )
    rules = tuple(
        Rule(f.name, Text(f.name, f.name), (DatedValue(date(2000, 1, 1), f, source),))
        for f in forms
    )
    return replace(SCHEME, rules=rules)


def steps_in_words(scheme: Scheme, request: SupportRequest, lang: Lang = "en") -> list[str]:
    entitlement = entitle_under(scheme, request=request, on=date(2026, 1, 1))
    teller = Teller(words=words(lang), scheme=view_of(scheme), day=date(2026, 1, 1))
    return [teller.step_sentence(of_step(step)) for step in entitlement.steps]


def request(yuan: int, *, term: Period, before: int = 0) -> SupportRequest:
    return SupportRequest(
        costs={CostCategory.COMPUTE: Fen(yuan * 100)},
        term=term,
        counted_on=CapCount.AWARD,
        firm_year_before=Fen(before * 100),
        firm_before=Fen(before * 100),
    )


# --- The amount, step by step ---------------------------------------------------------------------

NANNING = scheme_of(
    EligibleCost((CostCategory.COMPUTE,)),
    CostWindow(Period.of_days(date(2025, 3, 1), date(2025, 12, 31)), DayCount.DIFFERENCE),
    Rate(Fraction(3, 10), is_ceiling=False),
    RoundingRule(Rounding(RoundingMode.TRUNCATE, 100), at_each_step=True),
)
NANNING_TERM = Period.of_days(date(2025, 1, 1), date(2026, 12, 31))


def test_the_official_example_of_nanning_is_told_with_its_numbers() -> None:
    assert steps_in_words(NANNING, request(200_000, term=NANNING_TERM)) == [
        "All of the cost counts (compute): 200,000.00 yuan.",
        (
            "305 of 729 days fall between 2025-03-01 and 2025-12-31 (difference of dates): "
            "200,000.00 × 305/729 = 83,676.26…, truncated to 83,676.00 yuan."
        ),
        "83,676.00 × 30 % = 25,102.80, truncated to 25,102.00 yuan.",
    ]
    assert steps_in_words(NANNING, request(200_000, term=NANNING_TERM), "zh_Hans") == [
        "成本全部计入（算力）：200,000.00 元。",
        (
            "合同期 729 天中有 305 天在2025年3月1日至2025年12月31日之间（日期相减）："
            "200,000.00 × 305/729 = 83,676.26…，舍去尾数得 83,676.00 元。"
        ),
        "83,676.00 × 30 % = 25,102.80，舍去尾数得 25,102.00 元。",
    ]


def test_a_cap_that_binds_says_what_was_left_of_it() -> None:
    scheme = scheme_of(
        EligibleCost((CostCategory.COMPUTE,)),
        MinimumSpend(Fen(5_000_000)),
        Rate(Fraction(1, 5), is_ceiling=True),
        FirmYearCap(Fen(200_000_000), (CapCount.AWARD,)),
        FirmCap(Fen(500_000_000)),
        RoundingRule(Rounding(RoundingMode.TRUNCATE), at_each_step=False),
    )
    term = Period(date(2026, 1, 1), date(2027, 1, 1))

    assert steps_in_words(scheme, request(12_000_000, term=term, before=500_000))[1:] == [
        "12,000,000.00 yuan reaches the minimum spend of 50,000.00 yuan.",
        "Up to 20 %, which this programme gives in full: 12,000,000.00 × 20 % = 2,400,000.00 yuan.",
        (
            "2,400,000.00 yuan is more than the firm's year has left: ceiling 2,000,000.00 yuan, "
            "less 500,000.00 yuan so far = 1,500,000.00 yuan (counted at the award); cut to "
            "1,500,000.00 yuan."
        ),
        (
            "1,500,000.00 yuan is within what the firm has left under the scheme: ceiling "
            "5,000,000.00 yuan, less 500,000.00 yuan so far = 4,500,000.00 yuan."
        ),
    ]
    assert steps_in_words(scheme, request(49_999, term=term))[1] == (
        "49,999.00 yuan is below the minimum spend of 50,000.00 yuan: nothing is supported."
    )


@pytest.mark.parametrize(
    ("term", "sentence"),
    [
        (
            Period.of_days(date(2025, 3, 1), date(2025, 12, 31)),
            "The whole contract falls between 2025-03-01 and 2025-12-31: 200,000.00 yuan counts.",
        ),
        (
            Period.of_days(date(2026, 1, 1), date(2026, 12, 31)),
            "No day of the contract falls between 2025-03-01 and 2025-12-31: nothing counts.",
        ),
    ],
)
def test_a_window_that_holds_all_or_nothing_shows_no_formula(term: Period, sentence: str) -> None:
    assert steps_in_words(NANNING, request(200_000, term=term))[1] == sentence


# --- Conditions -----------------------------------------------------------------------------------

HOLDING: tuple[Condition, ...] = (
    ApplicantTypeIn((ApplicantType.ENTERPRISE,)),
    RegisteredIn(("52",)),
    CleanRecord(3),
    ProviderRegistered(),
    UnrelatedParty(),
    SignedFrom(date(2026, 1, 1)),
    TermAtMost(12),
    OneAwardPerContract(),
    AllowedUse((Use.TRAINING,)),
    NoOtherSupport(),
    AppliedWithin(date(2026, 2, 1), date(2026, 6, 30)),
)


def good_case() -> Case:
    return sample_input().case_of("K01", awards_on_contract=0)


def bad_case() -> Case:
    good = good_case()
    return Case(
        applicant=replace(
            good.applicant,
            type=ApplicantType.UNIVERSITY,
            place="110108",
            last_dishonesty_on=date(2025, 5, 5),
            owners=frozenset({"person:zhang-san", good.provider.uscc.text}),
        ),
        provider=replace(
            good.provider, is_registered=False, owners=frozenset({"person:zhang-san"})
        ),
        contract=replace(
            good.contract,
            signed_on=date(2025, 12, 31),
            term=Period(date(2026, 1, 1), date(2027, 2, 1)),
            use=Use.OTHER,
            has_other_support=True,
            applied_on=date(2026, 7, 1),
        ),
        awards_on_contract=1,
    )


def checks_in_words(case: Case, lang: Lang) -> list[Line]:
    rounding = RoundingRule(Rounding(RoundingMode.TRUNCATE), at_each_step=False)
    scheme = scheme_of(*HOLDING, rounding)
    term = Period(date(2026, 1, 1), date(2027, 1, 1))
    assessment = assess(scheme, case=case, request=request(1, term=term), on=date(2026, 3, 1))
    teller = Teller(words=words(lang), scheme=view_of(scheme), day=date(2026, 3, 1))
    return [teller.check(of_check(check)) for check in assessment.checks]


@pytest.mark.parametrize("lang", LANGS)
def test_every_condition_has_a_sentence_for_holding_and_for_failing(lang: Lang) -> None:
    held, failed = checks_in_words(good_case(), lang), checks_in_words(bad_case(), lang)

    assert [line.mark for line in held] == [Mark.PASSED] * len(HOLDING)
    assert [line.mark for line in failed] == [Mark.FAILED] * len(HOLDING)
    assert len({line.text for line in held + failed}) == 2 * len(HOLDING)


def test_a_failed_condition_says_what_it_compared() -> None:
    texts = [line.text for line in checks_in_words(bad_case(), "en")]

    assert texts[2] == (
        "A record of dishonesty of 2025-05-05 lies in the 3 years before the application "
        "(since 2023-07-01)."
    )
    assert texts[6] == "Runs from 2026-01-01 to 2027-01-31, longer than 12 months."
    assert texts[7] == "Contract K01 has 1 award already."
    assert texts[8] == "The compute serves another use; admitted are: training."


def test_a_person_who_links_two_parties_is_not_named() -> None:
    provider_uscc = good_case().provider.uscc.text

    assert checks_in_words(bad_case(), "en")[4].text == (
        f"Related to provider P1; both name: {provider_uscc}, a natural person."
    )


def matching_check_names() -> Iterator[str]:
    """Yield the first argument of each _check(...) in the matching rules."""
    tree = ast.parse(Path(matching.__file__).read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id="_check"), args=[ast.Constant(value=str(name)), *_]):
                yield name
            case _:
                continue


def test_every_check_of_the_match_has_words() -> None:
    names = set(matching_check_names())
    assert {"invoice_normal", "payment_made", "meter_present"} <= names
    for lang in LANGS:
        for name in names:
            label = words(lang).say(f"check.{name}.label")
            held = words(lang).say(f"check.{name}.passed", failing="")
            failed = words(lang).say(f"check.{name}.failed", failing="X1 X2")
            assert len({label, held, failed}) == 3
            assert "X1" in failed


# --- Whole explanations ---------------------------------------------------------------------------


def all_identifiers() -> list[str]:
    found: dict[str, None] = {}
    for act in ACTS:
        found[act.key] = None
        for name in ("contract", "decision", "award", "voucher", "hold", "order", "claim", "batch"):
            if act.facts.get(name):
                found[str(act.facts[name])] = None
        for transfer in act.facts["transfers"]:  # type: ignore[union-attr]
            for name in ("id", "debit", "credit"):
                found[transfer[name]] = None  # type: ignore[index, call-overload]
    return list(found)


@pytest.mark.parametrize("lang", LANGS)
def test_every_identifier_of_a_year_is_explained_without_a_code_in_sight(lang: Lang) -> None:
    explainer = Explainer(trail=Trail(ACTS), scheme=VIEW, words=words(lang))
    identifiers = all_identifiers()
    assert len(identifiers) > 100
    for identifier in identifiers:
        text = as_text(explainer.explain(identifier), words(lang))
        assert text.count("\n") > 1
        codes = set(CODE_IN_CAPITALS.findall(text)) - ACCOUNTS_WITHOUT_OWNER
        assert not codes, (identifier, codes)


def test_a_voucher_is_told_by_the_transfers_that_make_its_balance() -> None:
    assert text_of("V-K04") == (
        "Voucher V-K04\n"
        "  = Voucher V-K04 was issued on 2026-03-06 under award A-K04 to S04: face value "
        "194,000.00 yuan, lapses on 2026-09-06.\n"
        "  = Voucher V-K04 lapsed; 194,000.00 yuan went back to the pot.\n"
        "  = voucher: posted balance 0.00 yuan; pending out 0.00 yuan, pending in 0.00 yuan.\n"
        "    → 2026-03-06 194,000.00 yuan issue of the voucher (issue:K04#1, posted); "
        "balance 194,000.00 yuan.\n"
        "    → 2026-03-28 −174,595.05 yuan hold (hold:H-O-K04-1#1, pending); "
        "balance 194,000.00 yuan.\n"
        "    → 2026-07-01 −174,595.05 yuan release of the hold (expire:H-O-K04-1#1, "
        "pending, now void); balance 194,000.00 yuan.\n"
        "    → 2026-09-06 −194,000.00 yuan lapse (lapse:V-K04#1, posted); balance 0.00 yuan.\n"
        "  = Face value 194,000.00 yuan = available 0.00 yuan + held 0.00 yuan + captured "
        "0.00 yuan + lapsed 194,000.00 yuan.\n"
    )


def test_every_voucher_balance_is_what_the_domain_says() -> None:
    for row in sample_books().vouchers:
        say = words("en").say
        assert text_of(row.voucher_id).endswith(
            "  = "
            + say(
                "explain.voucher_state",
                face_fen=row.face_fen,
                available_fen=row.available_fen,
                held_fen=row.held_fen,
                captured_fen=row.captured_fen,
                lapsed_fen=row.lapsed_fen,
            )
            + "\n"
        )


def lines_of(identifier: str) -> Iterator[Line]:
    stack = list(explain(identifier, acts=ACTS, scheme=VIEW, lang="en").lines)
    while stack:
        line = stack.pop(0)
        yield line
        stack = [*line.children, *stack]


def test_the_limb_that_bound_is_marked_and_named() -> None:
    bound = [line for line in lines_of("D-K03") if line.mark is Mark.BOUND]

    assert [line.label or line.text for line in bound] == [
        "Ceiling of a firm's year",
        "What bound: Ceiling of a firm's year.",
    ]


def test_a_refused_claim_names_the_invoice() -> None:
    text = text_of("CL-K08-20260706")

    assert "✗ Invoices are in force: Void, or cancelled by a red-letter invoice: " in text
    assert "26522000000000000008" in text
    assert "= Approved: nothing.\n    ◆ What bound: a check of the evidence failed.\n" in text


def test_a_hold_that_a_capture_left_over_is_known() -> None:
    assert "after usage batch U-04" in text_of("H-O-K01-2")


def test_an_unknown_identifier_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownIdentifier) as refusal:
        text_of("V-K99")

    assert refusal.value.code == "explanation.unknown_identifier"
    assert len(refusal.value.nearest) == 3
    assert set(refusal.value.nearest) <= {row.voucher_id for row in sample_books().vouchers}
