"""The columns of purchases, orders and what becomes of them."""

from evernormal.domain.market import OrderChangeKind, ProviderAnswer
from evernormal.formats.intake.kinds import CLASSES, COUNT, ID, IDS, TEXT, WHOLE, choice
from evernormal.formats.intake.kinds_time import DAY
from evernormal.formats.intake.table import Column, Table, optional

PURCHASES = Table(
    file="purchases.csv",
    en="Contracts with further providers that the voucher of an award pays too.",
    zh="由同一申请的算力券支付的、与其他供给方签订的采购合同。",
    key=("purchase_id",),
    is_required=False,
    columns=(
        Column("purchase_id", ID, "the office's id; no contract has it", "采购编号"),
        Column("contract_id", ID, "from contracts.csv: whose award pays", "出资立项的合同编号"),
        Column("provider_id", ID, "seller, from providers.csv", "供给方编号"),
        Column("signed_on", DAY, "day of signing", "签订日期"),
        Column("starts_on", DAY, "first day of the term", "起始日"),
        Column("ends_on", DAY, "last day of the term, still in it", "截止日（含当日）"),
        optional(
            "meter_account",
            TEXT,
            "name under which the provider meters the buyer; as in contracts.csv",
            "供给方计量该采购所用的账户名",
        ),
    ),
)
QUOTES = Table(
    file="quotes.csv",
    en="Quotes that buyers asked for: what an order would cost, its price promised for a time.",
    zh="用户询价：按询价日价目表报价，并在有效期内保证价格。",
    key=("quote_id",),
    is_required=False,
    columns=(
        Column("quote_id", ID, "the office's id", "报价编号"),
        Column("contract_id", ID, "from contracts.csv or purchases.csv", "合同或采购编号"),
        Column("device_class", TEXT, "class of card, from capacity.csv", "卡型"),
        optional("site", TEXT, "cluster that it is to run on; as in orders.csv", "运行所在集群"),
        optional("plan", TEXT, "plan of the price list; blank: the plain one", "价目表的套餐"),
        Column("cards", WHOLE, "cards asked for; whole gangs", "卡数（整组）"),
        Column("gang_cards", WHOLE, "cards that must be given together", "每组卡数"),
        Column("card_hours", WHOLE, "card-hours asked for", "卡时"),
        Column("starts_on", DAY, "first day", "起始日"),
        Column("ends_on", DAY, "last day, still in it", "截止日（含当日）"),
        Column("quoted_on", DAY, "day of the quote", "报价日期"),
        optional(
            "valid_until",
            DAY,
            "last day on which an order may name it, at most 30 days later; blank: 7 days later",
            "报价有效期截止日（含当日），最长 30 日；空白为 7 日",
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
        Column("contract_id", ID, "from contracts.csv or purchases.csv", "合同或采购编号"),
        Column("device_class", TEXT, "class of card, from capacity.csv", "卡型"),
        Column("cards", WHOLE, "cards wanted; whole gangs", "卡数（整组）"),
        Column("gang_cards", WHOLE, "cards that must be given together", "每组卡数"),
        Column("card_hours", WHOLE, "card-hours ordered", "卡时"),
        Column("starts_on", DAY, "first day", "起始日"),
        Column("ends_on", DAY, "last day, still in it", "截止日（含当日）"),
        optional(
            "answer", choice(ProviderAnswer), "the provider's answer; blank: APPROVED", "供给方答复"
        ),
        optional("answered_card_hours", WHOLE, "card-hours when MODIFIED", "供给方调整后的卡时"),
        optional("ordered_on", DAY, "day of the order; blank: with the voucher", "下单日期"),
        optional(
            "site",
            TEXT,
            "cluster of the meter that it runs on, priced as such; blank: any, priced as blank",
            "运行所在的计量集群，按该集群计价；空白为不限",
        ),
        optional("plan", TEXT, "plan of the price list; blank: the plain one", "价目表的套餐"),
        optional(
            "further_contracts",
            IDS,
            "contracts of the same buyer and provider whose vouchers pay for it too",
            "同一申请单位与供给方的其他合同，其算力券一并支付该订单",
        ),
        optional(
            "waits_until",
            DAY,
            "last day on which it may begin, where no cards are free; blank: it does not wait",
            "无空闲卡时最迟可开始的日期；空白为不候补",
        ),
        optional(
            "priority",
            COUNT,
            "when cards are withdrawn the higher keeps its own longer; blank: 0",
            "供给方撤卡时数值大者后让出；空白为 0",
        ),
        optional(
            "also_classes",
            CLASSES,
            "classes that the buyer takes instead when its provider cancels, the best first",
            "供给方取消时买方可接受的其他卡型，按优先顺序",
        ),
        optional(
            "quote_id",
            ID,
            "from quotes.csv: the quote whose price it is charged at; needs ordered_on",
            "所依据的报价编号，按该报价计价；须填写下单日期",
        ),
    ),
)
WITHDRAWALS = Table(
    file="withdrawals.csv",
    en="Cards that a provider takes out of the programme for some days.",
    zh="供给方在若干日内撤出项目的算力卡。",
    key=("provider_id", "device_class", "told_on"),
    is_required=False,
    columns=(
        Column("provider_id", ID, "from providers.csv", "供给方编号"),
        Column("device_class", TEXT, "class of card, from capacity.csv", "卡型"),
        Column("told_on", DAY, "day on which the office was told", "告知日期"),
        Column("starts_on", DAY, "first day without the cards, after told_on", "起始日"),
        optional("ends_on", DAY, "last day without them; blank: for good", "截止日（含当日）"),
        Column("cards", WHOLE, "cards that are taken out", "撤出卡数"),
        optional("reason", TEXT, "what the provider said", "撤出原因"),
    ),
)
ORDER_CHANGES = Table(
    file="order_changes.csv",
    en="What became of orders after they were placed: amended, or cancelled by either side.",
    zh="订单下达后的变更：修改、用户取消或供给方取消。",
    key=("order_id", "changed_on"),
    is_required=False,
    columns=(
        Column(
            "order_id",
            ID,
            "from orders.csv, or the id of a replacement, as O1-R1",
            "订单编号，或替代订单编号（如 O1-R1）",
        ),
        Column("changed_on", DAY, "day on which the office was told", "变更日期"),
        Column("change", choice(OrderChangeKind), "what became of it", "变更类型"),
        optional(
            "effective_on",
            DAY,
            "first day for which it holds, after changed_on; blank: the next day",
            "生效日，晚于变更日；空白为次日",
        ),
        optional("cards", WHOLE, "AMENDED: cards from then on; blank: as before", "修改后的卡数"),
        optional(
            "card_hours", WHOLE, "AMENDED: card-hours in all; blank: as before", "修改后的总卡时"
        ),
        optional(
            "ends_on", DAY, "AMENDED: last day, still in it; blank: as before", "修改后的截止日"
        ),
        optional("reason", TEXT, "what the other side was told", "变更原因"),
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
