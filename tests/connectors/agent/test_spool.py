"""The spool: one agent at a time, and each commit whole or not at all."""

import json
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from evernormal.connectors.agent import spool as spool_module
from evernormal.connectors.agent.spool import SpoolBusy, SpoolUnwritable, open_spool
from evernormal.formats.usage_answer import BatchProblem


def names(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def test_what_is_committed_waits_in_order_until_it_is_dropped(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "spool"
    with open_spool(folder) as spool:
        assert spool.read_state() == b""
        spool.commit({"b": b"22", "a": b"1"}, state=b"S1")
        spool.commit({"c": b"333"}, state=b"S2")
        spool.drop("a")
    with open_spool(folder) as spool:
        assert (spool.list_waiting(), spool.size_bytes) == (["b", "c"], 5)
        assert (spool.read("b"), spool.read_state()) == (b"22", b"S2")
    assert names(folder) == ["lock", "state.json", "waiting/b.json", "waiting/c.json"]


def test_a_second_agent_is_refused_and_a_later_one_is_not(tmp_path: Path) -> None:
    with open_spool(tmp_path), pytest.raises(SpoolBusy), open_spool(tmp_path):
        pass
    with open_spool(tmp_path) as spool:
        assert spool.list_waiting() == []


def test_only_the_owner_can_read_what_waits(tmp_path: Path) -> None:
    with open_spool(tmp_path) as spool:
        spool.commit({"a": b"1"}, state=b"S")

    assert (tmp_path / "waiting/a.json").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "state.json").stat().st_mode & 0o777 == 0o600


class PowerCut(BaseException):
    """The moment at which nothing more is done."""


STEPS = ["write a", "write b", "sync staged", "write state", "replace", "sync .", "move", "move"]


@pytest.mark.parametrize("survives", range(len(STEPS) + 1))
def test_a_commit_that_is_cut_off_anywhere_is_whole_or_nothing(
    survives: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut after each step on the disk: what is found later is all of it, or none of it."""
    with open_spool(tmp_path) as spool:
        spool.commit({}, state=b"before")
        left = [survives]
        for owner, name in (
            (spool_module, "_write"),
            (spool_module, "_sync"),
            (Path, "replace"),
        ):
            monkeypatch.setattr(owner, name, _counting(getattr(owner, name), left))
        with suppress(PowerCut):
            spool.commit({"a": b"1", "b": b"2"}, state=b"after")
        monkeypatch.undo()
    with open_spool(tmp_path) as spool:
        state = spool.read_state()
        spool.finish(["a", "b"] if state == b"after" else [])
        found = {batch_id: spool.read(batch_id) for batch_id in spool.list_waiting()}

    assert (state, found) in [(b"before", {}), (b"after", {"a": b"1", "b": b"2"})]
    assert (state == b"after") is (survives >= STEPS.index("replace") + 1)
    assert not list(tmp_path.rglob("*.new"))
    assert not list((tmp_path / "staged").iterdir())


def _counting(real: Callable[..., Any], left: list[int]) -> Callable[..., Any]:
    def step(*words: Any, **named: Any) -> Any:
        if left[0] == 0:
            raise PowerCut
        left[0] -= 1
        return real(*words, **named)

    return step


def test_a_refused_batch_lies_beside_its_reasons(tmp_path: Path) -> None:
    problem = BatchProblem("readings[0].account", "usage.unknown", "不在册。", "Ask.")
    with open_spool(tmp_path) as spool:
        spool.commit({"a": b"1", "b": b"2"}, state=b"S")
        reasons = spool.refuse("a", [problem])

        assert (spool.list_waiting(), spool.size_bytes, spool.count_refused()) == (["b"], 1, 1)
    assert json.loads(reasons.read_text(encoding="utf-8"))[0]["message"] == "不在册。"
    assert (tmp_path / "refused/a.json").read_bytes() == b"1"


def test_what_the_state_does_not_know_is_swept_away(tmp_path: Path) -> None:
    with open_spool(tmp_path):
        pass
    (tmp_path / "staged/x.json").write_bytes(b"half")
    (tmp_path / "state.json.new").write_bytes(b"half")
    (tmp_path / "refused/y.problems.json.new").write_bytes(b"half")

    with open_spool(tmp_path) as spool:
        spool.finish([])

    assert names(tmp_path) == ["lock"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(SpoolUnwritable), open_spool(tmp_path / "spool"):
        pass


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "spool").write_bytes(b"")
    with pytest.raises(SpoolUnwritable, match="spool"), open_spool(tmp_path / "spool"):
        pass
