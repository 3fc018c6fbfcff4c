"""The files of a clearing round: what each column holds."""

from typing import Any, Final

from evernormal.domain.allocation import Mechanism
from evernormal.formats.intake.kinds import COUNT, ID, TEXT, WHOLE
from evernormal.formats.intake.kinds_money import MONEY, POSITIVE_MONEY
from evernormal.formats.intake.table import Column, Table, optional

POOLS: Final = Table(
    file="pools.csv",
    en="The cards that are free for the round.",
    zh="本轮可分配的算力卡。",
    key=("pool_id",),
    columns=(
        Column("pool_id", ID, "the pool", "资源池编号"),
        Column("provider_id", ID, "whose cards they are", "供给方编号"),
        Column("site", TEXT, "where they stand", "站点"),
        Column("device_class", TEXT, "class of card", "卡型"),
        Column("cards", COUNT, "whole cards, free in every hour of the round", "可用卡数"),
        Column(
            "price_yuan_per_card_hour",
            POSITIVE_MONEY,
            "posted price, tax included",
            "挂牌价（含税）",
        ),
    ),
)
RESERVED: Final = Table(
    file="reserved.csv",
    en="Cards of a pool that are kept for a group of requests; the rest is open to all.",
    zh="资源池中为某类需求预留的卡数，其余对所有需求开放。",
    key=("pool_id", "group"),
    is_required=False,
    columns=(
        Column("pool_id", ID, "from pools.csv", "资源池编号"),
        Column("group", ID, "whose they are, as priority", "需求类别"),
        Column("cards", COUNT, "cards kept for it", "预留卡数"),
    ),
)
REQUESTS: Final = Table(
    file="requests.csv",
    en="Who asks for how much.",
    zh="需求。",
    key=("request_id",),
    columns=(
        Column("request_id", ID, "the request", "需求编号"),
        Column("applicant_id", ID, "whose it is", "申请单位编号"),
        Column("number", COUNT, "its place in the order of arrival; no two alike", "到达次序"),
        Column("work", WHOLE, "units of work asked for in all", "所需工作量"),
        Column(
            "budget_yuan",
            MONEY,
            "what its voucher pays at posted prices, co-pay counted in",
            "预算",
        ),
        optional(
            "contract_id",
            ID,
            "contract whose award pays; needed where the round is one of a programme year",
            "出资立项的合同编号；属于项目年度的清算轮必填",
        ),
        optional("own_yuan", MONEY, "own money that it would add; blank: none", "愿自行追加的资金"),
        optional("group", ID, "group whose reserved cards it may use; blank: none", "需求类别"),
        optional("score", COUNT, "rank, higher first; blank: 0", "评分"),
        optional("earliest_hour", COUNT, "first hour it can start in; blank: 0", "最早开始小时"),
        optional(
            "deadline_hour", WHOLE, "hour by which it must be done; blank: the end", "最迟完成小时"
        ),
    ),
)
ARCS: Final = Table(
    file="arcs.csv",
    en="Where each request can run: its model fits there, and it is allowed.",
    zh="每项需求可使用的资源池：模型可容纳且允许使用。",
    key=("request_id", "pool_id"),
    columns=(
        Column("request_id", ID, "from requests.csv", "需求编号"),
        Column("pool_id", ID, "from pools.csv", "资源池编号"),
        Column(
            "speed", WHOLE, "units of work that one card does in one hour there", "每卡时工作量"
        ),
        Column("gang_cards", WHOLE, "cards that must be given together", "每组卡数"),
        Column("cards_max", WHOLE, "most cards at once; whole gangs", "同时使用的最多卡数"),
    ),
)
GRANTS: Final = Table(
    file="grants.csv",
    en="Which cards each request gets in which hours, as `market clear` wrote it.",
    zh="清算结果：各需求在各时段获得的卡数，由 `market clear` 写出。",
    key=("request_id", "pool_id", "starts_hour"),
    columns=(
        Column("request_id", ID, "from requests.csv", "需求编号"),
        Column("pool_id", ID, "from pools.csv", "资源池编号"),
        Column("cards", WHOLE, "cards in each hour; whole gangs", "每小时卡数"),
        Column("starts_hour", COUNT, "first hour, from the round's start", "起始小时"),
        Column("ends_hour", WHOLE, "hour by which they are given back", "截止小时（不含）"),
        Column("card_hours", WHOLE, "cards times hours", "卡时"),
    ),
)
TABLES: Final = (POOLS, RESERVED, REQUESTS, ARCS)

ROUND_FILE: Final = "round.toml"
ROUND_SCHEMA: Final[dict[str, Any]] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "round.toml",
    "type": "object",
    "additionalProperties": False,
    "required": ["id", "hours", "mechanism"],
    "properties": {
        "id": {"type": "string", "minLength": 1, "maxLength": 64},
        "hours": {"type": "integer", "minimum": 1, "maximum": 8_784},
        "mechanism": {"enum": [mechanism.value for mechanism in Mechanism]},
        "seed": {"type": "string", "maxLength": 200},
        "tiers": {"type": "array", "items": {"type": "integer", "minimum": 0}},
    },
}
"""Hours are at most those of a leap year."""
