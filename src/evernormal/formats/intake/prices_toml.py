"""prices.toml: the price list of prices.csv, one [[price]] a row."""

from collections.abc import Mapping
from typing import Final

from evernormal.domain.policy import Unit
from evernormal.formats.intake import toml_file
from evernormal.formats.intake.columns import PRICES
from evernormal.formats.intake.row import Row, Sheet, read_cells
from evernormal.formats.intake.sheet import name_in_file
from evernormal.formats.problems import Problem

PRICES_TOML: Final = "prices.toml"


def prices_schema(unit: Unit) -> Mapping[str, object]:
    """The JSON Schema of prices.toml, with the unit's own names of columns."""
    price = {
        "type": "object",
        "additionalProperties": False,
        "required": [name_in_file(c.name, unit) for c in PRICES.columns if c.is_required],
        "properties": {
            name_in_file(c.name, unit): {
                "type": ["integer", "string"] if "yuan" in c.name else "string",
                "description": c.en,
            }
            for c in PRICES.columns
        },
    }
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["price"],
        "properties": {"price": {"type": "array", "items": price, "description": "prices"}},
    }


def read_prices_toml(text: str, *, problems: list[Problem], unit: Unit = Unit.CNY) -> Sheet:
    """Read prices.toml into the rows that prices.csv would have.

    unit   what prices are counted in: it names their key
    """
    document = toml_file.parse(text, file=PRICES_TOML, problems=problems)
    if document is None:
        return Sheet(PRICES_TOML, (), is_whole=False)
    schema = prices_schema(unit)
    refused = list(toml_file.schema_problems(document, schema, file=PRICES_TOML, text=text))
    problems += refused
    if refused:
        return Sheet(PRICES_TOML, (), is_whole=False)
    rows: list[Row] = []
    for index, price in enumerate(document["price"]):
        line = toml_file.line_of(("price", index), text)
        names = ((c, name_in_file(c.name, unit)) for c in PRICES.columns)
        cells = {c: str(price[name]) for c, name in names if name in price}
        rows.append(read_cells(PRICES_TOML, line, cells, problems))
    return Sheet(PRICES_TOML, tuple(rows), is_whole=True)
