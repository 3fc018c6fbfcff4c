"""The columns of every spreadsheet of the folder: the reader and the reference page share them."""

from dataclasses import dataclass

from evernormal.domain.policy import ApplicantType, CostCategory, FirmSize, Use
from evernormal.domain.settlement import InvoiceStatus
from evernormal.formats.intake.kinds import (
    ACCOUNT,
    BANK_CODE,
    ID,
    INVOICE_NUMBER,
    NAME,
    OWNERS,
    PLACE,
    TEXT,
    USCC,
    WHOLE,
    YES_NO,
    Kind,
    choice,
)
from evernormal.formats.intake.kinds_money import MONEY, POSITIVE_MONEY
from evernormal.formats.intake.kinds_time import DAY, MOMENT


@dataclass(frozen=True, slots=True)
class Column:
    """A column: what its cells hold, and what they mean. An optional one may be left out."""

    name: str
    kind: Kind
    en: str
    zh: str
    is_required: bool = True


@dataclass(frozen=True, slots=True)
class Table:
    """A spreadsheet. No two rows have the same `key`. An optional file may be left out."""

    file: str
    en: str
    zh: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    is_required: bool = True


def _optional(name: str, kind: Kind, en: str, zh: str) -> Column:
    return Column(name, kind, en, zh, is_required=False)


_ACCOUNT_COLUMNS = (
    Column("bank_name", NAME, "branch that holds the account", "开户行"),
    Column("bank_code", BANK_CODE, "the branch's CNAPS number", "开户行联行号"),
    Column("bank_account", ACCOUNT, "account to be paid to", "收款账号"),
)
_OWNERS = _optional(
    "owners",
    OWNERS,
    "owners as declared: USCCs or `person:` ids, `;` between two",
    "申报的所有人：统一社会信用代码或 `person:` 编号，以 `;` 分隔",
)

