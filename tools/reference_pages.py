# SPDX-FileCopyrightText: The Evernormal contributors
# SPDX-License-Identifier: Apache-2.0

"""Write the tables of the reference pages, and the published schema, from what the readers use.

python tools/reference_pages.py
"""

import json
import re
from pathlib import Path

from evernormal.formats.clearing_round.columns import TABLES
from evernormal.formats.intake.programme_schema import PROGRAMME_SCHEMA
from evernormal.formats.intake.reference import column_tables, sections_of

_REFERENCE = Path(__file__).parents[1] / "docs" / "reference"
_SECTIONS = re.compile(r"^### .*?(?=^## |\Z)", re.DOTALL | re.MULTILINE)


def _write_tables(page: str, tables: str) -> None:
    path = _REFERENCE / page
    text, count = _SECTIONS.subn(lambda _: f"{tables}\n\n", path.read_text("utf-8"), count=1)
    if not count:
        raise SystemExit(f"{path} has no tables to write over.")
    path.write_text(text.rstrip("\n") + "\n", "utf-8")


def main() -> None:
    """Write each page over."""
    _write_tables("input-folder.md", column_tables())
    _write_tables("clearing-round.md", sections_of(TABLES))
    schema = _REFERENCE / "schemas" / "programme.schema.json"
    schema.write_text(json.dumps(PROGRAMME_SCHEMA, ensure_ascii=False, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
