"""`evernormal market calendar`: which cards are reserved when, and what is left."""

import json

from tests.life.shelf import EXAMPLES, evernormal

GUIZHOU = EXAMPLES / "guizhou-2026"


def test_the_calendar_of_a_year_on_a_day() -> None:
    done = evernormal("market", "calendar", GUIZHOU, "--on", "2026-04-01", "--days", "60", "--json")

    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    april = [each for each in told["stretches"] if each["from"] == "2026-04-01"]
    assert [(each["device_class"], each["to"], each["spot"]) for each in april] == [
        ("A100-80G", "2026-04-30", 0),
        ("Ascend-910B", "2026-04-30", 0),
        ("H100-80G", "2026-04-30", 1),
    ]
    for each in told["stretches"]:
        assert each["withdrawn"] + each["reserved"] + each["spot"] == each["cards"]
    assert told["waiting"] == []


def test_a_year_without_capacity_has_no_calendar() -> None:
    done = evernormal("market", "calendar", EXAMPLES / "nanning-2025", "--lang", "zh_Hans")

    assert (done.returncode, done.stdout.strip()) == (
        0,
        "该年度没有 capacity.csv，因此没有日历。",
    )


def test_a_folder_that_is_no_year_is_refused_with_every_problem() -> None:
    done = evernormal("market", "calendar", EXAMPLES / "clearing-2026")

    assert done.returncode == 1
    assert "programme.toml: The file is missing." in done.stderr
    assert done.stderr.splitlines()[-1].startswith("7 problems in ")
