"""`evernormal market clear` and `why`: the shipped round, and refusals."""

import csv
import io
from pathlib import Path

import pytest

from evernormal.domain.allocation import Mechanism
from tests.architecture.tree import ROOT
from tests.cli.commands import Done, evernormal

ROUND = ROOT / "examples" / "clearing-2026"


def market(*arguments: object) -> Done:
    return evernormal("market", *arguments)


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("market") / "cleared"
    done = market("clear", ROUND, "--out", folder)
    assert done.code == 0, done.err
    assert "200 requests" in done.out
    return folder


def test_every_request_of_the_shipped_round_has_its_result(out: Path) -> None:
    asked = {row["request_id"]: row for row in rows(ROUND / "requests.csv")}
    results = {row["request_id"]: row for row in rows(out / "results.csv")}

    assert results.keys() == asked.keys()
    for request_id, result in results.items():
        given = [g for g in rows(out / "grants.csv") if g["request_id"] == request_id]
        assert sum(int(g["card_hours"]) for g in given) == int(result["card_hours"])
        assert float(result["cost_yuan"]) <= float(asked[request_id]["budget_yuan"])
        assert bool(given) == (int(result["work"]) > 0)


def test_no_pool_gives_more_cards_than_it_has_in_any_hour(out: Path) -> None:
    cards = {row["pool_id"]: int(row["cards"]) for row in rows(ROUND / "pools.csv")}
    grants = rows(out / "grants.csv")

    for hour in range(168):
        for pool_id, most in cards.items():
            running = [
                int(g["cards"])
                for g in grants
                if g["pool_id"] == pool_id and int(g["starts_hour"]) <= hour < int(g["ends_hour"])
            ]
            assert sum(running) <= most


@pytest.mark.parametrize("mechanism", [m.value for m in Mechanism])
@pytest.mark.parametrize("lang", ["en", "zh_Hans"])
def test_every_mechanism_clears_it_in_both_languages(mechanism: str, lang: str) -> None:
    done = market("clear", ROUND, "--mechanism", mechanism, "--lang", lang)

    assert (done.code, done.err) == (0, "")
    assert "2026-W15" in done.out


@pytest.mark.parametrize("lang", ["en", "zh_Hans"])
def test_a_request_is_told_why(lang: str) -> None:
    done = market("why", "R011", ROUND, "--mechanism", "RANKED", "--lang", lang)

    assert (done.code, done.err) == (0, "")
    assert "R011" in done.out


def test_a_request_that_is_not_there_is_refused() -> None:
    done = market("why", "R999", ROUND)

    assert done.code == 1
    assert "clearing.request_not_in_round" in done.err


def test_a_broken_folder_is_refused_whole(tmp_path: Path) -> None:
    (tmp_path / "round.toml").write_text('id = "W1"\n', encoding="utf-8")

    done = market("clear", tmp_path, "--out", tmp_path / "out")

    assert done.code == 1
    assert "problems: nothing was cleared" in done.err
    assert not (tmp_path / "out").exists()


def test_results_are_never_written_over(out: Path) -> None:
    before = (out / "grants.csv").read_bytes()

    done = market("clear", ROUND, "--mechanism", "FIRST_COME", "--out", out)

    assert done.code == 1
    assert "is there already" in done.err
    assert (out / "grants.csv").read_bytes() == before
