"""The column tables of docs/reference/input-folder.md, written from the tables the reader uses."""

from collections.abc import Iterable

from evernormal.formats.intake.columns import TABLES, USAGE
from evernormal.formats.intake.columns_received import RECEIVED, RECEIVED_ORDERS
from evernormal.formats.intake.table import Table


def column_tables() -> str:
    """Every spreadsheet's columns, as the reference page shows them."""
    return sections_of((*TABLES, RECEIVED, RECEIVED_ORDERS, USAGE))


def sections_of(tables: Iterable[Table]) -> str:
    """Spreadsheets' columns, each table under a heading of its own."""
    return "\n\n".join(map(_section, tables))


def _section(table: Table) -> str:
    name = table.file if "." in table.file else "CSV usage files"
    presence = "Required." if table.is_required else "May be left out."
    key = ", ".join(f"`{column}`" for column in table.key)
    once = f" No two rows have the same {key}." if key else ""
    rows = [
        f"| `{c.name}` | {c.kind.en} | {'yes' if c.is_required else 'no'} | {c.en} | {c.zh} |"
        for c in table.columns
    ]
    return "\n".join(
        [
            f"### {name}",
            "",
            f"{table.en} {table.zh} {presence}{once}",
            "",
            "| Column | Holds | Required | Meaning | 含义 |",
            "|---|---|---|---|---|",
            *rows,
        ]
    )
