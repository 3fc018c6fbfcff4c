"""The rules of the sample year: each form that its cases need."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

from evernormal.domain.policy import (
    AllowedUse,
    ApplicantType,
    ApplicantTypeIn,
    AppliedWithin,
    Cap,
    CapCount,
    CapScope,
    CleanRecord,
    CostCategory,
    DatedValue,
    EligibleCost,
    Form,
    MinimumSpend,
    OneAwardPerContract,
    Payee,
    PayeeRule,
    ProviderRegistered,
    Rate,
    RegisteredIn,
    RoundingRule,
    Rule,
    Scheme,
    Settlement,
    Shortage,
    ShortageRule,
    SignedFrom,
    Source,
    TermAtMost,
    Text,
    Unit,
    Unknown,
    UnrelatedParty,
    Use,
    VoucherTerm,
)
from evernormal.domain.values import Fen, Rounding, RoundingMode


def _in_chinese(clause: str) -> str:
    """Write Art. 7 (1) as 第7条（1）."""
    kind, number, *part = clause.split()
    article = f"第{number}条" if kind == "Art." else f"通知{number}"
    return article + "".join(part).replace("(", "（").replace(")", "）")


def _rule(rule_id: str, en: str, zh: str, form: Form, clause: str) -> Rule:
    source = Source(
        title=Text(
            "Sample city: measures for computing vouchers (2026)",
            "样例市算力券管理办法（2026年）",
        ),
        issuer=Text("Sample city data bureau", "样例市大数据局"),
        clause=Text(clause, _in_chinese(clause)),
        read_on=date(2026, 11, 20),
        verified=rule_id == "rounding",
    )
    return Rule(rule_id, Text(en, zh), (DatedValue(date(2026, 1, 1), form, source),))


SCHEME = Scheme(
    id="sample-2026",
    title=Text("Sample city computing vouchers 2026", "样例市算力券 2026"),
    issuer=Text("Sample city data bureau", "样例市大数据局"),
    settlement=Settlement.CLAIM_AND_DEDUCT,
    rules=(
        _rule(
            "types",
            "Who may apply",
            "支持对象",
            ApplicantTypeIn((ApplicantType.ENTERPRISE, ApplicantType.INSTITUTE)),
            "Art. 3",
        ),
        _rule("place", "Registered in the city", "注册在本市", RegisteredIn(("5201",)), "Art. 3"),
        _rule("clean", "Clean record", "信用良好", CleanRecord(3), "Art. 4"),
        _rule("provider", "Provider on the list", "供给方入库", ProviderRegistered(), "Art. 5"),
        _rule("unrelated", "Unrelated parties", "非关联交易", UnrelatedParty(), "Art. 6"),
        _rule("signed", "Signed from", "合同签订时间", SignedFrom(date(2026, 1, 1)), "Art. 7 (1)"),
        _rule("term", "Term of the contract", "合同期限", TermAtMost(12), "Art. 7 (2)"),
        _rule(
            "use",
            "Use of the compute",
            "算力用途",
            AllowedUse((Use.TRAINING, Use.FINE_TUNING, Use.INFERENCE)),
            "Art. 8",
        ),
        _rule("once", "One award a contract", "同一合同不重复", OneAwardPerContract(), "Art. 9"),
        _rule(
            "call",
            "Call",
            "申报期",
            AppliedWithin(date(2026, 2, 1), date(2026, 6, 30)),
            "Notice 1",
        ),
        _rule(
            "cost",
            "Cost that counts",
            "计入成本",
            EligibleCost((CostCategory.COMPUTE, CostCategory.STORAGE)),
            "Art. 10",
        ),
        _rule("floor", "Minimum spend", "最低支出", MinimumSpend(Fen(5_000_000)), "Art. 10"),
        _rule(
            "share",
            "Share of the cost",
            "支持比例",
            Rate(Fraction(1, 2), is_ceiling=True),
            "Art. 11",
        ),
        _rule(
            "year_cap",
            "Ceiling of a firm's year",
            "企业年度上限",
            Cap(CapScope.FIRM_YEAR, Fen(100_000_000), (CapCount.AWARD,)),
            "Art. 12",
        ),
        _rule(
            "rounding",
            "Rounding",
            "取整",
            RoundingRule(Rounding(RoundingMode.TRUNCATE, 100), at_each_step=False),
            "Art. 12",
        ),
        _rule("payee", "Payee", "收款方", PayeeRule(Payee.PROVIDER), "Art. 14"),
        _rule("validity", "Validity", "有效期", VoucherTerm(6), "Art. 13"),
        _rule("shortage", "Shortage", "资金不足", ShortageRule(Shortage.FIRST_COME), "Art. 15"),
    ),
    unknown=(
        Unknown(Text("Days of public notice before an award", "核定前的公示天数"), "public_notice"),
        Unknown(Text("Whether an unused voucher can be extended", "未用完的算力券可否延期")),
    ),
)


def scheme_of(*forms: Form, unit: Unit = Unit.CNY) -> Scheme:
    """A scheme of these forms alone, each a rule named after its form and its place."""
    source = Source(
        title=Text("Notice", "通知"),
        issuer=Text("Bureau", "管理局"),
        clause=Text("Part 1", "第一部分"),
        read_on=date(2026, 1, 1),
        verified=True,
    )
    rules = tuple(
        Rule(f"{f.name}-{n}", Text(f.name, f.name), (DatedValue(date(2000, 1, 1), f, source),))
        for n, f in enumerate(forms)
    )
    return replace(SCHEME, rules=rules, unit=unit)
