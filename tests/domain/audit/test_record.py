"""What breaks the chain of a log, and where."""

from datetime import datetime, timedelta, timezone

import pytest

from evernormal.domain.audit import (
    GENESIS,
    Act,
    AuditRecord,
    BrokenChain,
    Checkpoint,
    checkpoint_of,
    record_of,
    verify_chain,
)
from evernormal.domain.audit.record import follow

AT = datetime(2026, 1, 2, 9, tzinfo=timezone(timedelta(hours=8)))


def log(size: int = 4) -> list[AuditRecord]:
    records: list[AuditRecord] = []
    for number in range(1, size + 1):
        records.append(
            record_of(
                log_id="prog",
                number=number,
                previous=records[-1].hash if records else GENESIS,
                act=Act.AWARD,
                key=f"AWARD/C{number}",
                actor="li",
                at=AT,
                facts={"amount_fen": number},
            )
        )
    return records


LOG = log()
LINES = [(record.body, record.hash) for record in LOG]
HEAD = checkpoint_of(LOG, log_id="prog")


def test_a_record_is_its_canonical_body_and_hash() -> None:
    first = LOG[0]

    assert first.body == (
        b'{"act":"AWARD","actor":"li","at":"2026-01-02T09:00:00+08:00","facts":{"amount_fen":1},'
        b'"key":"AWARD/C1","log":"prog","number":1,"previous":"' + b"0" * 64 + b'"}'
    )
    assert (first.log_id, first.number, first.key) == ("prog", 1, "AWARD/C1")
    assert len(first.hash) == 64
    assert Checkpoint("prog", 4, LOG[-1].hash) == HEAD


def test_a_whole_log_holds_and_so_does_an_empty_one() -> None:
    verify_chain(LINES, checkpoint=HEAD)
    verify_chain([], checkpoint=Checkpoint("prog", 0, GENESIS))
    assert checkpoint_of([], log_id="prog") == Checkpoint("prog", 0, GENESIS)


def test_a_shorter_and_a_longer_log_are_noticed() -> None:
    with pytest.raises(BrokenChain, match="has 3 records") as shorter:
        verify_chain(LINES[:-1], checkpoint=HEAD)
    assert shorter.value.number == 4
    longer = [(record.body, record.hash) for record in log(5)]
    with pytest.raises(BrokenChain, match="has 5 records") as more:
        verify_chain(longer, checkpoint=HEAD)
    assert more.value.number == 5
    with pytest.raises(BrokenChain):
        verify_chain([], checkpoint=HEAD)


def test_a_log_that_was_rewritten_whole_is_noticed_by_its_head() -> None:
    other = [(r.body, r.hash) for r in log(3)]
    last = record_of(
        log_id="prog", number=4, previous=other[-1][1], act=Act.AWARD, key="AWARD/C4",
        actor="li", at=AT, facts={"amount_fen": 5},
    )  # fmt: skip

    with pytest.raises(BrokenChain, match="not the head") as refusal:
        verify_chain([*other, (last.body, last.hash)], checkpoint=HEAD)
    assert refusal.value.number == 4


def test_a_wrong_hash_names_its_record() -> None:
    lines = list(LINES)
    lines[1] = (lines[1][0], "f" * 64)

    with pytest.raises(BrokenChain, match="does not give its hash") as refusal:
        verify_chain(lines, checkpoint=HEAD)
    assert refusal.value.number == 2


def test_a_record_that_was_taken_out_breaks_every_link_after_it() -> None:
    found = list(follow([LINES[0], LINES[2], LINES[3]]))

    assert [number for number, _ in found] == [2, 3]
    assert all("it does not follow the record before it" in reason for _, reason in found)
