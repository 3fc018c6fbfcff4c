"""A year's folder is read whole, or refused with every problem in it."""

import shutil
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evernormal.connectors.folder import read_folder
from evernormal.domain.market import Order, Price
from evernormal.domain.metering import UsageKey, UsageRecord
from evernormal.domain.policy import Contract, CostCategory, Use
from evernormal.domain.settlement import MeterControl
from evernormal.domain.values import Fen, Period, Uscc
from evernormal.formats.intake import InputProblems, read_year
from evernormal.formats.pain001 import BankAccount
from tests.formats.broken_folder import BUYER, MISTAKES, broken_folder, sound_folder

EXAMPLES = Path(__file__).parents[2] / "examples"


Place = tuple[str, int | None, str | int | None, str]


def codes(files: Mapping[str, bytes]) -> list[Place]:
    """Give where each problem is, and its code; [] when the folder is sound."""
    try:
        read_year(files)
    except InputProblems as refusal:
        return [(p.file, p.line, p.column, p.code) for p in refusal.problems]
    return []


def changed(file: str, old: str, new: str) -> dict[str, bytes]:
    """Give the sound folder with a text replaced in one file."""
    files = sound_folder()
    assert old.encode() in files[file]
    return {**files, file: files[file].replace(old.encode(), new.encode())}


# --- Sound ----------------------------------------------------------------------------------------


def test_a_sound_folder_becomes_domain_values() -> None:
    year = read_year(sound_folder())

    assert year.contracts == {
        "C1": Contract(
            id="C1",
            applicant_id="A1",
            provider_id="P1",
            signed_on=date(2025, 1, 5),
            term=Period.of_days(date(2025, 1, 10), date(2025, 12, 31)),
            costs={CostCategory.COMPUTE: Fen(12_000_000)},
            use=Use.TRAINING,
            has_other_support=False,
            applied_on=date(2025, 1, 12),
        )
    }
    assert year.meter_accounts == {("P1", "jiayi"): "C1"}
    assert year.capacity == {("P1", "A100-80G"): 64}
    assert year.prices == (Price("P1", "A100-80G", date(2025, 1, 1), None, Fen(900)),)
    feb = Period.of_days(date(2025, 2, 1), date(2025, 2, 28))
    assert year.orders == (Order("O1", "C1", "P1", "A100-80G", 8, 8, 400, feb),)
    assert year.applicants["A1"].uscc == Uscc(BUYER)
    assert year.applicants["A1"].owners == {"person:a1"}
    assert year.accounts["A1"] == BankAccount(
        "6222000100020004", "北京甲乙科技有限公司", "示例银行一支行", "102100000018"
    )
    assert year.programme.pot == Fen(100_000_000)
    assert year.programme.meter is MeterControl.LIMIT
    assert year.files == sound_folder()


def test_usage_becomes_records_with_their_lines() -> None:
    (usage,) = read_year(sound_folder()).usage

    starts_at = datetime(2025, 1, 31, 16, tzinfo=UTC)
    key = UsageKey("P1", "c", "1", "A100-80G", starts_at)
    ends_at = datetime(2025, 2, 2, 16, tzinfo=UTC)
    assert usage.records == (
        UsageRecord(key, "jiayi", 8, ends_at, is_final=True, state="COMPLETED"),
    )
    assert (usage.path, usage.lines, usage.without_cards) == ("usage/2025.csv", (2,), 0)
    assert len(usage.sha256) == 64


@pytest.mark.parametrize(
    ("example", "contracts", "lines"),
    [("beijing-2023", 16, 34), ("nanning-2025", 10, 13), ("guizhou-2026", 6, 8)],
)
def test_the_examples_are_sound(example: str, contracts: int, lines: int) -> None:
    year = read_year(read_folder(EXAMPLES / example))

    assert (len(year.contracts), len(year.invoices)) == (contracts, lines)


def test_the_official_worked_example_is_in_the_nanning_folder() -> None:
    year = read_year(read_folder(EXAMPLES / "nanning-2025"))

    contract = year.contracts["NN-001"]
    assert contract.term == Period.of_days(date(2025, 1, 1), date(2026, 12, 31))
    assert contract.costs == {CostCategory.COMPUTE: Fen(20_000_000)}


