"""The column tables of docs/reference/input-folder.md, written from the tables the reader uses."""

from evernormal.formats.intake.columns import RECEIVED, TABLES, USAGE, Table


def column_tables() -> str:
    """Every spreadsheet's columns, as the reference page shows them."""
    return "\n\n".join(_section(table) for table in (*TABLES, RECEIVED, USAGE))


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
