"""Scheme files whose parts are each right and do not agree, and what must be said of them."""

import pytest

from tests.schemes.sample import CAP, CLAUSE, RULES, SCHEME, changed, missing, rule, source, unknown

WHOLE_MISTAKES = [
    pytest.param(
        changed('payee = "APPLICANT"', 'payee = "PROVIDER"'),
        [
            (
                "s.toml:39: rule[payee]: Settlement A pays the APPLICANT. Change the payee or the"
                " settlement."
            ),
        ],
        id="payee against settlement",
    ),
    pytest.param(
        changed('settlement = "A"', 'settlement = "D"')
        .replace(RULES[4], "")
        .replace("APPLICANT", "NOBODY"),
        [
            (
                "s.toml:39: rule[payee]: Settlement D pays the APPLICANT or PROVIDER or EITHER. "
                "Change the payee or the settlement."
            ),
        ],
        id="nobody is paid and somebody is",
    ),
    pytest.param(
        changed('settlement = "A"', 'settlement = "G"').replace("APPLICANT", "NOBODY"),
        [
            "s.toml:5: unit: Settlement G pays no money. Write CARD_HOUR or CREDIT.",
        ],
        id="money for nobody",
    ),
    pytest.param(
        changed('unit = "CNY"', 'unit = "CARD_HOUR"'),
        [
            "s.toml:5: unit: Settlement A pays money. Write a currency.",
        ],
        id="card-hours that are paid",
    ),
    pytest.param(
        SCHEME.replace('"A"', '"G"').replace("APPLICANT", "NOBODY").replace("CNY", "CREDIT")
        + rule("tax", "net_of_tax", '{ ratio = "6/100" }'),
        [
            (
                "s.toml:74: rule[tax]: Settlement G has no invoice and so no tax. "
                "Take this rule out."
            ),
        ],
        id="tax in kind",
    ),
    pytest.param(
        changed('settlement = "A"', 'settlement = "B"'),
        [
            "s.toml:48: rule[validity]: Settlement B has no voucher. Take this rule out.",
        ],
        id="voucher term without voucher",
    ),
    pytest.param(
        SCHEME.replace(RULES[2], RULES[2].replace("2025-01-01", "2025-02-01")),
        [
            (
                "s.toml:30: rule[rounding]: It starts on 2025-02-01, after the rate, which starts"
                " on 2025-01-01. Give it an earlier dated value."
            ),
        ],
        id="a rate before its rounding",
    ),
    pytest.param(
        SCHEME.replace(RULES[4], RULES[4].replace("2025-01-01", "2025-01-02")),
        [
            (
                "s.toml:48: rule[validity]: It starts on 2025-01-02, after the rate, which starts"
                " on 2025-01-01. Give it an earlier dated value."
            ),
        ],
        id="a rate before its voucher term",
    ),
    pytest.param(
        SCHEME + rule("other", "capacity_support", "{ per_pflops = 1 }"),
        [
            (
                "s.toml:74: rule[other]: Another rule turns cost into support already. Keep one "
                "of them."
            ),
        ],
        id="two rules that give the amount",
    ),
    pytest.param(
        changed('settlement = "A"', 'settlement = "B"').replace(RULES[4], "")
        + rule("longer", "voucher_extension", "{ months = 6, times = 1 }"),
        [
            "s.toml:65: rule[longer]: Settlement B has no voucher. Take this rule out.",
        ],
        id="an extension without voucher",
    ),
    pytest.param(
        SCHEME + rule("idle", "idle_recall", "{ days = 9 }"),
        [
            (
                "s.toml:74: rule[idle]: Settlement A deducts nothing as cards are used. Take this"
                " rule out."
            ),
        ],
        id="an idle recall where nothing is deducted",
    ),
    pytest.param(
        changed('status = "illustrative"', 'status = "verified"'),
        [
            (
                "s.toml:6: status: Rules not verified: eligible_cost, share, rounding, payee, "
                "validity, shortage. Write illustrative, or compare them with the official "
                "original and set verified = true."
            ),
        ],
        id="verified without verification",
    ),
    pytest.param(
        changed('status = "illustrative"', 'status = "verified"').replace(
            CLAUSE, CLAUSE + "\nverified = true", 5
        ),
        [
            (
                "s.toml:6: status: Rules not verified: shortage. Write illustrative, or compare "
                "them with the official original and set verified = true."
            ),
        ],
        id="some verified, not all",
    ),
    pytest.param(
        changed('form = "pot"', 'form = "pots"'),
        [
            "s.toml:71: unknown[1].form: There is no form 'pots'. Did you mean pot?",
            *missing("pot"),
        ],
        id="an unknown of no form",
    ),
    pytest.param(
        SCHEME + unknown("shortage"),
        [
            (
                "s.toml:75: unknown[2].form: Rule shortage states it. Take one of the two out, or"
                " mark the rule's source assumed = true."
            ),
        ],
        id="an unknown that a rule states",
    ),
    pytest.param(
        SCHEME
        + rule("cap_all", "cap", CAP)
        + rule("cap_year", "cap", CAP, named="guess")
        + source("guess", "Assumption", more="assumed = true\n"),
        [
            (
                "s.toml:67: unknown[0].form: Rule cap_all states it. Take one of the two out, or "
                "mark the rule's source assumed = true."
            ),
        ],
        id="an unknown that one of two caps states",
    ),
    pytest.param(
        changed('zh = "未载明"\n', ""),
        [
            (
                "s.toml:66: unknown[0]: zh is missing. Write zh = text in quotes, as in "
                '"所读来源未载明资金总额。".'
            ),
        ],
        id="an unknown in one language",
    ),
]
