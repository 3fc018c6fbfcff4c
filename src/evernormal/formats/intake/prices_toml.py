"""prices.toml: the price list of prices.csv, one [[price]] a row."""

from collections.abc import Mapping
from typing import Final

from evernormal.formats.intake import toml_file
from evernormal.formats.intake.columns import PRICES
from evernormal.formats.intake.row import Row, Sheet, read_cells
from evernormal.formats.problems import Problem

PRICES_TOML: Final = "prices.toml"

_ROW: Final[Mapping[str, object]] = {
    "type": "object",
    "additionalProperties": False,
    "required": [column.name for column in PRICES.columns if column.is_required],
    "properties": {
        column.name: {
            "type": ["integer", "string"] if "yuan" in column.name else "string",
            "description": column.en,
        }
        for column in PRICES.columns
    },
}
PRICES_SCHEMA: Final[Mapping[str, object]] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["price"],
    "properties": {"price": {"type": "array", "items": _ROW, "description": "prices"}},
}


def read_prices_toml(text: str, *, problems: list[Problem]) -> Sheet:
    """Read prices.toml into the rows that prices.csv would have."""
    document = toml_file.parse(text, file=PRICES_TOML, problems=problems)
    if document is None:
        return Sheet(PRICES_TOML, (), is_whole=False)
    refused = list(toml_file.schema_problems(document, PRICES_SCHEMA, file=PRICES_TOML, text=text))
    problems += refused
    if refused:
        return Sheet(PRICES_TOML, (), is_whole=False)
    rows: list[Row] = []
    for index, price in enumerate(document["price"]):
        line = toml_file.line_of(("price", index), text)
        cells = {c: str(price[c.name]) for c in PRICES.columns if c.name in price}
        rows.append(read_cells(PRICES_TOML, line, cells, problems))
    return Sheet(PRICES_TOML, tuple(rows), is_whole=True)
