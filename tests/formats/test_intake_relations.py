"""What would be dropped, paid twice or counted twice without a word is a problem with its place."""

from collections.abc import Mapping

import pytest

from evernormal.formats.intake import InputProblems, Problem, read_year
from tests.formats.broken_folder import BUYER, SELLER, USAGE, sound_folder


def problems(files: Mapping[str, bytes]) -> tuple[Problem, ...]:
    """Give all problems of a folder; none when it is sound."""
    try:
        read_year(files)
    except InputProblems as refusal:
        return refusal.problems
    return ()


def changed(file: str, old: str, new: str) -> dict[str, bytes]:
    """Give the sound folder with a text replaced in one file."""
    files = sound_folder()
    assert old.encode() in files[file]
    return {**files, file: files[file].replace(old.encode(), new.encode())}


def codes(files: Mapping[str, bytes]) -> list[tuple[str, str]]:
    return [(str(p.column), p.code) for p in problems(files)]


# Before any day of receipt below, by an account of no contract.
EARLY_USE = "c,9,others,910B,1,2024-12-01T08:00:00+08:00,2024-12-01T09:00:00+08:00,COMPLETED,yes\n"


# --- The programme's days -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("received_at", "todo"),
    [
        # The day is local: 23:59:59 in Beijing is still 2024, and 16:00 UTC is 2026 already.
        ("2024-12-31T23:59:59+08:00", "received on the opening day, 2025-01-01."),
        ("2025-12-31T16:00:00+00:00", "belongs to the next year's books"),
    ],
)
def test_a_usage_file_received_outside_the_programme_is_refused(
    received_at: str, todo: str
) -> None:
    files = changed("programme.toml", "2025-06-01T09:00:00+08:00", received_at)
    files["usage/2025.csv"] = (USAGE.splitlines(keepends=True)[0] + EARLY_USE).encode()

    (problem,) = problems(files)
    assert (problem.line, problem.column) == (30, "usage[1].received_at")
    assert problem.code == "usage.received_outside"
    assert todo in problem.todo


@pytest.mark.parametrize("received_at", ["2024-12-31T16:00:00+00:00", "2025-12-31T23:59:59+08:00"])
def test_the_first_and_last_local_day_are_within(received_at: str) -> None:
    files = changed("programme.toml", "2025-06-01T09:00:00+08:00", received_at)
    files["usage/2025.csv"] = (USAGE.splitlines(keepends=True)[0] + EARLY_USE).encode()

    assert problems(files) == ()


def test_days_of_payment_outside_the_programme_are_refused() -> None:
    for approved_on in ("2024-12-31", "2026-01-01"):
        files = changed("programme.toml", "2025-06-10", approved_on)
        files["programme.toml"] = files["programme.toml"].replace(b"2025-06-11", b"2026-01-05")
        assert codes(files) == [("payment_day[1].approved_on", "day.outside_programme")]
    for approved_on in ("2025-01-01", "2025-12-31"):
        files = changed("programme.toml", "2025-06-10", approved_on)
        files["programme.toml"] = files["programme.toml"].replace(b"2025-06-11", b"2026-01-05")
        assert problems(files) == ()


def test_a_payment_day_that_is_not_after_the_one_before_is_refused() -> None:
    files = sound_folder()
    again = b"\n[[payment_day]]\napproved_on = 2025-06-10\nexecute_on = 2025-06-11\n"
    files["programme.toml"] += again

    assert codes(files) == [("payment_day[2].approved_on", "payment_day.order")]


@pytest.mark.parametrize(
    ("file", "old", "new", "column"),
    [
        ("contracts.csv", "no,2025-01-12", "no,2026-01-01", "applied_on"),
        ("invoices.csv", "2025-06-02", "2026-01-01", "claimed_on"),
    ],
)
def test_applications_and_claims_outside_the_programme_are_refused(
    file: str, old: str, new: str, column: str
) -> None:
    assert codes(changed(file, old, new)) == [(column, "day.outside_programme")]


# --- Four eyes ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("prepares", "approves"),
    [
        ("陈予安", "陈予安"),
        ("陈予安", "陈予安 "),
        ("陈予安", "\u3000陈予安"),
        ("陈予安", "陈 予\u3000安"),
        ("Chen Yu'an", "\uff23\uff48\uff45\uff4e\u3000YU\uff07AN"),
        ("li.min", "LI.MIN"),
    ],
)
def test_one_officer_written_in_two_ways_is_one_officer(prepares: str, approves: str) -> None:
    files = changed("programme.toml", '"顾明川"', f'"{approves}"')
    files["programme.toml"] = files["programme.toml"].replace(
        '"陈予安"'.encode(), f'"{prepares}"'.encode(), 1
    )

    assert codes(files) == [("office.approves", "office.same_officer")]


def test_an_officer_without_a_name_is_refused() -> None:
    files = changed("programme.toml", '"顾明川"', '"\u3000 "')

    assert codes(files) == [("office.approves", "cell.blank")]


# --- Parties --------------------------------------------------------------------------------------