APPLICANTS = Table(
    file="applicants.csv",
    en="Who applies.",
    zh="申请单位。",
    key=("applicant_id",),
    columns=(
        Column("applicant_id", ID, "the office's id", "申请单位编号"),
        Column("name", NAME, "registered name", "登记名称"),
        Column("uscc", USCC, "unified social credit code", "统一社会信用代码"),
        Column("type", choice(ApplicantType), "kind of organisation", "单位类型"),
        Column("size", choice(FirmSize), "size class", "规模"),
        Column("founded_on", DAY, "day of registration", "成立日期"),
        Column("place", PLACE, "division where it is registered", "注册地行政区划代码"),
        _OWNERS,
        _optional(
            "last_dishonesty_on", DAY, "last record of dishonesty, if any", "最近一次失信记录日期"
        ),
        *_ACCOUNT_COLUMNS,
    ),
)
PROVIDERS = Table(
    file="providers.csv",
    en="Who sells compute.",
    zh="算力供给方。",
    key=("provider_id",),
    columns=(
        Column("provider_id", ID, "the office's id", "供给方编号"),
        Column("name", NAME, "registered name", "登记名称"),
        Column("uscc", USCC, "unified social credit code", "统一社会信用代码"),
        Column("registered", YES_NO, "on the programme's list of providers", "是否入库"),
        Column("place", PLACE, "division where it is registered", "注册地行政区划代码"),
        _OWNERS,
        *_ACCOUNT_COLUMNS,
    ),
)
COST_COLUMNS = {
    CostCategory.COMPUTE: ("compute_yuan", "compute", "算力"),
    CostCategory.STORAGE: ("storage_yuan", "storage", "存储"),
    CostCategory.NETWORK: ("network_yuan", "network", "网络"),
    CostCategory.SECURITY: ("security_yuan", "security", "安全"),
    CostCategory.SUPPORT: ("support_yuan", "support and adaptation", "适配与技术支持"),
    CostCategory.MODEL_SERVICE: ("model_service_yuan", "model services", "模型服务"),
}
CONTRACTS = Table(
    file="contracts.csv",
    en="Compute contracts; each is one application.",
    zh="算力服务合同，一份合同一项申请。",
    key=("contract_id",),
    columns=(
        Column("contract_id", ID, "the office's id", "合同编号"),
        Column("applicant_id", ID, "buyer, from applicants.csv", "申请单位编号"),
        Column("provider_id", ID, "seller, from providers.csv", "供给方编号"),
        Column("signed_on", DAY, "day of signing", "签订日期"),
        Column("starts_on", DAY, "first day of the term", "起始日"),
        Column("ends_on", DAY, "last day of the term, still in it", "截止日（含当日）"),
        *(
            _optional(name, MONEY, f"price of {en}, tax included; blank is 0", f"{zh}费，空白为 0")
            for name, en, zh in COST_COLUMNS.values()
        ),
        Column("use", choice(Use), "what the compute is for", "用途"),
        Column("other_support", YES_NO, "other public money for the same", "是否已获其他财政支持"),
        Column("applied_on", DAY, "day of application", "申请日期"),
        _optional(
            "meter_account",
            TEXT,
            "name under which the provider meters the buyer; one contract each; may be left out "
            "only when the meter is NOT_REQUIRED",
            "供给方计量该合同所用的账户名，一合同一账户",
        ),
    ),
)
ORDERS = Table(
    file="orders.csv",
    en="Orders of card-hours (claim-and-deduct).",
    zh="卡时订单（领用抵扣）。",
    key=("order_id",),
    is_required=False,
    columns=(
        Column("order_id", ID, "the office's id", "订单编号"),
        Column("contract_id", ID, "from contracts.csv", "合同编号"),
        Column("device_class", TEXT, "class of card, from capacity.csv", "卡型"),
        Column("cards", WHOLE, "cards wanted; whole gangs", "卡数（整组）"),
        Column("gang_cards", WHOLE, "cards that must be given together", "每组卡数"),
        Column("card_hours", WHOLE, "card-hours ordered", "卡时"),
        Column("starts_on", DAY, "first day", "起始日"),
        Column("ends_on", DAY, "last day, still in it", "截止日（含当日）"),
    ),
)
CAPACITY = Table(
    file="capacity.csv",
    en="Cards that a provider offers; needed with orders.csv.",
    zh="供给方可供卡数；有订单时必备。",
    key=("provider_id", "device_class"),
    is_required=False,
    columns=(
        Column("provider_id", ID, "from providers.csv", "供给方编号"),
        Column("device_class", TEXT, "class of card", "卡型"),
        Column("cards", WHOLE, "cards", "卡数"),
    ),
)
INVOICES = Table(
    file="invoices.csv",
    en="Lines of invoices (fapiao).",
    zh="发票明细行。",
    key=("invoice_number", "line"),
    columns=(
        Column("invoice_number", INVOICE_NUMBER, "number of the invoice", "发票号码"),
        Column("line", WHOLE, "line of the invoice", "行号"),
        Column("contract_id", ID, "from contracts.csv; one for an invoice", "合同编号"),
        Column("category", choice(CostCategory), "what it pays for", "费用类别"),
        Column("amount_yuan", POSITIVE_MONEY, "amount, tax included", "含税金额"),
        Column("seller_uscc", USCC, "seller", "销售方统一社会信用代码"),
        Column("buyer_uscc", USCC, "buyer", "购买方统一社会信用代码"),
        Column("issued_on", DAY, "day of issue", "开票日期"),
        Column("period_starts_on", DAY, "first day of what it bills", "计费起始日"),
        Column("period_ends_on", DAY, "last day of what it bills", "计费截止日（含当日）"),
        Column("status", choice(InvoiceStatus), "the tax office's word", "发票状态"),
        _optional("claimed_on", DAY, "day of the claim; blank: not claimed", "申请兑付日期"),
    ),
)
PAYMENTS = Table(
    file="payments.csv",
    en="What buyers paid by bank for invoices.",
    zh="银行付款记录。",
    key=("payment_id",),
    columns=(
        Column("payment_id", ID, "the bank's or office's id", "付款编号"),
        Column("invoice_number", INVOICE_NUMBER, "from invoices.csv", "发票号码"),
        Column("payer_uscc", USCC, "who paid", "付款方统一社会信用代码"),
        Column("payee_uscc", USCC, "who was paid", "收款方统一社会信用代码"),
        Column("amount_yuan", POSITIVE_MONEY, "amount", "金额"),
        Column("paid_on", DAY, "day of payment", "付款日期"),
    ),
)
PRICES = Table(
    file="prices.csv",
    en="Dated price list. `prices.toml` with one [[price]] a row may take its place.",
    zh="分时段价目表，也可写成 `prices.toml`，每行一个 [[price]]。",
    key=("provider_id", "device_class", "starts_on"),
    columns=(
        Column("provider_id", ID, "from providers.csv", "供给方编号"),
        Column("device_class", TEXT, "class of card", "卡型"),
        Column("starts_on", DAY, "first day of the price", "起始日"),
        _optional("ends_on", DAY, "last day, still in it; blank: open", "截止日（含当日）"),
        Column("price_yuan_per_card_hour", POSITIVE_MONEY, "price", "每卡时价格（元）"),
    ),
)
TABLES = (APPLICANTS, PROVIDERS, CONTRACTS, ORDERS, CAPACITY, INVOICES, PAYMENTS, PRICES)

USAGE = Table(
    file="usage",
    en="Meter readings as CSV, named by [[usage]] with format = csv.",
    zh="CSV 形式的用量记录，由 [[usage]] 指明。",
    key=(),
    columns=(
        Column("cluster", TEXT, "cluster", "集群"),
        Column("job", TEXT, "job, unique in the cluster with its start", "作业号"),
        Column("account", TEXT, "name under which the buyer is metered", "计量账户"),
        Column("device_class", TEXT, "class of card, or a key of device_classes", "卡型"),
        Column("cards", WHOLE, "cards held", "卡数"),
        Column("starts_at", MOMENT, "start of use", "开始时刻"),
        Column("ends_at", MOMENT, "end of use, or the moment of reading", "结束时刻"),
        Column("state", TEXT, "what the meter called the job's state", "作业状态"),
        Column("final", YES_NO, "no while the job still runs", "是否终值"),
    ),
)
