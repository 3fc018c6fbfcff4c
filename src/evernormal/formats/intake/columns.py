"""The columns of every spreadsheet of the folder: the reader and the reference page share them."""

from evernormal.domain.policy import (
    ApplicantType,
    CostCategory,
    DeviceOrigin,
    FirmSize,
    Side,
    Use,
)
from evernormal.domain.settlement import InvoiceStatus
from evernormal.formats.intake.columns_orders import (
    CAPACITY,
    ORDER_CHANGES,
    ORDERS,
    PURCHASES,
    QUOTES,
    WITHDRAWALS,
)
from evernormal.formats.intake.kinds import (
    ACCOUNT,
    BANK_CODE,
    COUNT,
    ID,
    INVOICE_NUMBER,
    NAME,
    OWNERS,
    PLACE,
    SCALE,
    SLUG,
    SLUGS,
    TEXT,
    USCC,
    WHOLE,
    YES_NO,
    choice,
)
from evernormal.formats.intake.kinds_money import MONEY, POSITIVE_MONEY, SUPPORTS
from evernormal.formats.intake.kinds_price import CURRENCY, DECIMAL, HOURS, WEEKDAYS
from evernormal.formats.intake.kinds_time import DAY, MOMENT
from evernormal.formats.intake.table import Column, Table, optional

