"""What was told already is not told again, and what changed is told as a correction."""

from msgspec.structs import replace

from evernormal.connectors.agent.told import (
    AgentState,
    encode_state,
    news,
    prune,
    read_state,
)
from evernormal.formats.usage_batch import batch_reading
from tests.connectors.agent.meter import job

FINAL = batch_reading(job(1, start=0, seconds=600))
RUNNING = replace(FINAL, is_final=False, state="RUNNING", ends_at=FINAL.starts_at + 60)


def test_a_reading_is_told_once_and_again_when_it_grew() -> None:
    later = replace(RUNNING, ends_at=RUNNING.ends_at + 60)

    first, told = news([RUNNING], {})
    same, told = news([RUNNING], told)
    grown, told = news([later], told)
    ended, told = news([FINAL], told)
    after, told = news([FINAL, RUNNING, later], told)

    assert [first, same, grown, ended, after] == [[RUNNING], [], [later], [FINAL], []]
    assert len(told) == 1


def test_a_final_reading_that_changed_is_a_correction_with_the_next_revision() -> None:
    longer = replace(FINAL, ends_at=FINAL.ends_at + 1)

    _, told = news([FINAL], {})
    second, told = news([longer], told)
    third, told = news([FINAL], told)
    fourth, told = news([FINAL], told)

    assert second == [replace(longer, revision=1)]
    assert third == [replace(FINAL, revision=2)]
    assert fourth == []


def test_a_revision_of_the_source_itself_stands() -> None:
    _, told = news([FINAL], {})

    assert news([replace(FINAL, cards=0, revision=5)], told)[0] == [
        replace(FINAL, cards=0, revision=5)
    ]


def test_of_two_readings_of_one_use_in_one_pull_the_better_is_told() -> None:
    assert news([RUNNING, FINAL], {})[0] == [FINAL]
    assert news([FINAL, RUNNING], {})[0] == [FINAL]


def test_uses_that_ended_before_the_window_are_forgotten() -> None:
    other = batch_reading(job(2, start=5_000, seconds=10))
    _, told = news([FINAL, other], {})

    kept = prune(told, before=FINAL.ends_at + 1)

    assert news([other], kept)[0] == []
    assert news([FINAL], kept)[0] == [FINAL]


def test_the_state_comes_back_as_it_was() -> None:
    _, told = news([FINAL], {})
    state = AgentState(cursor=5, last_id_ms=7, staged=("a",), memory=b"\x00\xff", told=told)

    assert read_state(encode_state(state)) == state
    assert read_state(b"") == AgentState()
