"""Law 10.

Every act has exactly one audit record; a record cannot be removed, altered or reordered
unnoticed.
"""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import assume, given
from hypothesis.strategies import DrawFn, composite, dictionaries, integers, lists, text

from evernormal.actions.closing import log_of
from evernormal.domain.audit import (
    GENESIS,
    Act,
    AuditRecord,
    BrokenChain,
    checkpoint_of,
    follow,
    record_of,
    verify_chain,
)
from evernormal.store import models
from tests.actions.reading import run
from tests.actions.years import YEARS

Lines = list[tuple[bytes, str]]


@composite
def logs(draw: DrawFn) -> list[AuditRecord]:
    """A log of two or more records with any facts."""
    all_facts = draw(lists(dictionaries(text(max_size=5), integers()), min_size=2, max_size=6))
    records: list[AuditRecord] = []
    for number, facts in enumerate(all_facts, start=1):
        records.append(
            record_of(
                log_id="log",
                number=number,
                previous=records[-1].hash if records else GENESIS,
                act=Act.CHARGE,
                key=f"CHARGE/{number}",
                actor="system",
                at=datetime(2026, 1, 1, tzinfo=UTC),
                facts=facts,
            )
        )
    return records


def lines_of(records: list[AuditRecord]) -> Lines:
    return [(record.body, record.hash) for record in records]


def noticed(changed: Lines, records: list[AuditRecord]) -> None:
    with pytest.raises(BrokenChain):
        verify_chain(changed, checkpoint=checkpoint_of(records, log_id="log"))


@given(records=logs())
def test_an_untouched_log_holds(records: list[AuditRecord]) -> None:
    verify_chain(lines_of(records), checkpoint=checkpoint_of(records, log_id="log"))


@given(records=logs(), at=integers(0), place=integers(0), by=integers(1, 255))
def test_any_altered_byte_is_noticed(
    records: list[AuditRecord], at: int, place: int, by: int
) -> None:
    changed = lines_of(records)
    at %= len(changed)
    body = bytearray(changed[at][0])
    body[place % len(body)] ^= by
    changed[at] = (bytes(body), changed[at][1])

    assert [number for number, _ in follow(changed)][:1] == [at + 1]
    noticed(changed, records)


@given(records=logs(), at=integers(0), place=integers(0, 63), to=integers(0, 15))
def test_any_altered_hash_is_noticed(
    records: list[AuditRecord], at: int, place: int, to: int
) -> None:
    changed = lines_of(records)
    at %= len(changed)
    body, digest = changed[at]
    other = digest[:place] + f"{to:x}" + digest[place + 1 :]
    assume(other != digest)
    changed[at] = (body, other)

    noticed(changed, records)


@given(records=logs(), at=integers(0))
def test_a_removed_record_is_noticed(records: list[AuditRecord], at: int) -> None:
    changed = lines_of(records)
    del changed[at % len(changed)]

    noticed(changed, records)


@given(records=logs(), at=integers(0), to=integers(0))
def test_a_moved_or_repeated_record_is_noticed(
    records: list[AuditRecord], at: int, to: int
) -> None:
    lines = lines_of(records)
    at, to = at % len(lines), to % len(lines)
    repeated = [*lines[:to], lines[at], *lines[to:]]
    noticed(repeated, records)
    assume(at != to)
    moved = list(lines)
    moved[at], moved[to] = moved[to], moved[at]
    noticed(moved, records)


@given(records=logs(), others=logs(), at=integers(0))
def test_a_record_put_in_anew_with_its_own_hash_is_noticed(
    records: list[AuditRecord], others: list[AuditRecord], at: int
) -> None:
    at %= min(len(records), len(others))
    changed = lines_of(records)
    changed[at] = (others[at].body, others[at].hash)
    assume(changed != lines_of(records))

    noticed(changed, records)


@pytest.mark.django_db
@pytest.mark.parametrize("name", YEARS)
def test_every_stored_act_has_one_record_and_the_stored_log_holds(name: str) -> None:
    desk = YEARS[name].desk()
    run(desk)
    lines, head = log_of(desk)

    verify_chain(lines, checkpoint=head)
    bodies = [json.loads(body) for body, _ in lines]
    assert [body["number"] for body in bodies] == list(range(1, len(bodies) + 1))
    assert len({body["key"] for body in bodies}) == len(bodies)
    told = [t["id"] for body in bodies for t in body["facts"].get("transfers", [])]
    stored = models.Transfer.objects.values_list("transfer_id", flat=True)
    assert sorted(told) == sorted(stored)
    for row in models.Transfer.objects.select_related("act"):
        assert row.transfer_id.startswith(f"{row.act.key}#")