def test_the_guizhou_bills_are_those_of_its_recording(tmp_path: Path) -> None:
    copy = shutil.copytree(EXAMPLES / "guizhou-2026", tmp_path / "guizhou-2026")

    # After a new recording, run examples/guizhou-2026/make_invoices.py.
    subprocess.run([sys.executable, copy / "make_invoices.py"], check=True, capture_output=True)
    for name in ("invoices.csv", "payments.csv"):
        assert (copy / name).read_bytes() == (EXAMPLES / "guizhou-2026" / name).read_bytes()


def test_a_declared_encoding_is_read() -> None:
    files = changed("programme.toml", "[controls]", '[files]\nencoding = "gb18030"\n\n[controls]')
    files["applicants.csv"] = files["applicants.csv"].decode().encode("gb18030")
    files["providers.csv"] = files["providers.csv"].decode().encode("gb18030")

    assert read_year(files).applicants["A1"].name == "北京甲乙科技有限公司"


def test_utf8_with_a_mark_and_crlf_is_no_mistake() -> None:
    files = sound_folder()
    for name in files:
        files[name] = b"\xef\xbb\xbf" + files[name].replace(b"\n", b"\r\n")

    assert read_year(files).contracts == read_year(sound_folder()).contracts


def test_prices_may_be_toml() -> None:
    files = sound_folder()
    del files["prices.csv"]
    files["prices.toml"] = b"""
[[price]]
provider_id = "P1"
device_class = "A100-80G"
starts_on = 2025-01-01
price_yuan_per_card_hour = 9
"""
    assert read_year(files).prices == read_year(sound_folder()).prices

    files["prices.toml"] = files["prices.toml"].replace(b"= 9", b"= 9.5")
    assert codes(files) == [("prices.toml", 6, "price[1].price_yuan_per_card_hour", "key.type")]


# --- Broken ---------------------------------------------------------------------------------------


def test_every_mistake_of_a_broken_folder_is_found_at_its_place() -> None:
    assert len(MISTAKES) >= 50
    assert codes(broken_folder()) == MISTAKES


def test_a_problem_is_one_line_that_says_what_to_write() -> None:
    with pytest.raises(InputProblems) as refusal:
        read_year(broken_folder())

    lines = str(refusal.value).splitlines()
    assert len(lines) == len(MISTAKES)
    assert (
        'contracts.csv:3: column compute_yuan: "1,200,000" has thousands separators. '
        "Write 1200000.00." in lines
    )


def test_an_empty_folder_misses_every_required_file() -> None:
    required = ["applicants", "contracts", "invoices", "payments", "prices"]
    expected = [(f"{name}.csv", None, None, "file.missing") for name in required]
    expected.append(("programme.toml", None, None, "file.missing"))
    expected.append(("providers.csv", None, None, "file.missing"))

    assert codes({}) == expected


