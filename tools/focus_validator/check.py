#!/usr/bin/env python3
# SPDX-FileCopyrightText: The Evernormal contributors
# SPDX-License-Identifier: Apache-2.0
"""Hand a focus.csv to the published validator, `focus-validator` 1.0.0, which knows FOCUS 1.0.

Run by check.sh, in the validator's own environment; it shares no code with what writes the file.
Two things have to be bridged, neither of which leaves a rule out:

- A CSV file has no types, so the validator takes a column of texts without a value for numbers,
  and refuses it. It reads Parquet as well: we hand it the same cells with the types of FOCUS.
- Its rules call five columns by names that the published FOCUS 1.0 gave up: they are there under
  those names, too.
"""

import csv
import subprocess
import sys
import tempfile
from pathlib import Path

import focus_validator
import pandas as pd

RULES = "1.0"
OLD_NAMES = {
    "ChargeCategory": "ChargeType",
    "InvoiceIssuerName": "InvoiceIssuer",
    "ProviderName": "Provider",
    "PublisherName": "Publisher",
    "ResourceId": "ResourceID",
}
NUMBERS = ("Cost", "Quantity", "UnitPrice")
"""How the names of FOCUS's columns of numbers end."""


def typed(path: Path) -> pd.DataFrame:
    """The rows of a file, with numbers as numbers and nulls as nulls."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    if not rows:
        sys.exit(f"{path} has no rows: there is nothing to check.")
    frame = pd.DataFrame(
        {name: [row[name] or None for row in rows] for name in rows[0]}, dtype=object
    )
    for name in frame.columns:
        if name.endswith(NUMBERS):
            frame[name] = frame[name].astype("float64")
    return frame.assign(**{old: frame[name] for name, old in OLD_NAMES.items()})


def main() -> int:
    """Check the file that the command line names; 0 when it passes."""
    frame = typed(Path(sys.argv[1]))
    # The validator finds its list of currencies beside its own package, and nowhere else.
    packages = Path(focus_validator.__file__).parents[1]
    validator = Path(sys.executable).with_name("focus-validator")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "focus.parquet"
        frame.to_parquet(path)
        done = subprocess.run(  # noqa: S603 - the validator of this environment
            [validator, "--data-file", path, "--validate-version", RULES],
            cwd=packages,
            capture_output=True,
            text=True,
            check=False,
        )
    said = done.stdout.strip()
    print(f"{len(frame)} rows against the rules of FOCUS {RULES}: {said or done.stderr.strip()}")
    # It says what failed and still exits with 0.
    return 0 if done.returncode == 0 and said.endswith("Validation succeeded.") else 1


if __name__ == "__main__":
    sys.exit(main())
