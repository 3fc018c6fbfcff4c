"""A small scheme that is right, for tests to make wrong in one place at a time."""

CLAUSE = 'clause = { en = "3", zh = "第三条" }'


def source(name: str, title: str, *, more: str = "") -> str:
    """Write one source; `more` are further keys, each on its line."""
    return (
        f'[[source]]\nid = "{name}"\ntitle = {{ en = "{title}", zh = "{title}（通知）" }}\n'
        f'issuer = {{ en = "City", zh = "市" }}\nread_on = 2026-01-01\n{more}'
    )


def version(value: str, *, date: str = "2025-01-01", named: str = "notice", more: str = "") -> str:
    """Write one dated value; an empty `value` leaves the key out."""
    written = f"value = {value}\n" if value else ""
    return f'[[rule.from]]\ndate = {date}\n{written}source = "{named}"\n{CLAUSE}\n{more}'


def rule(
    name: str, form: str, value: str, *, date: str = "2025-01-01", named: str = "notice"
) -> str:
    """Write one rule with one dated value."""
    return (
        f'[[rule]]\nid = "{name}"\nform = "{form}"\nlabel = {{ en = "{name}", zh = "规则" }}\n'
        + version(value, date=date, named=named)
    )


def unknown(form: str = "") -> str:
    """Write one thing that the source does not state."""
    named = f'form = "{form}"\n' if form else ""
    return f'[[unknown]]\n{named}en = "not stated"\nzh = "未载明"\n'


HEAD = """id = "cn/sample/2025"
title = { en = "Sample", zh = "样例" }
issuer = { en = "City", zh = "市" }
settlement = "A"
unit = "CNY"
status = "illustrative"
"""

SOURCES = source("notice", "Notice 1")

RULES = (
    rule("eligible_cost", "eligible_cost", '{ categories = ["COMPUTE"] }'),
    rule("share", "rate", '{ ratio = "20/100", up_to = true }'),
    rule("rounding", "rounding", '{ mode = "TRUNCATE", unit_fen = 1, at_each_step = false }'),
    rule("payee", "payee", '{ payee = "APPLICANT" }'),
    rule("validity", "voucher_term", "{ months = 12 }"),
    rule("shortage", "shortage", '{ shortage = "FIRST_COME" }'),
)

UNKNOWN = (unknown("cap"), unknown("pot"))

SCHEME = HEAD + SOURCES + "".join(RULES) + "".join(UNKNOWN)

CAP = '{ scope = "FIRM", amount = 1 }'

RATES = "rate or tiered_rate or capacity_support"


def changed(old: str, new: str) -> str:
    """The scheme with one thing written in another way."""
    assert old in SCHEME
    return SCHEME.replace(old, new, 1)


def missing(*forms: str, line: str = "") -> list[str]:
    """What is said of forms that a scheme must have and has not."""
    return [
        f"s.toml{line}: rule: No rule has the form {RATES if form == 'rate' else form}. Add one: "
        f'form = "{form}". When the source does not state it, write [[unknown]] with form = '
        f'"{form}".'
        for form in forms
    ]