# file, what is replaced by what, and the problems that follow
ONE_MISTAKE: list[tuple[str, str, str, list[Place]]] = [
    ("contracts.csv", "C1,", "C1 ,", [("contracts.csv", 2, "contract_id", "cell.spaces")]),
    ("contracts.csv", ",P1,", ",P9,", [("contracts.csv", 2, "provider_id", "reference.unknown")]),
    (
        "contracts.csv",
        "120000.00",
        "0",
        [("contracts.csv", 2, "compute_yuan", "contract.no_price")],
    ),
    (
        "payments.csv",
        "25112000000000000001",
        "25112000000000000009",
        [("payments.csv", 2, "invoice_number", "reference.unknown")],
    ),
    (
        "prices.csv",
        "2025-01-01",
        "2025-02-02",
        [
            ("orders.csv", 2, "starts_on", "order.no_price"),
            ("usage/2025.csv", 2, "device_class", "price.none"),
        ],
    ),
    (
        "prices.csv",
        "2025-01-01,",
        "2025-01-01,2025-02-01",
        [
            ("orders.csv", 2, "starts_on", "order.no_price"),
            ("usage/2025.csv", 2, "device_class", "price.none"),
        ],
    ),
    (
        "usage/2025.csv",
        "A100-80G",
        "A100-40G",
        [("usage/2025.csv", 2, "device_class", "usage.unknown_class")],
    ),
    (
        "programme.toml",
        '"P1"',
        '"P9"',
        [("programme.toml", 29, "usage[1].provider", "reference.unknown")],
    ),
    (
        "programme.toml",
        '"usage/2025.csv"',
        '"usage/2026.csv"',
        [("programme.toml", 27, "usage[1].file", "file.missing")],
    ),
    (
        "programme.toml",
        "Asia/Shanghai",
        "Asia/Beijing",
        [("programme.toml", 6, "timezone", "zone.unknown")],
    ),
    ("programme.toml", "= 2025\n", "= 2027\n", [("programme.toml", 3, "year", "programme.year")]),
    ("programme.toml", "year = 2025", "", [("programme.toml", 1, "year", "key.missing")]),
    (
        "programme.toml",
        '"LIMIT"',
        '"limit"',
        [("programme.toml", 20, "controls.meter", "key.choice")],
    ),
    ("programme.toml", "year = ", "year = = ", [("programme.toml", 3, 8, "toml.syntax")]),
    (
        "programme.toml",
        "2025-12-31",
        "2024-12-31",
        [("programme.toml", 8, "closes_on", "programme.ends_before_start")],
    ),
    ("applicants.csv", "person:a1", "a1", [("applicants.csv", 2, "owners", "owners.form")]),
    (
        "applicants.csv",
        "A1,",
        "P1,",
        [
            ("applicants.csv", 2, "applicant_id", "id.shared"),
            ("contracts.csv", 2, "applicant_id", "reference.unknown"),
        ],
    ),
    ("invoices.csv", ",1,C1", ",0,C1", [("invoices.csv", 2, "line", "number.form")]),
    # A key that cannot be read must not make every reference to it unknown.
    (
        "contracts.csv",
        "contract_id,",
        "contractid,",
        [("contracts.csv", 1, "contractid", "column.unknown")],
    ),
    (
        "providers.csv",
        "provider_id,name",
        "id,name",
        [
            ("providers.csv", 1, "id", "column.unknown"),
            ("providers.csv", 1, "provider_id", "column.missing"),
        ],
    ),
    ("applicants.csv", "A1,", ",", [("applicants.csv", 2, "applicant_id", "cell.blank")]),
    ("applicants.csv", ",ENTERPRISE", "", [("applicants.csv", 2, None, "csv.field_count")]),
]


@pytest.mark.parametrize(("file", "old", "new", "expected"), ONE_MISTAKE)
def test_one_cause_gives_one_problem(file: str, old: str, new: str, expected: list[Place]) -> None:
    assert codes(changed(file, old, new)) == expected


def test_money_on_two_lines_of_an_invoice_must_agree_about_the_invoice() -> None:
    line = sound_folder()["invoices.csv"].decode().splitlines()[1]
    second = line.replace(",1,C1,COMPUTE", ",2,C1,STORAGE").replace("NORMAL", "VOID")
    files = changed("invoices.csv", line, f"{line}\n{second}")

    assert codes(files) == [("invoices.csv", 3, "status", "invoice.lines_differ")]


def test_orders_need_the_capacity_they_are_placed_on() -> None:
    files = sound_folder()
    del files["capacity.csv"]

    assert codes(files) == [("capacity.csv", None, None, "file.missing")]


def test_use_by_others_is_kept_and_needs_no_price() -> None:
    row = "c,9,stranger,L40,4,2025-02-01T00:00:00+08:00,2025-02-01T01:00:00+08:00,COMPLETED,yes\n"
    files = sound_folder()
    files["usage/2025.csv"] += row.encode()

    (usage,) = read_year(files).usage
    assert [record.account for record in usage.records] == ["jiayi", "stranger"]


