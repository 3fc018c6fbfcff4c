"""`evernormal rules test`: every case counted, every difference at its line."""

from pathlib import Path

from evernormal.schemes import list_schemes, read_library_cases, read_library_scheme, run_cases
from tests.cli.commands import rules
from tests.cli.scheme_folder import CASES, SCHEME, write


def test_the_whole_library_is_worked_and_counted() -> None:
    count = {
        name: len(run_cases(read_library_scheme(name)[0], read_library_cases(name), path="x"))
        for name in list_schemes()
    }

    done = rules("test")

    *schemes, total = done.out.splitlines()
    assert (done.code, done.err) == (0, "")
    assert schemes == [
        f"{name}: {cases} case{'' if cases == 1 else 's'}" for name, cases in count.items()
    ]
    assert total == f"{sum(count.values())} cases in {len(count)} schemes, all as stated"


def test_a_folder_and_a_file_of_ones_own_are_worked(tmp_path: Path) -> None:
    folder = write(tmp_path / "own")

    by_folder = rules("test", folder)
    by_file = rules("test", folder / "scheme.toml", "cn/beijing/2023")

    assert (by_folder.code, by_folder.out) == (
        0,
        f"{folder}: 2 cases\n2 cases in 1 scheme, all as stated\n",
    )
    assert by_file.code == 0
    assert by_file.out.startswith(f"{folder / 'scheme.toml'}: 2 cases\ncn/beijing/2023: ")


def test_a_difference_is_told_with_file_line_and_both_figures(tmp_path: Path) -> None:
    folder = write(tmp_path, cases=CASES.replace("support = 200_000,", "support = 200_001,"))

    done = rules("test", folder)

    assert done.code == 1
    assert done.err.splitlines() == [
        f"{folder}/cases.toml:10: A fifth: support: stated 200001.00, found 200000.00",
        "1 of 2 cases in 1 scheme not as stated",
    ]


def test_a_scheme_that_cannot_be_read_does_not_hide_the_others(tmp_path: Path) -> None:
    bad = write(tmp_path / "bad", scheme=SCHEME.replace('"20/100"', "0.2"))
    good = write(tmp_path / "good")

    done = rules("test", bad, good)

    assert done.code == 1
    assert f"{good}: 2 cases" in done.out
    assert "0.2 is a float" in done.err
    assert "1 scheme could not be read" in done.err


def test_where_nothing_can_be_read_no_case_is_counted(tmp_path: Path) -> None:
    done = rules("test", write(tmp_path, scheme=SCHEME.replace('"20/100"', "0.2")))

    assert (done.code, done.out) == (1, "")
    assert done.err.splitlines()[1:] == ["1 scheme could not be read"]


def test_an_empty_folder_is_no_scheme(tmp_path: Path) -> None:
    done = rules("test", tmp_path)

    assert (done.code, done.out) == (1, "")
    assert done.err == (
        f"The folder {tmp_path} holds no scheme.toml. Name the folder that holds it.\n"
    )


def test_in_chinese(tmp_path: Path) -> None:
    done = rules("test", write(tmp_path), "--lang", "zh_Hans")

    assert done.out.endswith("共 1 个政策方案、2 个算例，结果均与所载一致\n")


def test_a_scheme_that_is_not_there_is_refused_with_the_nearest() -> None:
    done = rules("test", "cn/bejing/2023")

    assert (done.code, done.out) == (1, "")
    assert "'cn/bejing/2023'" in done.err
    assert "cn/beijing/2023" in done.err.split("Nearest")[1]


def test_a_scheme_without_cases_does_not_pass(tmp_path: Path) -> None:
    done = rules("test", write(tmp_path, cases=None))

    assert done.code == 1
    assert f"{tmp_path}/cases.toml: The file is not there." in done.err
