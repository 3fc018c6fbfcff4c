"""The JSON Schema of programme.toml. docs/reference/schemas/programme.schema.json is the same.

It says which keys there are, which must be there and of what type. What their texts hold is read
by kinds, whose messages say what to write instead; `pattern` here serves editors.
"""

from collections.abc import Mapping
from typing import Final

from evernormal.domain.policy import Unit
from evernormal.domain.settlement import MeterControl

USAGE_FORMATS: Final = (
    "slurm-json",
    "slurm-parsable2",
    "csv",
    "swf",
    "focus-csv",
    "kubernetes-json",
    "prometheus-json",
)
# What a file of a format does not say of itself: keys of [[usage]] that must be there, and may be.
USAGE_SETTINGS: Final[Mapping[str, tuple[frozenset[str], frozenset[str]]]] = {
    "swf": (frozenset({"cluster", "card_type"}), frozenset({"processors_per_card"})),
    "focus-csv": (frozenset({"cluster"}), frozenset()),
    "kubernetes-json": (frozenset({"cluster"}), frozenset({"account_label"})),
    "prometheus-json": (
        frozenset({"cluster", "window_starts_at", "window_ends_at", "step_seconds"}),
        frozenset({"account_label"}),
    ),
}
ENCODINGS: Final = ("utf-8", "gb18030")
# Payment days a year: more than one a working day is a mistake.
PAYMENT_DAYS_MAX: Final = 260
# Keys in and out of use of every provider of a province.
AGENTS_MAX: Final = 200
# A key or two of every start-up of a province.
BUYERS_MAX: Final = 20_000
USAGE_FILES_MAX: Final = 1_000
# A round a day.
CLEARING_ROUNDS_MAX: Final = 366


def _text(en: str, **more: object) -> dict[str, object]:
    return {"type": "string", "minLength": 1, "description": en, **more}


