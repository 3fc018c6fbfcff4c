"""Scheme files with one mistake each, and every problem that must be named."""

import pytest

from tests.schemes.sample import (
    CLAUSE,
    HEAD,
    RULES,
    SCHEME,
    SOURCES,
    UNKNOWN,
    changed,
    missing,
    rule,
    source,
    version,
)

MISTAKES = [
    pytest.param(
        changed('status = "illustrative"', 'status = "final"'),
        [
            (
                "s.toml:6: status: 'final' does not fit here. Write one of illustrative, "
                "verified, in quotes."
            ),
        ],
        id="unknown status",
    ),
    pytest.param(
        changed('settlement = "A"', 'settlement = "I"'),
        [
            (
                "s.toml:4: settlement: 'I' does not fit here. Write one of A, B, C, D, E, F, G, "
                "H, in quotes."
            ),
        ],
        id="unknown settlement",
    ),
    pytest.param(
        changed('unit = "CNY"', 'unit = "RMB"'),
        [
            (
                "s.toml:5: unit: 'RMB' does not fit here. Write one of AUD, CAD, CHF, CNY, EUR, "
                "GBP, HKD, INR, JPY, KRW, SGD, TWD, USD, CARD_HOUR, CREDIT, in quotes."
            ),
        ],
        id="unknown unit",
    ),
    pytest.param(
        changed('unit = "CNY"\n', ""),
        [
            (
                "s.toml: unit is missing. Write unit = one of AUD, CAD, CHF, CNY, EUR, GBP, HKD, "
                "INR, JPY, KRW, SGD, TWD, USD, CARD_HOUR, CREDIT, in quotes."
            ),
        ],
        id="no unit",
    ),
    pytest.param(
        changed('zh = "样例"', 'cn = "样例"'),
        [
            "s.toml:2: title.cn: There is no key 'cn'. Use one of: en, zh.",
            's.toml:2: title: zh is missing. Write zh = text in quotes, as in "2025年算力券".',
        ],
        id="a language is missing",
    ),
    pytest.param(
        changed('id = "cn/sample/2025"', 'id = "Beijing"'),
        [
            's.toml:1: id: Write lower-case words between slashes, as in "cn/beijing/2023".',
        ],
        id="scheme id",
    ),
    pytest.param(
        changed('form = "rate"', 'form = "ratio"'),
        [
            "s.toml:23: rule[share].form: There is no form 'ratio'. Did you mean rate?",
            *missing("rate"),
        ],
        id="unknown form",
    ),
    pytest.param(
        changed("up_to = true", "upto = true"),
        [
            (
                "s.toml:27: rule[share].from[0].value.upto: There is no key 'upto'. Did you mean "
                "up_to?"
            ),
            (
                "s.toml:27: rule[share].from[0].value: up_to is missing. Write up_to = true or "
                "false."
            ),
        ],
        id="unknown key",
    ),
    pytest.param(
        changed('"20/100"', "0.2"),
        [
            (
                "s.toml:27: rule[share].from[0].value.ratio: 0.2 is a float, which cannot be "
                'exact. Write a ratio in quotes, as in "20/100", above 0 and at most 1.'
            ),
        ],
        id="float",
    ),
    pytest.param(
        changed('"20/100"', '"20 %"'),
        [
            (
                "s.toml:27: rule[share].from[0].value.ratio: '20 %' is not a ratio. Write two "
                "whole numbers, as in 30/100."
            ),
        ],
        id="not a ratio",
    ),
    pytest.param(
        changed('"20/100"', '"120/100"'),
        [
            (
                "s.toml:27: rule[share].from[0].value.ratio: '120/100' does not fit here. Write a"
                ' ratio in quotes, as in "20/100", above 0 and at most 1.'
            ),
        ],
        id="more than the whole",
    ),
    pytest.param(
        changed('["COMPUTE"]', '["COMPUTE", "COMPUTE"]'),
        [
            (
                "s.toml:18: rule[eligible_cost].from[0].value.categories: An entry stands twice. "
                "Take one of them out."
            ),
        ],
        id="twice in a list",
    ),
    pytest.param(
        changed("date = 2025-01-01", "date = 2025-01-01T00:00:00"),
        [
            (
                "s.toml:17: rule[eligible_cost].from[0].date: '2025-01-01 00:00:00' does not fit "
                "here. Write a date from 1900-01-01 to 2999-12-31 without quotes, as in "
                "2025-03-01."
            ),
        ],
        id="a date with a time",
    ),
    pytest.param(
        changed("months = 12", "months = true"),
        [
            (
                "s.toml:54: rule[validity].from[0].value.months: True does not fit here. Write a "
                "whole number from 1 to 1200."
            ),
        ],
        id="true is no number",
    ),
    pytest.param(
        changed('issuer = { en = "City", zh = "市" }\nread_on', "read_on"),
        [
            "s.toml:7: source[notice]: issuer is missing. Write issuer = { en, zh }.",
        ],
        id="a source without issuer",
    ),
    pytest.param(
        changed('title = { en = "Notice 1"', 'title = { en = " "'),
        [
            (
                "s.toml:9: source[notice].title.en: This is blank. Write text in quotes, as in "
                '"Computing vouchers 2025".'
            ),
        ],
        id="a blank title",
    ),
    pytest.param(
        SCHEME + source("other", "Notice 2"),
        [
            (
                "s.toml:74: source[other]: No value names this source. Take it out, or correct "
                "the value that means it."
            ),
        ],
        id="a source that is never named",
    ),
    pytest.param(
        SCHEME + source("notice", "Notice 2"),
        [
            (
                "s.toml:75: source[notice].id: Another source has the id 'notice'. Rename one of "
                "them."
            ),
        ],
        id="two sources of one id",
    ),
    pytest.param(
        HEAD + 'source = "notice"\n' + "".join(RULES[:1]),
        [
            "s.toml:7: source: Write each source under [[source]], 1 to 50 of them.",
            (
                "s.toml:15: rule[eligible_cost].from[0].source: There is no source 'notice'. Add "
                "a [[source]] with this id."
            ),
            *missing("rate", "rounding", "payee", "shortage", "cap", "pot", "voucher_term"),
        ],
        id="sources that are no list",
    ),
    pytest.param(
        HEAD + "".join(RULES[:1]),
        [
            (
                "s.toml:14: rule[eligible_cost].from[0].source: There is no source 'notice'. Add "
                "a [[source]] with this id."
            ),
            "s.toml: source is missing. Write source = a list, each under [[source]].",
        ],
        id="no source at all",
    ),
    pytest.param(
        changed('source = "notice"\n', ""),
        [
            (
                "s.toml:16: rule[eligible_cost].from[0]: source is missing. Write source = a "
                'lower-case word in quotes, as in "start_up".'
            ),
        ],
        id="a value without a source",
    ),
    pytest.param(
        changed('source = "notice"', 'source = "notices"'),
        [
            (
                "s.toml:19: rule[eligible_cost].from[0].source: There is no source 'notices'. Did"
                " you mean notice?"
            ),
        ],
        id="a value names another source",
    ),
    pytest.param(
        changed('source = "notice"', 'source = { title = "Notice 1" }'),
        [
            (
                "s.toml:19: rule[eligible_cost].from[0].source: This is a table. Write a "
                'lower-case word in quotes, as in "start_up".'
            ),
        ],
        id="a source in the old way",
    ),
    pytest.param(
        changed(CLAUSE + "\n", ""),
        [
            (
                "s.toml:16: rule[eligible_cost].from[0]: clause is missing. Write clause = { en, "
                "zh }."
            ),
        ],
        id="a value without a clause",
    ),
    pytest.param(
        changed(CLAUSE, 'clause = "3"'),
        [
            (
                "s.toml:20: rule[eligible_cost].from[0].clause: '3' does not fit here. Write a "
                "table with en, zh."
            ),
        ],
        id="a clause in one language",
    ),
    pytest.param(
        SCHEME + rule("share", "minimum_spend", "{ amount = 1 }"),
        [
            "s.toml:75: rule[share].id: Another rule has the id 'share'. Keep one of them.",
        ],
        id="id twice",
    ),
    pytest.param(
        SCHEME + rule("other", "rate", '{ ratio = "1/2", up_to = true }'),
        [
            "s.toml:76: rule[other].form: Another rule has the form 'rate'. Keep one of them.",
        ],
        id="form twice",
    ),
    pytest.param(
        SCHEME + rule("Cap 1", "minimum_spend", "{ amount = 1 }"),
        [
            (
                "s.toml:75: rule[Cap 1].id: Write a lower-case word with underscores, as in "
                '"cap_year".'
            ),
        ],
        id="rule id",
    ),
    pytest.param(
        SCHEME + rule("window", "cost_window", ""),
        [
            (
                "s.toml:78: rule[window].from[0].value: first is missing. Write first = a date "
                "from 1900-01-01 to 2999-12-31 without quotes, as in 2025-03-01."
            ),
            (
                "s.toml:78: rule[window].from[0].value: last is missing. Write last = a date from"
                " 1900-01-01 to 2999-12-31 without quotes, as in 2025-03-01."
            ),
            (
                "s.toml:78: rule[window].from[0].value: day_count is missing. Write day_count = "
                "one of DIFFERENCE, INCLUSIVE, in quotes."
            ),
        ],
        id="no value",
    ),
    pytest.param(
        SCHEME
        + rule("floor", "minimum_spend", "{ amount = 1 }", date="2025-06-01")
        + version("{ amount = 2 }", date="2025-06-01"),
        [
            (
                "s.toml:84: rule[floor].from[1].date: 2025-06-01 does not come after 2025-06-01. "
                "Put the versions in order of days."
            ),
        ],
        id="versions out of order",
    ),
    pytest.param(
        'rule = "none"\n' + HEAD + SOURCES,
        [
            "s.toml:1: rule: Write each rule under [[rule]], at most 200 of them.",
            *missing(
                "rate",
                "eligible_cost",
                "rounding",
                "payee",
                "shortage",
                "cap",
                "pot",
                "voucher_term",
                line=":1",
            ),
        ],
        id="rules that are no list",
    ),
    pytest.param(
        HEAD + "source = [3]\n" + "".join(UNKNOWN),
        [
            (
                "s.toml:7: source[0]: 3 does not fit here. Write a table with id, title, issuer, "
                "read_on, assumed."
            ),
            "s.toml: rule is missing. Write rule = a list, each under [[rule]].",
        ],
        id="neither a rule nor a source that is a table",
    ),
    pytest.param(
        HEAD + "rule = [3]\n" + SOURCES,
        [
            ("s.toml:7: rule[0]: 3 does not fit here. Write a table with id, form, label, from."),
            *missing(
                "rate",
                "eligible_cost",
                "rounding",
                "payee",
                "shortage",
                "cap",
                "pot",
                "voucher_term",
                line=":7",
            ),
        ],
        id="a rule that is no table",
    ),
    pytest.param(
        changed('form = "rate"', "form = 3"),
        [
            (
                "s.toml:23: rule[share].form: 3 does not fit here. Write text in quotes, as in "
                '"rate".'
            ),
            *missing("rate"),
        ],
        id="a form that is no word",
    ),
    pytest.param(
        changed(CLAUSE, CLAUSE + "\nnote = 1"),
        [
            (
                "s.toml:21: rule[eligible_cost].from[0].note: There is no key 'note'. Use one of:"
                " date, value, source, clause, verified."
            ),
        ],
        id="a key that belongs nowhere",
    ),
]