_ACCOUNT_COLUMNS = (
    Column("bank_name", NAME, "branch that holds the account", "开户行"),
    Column("bank_code", BANK_CODE, "the branch's CNAPS number", "开户行联行号"),
    Column("bank_account", ACCOUNT, "account to be paid to", "收款账号"),
)
_OWNERS = optional(
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
        optional(
            "last_dishonesty_on", DAY, "last record of dishonesty, if any", "最近一次失信记录日期"
        ),
        optional("sectors", SLUGS, "sectors, in the scheme's words", "所属行业"),
        optional("filings", SLUGS, "filings it holds, as of a model", "已取得的备案"),
        optional("lists", SLUGS, "exclusion lists it stands on", "所列入的排除名单"),
        optional("traits", SLUGS, "what tiers ask for, as start_up", "分档所依据的特征"),
        optional("staff", COUNT, "people employed", "职工人数"),
        optional("revenue_yuan", MONEY, "revenue of the last full year", "上一年度营业收入"),
        optional("group", TEXT, "group of related firms it belongs to", "所属关联企业集团"),
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
        optional("facility", SLUG, "kind of facility, as ai_centre", "设施类型"),
        optional("connected", YES_NO, "plugged into the dispatch platform", "是否接入调度平台"),
        optional("scale", SCALE, "size by measure, as pflops=100", "规模，如 pflops=100"),
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
    CostCategory.DATA: ("data_yuan", "data", "数据"),
    CostCategory.STAFF: ("staff_yuan", "staff", "人员"),
    CostCategory.OTHER: ("other_yuan", "anything else", "其他"),
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
            optional(name, MONEY, f"price of {en}, tax included; blank is 0", f"{zh}费，空白为 0")
            for name, en, zh in COST_COLUMNS.values()
        ),
        Column("use", choice(Use), "what the compute is for", "用途"),
        Column("other_support", YES_NO, "other public money for the same", "是否已获其他财政支持"),
        Column("applied_on", DAY, "day of application", "申请日期"),
        optional(
            "meter_account",
            TEXT,
            "name under which the provider meters the buyer; one contract each; may be left out "
            "only when the meter is NOT_REQUIRED",
            "供给方计量该合同所用的账户名，一合同一账户",
        ),
        optional(
            "service", choice(CostCategory), "what it mainly buys; blank: COMPUTE", "主要服务"
        ),
        optional(
            "device_origin",
            choice(DeviceOrigin),
            "where the cards come from; blank: UNDECLARED",
            "算力卡来源",
        ),
        optional("traits", SLUGS, "what tiers ask of the contract", "分档所依据的合同特征"),
        optional("documents", SLUGS, "papers put forward", "已提交材料"),
        optional("score", COUNT, "expert score, where applications are ranked", "专家评分"),
        optional("side", choice(Side), "who claims for a capacity; blank: DEMAND", "申报方"),
        optional("capacity_pflops", COUNT, "measured capacity, dense FP16", "实测算力规模（P）"),
        optional("facility_id", ID, "the facility whose capacity it is", "算力设施编号"),
        optional(
            "price_yuan_per_card_hour",
            POSITIVE_MONEY,
            "price of a card-hour that the provider commits itself to, tax included",
            "供给方承诺的每卡时价格（含税）",
        ),
        optional(
            "other_supports",
            SUPPORTS,
            "what other programmes give for the same, as national_voucher=300000.00",
            "其他项目对同一合同的支持金额，如 national_voucher=300000.00",
        ),
        optional(
            "burn_priority",
            COUNT,
            "where an order draws on several vouchers, the lower is spent first; blank: 0",
            "一个订单使用多张算力券时的核销顺序，数值小者先核销；空白为 0",
        ),
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
        optional("claimed_on", DAY, "day of the claim; blank: not claimed", "申请兑付日期"),
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
    key=(
        *("provider_id", "device_class", "site", "plan", "band", "weekdays"),
        *("published_on", "starts_on"),
    ),
    columns=(
        Column("provider_id", ID, "from providers.csv", "供给方编号"),
        Column("device_class", TEXT, "class of card", "卡型"),
        Column("starts_on", DAY, "first day of the price", "起始日"),
        optional("ends_on", DAY, "last day, still in it; blank: open", "截止日（含当日）"),
        Column("price_yuan_per_card_hour", POSITIVE_MONEY, "price", "每卡时价格（元）"),
        optional("site", TEXT, "for orders of this site; blank: without one", "适用的计量集群"),
        optional("plan", TEXT, "for orders of this plan; blank: without one", "适用的套餐"),
        optional(
            "band",
            SLUG,
            "name of the hours that it holds for, as peak; blank: the rest of the day",
            "计价时段名称，如 peak；空白为其余时间",
        ),
        optional("weekdays", WEEKDAYS, "days of the band; blank: every day", "时段适用的星期"),
        optional("hours", HOURS, "hours of the band, local", "时段起止，当地时间"),
        optional(
            "minimum_yuan_per_day",
            POSITIVE_MONEY,
            "least that an order with use on a day is charged for it; not with a band",
            "订单当日有用量时的最低收费；时段行不填",
        ),
        optional(
            "currency",
            CURRENCY,
            "currency of the row's amounts, as in exchange_rates.csv; blank: the programme's unit",
            "本行金额的币种，汇率见 exchange_rates.csv；空白为项目计量单位",
        ),
        optional(
            "published_on",
            DAY,
            "first day on which it is known; it takes the place of rows published before, but not "
            "for orders quoted before; blank: known from the beginning",
            "公布日期；自该日起取代此前公布的价格，此前已报价的订单不受影响；空白为自始公布",
        ),
    ),
)
EXCHANGE_RATES = Table(
    file="exchange_rates.csv",
    en="Dated rates of the currencies that the price list names.",
    zh="价目表所用币种的分段汇率。",
    key=("currency", "starts_on"),
    is_required=False,
    columns=(
        Column("currency", CURRENCY, "the currency", "币种"),
        Column("starts_on", DAY, "first day of the rate", "起始日"),
        optional("ends_on", DAY, "last day, still in it; blank: open", "截止日（含当日）"),
        Column("rate", DECIMAL, "programme's units for one of it", "每单位该币种折合计量单位数"),
    ),
)
UPSTREAM_AWARDS = Table(
    file="upstream_awards.csv",
    en="Awards of other programmes that this one is matched to (automatic match).",
    zh="据以免申配套的其他计划立项（免审即享）。",
    key=("upstream_award_id",),
    is_required=False,
    columns=(
        Column("upstream_award_id", ID, "the other programme's number", "上级立项编号"),
        Column("programme", SLUG, "the other programme, in the scheme's word", "上级计划代号"),
        Column("contract_id", ID, "from contracts.csv; one award for one contract", "合同编号"),
        Column("decided_on", DAY, "day of its decision: our day of application", "立项日期"),
        Column("cost_yuan", POSITIVE_MONEY, "cost that it accepted", "上级认定费用"),
        Column("support_yuan", MONEY, "what it gives", "上级支持金额"),
    ),
)
REPORTS = Table(
    file="reports.csv",
    en="Progress reports that were accepted; they release the next part of an award.",
    zh="已通过的进展报告，据以释放后续额度。",
    key=("contract_id", "accepted_on"),
    is_required=False,
    columns=(
        Column("contract_id", ID, "from contracts.csv", "合同编号"),
        Column("accepted_on", DAY, "day on which the office accepted it", "通过日期"),
    ),
)
EXTENSIONS = Table(
    file="extensions.csv",
    en="Extensions of vouchers that the office granted.",
    zh="已批准的算力券延期。",
    key=("contract_id", "granted_on"),
    is_required=False,
    columns=(
        Column("contract_id", ID, "from contracts.csv", "合同编号"),
        Column("granted_on", DAY, "day of the decision", "批准日期"),
    ),
)
TABLES = (
    APPLICANTS,
    PROVIDERS,
    CONTRACTS,
    PURCHASES,
    QUOTES,
    ORDERS,
    ORDER_CHANGES,
    CAPACITY,
    WITHDRAWALS,
    INVOICES,
    PAYMENTS,
    PRICES,
    EXCHANGE_RATES,
    UPSTREAM_AWARDS,
    REPORTS,
    EXTENSIONS,
)

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
        Column("cards", COUNT, "cards held; 0 takes an earlier use back", "卡数，0 为撤销"),
        Column("starts_at", MOMENT, "start of use", "开始时刻"),
        Column("ends_at", MOMENT, "end of use, or the moment of reading", "结束时刻"),
        Column("state", TEXT, "what the meter called the job's state", "作业状态"),
        Column("final", YES_NO, "no while the job still runs", "是否终值"),
        optional("revision", COUNT, "higher in a correction; blank: 0, as first read", "更正次数"),
    ),
)