def test_one_account_for_two_parties_is_refused_with_both_named() -> None:
    files = changed(
        "providers.csv", "102100000019,6222000100020005", "102100000018,622200010-0020004"
    )

    (problem,) = problems(files)
    assert (problem.file, problem.line, problem.column) == ("providers.csv", 2, "bank_account")
    assert problem.code == "account.shared"
    assert "P1" in problem.message
    assert "A1, line 2 of applicants.csv" in problem.message


def test_one_number_at_two_banks_and_one_firm_that_buys_and_sells_are_no_mistake() -> None:
    assert problems(changed("providers.csv", "6222000100020005", "6222000100020004")) == ()

    files = changed("providers.csv", f"{SELLER},yes", f"{BUYER},yes")
    files["providers.csv"] = files["providers.csv"].replace(
        b"102100000019,6222000100020005", b"102100000018,6222000100020004"
    )
    assert problems(files) == ()


@pytest.mark.parametrize(
    ("file", "name"),
    [("applicants.csv", "北京甲乙科技有限公司"), ("providers.csv", "北京丙丁算力有限公司")],
)
@pytest.mark.parametrize("sign", ["\x07", "\x1b", "\x7f", "\x85", "\u202e", "\ufffe", "\uffff"])
def test_names_of_parties_hold_no_control_characters(file: str, name: str, sign: str) -> None:
    assert codes(changed(file, name, f"{name[:2]}{sign}{name[2:]}")) == [("name", "text.invisible")]


def test_the_name_of_the_office_holds_no_control_characters() -> None:
    files = changed("programme.toml", "示例办公室", "示例\\u0007办公室")

    assert codes(files) == [("office.name", "text.invisible")]


# --- Payments and invoices ------------------------------------------------------------------------


def test_a_payment_before_the_contract_was_signed_is_refused() -> None:
    files = changed("payments.csv", "2025-06-01", "2025-01-04")

    (problem,) = problems(files)
    assert (problem.file, problem.line, problem.column) == ("payments.csv", 2, "paid_on")
    assert problem.code == "payment.before_contract"
    assert "contract C1 was signed, 2025-01-05" in problem.message
    assert problems(changed("payments.csv", "2025-06-01", "2025-01-05")) == ()


def test_an_invoice_claimed_before_it_was_issued_is_refused() -> None:
    files = changed("invoices.csv", "2025-06-02", "2025-01-11")

    assert codes(files) == [("claimed_on", "invoice.claimed_before_issued")]


# --- Overlapping readings -------------------------------------------------------------------------


def with_readings(*rows: str) -> dict[str, bytes]:
    """Give the sound folder with readings of job 1 beside its own, 02-01 to 02-03."""
    files = sound_folder()
    files["usage/2025.csv"] += "".join(f"{row}\n" for row in rows).encode()
    return files


def run(start: str, end: str, *, job: str = "1", is_final: bool = True) -> str:
    state = "COMPLETED,yes" if is_final else "RUNNING,no"
    return f"c,{job},jiayi,A100-80G,8,2025-{start}T00:00:00+08:00,2025-{end}T00:00:00+08:00,{state}"


def test_two_runs_of_a_job_at_one_time_are_refused_with_both_lines() -> None:
    (problem,) = problems(with_readings(run("02-02", "02-04")))

    assert (problem.file, problem.line, problem.column) == ("usage/2025.csv", 3, "starts_at")
    assert problem.code == "usage.overlap"
    assert "line 2 of usage/2025.csv" in problem.message


def test_a_run_is_compared_with_the_one_that_reaches_furthest() -> None:
    found = problems(
        with_readings(run("02-05", "02-20"), run("02-06", "02-07"), run("02-08", "02-09"))
    )

    assert [(p.line, p.code) for p in found] == [(4, "usage.overlap"), (5, "usage.overlap")]
    assert all("line 3 of" in p.message for p in found)


def test_overlaps_are_found_across_files() -> None:
    files = sound_folder()
    header = USAGE.splitlines()[0]
    files["usage/more.csv"] = f"{header}\n{run('01-31', '02-02')}\n".encode()
    _, _, entry = files["programme.toml"].partition(b"[[usage]]")
    files["programme.toml"] += b"\n[[usage]]" + entry.replace(b"2025.csv", b"more.csv")

    (problem,) = problems(files)
    assert (problem.file, problem.line, problem.code) == ("usage/2025.csv", 2, "usage.overlap")
    assert "line 2 of usage/more.csv" in problem.message


@pytest.mark.parametrize(
    "rows",
    [
        # A requeued job runs again after its first run.
        [run("02-03", "02-05")],
        [run("02-02", "02-04", job="2")],
        # Provisional readings of a run are replaced by its final one, wherever they stand.
        [run("02-10", "02-20", is_final=False), run("02-10", "02-12"), run("02-15", "02-16")],
        [run("02-02", "02-02")],
    ],
)
def test_runs_that_follow_one_another_are_no_mistake(rows: list[str]) -> None:
    assert problems(with_readings(*rows)) == ()


def test_provisional_readings_of_two_runs_are_compared_by_their_latest() -> None:
    found = problems(
        with_readings(
            run("02-10", "02-12", is_final=False),
            run("02-10", "02-20", is_final=False),
            run("02-15", "02-16"),
        )
    )

    assert [(p.line, p.code) for p in found] == [(5, "usage.overlap")]
    assert "line 4 of" in found[0].message
