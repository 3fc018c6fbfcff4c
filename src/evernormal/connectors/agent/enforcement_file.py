"""The small file from which job_submit.lua knows the balances; slurmctld reads it at every job."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

FORMAT: Final = "evernormal-balances\t1"
NEVER_STALE: Final = 99_999_999_999


@dataclass(frozen=True, slots=True)
class Gate:
    """What one account may still use of one generic resource, as the script is told.

    resource      such as "gpu:a100"
    state         OPEN lets jobs through; a word for the log otherwise
    card_seconds  that a job may ask for at most
    """

    account: str
    resource: str
    state: str
    card_seconds: int
    message_en: str
    message_zh: str


def encode_gates(gates: Iterable[Gate], *, good_until: int | None) -> bytes:
    """The file's bytes.

    good_until   epoch seconds after which the script refuses the accounts named; None for never
    """
    rows = sorted(gates, key=lambda gate: (gate.account, gate.resource))
    lines = [
        FORMAT,
        f"good_until\t{NEVER_STALE if good_until is None else good_until}",
        f"when_stale\t{'admit' if good_until is None else 'refuse'}",
    ]
    for gate in rows:
        texts = [gate.account, gate.resource, gate.state, str(gate.card_seconds)]
        texts += [gate.message_en, gate.message_zh]
        lines.append("\t".join(["balance", *map(_one_line, texts)]))
    lines.append(f"end\t{len(rows)}")
    return ("\n".join(lines) + "\n").encode()


def write_whole(path: Path, data: bytes) -> None:
    """Put a file in place in one move, so that no reader ever sees half of it.

    raises   OSError
    """
    half = path.with_name(f".{path.name}.new")
    with half.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    half.chmod(0o644)  # slurmctld reads it as another user; it tells no more than a refusal does
    half.replace(path)


def _one_line(text: str) -> str:
    """The text without what would begin a new field or line."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
