"""`evernormal rules what-if`: the shipped population under Hangzhou's scheme, and refusals."""

import csv
import io
import json
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT
from tests.cli.commands import Done, rules
from tests.cli.scheme_folder import SCHEME, WITHOUT_RATE, write

FOLDER = ROOT / "examples" / "population"
POPULATION = FOLDER / "population.csv"
HANGZHOU = "cn/hangzhou/2025"
FILES = {"awards.csv", "curve.csv", "spend.png", "spend.svg", "summary.json"}
HEAD = (
    "application,firm,provider,applied_on,applicant_type,place,signed_on,"
    "term.first,term.last,cost.COMPUTE,use\n"
)
ROWS = tuple(
    f"A{n},F{n},P1,2025-0{n}-01,ENTERPRISE,330106,2025-01-01,2025-01-01,2025-12-31,1000,TRAINING\n"
    for n in (1, 2, 3)
)


def what_if(*arguments: object) -> Done:
    return rules("what-if", *arguments)


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("what") / "if"
    assert what_if(HANGZHOU, POPULATION, "--out", folder).code == 0
    return folder


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))


def small(tmp_path: Path) -> tuple[Path, Path]:
    """A scheme of one's own at 20 %, and three applications of 1,000 yuan."""
    path = tmp_path / "small.csv"
    path.write_text(HEAD + "".join(ROWS), encoding="utf-8")
    return write(tmp_path / "own"), path


def test_the_shipped_population_is_what_its_generator_writes() -> None:
    sys.path.insert(0, str(FOLDER))
    try:
        import make_population  # type: ignore[import-not-found]  # noqa: PLC0415 - a script
    finally:
        sys.path.remove(str(FOLDER))

    assert make_population.written(make_population.City("3301", 2026)) == POPULATION.read_bytes()
    moved = make_population.written(make_population.City("11", 2024)).decode()
    assert ",2024-" in moved
    assert ",110" in moved


def test_the_summary_adds_up(out: Path) -> None:
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    awards = rows(out / "awards.csv")

    assert {path.name for path in out.iterdir()} == FILES
    assert (summary["scheme"], summary["unit"], summary["applications"]) == (HANGZHOU, "CNY", 1_000)
    (year,) = summary["years"]
    assert (year["pot"], year["granted"]) == ("250000000.00", "250000000.00")
    assert year["exhausted_on"] == "2026-10-20"
    assert len(awards) == 1_000
    assert _sum(awards, "granted_yuan") == 25_000_000_000
    asking = [row for row in awards if row["is_eligible"] == "yes"]
    assert len(asking) == summary["eligible"]
    assert _sum(asking, "entitled_yuan") == _fen(summary["asked"])
    for name in ("sizes", "device_origins"):
        assert sum(_fen(group["granted"]) for group in summary[name]) == 25_000_000_000
    assert sum(line["applications"] for line in summary["limbs"]) == summary["eligible"]


def _fen(yuan: str) -> int:
    return int(yuan.replace(".", ""))


def _sum(table: list[dict[str, str]], column: str) -> int:
    return sum(_fen(row[column]) for row in table)


def test_the_curve_ends_at_the_pot(out: Path) -> None:
    curve = rows(out / "curve.csv")

    assert sum(int(day["applications"]) for day in curve) == 1_000
    assert curve[-1]["granted_so_far_yuan"] == "250000000.00"
    assert {day["pot_released_yuan"] for day in curve} == {"250000000.00"}
    assert [day["day"] for day in curve] == sorted(day["day"] for day in curve)


