"""What the platform answers to a batch of usage: taken in, or refused with every problem.

An agent deletes a batch only on a receipt that names the batch and the hash of its bytes: a page of
some gateway that says 200 is no receipt.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from evernormal.formats.problems import PROBLEMS_MAX, Problem

PROBLEM_MEDIA_TYPE: Final = "application/problem+json"
# 5,000 problems of some 300 bytes each, twice.
ANSWER_BYTES_MAX: Final = 4 * 1024 * 1024

MORE: Final = "problems.more"
"""Code of the last problem of a list that was cut."""


@dataclass(frozen=True, slots=True, order=True)
class BatchProblem:
    """One thing wrong with a batch.

    place    e.g. readings[3].cards, where readings count from 0; "" for the batch as a whole
    code     stable and dotted; message: what is wrong; todo: what to do about it
    """

    place: str
    code: str
    message: str
    todo: str

    def __str__(self) -> str:
        return f"{self.place or 'the batch'}: {self.message} {self.todo}"

    @property
    def reading_index(self) -> int | None:
        """Which reading it is about, from 0; None when it is about the batch as a whole."""
        match = re.match(r"readings\[([0-9]{1,9})\]", self.place)
        return int(match[1]) if match else None

    def in_file(self, file: str) -> Problem:
        """The same as a problem of a file that keeps the batch."""
        return Problem(file, None, self.place or None, self.code, self.message, self.todo)


class BatchProblems(Exception):
    """A batch is refused as a whole. `problems` is all that is wrong with it."""

    def __init__(self, problems: Iterable[BatchProblem]) -> None:
        found = list(problems)
        if len(found) > PROBLEMS_MAX:
            more = len(found) - PROBLEMS_MAX
            del found[PROBLEMS_MAX:]
            todo = "Correct those above and send again."
            found.append(BatchProblem("", MORE, f"There are {more} more problems.", todo))
        self.problems = tuple(found)
        super().__init__("\n".join(str(problem) for problem in found))


def receipt_facts(*, batch_id: str, body: bytes) -> dict[str, str]:
    """What the JSON object of every answer 200 or 201 must hold, beside whatever else it tells."""
    return {"batch": batch_id, "sha256": hashlib.sha256(body).hexdigest()}


def is_receipt(answer: bytes, *, batch_id: str, body: bytes) -> bool:
    """Whether an answer 200 or 201 says that this batch, with these bytes, was taken in."""
    told = _object(answer)
    wanted = receipt_facts(batch_id=batch_id, body=body)
    return {name: told.get(name) for name in wanted} == wanted


def read_problems(answer: bytes) -> tuple[BatchProblem, ...]:
    """The problems of a refusal (RFC 9457 with a list `problems`); what cannot be read is left out.

    returns  at least one: a refusal without a list gives its title and detail
    """
    told = _object(answer)
    listed = told.get("problems")
    problems = [_problem(item) for item in listed] if isinstance(listed, list) else []
    found = tuple(problem for problem in problems if problem is not None)
    if found:
        return found
    words = [str(told[name]) for name in ("title", "detail") if told.get(name)]
    said = ": ".join(words) or answer[:300].decode("utf-8", errors="replace") or "No reason given."
    return (BatchProblem("", "batch.refused", said, "Ask the platform's office."),)


def encode_problems(problems: Iterable[BatchProblem]) -> list[dict[str, str]]:
    """The problems as the answer lists them."""
    return [
        {"place": p.place, "code": p.code, "message": p.message, "todo": p.todo} for p in problems
    ]


def _problem(item: object) -> BatchProblem | None:
    if not isinstance(item, dict):
        return None
    place, code, message, todo = (
        str(item.get(name) or "") for name in ("place", "code", "message", "todo")
    )
    return BatchProblem(place, code, message, todo)


def _object(answer: bytes) -> Mapping[str, Any]:
    try:
        told = msgspec.json.decode(answer)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}
