"""A small scheme that is right, for tests to make wrong in one place at a time."""

SOURCE = (
    'source = { title = { en = "Notice 1", zh = "通知1" }, clause = { en = "3", zh = "第三条" }, '
    "read_on = 2026-01-01, verified = false }"
)


def rule(name: str, form: str, value: str, *, date: str = "2025-01-01") -> str:
    """Write one rule with one dated value; an empty `value` leaves the key out."""
    written = f"value = {value}\n" if value else ""
    return (
        f'[[rule]]\nid = "{name}"\nform = "{form}"\nlabel = {{ en = "{name}", zh = "规则" }}\n'
        f"[[rule.from]]\ndate = {date}\n{written}{SOURCE}\n"
    )


HEAD = """id = "cn/sample/2025"
title = { en = "Sample", zh = "样例" }
issuer = { en = "City", zh = "市" }
settlement = "A"
status = "illustrative"
"""

RULES = (
    rule("eligible_cost", "eligible_cost", '{ categories = ["COMPUTE"] }'),
    rule("share", "rate", '{ ratio = "20/100", up_to = true }'),
    rule("rounding", "rounding", '{ mode = "TRUNCATE", unit_fen = 1, at_each_step = false }'),
    rule("payee", "payee", '{ payee = "APPLICANT" }'),
    rule("validity", "voucher_term", "{ months = 12 }"),
    rule("shortage", "shortage", '{ shortage = "FIRST_COME" }'),
)

SCHEME = HEAD + "".join(RULES)
