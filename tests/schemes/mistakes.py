"""Scheme files with one mistake each, and every problem that must be named."""

import pytest

from tests.schemes.sample import HEAD, RULES, SCHEME, SOURCE, rule


def changed(old: str, new: str) -> str:
    assert old in SCHEME
    return SCHEME.replace(old, new, 1)


MISTAKES = [
    pytest.param(
        changed('status = "illustrative"', 'status = "final"'),
        [
            (
                "s.toml:5: status: 'final' does not fit here. Write one of illustrative, verified, "
                "in quotes."
            )
        ],
        id="unknown status",
    ),
    pytest.param(
        changed('settlement = "A"', 'settlement = "H"'),
        ["s.toml:4: settlement: 'H' does not fit here. Write one of A, B, C, in quotes."],
        id="unknown settlement",
    ),
    pytest.param(
        changed('zh = "样例"', 'cn = "样例"'),
        [
            "s.toml:2: title.cn: There is no key 'cn'. Use one of: en, zh.",
            's.toml:2: title: zh is missing. Write zh = text in quotes, as in "3.2".',
        ],
        id="a language is missing",
    ),
    pytest.param(
        changed('id = "cn/sample/2025"', 'id = "Beijing"'),
        ['s.toml:1: id: Write lower-case words between slashes, as in "cn/beijing/2023".'],
        id="scheme id",
    ),
    pytest.param(
        changed('form = "rate"', 'form = "ratio"'),
        [
            "s.toml:16: rule[share].form: There is no form 'ratio'. Did you mean rate?",
            's.toml: rule: No rule has the form rate. Add one: form = "rate".',
        ],
        id="unknown form",
    ),
    pytest.param(
        changed("up_to = true", "upto = true"),
        [
            (
                "s.toml:20: rule[share].from[0].value.upto: There is no key 'upto'. "
                "Did you mean up_to?"
            ),
            "s.toml:20: rule[share].from[0].value: up_to is missing. Write up_to = true or false.",
        ],
        id="unknown key",
    ),
    pytest.param(
        changed('"20/100"', "0.2"),
        [
            (
                "s.toml:20: rule[share].from[0].value.ratio: 0.2 is a float, which cannot be "
                'exact. Write a ratio in quotes, as in "20/100", above 0 and at most 1.'
            )
        ],
        id="float",
    ),
    pytest.param(
        changed('"20/100"', '"20 %"'),
        [
            (
                "s.toml:20: rule[share].from[0].value.ratio: '20 %' is not a ratio. "
                "Write two whole numbers, as in 30/100."
            )
        ],
        id="not a ratio",
    ),
    pytest.param(
        changed('"20/100"', '"120/100"'),
        [
            (
                "s.toml:20: rule[share].from[0].value.ratio: '120/100' does not fit here. "
                'Write a ratio in quotes, as in "20/100", above 0 and at most 1.'
            )
        ],
        id="more than the whole",
    ),
    pytest.param(
        changed('["COMPUTE"]', '["COMPUTE", "COMPUTE"]'),
        [
            (
                "s.toml:12: rule[eligible_cost].from[0].value.categories: "
                "An entry stands twice. Take one of them out."
            )
        ],
        id="twice in a list",
    ),
    pytest.param(
        changed("date = 2025-01-01", "date = 2025-01-01T00:00:00"),
        [
            (
                "s.toml:11: rule[eligible_cost].from[0].date: '2025-01-01 00:00:00' does not fit "
                "here. Write a date from 1900-01-01 to "
                "2999-12-31 without quotes, as in 2025-03-01."
            )
        ],
        id="a date with a time",
    ),
    pytest.param(
        changed("months = 12", "months = true"),
        [
            (
                "s.toml:44: rule[validity].from[0].value.months: True does not fit here. "
                "Write a whole number from 1 to 1200."
            )
        ],
        id="true is no number",
    ),
    pytest.param(
        changed(SOURCE + "\n", ""),
        [
            (
                "s.toml:10: rule[eligible_cost].from[0]: source is missing. "
                "Write source = { title, clause, read_on, verified }."
            )
        ],
        id="no source",
    ),
    pytest.param(
        changed('title = { en = "Notice 1"', 'title = { en = " "'),
        [
            (
                "s.toml:13: rule[eligible_cost].from[0].source.title.en: ' ' does not fit here. "
                'Write text in quotes, as in "3.2".'
            )
        ],
        id="a blank title",
    ),
    pytest.param(
        changed('clause = { en = "3", zh = "第三条" }', 'clause = "3"'),
        [
            (
                "s.toml:13: rule[eligible_cost].from[0].source.clause: '3' does not fit here. "
                "Write a table with en, zh."
            )
        ],
        id="a clause in one language",
    ),
    pytest.param(
        SCHEME + rule("share", "firm_cap", "{ yuan = 1 }"),
        ["s.toml:55: rule[share].id: Another rule has the id 'share'. Keep one of them."],
        id="id twice",
    ),
    pytest.param(
        SCHEME + rule("other", "rate", '{ ratio = "1/2", up_to = true }'),
        ["s.toml:56: rule[other].form: Another rule has the form 'rate'. Keep one of them."],
        id="form twice",
    ),
    pytest.param(
        SCHEME + rule("Cap 1", "firm_cap", "{ yuan = 1 }"),
        ['s.toml:55: rule[Cap 1].id: Write a lower-case word with underscores, as in "cap_year".'],
        id="rule id",
    ),
    pytest.param(
        SCHEME + rule("cap", "firm_cap", "{ yuan = 2_000_000.0 }"),
        [
            (
                "s.toml:60: rule[cap].from[0].value.yuan: 2000000.0 is a float, which cannot be "
                'exact. Write yuan from 0.01 to 1000000000000, as in 2_000_000, or "0.01" in '
                "quotes."
            )
        ],
        id="money as float",
    ),
    pytest.param(
        SCHEME + rule("cap", "firm_cap", '{ yuan = "2,000,000" }'),
        [
            (
                "s.toml:60: rule[cap].from[0].value.yuan: '2,000,000' is not an amount in yuan. "
                "Write digits with at most two decimals, as in 1234567.89, without separators."
            )
        ],
        id="thousands separators",
    ),
    pytest.param(
        SCHEME + rule("cap", "firm_cap", "{ yuan = -1 }"),
        [
            (
                "s.toml:60: rule[cap].from[0].value.yuan: -1 does not fit here. "
                'Write yuan from 0.01 to 1000000000000, as in 2_000_000, or "0.01" in quotes.'
            )
        ],
        id="negative money",
    ),
    pytest.param(
        SCHEME + rule("place", "registered_in", '{ places = ["Beijing"] }'),
        [
            (
                "s.toml:60: rule[place].from[0].value.places[0]: 'Beijing' does not fit here. "
                'Write the first 2 to 6 digits of a division code, as in "11".'
            )
        ],
        id="not a division code",
    ),
    pytest.param(
        SCHEME + rule("use", "allowed_use", "{ uses = [] }"),
        [
            (
                "s.toml:60: rule[use].from[0].value.uses: This is a list. Write a list of 1 to 6 "
                "entries, each one of TRAINING, FINE_TUNING, INFERENCE, TESTING, SCIENCE, OTHER, "
                "in quotes."
            )
        ],
        id="an empty list",
    ),
    pytest.param(
        SCHEME + rule("call", "applied_within", "{ first = 2025-02-01, last = 2025-01-01 }"),
        [
            (
                "s.toml:60: rule[call].from[0].value: The last day, 2025-01-01, comes "
                "before the first, 2025-02-01. Swap or correct them."
            )
        ],
        id="a call that ends first",
    ),
    pytest.param(
        SCHEME + rule("window", "cost_window", ""),
        [
            (
                "s.toml:58: rule[window].from[0].value: first is missing. "
                "Write first = a date from 1900-01-01 to "
                "2999-12-31 without quotes, as in 2025-03-01."
            ),
            (
                "s.toml:58: rule[window].from[0].value: last is missing. "
                "Write last = a date from 1900-01-01 to "
                "2999-12-31 without quotes, as in 2025-03-01."
            ),
            (
                "s.toml:58: rule[window].from[0].value: day_count is missing. "
                "Write day_count = one of DIFFERENCE, INCLUSIVE, in quotes."
            ),
        ],
        id="no value",
    ),
    pytest.param(
        SCHEME
        + rule("cap", "firm_cap", "{ yuan = 1 }", date="2025-06-01")
        + f"[[rule.from]]\ndate = 2025-06-01\nvalue = {{ yuan = 2 }}\n{SOURCE}\n",
        [
            (
                "s.toml:63: rule[cap].from[1].date: 2025-06-01 does not come after 2025-06-01. "
                "Put the versions in order of days."
            )
        ],
        id="versions out of order",
    ),
    pytest.param(
        changed('payee = "APPLICANT"', 'payee = "PROVIDER"'),
        [
            (
                "s.toml:30: rule[payee]: Settlement A pays the APPLICANT. "
                "Change the payee or the settlement."
            )
        ],
        id="payee against settlement",
    ),
    pytest.param(
        changed('settlement = "A"', 'settlement = "B"'),
        ["s.toml:38: rule[validity]: Settlement B has no voucher. Take this rule out."],
        id="voucher term without voucher",
    ),
    pytest.param(
        SCHEME.replace(
            RULES[2],
            rule(
                "rounding",
                "rounding",
                "{ mode = 'HALF_UP', unit_fen = 1, at_each_step = false }",
                date="2025-02-01",
            ),
        ),
        [
            (
                "s.toml:22: rule[rounding]: It starts on 2025-02-01, after the rate, which starts "
                "on 2025-01-01. Give it an earlier dated value."
            )
        ],
        id="a rate before its rounding",
    ),
    pytest.param(
        changed('status = "illustrative"', 'status = "verified"'),
        [
            (
                "s.toml:5: status: Rules not verified: eligible_cost, share, rounding, payee, "
                "validity, shortage. Write illustrative, or compare them with the official "
                "original and set verified = true."
            )
        ],
        id="verified without verification",
    ),
    pytest.param(
        'rule = "none"\n' + HEAD,
        [
            "s.toml:1: rule: Write each rule under [[rule]], at most 200 of them.",
            *(
                f's.toml:1: rule: No rule has the form {form}. Add one: form = "{form}".'
                for form in (
                    "eligible_cost",
                    "rate",
                    "rounding",
                    "payee",
                    "shortage",
                    "voucher_term",
                )
            ),
        ],
        id="rules that are no list",
    ),
    pytest.param(
        SCHEME + "\nnote = 1\n",
        [
            (
                "s.toml:55: rule[shortage].from[0].note: There is no key 'note'. Use one of: "
                "date, value, source."
            )
        ],
        id="a key that belongs nowhere",
    ),
]