def _day(en: str) -> dict[str, object]:
    return _text(en, pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$")


def _table(
    en: str, properties: Mapping[str, object], *, optional: tuple[str, ...] = ()
) -> dict[str, object]:
    return {
        "type": "object",
        "description": en,
        "additionalProperties": False,
        "required": [name for name in properties if name not in optional],
        "properties": dict(properties),
    }


_OFFICE = _table(
    "The office, its account, and its two officers",
    {
        "name": _text("Registered name"),
        "uscc": _text("Unified social credit code", pattern="^[0-9A-HJ-NP-RTUW-Y]{18}$"),
        "bank_name": _text("Branch that holds the office's account"),
        "bank_code": _text("The branch's 12-digit CNAPS number", pattern="^[0-9]{12}$"),
        "bank_account": _text("Account that payments leave from", pattern="^[0-9-]{8,34}$"),
        "prepares": _text("Officer who prepares batches"),
        "approves": _text(
            "Another officer, who approves them; blanks, width and case make no other name"
        ),
    },
)
_CONTROLS = _table(
    "What the office asks of evidence",
    {
        "meter": {
            "enum": [control.value for control in MeterControl],
            "description": "LIMIT: no compute is supported beyond its metered value; PRESENCE: "
            "some use must have been metered; NOT_REQUIRED",
        }
    },
)
_PAYMENT_DAY = _table(
    "A day on which approved claims are put into a batch",
    {
        "approved_on": _day("Day of approval, within the programme year"),
        "execute_on": _day("Day on which the bank pays, not earlier"),
    },
)
_METER: Final[Mapping[str, object]] = {
    "cluster": _text("Name of the cluster, for a format that tells none"),
    "account_label": _text(
        "kubernetes-json, prometheus-json: the label that names the buyer; the namespace when left "
        "out"
    ),
    "card_type": _text("swf: which cards its processors are"),
    "processors_per_card": {
        "type": "integer",
        "minimum": 1,
        "maximum": 1024,
        "description": "swf: allocated processors that are one card; 1 when left out",
    },
    "window_starts_at": _text("prometheus-json: start of the query, with offset"),
    "window_ends_at": _text("prometheus-json: end of the query, whole steps later"),
    "step_seconds": {
        "type": "integer",
        "minimum": 1,
        "maximum": 3600,
        "description": "prometheus-json: step of the query",
    },
}
_USAGE = _table(
    "A file of meter readings, as one batch",
    {
        "file": _text("Path inside the folder, with forward slashes", maxLength=200),
        "format": {"enum": list(USAGE_FORMATS), "description": "How the file is written"},
        "provider": _text("provider_id of the data centre that metered"),
        "received_at": _text(
            "When the office received it, with offset; its day lies within the programme year"
        ),
        "device_classes": {
            "type": "object",
            "description": "Class of card by the data centre's name for it",
            "additionalProperties": {"type": "string", "minLength": 1},
        },
        **_METER,
    },
    optional=("device_classes", *_METER),
)
_AGENT = _table(
    "A key with which a provider signs what its agent sends while the year runs",
    {
        "provider": _text("provider_id of the data centre that has the key"),
        "public_key": _text("The 32 bytes of the Ed25519 public key in base64"),
        "device_classes": {
            "type": "object",
            "description": "Class of card by the data centre's name for it",
            "additionalProperties": {"type": "string", "minLength": 1},
        },
        "starts_on": _day("First day on which the key counts; from the opening when left out"),
        "ends_on": _day("Last day on which it counts; to the closing when left out"),
    },
    optional=("starts_on", "ends_on"),
)
_BUYER = _table(
    "A key with which an applicant signs its orders while the year runs",
    {
        "applicant": _text("applicant_id of the organisation that has the key"),
        "public_key": _text("The 32 bytes of the Ed25519 public key in base64"),
        "starts_on": _day("First day on which the key counts; from the opening when left out"),
        "ends_on": _day("Last day on which it counts; to the closing when left out"),
    },
    optional=("starts_on", "ends_on"),
)

_CLEARING_ROUND = _table(
    "A clearing round whose outcome the office puts into force",
    {
        "folder": _text(
            "Path inside the folder: the round's files, and grants.csv as `market clear` wrote it",
            maxLength=200,
        ),
        "held_on": _day("Day on which its orders are placed, within the programme year"),
        "starts_on": _day("The day that hour 0 of the round begins, not before held_on"),
    },
)

_CALENDAR_TERMS = _table(
    "When cards that are hardly used go back to the pool, from a day on",
    {
        "starts_on": _day("First day on which the terms hold"),
        "notice_days": {
            "type": "integer",
            "minimum": 1,
            "maximum": 366,
            "description": "Days between the recall and the first day without the cards",
        },
        "idle_days": {
            "type": "integer",
            "minimum": 1,
            "maximum": 366,
            "description": "Days that are looked back on",
        },
        "idle_least": _text(
            "Share of the card-hours of those days below which cards are idle, as 1/10",
            pattern="^[0-9]{1,6}/[1-9][0-9]{0,5}$",
        ),
        "source": _text("Where the terms were published"),
    },
)

PROGRAMME_SCHEMA: Final[Mapping[str, object]] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "programme.toml",
    **_table(
        "One programme year. Dates may be TOML dates or texts; money is a text or whole yuan",
        {
            "id": _text("The office's id of this programme year"),
            "scheme": _text(
                "Id of the scheme, e.g. cn/beijing/2023, or scheme.toml: the folder's own"
            ),
            "year": {"type": "integer", "minimum": 1900, "maximum": 2199, "description": "Year"},
            "pot": {
                "type": ["integer", "string"],
                "pattern": "^[0-9]{1,13}([.][0-9]{1,2})?$",
                "description": 'Money of the year, e.g. "20000000.00"',
            },
            "unit": {
                "enum": [unit.value for unit in Unit],
                "description": "What the scheme counts in: a currency, CARD_HOUR or CREDIT",
            },
            "lottery_seed": _text("Seed of the draw, published before it, for a LOTTERY"),
            "timezone": _text("IANA name of the zone whose days count, e.g. Asia/Shanghai"),
            "opens_on": _day("First day of the programme year"),
            "closes_on": _day("Last day of the programme year"),
            "office": _OFFICE,
            "controls": _CONTROLS,
            "payment_day": {
                "type": "array",
                "maxItems": PAYMENT_DAYS_MAX,
                "items": _PAYMENT_DAY,
            },
            "usage": {"type": "array", "maxItems": USAGE_FILES_MAX, "items": _USAGE},
            "agent": {"type": "array", "maxItems": AGENTS_MAX, "items": _AGENT},
            "buyer": {"type": "array", "maxItems": BUYERS_MAX, "items": _BUYER},
            "calendar_terms": {"type": "array", "maxItems": 60, "items": _CALENDAR_TERMS},
            "clearing_round": {
                "type": "array",
                "maxItems": CLEARING_ROUNDS_MAX,
                "items": _CLEARING_ROUND,
            },
            "files": _table(
                "How the folder's files are written",
                {
                    "encoding": {
                        "enum": list(ENCODINGS),
                        "description": "Of the CSV files; utf-8 when left out",
                    }
                },
                optional=("encoding",),
            ),
        },
        optional=(
            "payment_day",
            "usage",
            "agent",
            "buyer",
            "calendar_terms",
            "clearing_round",
            "files",
            "lottery_seed",
        ),
    ),
}
