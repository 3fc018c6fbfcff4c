"""The JSON Schema of programme.toml. docs/reference/schemas/programme.schema.json is the same.

It says which keys there are, which must be there and of what type. What their texts hold is read
by kinds, whose messages say what to write instead; `pattern` here serves editors.
"""

from collections.abc import Mapping
from typing import Final

from evernormal.domain.policy import Unit
from evernormal.domain.settlement import MeterControl

USAGE_FORMATS: Final = ("slurm-json", "slurm-parsable2", "csv")
ENCODINGS: Final = ("utf-8", "gb18030")
# Payment days a year: more than one a working day is a mistake.
PAYMENT_DAYS_MAX: Final = 260
USAGE_FILES_MAX: Final = 1_000


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
    },
    optional=("device_classes",),
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
        optional=("payment_day", "usage", "files", "lottery_seed"),
    ),
}
