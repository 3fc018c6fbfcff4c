"""Law 3 and law 10 in the database itself: what is posted or recorded is never changed or gone."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

_TABLES = (
    "audit_record",
    "transfer",
    "decision",
    "award",
    "allocation",
    "usage_batch",
    "usage_reading",
    "charge",
    "claim",
    "claimed_charge",
    "payment_batch",
    "payment_instruction",
)
_REFUSAL = "append-only: write a new row that corrects the old one"

_POSTGRESQL_FUNCTION = f"""
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$
"""


def _on_postgresql() -> list[str]:
    return [
        _POSTGRESQL_FUNCTION,
        *(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE "
            f"ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
            for table in _TABLES
        ),
    ]


def _on_sqlite(editor: BaseDatabaseSchemaEditor) -> list[str]:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
    statements = []
    for table in _TABLES:
        for event in ("UPDATE", "DELETE"):
            name = f"{table}_no_{event.lower()}"
            statements.append(f"CREATE TRIGGER {name} BEFORE {event} ON {table} {refuse}")
        # INSERT OR REPLACE deletes without asking the DELETE trigger, unless the connection says
        # otherwise; so a row that would replace another is refused here.
        same = " OR ".join(
            "(" + " AND ".join(f'"{column}" = NEW."{column}"' for column in columns) + ")"
            for columns in _unique_columns(editor, table)
        )
        statements.append(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "  # noqa: S608 - our own names
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) {refuse}"
        )
    return statements


def _unique_columns(editor: BaseDatabaseSchemaEditor, table: str) -> list[list[str]]:
    """The columns of the primary key and of each unique constraint."""
    unique = [["id"]]
    with editor.connection.cursor() as cursor:
        cursor.execute(f"PRAGMA index_list({table})")
        for _, index, is_unique, *_rest in cursor.fetchall():
            if is_unique:
                cursor.execute(f"PRAGMA index_info({index})")
                unique.append([row[2] for row in cursor.fetchall()])
    return unique


def _forwards(_apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    is_postgresql = editor.connection.vendor == "postgresql"
    for statement in _on_postgresql() if is_postgresql else _on_sqlite(editor):
        editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("store", "0004_settlement")]
    operations = [migrations.RunPython(_forwards, elidable=False)]
