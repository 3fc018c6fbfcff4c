"""The report: one file, two languages, the same bytes every time, and every figure the books'."""

import hashlib
import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import date
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest

from evernormal.formats.books.report import CARDS_MAX, render_report
from evernormal.formats.books.report.figures import summary_of, usage_classes
from evernormal.formats.books.report.flow import Flow, flow_of, voucher_days
from evernormal.formats.books.rows import YearBooks
from evernormal.locale import words
from tests.formats.sample_books import sample_books
from tests.formats.sample_scheme import SCHEME
from tests.formats.sample_year import DEVICE_CLASSES, sample_input

ROOT = Path(__file__).resolve().parents[2]
EMPTY = YearBooks((), (), (), (), (), (), (), (), ())


@cache
def report() -> str:
    return render_report(sample_books(), year=sample_input(), scheme=SCHEME).decode("utf-8")


class Page(HTMLParser):
    """What a browser would make of the file: ids, links, loads, and text by language."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.loads: list[str] = []
        self.tags: dict[str, list[str]] = {"": [], "zh-Hans": [], "en": []}
        self.texts: dict[str, list[str]] = {"": [], "zh-Hans": [], "en": []}
        self._language = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "main":
            self._language = given["lang"] or ""
        self.tags[self._language].append(tag)
        self.ids += [value for name, value in attrs if name == "id" and value]
        self.links += [value for name, value in attrs if name == "href" and value]
        self.loads += [f"{tag} {name}" for name, _ in attrs if name in {"src", "srcset", "data"}]

    def handle_endtag(self, tag: str) -> None:
        if tag == "main":
            self._language = ""

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts[self._language].append(" ".join(data.split()))


# --- One file -------------------------------------------------------------------------------------


def test_the_same_books_give_the_same_bytes_in_any_process() -> None:
    program = (
        "import hashlib;from tests.formats import test_report as t;"
        "print(hashlib.sha256(t.report().encode()).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }

    assert digests == {hashlib.sha256(report().encode()).hexdigest()}


def test_nothing_is_loaded_from_anywhere() -> None:
    page = Page(report())

    assert page.loads == []
    assert not {"link", "iframe", "img", "object", "embed"} & {
        tag for tags in page.tags.values() for tag in tags
    }
    assert all(link.startswith("#") for link in page.links)
    assert not re.search(r"https?:|@import|url\(\s*[^#)]", report())


def test_every_id_is_one_and_every_link_has_its_place() -> None:
    page = Page(report())

    assert len(page.ids) == len(set(page.ids))
    assert {link[1:] for link in page.links} <= set(page.ids)


def test_both_languages_show_the_same_things() -> None:
    page = Page(report())

    assert page.tags["en"] == page.tags["zh-Hans"]
    assert page.tags["en"].count("svg") == 10
    assert page.tags["en"].count("details") == 12
    # Names of organisations stay as they are registered, and sources as they are cited.
    chinese = [text for text in page.texts["zh-Hans"] if re.search("[一-鿿]", text)]
    assert len(chinese) > 300


def test_words_of_one_language_are_not_in_the_other() -> None:
    page = Page(report())
    for key in ("report.section.money", "report.flow.caption", "report.tile.paid"):
        english, chinese = words("en").text(key), words("zh_Hans").text(key)
        assert any(english in text for text in page.texts["en"])
        assert not any(english in text for text in page.texts["zh-Hans"])
        assert any(chinese in text for text in page.texts["zh-Hans"])
        assert not any(chinese in text for text in page.texts["en"])


def test_no_label_of_a_plot_is_left_unsaid() -> None:
    assert "¤" not in report()


# --- Figures --------------------------------------------------------------------------------------


def test_the_sentence_of_what_was_decided() -> None:
    texts = Page(report()).texts

    assert (
        "Of 12 applications, 6 were granted 3,600,000.00 yuan in all, out of a pot of "
        "3,600,000.00 yuan; 6 got nothing."
    ) in texts["en"]
    assert (
        "共收到申请 12 件，核定 6 件，金额合计 3,600,000.00 元（资金总额 3,600,000.00 元）；"
        "6 件未获支持。"
    ) in texts["zh-Hans"]


def test_the_flow_is_what_the_rows_of_the_books_add_up_to() -> None:
    books = sample_books()

    assert flow_of(books) == Flow(
        pot=360_000_000,
        awarded=sum(row.awarded_fen for row in books.decisions),
        vouchers=sum(row.face_fen for row in books.vouchers),
        held=sum(row.held_fen for row in books.vouchers),
        earned=sum(row.captured_fen for row in books.vouchers),
        approved=sum(row.approved_fen for row in books.claims),
        paid=sum(row.total_fen for row in books.batches),
        lapsed=sum(row.lapsed_fen for row in books.vouchers),
        free=19_400_000,
    )
    summary = summary_of(books)
    assert summary.committed + summary.flow.free + summary.flow.paid == summary.flow.pot


def test_on_every_day_the_vouchers_add_up_to_the_face_issued_by_then() -> None:
    books = sample_books()
    days = voucher_days(books.journal)

    assert len(days) > 8
    for day in days:
        face = sum(v.face_fen for v in books.vouchers if v.issued_on <= day.on)
        assert day.available + day.held + day.captured + day.lapsed == face
        assert min(day.available, day.held, day.captured, day.lapsed) >= 0
    last = days[-1]
    assert (last.available, last.held, last.captured, last.lapsed) == (
        sum(v.available_fen for v in books.vouchers),
        sum(v.held_fen for v in books.vouchers),
        sum(v.captured_fen for v in books.vouchers),
        sum(v.lapsed_fen for v in books.vouchers),
    )


def test_usage_is_cut_at_local_midnight_and_never_added_across_classes() -> None:
    books = sample_books()
    classes = usage_classes(books.usage, sample_input())

    assert [each.device_class for each in classes] == sorted(DEVICE_CLASSES)
    for each in classes:
        rows = [row for row in books.usage if row.device_class == each.device_class]
        assert sum(each.seconds.values()) == sum(row.card_seconds for row in rows)
    # Readings start at midnight UTC: eight in the morning here, so the long ones pass midnight.
    assert date(2026, 4, 29) in classes[0].seconds or date(2026, 5, 29) in classes[0].seconds


def test_usage_of_others_is_not_drawn() -> None:
    books = sample_books()
    others = tuple(replace(row, contract_id="") for row in books.usage)

    assert usage_classes(others, sample_input()) == []


@pytest.mark.parametrize(
    ("cell", "count"),
    [
        ("not eligible: Term of the contract, Use of the compute", 2),
        ("cut to what the pot allows", 5),
        ("eligible, but the rules give nothing", 5),
        ("failed: Invoices are in force", 1),
    ],
)
def test_reasons_are_said_in_words_wherever_they_show(cell: str, count: int) -> None:
    assert Page(report()).texts["en"].count(cell) == count


# --- What must not be seen, and what must hold ----------------------------------------------------


def test_bank_accounts_and_persons_are_not_published() -> None:
    year = sample_input()
    html = report()

    for account in year.accounts.values():
        assert account.number not in html
    paid_to = {claim.payee_id for claim in sample_books().claims if claim.batch_id}
    for payee in paid_to:
        assert f"**** {year.accounts[payee].number[-4:]}" in html
    assert "person:" not in html


def test_names_cannot_carry_markup_into_the_page() -> None:
    year = sample_input()
    applicant = replace(year.applicants["S01"], name='<script>alert("1")</script>&')
    hostile = replace(year, applicants={**year.applicants, "S01": applicant})
    html = render_report(sample_books(), year=hostile, scheme=SCHEME).decode("utf-8")

    assert "<script>alert" not in html
    assert html.count("&lt;script&gt;alert(") > 10
    assert html.count("<script>") == 1


def test_unverified_sources_and_what_is_unknown_are_named() -> None:
    texts = Page(report()).texts["en"]
    warning = "17 of 18 rules come from a source that nobody has yet compared"

    assert sum(warning in text for text in texts) == 2
    assert "Days of public notice before an award" in texts
    assert texts.count("no") == 17


def test_assumed_values_are_counted_apart_and_marked() -> None:
    [share] = [rule for rule in SCHEME.rules if rule.id == "share"]
    source = replace(share.versions[0].source, is_assumed=True)
    assumed = replace(share, versions=(replace(share.versions[0], source=source),))
    rules = tuple(assumed if rule is share else rule for rule in SCHEME.rules)
    scheme = replace(SCHEME, rules=rules)
    html = render_report(sample_books(), year=sample_input(), scheme=scheme).decode("utf-8")
    texts = Page(html).texts

    told = (
        "16 of 18 rules come from a source that nobody has yet compared with the official "
        "original. Their figures may differ from it. 1 of 18 rules are assumed: no source states "
        "them"
    )
    assert sum(told in text for text in texts["en"]) == 2
    assert (texts["en"].count("assumed"), texts["zh-Hans"].count("假设")) == (13, 13)
    assert "assumed" not in Page(report()).texts["en"]


def standing(*, verified: bool, assumed: int) -> Page:
    """The page of a scheme whose rules are verified or not, its first ones assumed instead."""
    rules = []
    for number, rule in enumerate(SCHEME.rules):
        is_assumed = number < assumed
        version = rule.versions[-1]
        source = replace(
            version.source, verified=verified and not is_assumed, is_assumed=is_assumed
        )
        rules.append(replace(rule, versions=(replace(version, source=source),)))
    scheme = replace(SCHEME, rules=tuple(rules))
    return Page(render_report(sample_books(), year=sample_input(), scheme=scheme).decode("utf-8"))


def test_only_where_all_rules_are_verified_is_that_said() -> None:
    english = "A person has compared every rule with the official original."
    chinese = "全部规则均已由专人与官方原文核对。"

    for assumed in (1, len(SCHEME.rules)):
        texts = standing(verified=True, assumed=assumed).texts
        assert not any(english in text for text in texts["en"])
        assert not any(chinese in text for text in texts["zh-Hans"])
        told = f"{assumed} of {len(SCHEME.rules)} rules are assumed: no source states them"
        assert any(told in text for text in texts["en"])
    texts = standing(verified=True, assumed=0).texts
    assert any(english in text for text in texts["en"])
    assert any(chinese in text for text in texts["zh-Hans"])


def test_a_source_is_listed_with_its_issuer() -> None:
    texts = Page(report()).texts

    assert texts["en"].count("Sample city data bureau") == 1 + len(SCHEME.rules)
    assert texts["zh-Hans"].count("样例市大数据局") == 2 + len(SCHEME.rules)


def test_the_head_of_the_log_and_the_commands_are_there() -> None:
    texts = Page(report()).texts["en"]
    last = sample_books().acts[-1]

    assert last.hash in texts
    assert "evernormal verify ." in texts
    assert f"The audit log had {last.number} records when this report was written" in " ".join(
        texts
    )


def test_a_year_without_any_act_has_a_report() -> None:
    html = render_report(EMPTY, year=sample_input(), scheme=SCHEME).decode("utf-8")

    assert "Of 0 applications, 0 were granted 0.00 yuan in all" in html
    assert html.count("There was none in this year.") == 7


def test_a_pot_that_dwarfs_the_awards_is_named_and_not_drawn() -> None:
    books = sample_books()
    large = replace(books.journal[0], amount_fen=100_000_000_000)
    rich = replace(books, journal=(large, *books.journal[1:]))
    html = render_report(rich, year=sample_input(), scheme=SCHEME).decode("utf-8")

    assert "The pot of 1,000,000,000.00 yuan is many times larger and not drawn" in html
    assert "not drawn" not in report()


def test_of_very_many_applications_the_first_are_set_out_and_the_rest_counted() -> None:
    books = sample_books()
    times = CARDS_MAX // len(books.decisions) + 1
    many = replace(books, decisions=books.decisions * times)
    html = render_report(many, year=sample_input(), scheme=SCHEME).decode("utf-8")

    assert html.count("<details") == 2 * CARDS_MAX
    assert f"Only the first {CARDS_MAX} of {len(many.decisions)} applications" in html


def test_an_application_cites_by_number_and_lists_its_sources_in_its_own_language() -> None:
    texts = Page(report()).texts
    title = "[1] Sample city: measures for computing vouchers (2026)"

    assert sum(text.startswith(title) for text in texts["en"]) == len(sample_books().decisions)
    assert "[1] Art. 11" in texts["en"]
    assert "[1] 第11条" in texts["zh-Hans"]
    assert not [text for text in texts["zh-Hans"] if "Art. " in text or "Sample city" in text]