def encoded(name: str, how: str) -> dict[str, bytes]:
    files = sound_folder()
    return {**files, name: files[name].decode().encode(how)}


def test_a_file_in_another_encoding_is_one_problem_and_still_read() -> None:
    assert codes(encoded("applicants.csv", "gb18030")) == [
        ("applicants.csv", 2, None, "text.encoding")
    ]
    assert codes(encoded("applicants.csv", "utf-16")) == [
        ("applicants.csv", 1, None, "text.encoding")
    ]
    files = encoded("applicants.csv", "gb18030")
    files["applicants.csv"] = files["applicants.csv"].replace(b"2020-01-02", b"2020/1/2")
    assert [place[3] for place in codes(files)] == ["text.encoding", "date.form"]


def test_bytes_that_are_no_text_are_one_problem() -> None:
    files = sound_folder()
    files["contracts.csv"] = files["contracts.csv"].replace(b"jiayi", b"jiayi\0")
    assert codes(files) == [("contracts.csv", 2, None, "text.nul")]

    files["contracts.csv"] = files["contracts.csv"].replace(b"jiayi\0", b"jiayi\xff\xff")
    assert ("contracts.csv", 2, None, "text.encoding") in codes(files)


def test_slurm_files_need_every_card_type_that_a_contract_used() -> None:
    files = changed("programme.toml", 'format = "csv"', 'format = "slurm-parsable2"')
    files["usage/2025.csv"] = (
        b"JobID|Cluster|Account|State|Start|End|AllocTRES\n"
        b"1|c|jiayi|COMPLETED|2025-02-01T00:00:00|2025-02-02T00:00:00|gres/gpu:a100=4,gres/gpu=4\n"
        b"2|c|jiayi|COMPLETED|2025-02-03T00:00:00|2025-02-04T00:00:00|gres/gpu:a100=4,gres/gpu=4\n"
        b"3|c|other|COMPLETED|2025-02-01T00:00:00|2025-02-02T00:00:00|gres/gpu:l20=4,gres/gpu=4\n"
        b"4|c|jiayi|COMPLETED|2025-02-01T00:00:00|2025-02-02T00:00:00|cpu=4\n"
    )
    assert codes(files) == [("usage/2025.csv", 2, None, "usage.unmapped_class")]

    files["programme.toml"] += b'device_classes = { a100 = "A100-80G" }\n'
    (usage,) = read_year(files).usage
    assert [record.key.device_class for record in usage.records] == ["A100-80G", "A100-80G", "l20"]
    assert (usage.lines, usage.without_cards) == ((2, 3, 4), 1)


def test_two_price_lists_and_a_file_named_twice_are_refused() -> None:
    files = sound_folder()
    files["prices.toml"] = b"price = []\n"
    files["programme.toml"] += (
        files["programme.toml"].partition(b"[[usage]]")[2].join([b"\n[[usage]]", b""])
    )

    found = codes(files)
    assert ("prices.toml", None, None, "file.twice") in found
    assert ("programme.toml", 33, "usage[2].file", "usage.file_repeated") in found


def test_a_firm_under_two_ids_is_refused() -> None:
    line = sound_folder()["applicants.csv"].decode().splitlines()[1]
    files = changed("applicants.csv", line, f"{line}\n{line.replace('A1,', 'A2,')}")

    assert codes(files) == [("applicants.csv", 3, "uscc", "uscc.repeated")]


FILES = sorted(sound_folder())


@given(
    file=st.sampled_from(FILES),
    at=st.floats(0, 1, exclude_max=True),
    cut=st.integers(0, 12),
    put=st.sampled_from(
        [b"", b",", b'"', b"\n", b"\0", b"\xff", b" ", b"-", b"9", b"=", b"[", b"{", "，".encode()]
    ),
)
def test_any_damage_is_read_or_refused_but_never_a_crash(
    file: str, at: float, cut: int, put: bytes
) -> None:
    files = sound_folder()
    place = int(len(files[file]) * at)
    files[file] = files[file][:place] + put + files[file][place + cut :]
    assert all(place[3] for place in codes(files))
