"""6. The data centre's meter is read; every use counts once, whoever sends it how often."""

from tests.life.money import instant
from tests.life.sacct import JSON, TEXT, Run, running_in_the_json, runs
from tests.life.shelf import Books


def test_the_use_kept_is_what_sacct_printed_last(guizhou: Books) -> None:
    kept = [
        Run(
            r["job"],
            instant(r["starts_at"]),
            r["account"],
            r["device_class"],
            int(r["cards"]),
            instant(r["ends_at"]),
            r["state"],
        )
        for r in guizhou.rows("usage.csv")
    ]

    assert len(kept) == len(set(kept)) == 148
    assert set(kept) == set(runs(guizhou))


def test_card_seconds_are_cards_times_seconds_and_the_states_survive(guizhou: Books) -> None:
    states: dict[str, int] = {}
    for row in guizhou.rows("usage.csv"):
        seconds = instant(row["ends_at"]) - instant(row["starts_at"])
        states[row["state"]] = states.get(row["state"], 0) + 1
        assert int(row["card_seconds"]) == int(row["cards"]) * seconds > 0
        assert row["is_final"] == ("no" if row["state"] == "RUNNING" else "yes")

    assert {"CANCELLED", "FAILED", "NODE_FAIL", "PREEMPTED", "REQUEUED", "TIMEOUT"} < set(states)
    assert states["RUNNING"] == 1


def test_a_job_that_ran_on_is_corrected_by_the_second_file_and_kept_once(guizhou: Books) -> None:
    running = running_in_the_json(guizhou)
    from_text = {(r["job"], instant(r["starts_at"])) for r in guizhou.where("usage.csv", file=TEXT)}
    corrected = [
        r for r in guizhou.rows("usage.csv") if (r["job"], instant(r["starts_at"])) in running
    ]

    assert len(running) == 8
    assert len(corrected) == 8
    assert {(r["file"], r["is_final"]) for r in corrected} == {(TEXT, "yes")}
    assert running < from_text
    assert len(from_text - running) == 4  # started after the first file was taken


def test_what_each_file_brought_adds_up(guizhou: Books) -> None:
    first, second = (guizhou.facts(f"ACCEPT_USAGE/{file}") for file in (JSON, TEXT))

    assert (first["records"], first["kept"], first["duplicates"]) == (144, 144, 0)
    assert (second["records"], second["kept"], second["duplicates"]) == (148, 12, 136)


def test_both_files_count_the_same_jobs_as_having_had_no_card(guizhou: Books) -> None:
    """Ten jobs, in both files. A step is part of its job and is not counted beside it."""
    without = [guizhou.facts(f"ACCEPT_USAGE/{file}")["without_cards"] for file in (JSON, TEXT)]

    assert without == [10, 10]


def test_use_by_others_is_kept_and_nobodys(guizhou: Books, nanning: Books) -> None:
    accounts = {r["account"]: r["contract_id"] for r in guizhou.rows("usage.csv")}
    strangers = guizhou.where("usage.csv", account="otherfirm")

    assert accounts == {
        **{r["meter_account"]: r["contract_id"] for r in guizhou.rows("inputs/contracts.csv")},
        "otherfirm": "",
    }
    assert len(strangers) == 7
    assert sum(int(r["card_seconds"]) for r in strangers) > 0
    assert nanning.row("usage.csv", account="visitor")["contract_id"] == ""


def test_a_reading_that_a_second_file_repeats_is_counted_once(beijing: Books) -> None:
    files = [p for p in beijing.files if p.startswith("inputs/usage/")]
    given = [
        (row["cluster"], row["job"], row["starts_at"])
        for path in sorted(files)
        for row in beijing.rows(path)
    ]
    kept = [(r["cluster"], r["job"], r["starts_at"]) for r in beijing.rows("usage.csv")]

    assert len(files) == 9
    assert len(given) == len(set(given)) + 1
    assert sorted(kept) == sorted(set(given))
