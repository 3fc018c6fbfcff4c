"""`evernormal rules diff`: what changed, and who gains and loses."""

import json
from pathlib import Path
from typing import Any

from tests.architecture.tree import ROOT
from tests.cli.commands import Done, rules
from tests.cli.scheme_folder import SCHEME, WITHOUT_RATE, write
from tests.cli.test_rules_what_if import HEAD, ROWS

POPULATION = ROOT / "examples" / "population" / "population.csv"
HANGZHOU = ("cn/hangzhou/2024", "cn/hangzhou/2025")


def told(*arguments: object) -> dict[str, Any]:
    done = rules("diff", *arguments, "--json")
    assert done.code == 0
    found: dict[str, Any] = json.loads(done.out)
    return found


def amended(tmp_path: Path, old: str, new: str) -> tuple[Path, Path]:
    """The sample scheme, and the same with one text changed."""
    assert old in SCHEME
    changed = write(tmp_path / "new", scheme=SCHEME.replace(old, new))
    return write(tmp_path / "old"), changed


def population(tmp_path: Path) -> Path:
    path = tmp_path / "small.csv"
    path.write_text(HEAD + "".join(ROWS), encoding="utf-8")
    return path


def test_hangzhous_amendment_in_money() -> None:
    found = told(*HANGZHOU, POPULATION)

    assert [c["rule"] for c in found["rules"] if c["kind"] == "CHANGED"] == ["share"]
    assert {c["kind"] for c in found["rules"]} == {"CHANGED", "REDATED"}
    assert found["applications"] == 1_000
    assert found["gaining"] + found["losing"] + found["unchanged"] == 1_000
    assert found["granted"] == ["250000000.00", "250000000.00"]
    before, after = (_fen(amount) for amount in found["entitled"])
    assert after - before == _fen(found["gained"]) - _fen(found["lost"])
    for name in ("gained", "lost"):
        assert sum(_fen(size[name]) for size in found["sizes"]) == _fen(found[name])
    assert [len(found[name]) for name in ("gains", "losses")] == [10, 10]
    # The most that a small firm gains: 50 % in place of 20 % of 500,000.
    assert found["gains"][0]["change"] == "150000.00"
    assert found["gains"][0]["entitled"] == ["100000.00", "250000.00"]
    changes = [_fen(each["change"]) for each in found["losses"]]
    assert changes == sorted(changes)
    assert changes[-1] < 0


def _fen(yuan: str) -> int:
    return int(yuan.replace(".", ""))


def test_a_scheme_against_itself() -> None:
    found = told(HANGZHOU[1], HANGZHOU[1], POPULATION)

    assert (found["rules"], found["gains"], found["losses"]) == ([], [], [])
    assert found["unchanged"] == 1_000
    assert "No rule differs." in rules("diff", HANGZHOU[1], HANGZHOU[1]).out


def test_without_a_population_only_values_are_told(tmp_path: Path) -> None:
    found = told(*amended(tmp_path, '"20/100"', '"30/100"'))

    assert "applications" not in found
    (change,) = found["rules"]
    (old,), (new,) = change["old"], change["new"]
    assert (change["rule"], change["kind"]) == ("share", "CHANGED")
    assert (old["value"], new["value"]) == (
        {"ratio": "1/5", "up_to": True},
        {"ratio": "3/10", "up_to": True},
    )
    assert new["date"] == "2025-01-01"
    assert new["form"] == "rate"
    assert new["source"]["zh"]


def test_the_words(tmp_path: Path) -> None:
    schemes = amended(tmp_path, '"20/100"', '"30/100"')

    english = said(*schemes, population(tmp_path)).out
    chinese = said(*schemes, population(tmp_path), "--lang", "zh_Hans").out

    assert "changed: share (share)" in english
    assert "  was, from 2025-01-01: rate: ratio = 1/5, up_to = true\n" in english
    assert "  is, from 2025-01-01: rate: ratio = 3/10, up_to = true\n" in english
    assert "600.00 yuan → 900.00 yuan (+300.00)" in english
    assert "The largest gains" in english
    assert "The largest losses" not in english
    assert "+100.00" in english
    assert "修改：规则（share）" in chinese
    assert "（+300.00）" in chinese


def test_losses_and_conditions_not_met_are_named(tmp_path: Path) -> None:
    old, new = amended(tmp_path, 'id = "cap_year"', 'id = "cap_year"')
    text = (new / "scheme.toml").read_text(encoding="utf-8")
    size = text[text.index("[[rule]]") : text.index("[[rule]]", text.index("[[rule]]") + 5)]
    size = size.replace("eligible_cost", "size_in").replace(
        'categories = ["COMPUTE"]', 'sizes = ["LARGE"]'
    )
    (new / "scheme.toml").write_text(text + size, encoding="utf-8")

    done = said(old, new, population(tmp_path))

    assert "new: " in done.out
    assert "−200.00" in done.out
    assert "not met: " in done.out


def said(*arguments: object) -> Done:
    done = rules("diff", *arguments)
    assert (done.code, done.err) == (0, "")
    return done


def test_another_mode_of_settlement_is_told() -> None:
    english = rules("diff", "cn/hangzhou/2025", "cn/nanning/2025").out

    assert "mode of settlement: " in english
    assert "gone: " in english
    assert "new: " in english


def test_schemes_in_other_units_are_compared_in_values_only() -> None:
    pair = ("cn/hangzhou/2025", "us/access/2025")

    assert "unit: yuan → " in rules("diff", *pair).out
    done = rules("diff", *pair, POPULATION)
    assert done.code == 1
    assert "counts in CNY" in done.err
    assert done.err.endswith(": leave POPULATION out.\n")


def test_a_scheme_without_a_rate_is_named(tmp_path: Path) -> None:
    bare = write(tmp_path / "bare", scheme=WITHOUT_RATE, cases=None)

    done = rules("diff", write(tmp_path / "own"), bare, population(tmp_path))

    assert done.code == 1
    assert "cn/sample/2025: No amount can be given" in done.err


def test_a_scheme_that_is_not_there_is_refused() -> None:
    done = rules("diff", "cn/hangzhou/2025", "cn/hangzhou/2052")

    assert done.code == 1
    assert "cn/hangzhou/2025" in done.err