def test_the_same_files_give_the_same_bytes(out: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    assert what_if(HANGZHOU, POPULATION, "--out", again).code == 0

    assert {p.name: p.read_bytes() for p in again.iterdir()} == {
        p.name: p.read_bytes() for p in out.iterdir()
    }


def test_the_plot_speaks_both_languages(out: Path, tmp_path: Path) -> None:
    chinese = tmp_path / "zh"
    assert what_if(HANGZHOU, POPULATION, "--out", chinese, "--lang", "zh_Hans").code == 0

    svg = (out / "spend.svg").read_text(encoding="utf-8")
    assert svg.startswith('<svg xmlns="http://www.w3.org/2000/svg"')
    assert "pot empty on 2026-10-20" in svg
    assert "2026年10月20日资金用尽" in (chinese / "spend.svg").read_text(encoding="utf-8")
    assert (chinese / "spend.png").read_bytes() == (out / "spend.png").read_bytes()
    assert (out / "spend.png").read_bytes().startswith(b"\x89PNG")


def test_the_json_is_the_summary(out: Path) -> None:
    printed = what_if(HANGZHOU, POPULATION, "--format", "json").out

    assert printed == (out / "summary.json").read_text(encoding="utf-8")


def test_the_words(tmp_path: Path) -> None:
    scheme, population = small(tmp_path)

    done = what_if(scheme, population, "--pot", "500")

    assert done.code == 0
    lines = done.out.splitlines()
    assert lines[0] == "Sample: 3 applications of 3 firms, 3 eligible"
    assert "is empty on 2025-03-01" in lines[1]
    assert "500.00 yuan of 3,000.00 yuan of eligible cost, 16.7 %" in lines[2]
    assert any(line.startswith("first come, first served (in force)  ") for line in lines)


@pytest.mark.parametrize(
    ("options", "english", "chinese"),
    [
        ((), "outlasts the year", "全年有余"),
        (("--pot", "600"), "would last until 2025-03-02", "可用至2025年3月2日"),
        (("--pot", "99999999"), "is left of it. Asked", "结余"),
        (("--pot", "500", "--shortage", "PRO_RATA"), "passes the pot on 2025-03-01", "累计申请额"),
    ],
)
def test_what_is_said_of_the_pot(
    tmp_path: Path, options: tuple[str, ...], english: str, chinese: str
) -> None:
    scheme, population = small(tmp_path)

    assert english in what_if(scheme, population, *options).out
    assert chinese in what_if(scheme, population, *options, "--lang", "zh_Hans").out


def test_a_scheme_without_a_pot_says_so(tmp_path: Path) -> None:
    _, population = small(tmp_path)

    done = what_if("cn/anhui/2023", population)

    assert "no pot is known" in done.out


def test_money_not_released_yet_is_named(tmp_path: Path) -> None:
    scheme, population = small(tmp_path)
    path = scheme / "scheme.toml"
    halves = 'tranches = [{ month = 1, ratio = "1/2" }, { month = 12, ratio = "1/2" }]'
    text = path.read_text(encoding="utf-8")
    pot = "{ amount = 100_000_000 }"
    assert pot in text
    path.write_text(text.replace(pot, f"{{ amount = 1_000, {halves} }}"), encoding="utf-8")

    done = what_if(scheme, population)

    assert "on 2025-03-01 what was released of the pot is used up" in done.out


def test_another_seed_draws_others(tmp_path: Path) -> None:
    scheme, population = small(tmp_path)
    drawn = set()
    for seed in ("a", "b", "c", "d"):
        out = tmp_path / seed
        options = ("--pot", "200", "--shortage", "LOTTERY", "--seed", seed, "--out", out)
        assert what_if(scheme, population, *options).code == 0
        drawn.add(tuple(row["granted_yuan"] for row in rows(out / "awards.csv")))

    assert len(drawn) > 1


def test_who_has_no_turn_is_counted(tmp_path: Path) -> None:
    ranked = SCHEME.replace(
        '{ shortage = "FIRST_COME" }', '{ shortage = "RANKED", least_score = 60 }'
    )
    population = tmp_path / "scored.csv"
    scores = ("60", "59", "")
    cells = [f"{row.rstrip()},{score}\n" for row, score in zip(ROWS, scores, strict=True)]
    population.write_text(HEAD.rstrip() + ",score\n" + "".join(cells), encoding="utf-8")
    folder = write(tmp_path / "own", scheme=ranked)

    english = what_if(folder, population).out
    chinese = what_if(folder, population, "--lang", "zh_Hans").out
    summary = json.loads(what_if(folder, population, "--format", "json").out)

    assert "so no turn: 2 applications, which would ask 400.00 yuan." in english
    assert "不予排序核定：2 件申请，应享额度合计 400.00 元。" in chinese
    assert summary["below_least_score"] == {"applications": 2, "asked": "400.00"}
    unscored = what_if(write(tmp_path / "first"), population)
    assert "no turn" not in unscored.out
    assert "3 eligible" in unscored.out


# --- Refusals -------------------------------------------------------------------------------------


def refused(*arguments: object) -> str:
    done = what_if(*arguments)
    assert done.code == 1
    assert done.out == ""
    return done.err


def test_every_mistake_of_a_population_is_printed(tmp_path: Path) -> None:
    scheme, population = small(tmp_path)
    text = population.read_text(encoding="utf-8").replace("TRAINING", "MINING")
    population.write_text(text, encoding="utf-8")

    said = refused(scheme, population).splitlines()

    assert [line.split(": ")[0] for line in said] == [f"{population}:{n}" for n in (2, 3, 4)]
    assert all(": use: " in line for line in said)


def test_a_scheme_without_a_rate_is_refused(tmp_path: Path) -> None:
    _, population = small(tmp_path)
    bare = write(tmp_path / "bare", scheme=WITHOUT_RATE, cases=None)

    assert "No amount can be given" in refused(bare, population)


def test_a_pot_that_is_no_amount_is_refused(tmp_path: Path) -> None:
    assert "--pot: 'much' is not an amount" in refused(*small(tmp_path), "--pot", "much")


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    scheme, population = small(tmp_path)
    out = tmp_path / "out"
    out.mkdir()
    (out / "mine.txt").write_text("mine", encoding="utf-8")

    assert "holds mine.txt" in refused(scheme, population, "--out", out)
    assert [path.name for path in out.iterdir()] == ["mine.txt"]


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    scheme, population = small(tmp_path)
    (tmp_path / "file").write_text("", encoding="utf-8")

    said = refused(scheme, population, "--out", tmp_path / "file" / "below")

    assert said.startswith("output.")
