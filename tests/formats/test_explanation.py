"""Explanations: every number in words, clause by clause, in both languages."""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import chain
from pathlib import Path

import pytest

from evernormal.domain.audit import Json
from evernormal.domain.audit.facts import of_check, of_step
from evernormal.domain.settlement import Match, match_capacity, match_upstream, matching, unbilled
from evernormal.formats.books.rows import ActRow
from evernormal.formats.explanation import (
    Explainer,
    Line,
    Mark,
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


# --- The match ------------------------------------------------------------------------------------


def matching_check_names() -> Iterator[str]:
    """Yield the first argument of each _check(...) in the matching rules."""
    trees = [ast.parse(Path(str(m.__file__)).read_text("utf-8")) for m in (matching, unbilled)]
    for node in chain.from_iterable(ast.walk(tree) for tree in trees):
        match node:
            case ast.Call(func=ast.Name(id="_check"), args=[ast.Constant(value=str(name)), *_]):
                yield name
            case _:
                continue


def test_every_check_of_the_match_has_words() -> None:
    names = set(matching_check_names())
    assert {"invoice_normal", "meter_present", "upstream_present", "capacity_measured"} <= names
    for lang in LANGS:
        for name in names:
            label = words(lang).say(f"check.{name}.label")
            held = words(lang).say(f"check.{name}.passed", failing="")
            failed = words(lang).say(f"check.{name}.failed", failing="X1 X2")
            assert len({label, held, failed}) == 3
            assert "X1" in failed


def claim_in_words(match: Match, lang: Lang) -> str:
    facts: dict[str, Json] = {
        "claim": "CL-1",
        "contract": "K01",
        "payee": "S01",
        "claimed_on": "2026-07-06",
        "checks": [of_check(check) for check in match.checks],
        "match_steps": [of_step(step) for step in match.steps],
        "matched_fen": {c.value: fen.amount for c, fen in match.costs.items()},
        "approved_fen": 0,
        "limb": "match",
    }
    act = replace(ACTS[0], act="DECIDE_CLAIM", key="DECIDE_CLAIM/CL-1", facts=facts)
    return as_text(explain("CL-1", acts=[act], scheme=VIEW, lang=lang), words(lang))


def test_support_that_nobody_bills_is_told_by_what_it_rests_on() -> None:
    case = replace(sample_input().case_of("K01", awards_on_contract=0), upstream="national")
    once = match_upstream(case, upstream_award_id="N-1", matched_before=())
    twice = match_upstream(case, upstream_award_id="N-1", matched_before=("N-1",))

    assert (
        "The other programme's award: every check passed, 1,852,000.00 yuan of cost is supported."
    ) in claim_in_words(once, "en")
    assert "其他项目认定成本：其他项目（national）认定成本 1,852,000.00 元。" in (
        claim_in_words(once, "zh_Hans")
    )
    assert "✗ The other programme's award is matched once: Earlier support rests on the award " in (
        claim_in_words(twice, "en")
    )
    assert "实测算力：1 项核对中有 1 项未通过，不予支持。" in (
        claim_in_words(match_capacity(case), "zh_Hans")
    )


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


LATER: Mapping[str, dict[str, Json]] = {
    "RELEASE_TRANCHE": {"award": "A-K01", "contract": "K01", "number": 1, "held_back_fen": 0},
    "EXTEND_VOUCHER": {
        "rule": "validity",
        "extensions_before": 1,
        "extended": False,
        "lapsed_on_before": "2026-09-03",
        "lapses_on": "2026-09-03",
    },
    "RECALL_VOUCHER": {"holds": []},
}


@pytest.mark.parametrize(
    ("act", "changes", "english", "chinese"),
    [
        (
            "RELEASE_TRANCHE",
            {"amount_fen": 500},
            "Accepted report 1 released 5.00 yuan of award A-K01 to voucher V-K01.",
            "第 1 次报告通过，核定 A-K01 中的 5.00 元转入算力券 V-K01。",
        ),
        (
            "RELEASE_TRANCHE",
            {"amount_fen": 0, "held_back_fen": 500},
            "but voucher V-K01 had lapsed: nothing was released.",
            "但算力券 V-K01 已失效，不再发放。",
        ),
        (
            "EXTEND_VOUCHER",
            {"extended": True, "lapses_on": "2026-12-03"},
            "Validity: Voucher V-K01 was extended from 2026-09-03 to 2026-12-03.",
            "有效期：算力券 V-K01 由2026年9月3日延期至2026年12月3日。",
        ),
        (
            "EXTEND_VOUCHER",
            {},
            "was not extended: it had 1 extension before, and lapses on 2026-09-03.",
            "未予延期：此前已延期 1 次，2026年9月3日失效。",
        ),
        (
            "RECALL_VOUCHER",
            {"amount_fen": 500},
            "Voucher V-K01 lay idle and was recalled; 5.00 yuan went back to the pot.",
            "算力券 V-K01 长期闲置，予以收回；5.00 元退回资金总额。",
        ),
    ],
)
def test_what_befalls_a_voucher_later_is_told(
    act: str, changes: dict[str, Json], english: str, chinese: str
) -> None:
    facts = {"voucher": "V-K01", **LATER[act], **changes}
    acts = [*ACTS, replace(ACTS[-1], act=act, key=f"{act}/V-K01", facts=facts)]
    for identifier in ("V-K01", f"{act}/V-K01"):
        assert english in as_text(
            explain(identifier, acts=acts, scheme=VIEW, lang="en"), words("en")
        )
        assert chinese in as_text(
            explain(identifier, acts=acts, scheme=VIEW, lang="zh_Hans"), words("zh_Hans")
        )


def test_a_recalled_voucher_adds_up() -> None:
    """Its lapsed part is what was recalled."""
    acts = [
        replace(
            act,
            facts={
                **act.facts,
                "transfers": [
                    {**transfer, "code": transfer["code"].replace("LAPSE", "RECALL")}  # type: ignore[dict-item, index, call-overload, union-attr]
                    for transfer in act.facts["transfers"]  # type: ignore[union-attr]
                ],
            },
        )
        for act in ACTS
    ]
    told = as_text(explain("V-K04", acts=acts, scheme=VIEW, lang="en"), words("en"))

    assert "captured 0.00 yuan + lapsed 194,000.00 yuan." in told


def test_a_batch_says_what_each_level_of_government_bears() -> None:
    [batch] = [act for act in ACTS if act.act == "PAY_BATCH"]
    shared = replace(batch, facts={**batch.facts, "funding": {"city": 100, "district": 50}})
    told = explain(str(batch.facts["batch"]), acts=[shared], scheme=VIEW, lang="en")

    assert [line.text for line in told.lines[0].children[-2:]] == [
        "city bears 1.00 yuan.",
        "district bears 0.50 yuan.",
    ]


def test_an_unknown_identifier_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownIdentifier) as refusal:
        text_of("V-K99")

    assert refusal.value.code == "explanation.unknown_identifier"
    assert len(refusal.value.nearest) == 3
    assert set(refusal.value.nearest) <= {row.voucher_id for row in sample_books().vouchers}
