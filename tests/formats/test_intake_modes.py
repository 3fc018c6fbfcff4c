"""What the folder of any mode may hold beside bills: answers, awards of others, reports, units."""

import pytest

from evernormal.domain.market import ProviderAnswer
from evernormal.domain.policy import (
    CostCategory,
    DeviceOrigin,
    OtherSupport,
    Route,
    Side,
    Unit,
)
from evernormal.domain.values import Fen
from evernormal.formats.intake import InputProblems, Problem, YearInput, read_year
from evernormal.formats.intake.year_input import UpstreamRecord
from tests.formats.broken_folder import sound_folder

Place = tuple[str, int | None, str | int | None, str]
UPSTREAM = "upstream_award_id,programme,contract_id,decided_on,cost_yuan,support_yuan\n"
ORDER = "O1,C1,A100-80G,8,8,400,2025-02-01,2025-02-28"


def problems(files: dict[str, bytes]) -> list[Problem]:
    try:
        read_year(files)
    except InputProblems as refusal:
        return list(refusal.problems)
    return []


def places(files: dict[str, bytes]) -> list[Place]:
    found = problems(files)
    assert all(problem.message and problem.todo for problem in found)
    return [(p.file, p.line, p.column, p.code) for p in found]


def with_columns(file: str, **cells: str) -> dict[str, bytes]:
    """The sound folder with columns more, each with its cell in the one row of a file."""
    files = sound_folder()
    header, row = files[file].decode().splitlines()
    rows = [",".join([header, *cells]), ",".join([row, *cells.values()])]
    return {**files, file: "\n".join(rows).encode() + b"\n"}


def with_file(name: str, *rows: str) -> dict[str, bytes]:
    return {**sound_folder(), name: "\n".join(rows).encode() + b"\n"}


def in_unit(unit: Unit) -> dict[str, bytes]:
    """The sound folder, counted in another unit."""
    files = {
        name: data.replace(b"_yuan", f"_{unit.column}".encode())
        for name, data in sound_folder().items()
    }
    files["programme.toml"] = files["programme.toml"].replace(b'"CNY"', f'"{unit.value}"'.encode())
    return files


# --- Sound ----------------------------------------------------------------------------------------


def read(files: dict[str, bytes]) -> YearInput:
    assert places(files) == []
    return read_year(files)


def test_new_columns_of_a_contract_become_its_facts() -> None:
    cells = {
        "service": "MODEL_SERVICE",
        "device_origin": "DOMESTIC",
        "traits": "start_up;key_project",
        "documents": "invoice; delivery_proof",
        "score": "0",
        "side": "SUPPLY",
        "capacity_pflops": "120",
        "facility_id": "YJ-1",
    }
    one = read(with_columns("contracts.csv", **cells)).contracts["C1"]

    assert (one.service, one.device_origin) == (CostCategory.MODEL_SERVICE, DeviceOrigin.DOMESTIC)
    assert one.traits == {"start_up", "key_project"}
    assert one.documents == {"invoice", "delivery_proof"}
    assert (one.score, one.side, one.capacity_pflops, one.facility_id) == (
        0,
        Side.SUPPLY,
        120,
        "YJ-1",
    )


def test_new_columns_of_the_parties_become_their_facts() -> None:
    cells = {"sectors": "ai", "lists": "dishonest", "staff": "30", "revenue_yuan": "0.50"}
    firm = read(with_columns("applicants.csv", **cells, group="north")).applicants["A1"]
    scale = {"facility": "ai_centre", "connected": "yes", "scale": "pflops=100;cards=0"}
    seller = read(with_columns("providers.csv", **scale)).providers["P1"]

    assert (sorted(firm.sectors), sorted(firm.lists)) == (["ai"], ["dishonest"])
    assert (firm.staff, firm.revenue, firm.group) == (30, Fen(50), "north")
    assert (seller.facility, seller.is_connected) == ("ai_centre", True)
    assert dict(seller.scale) == {"pflops": 100, "cards": 0}


def test_an_award_of_another_programme_gives_the_cost_and_the_other_support() -> None:
    year = read(with_file("upstream_awards.csv", UPSTREAM + "U1,province,C1,2025-01-12,900.50,90"))
    one = year.contracts["C1"]

    assert year.upstream == {
        "C1": UpstreamRecord("U1", "province", "C1", one.applied_on, Fen(90_050), Fen(9_000))
    }
    assert (one.route, one.costs) == (Route.MATCHED, {CostCategory.COMPUTE: Fen(90_050)})
    assert one.supports == (OtherSupport("province", Fen(9_000)),)
    assert year.case_of("C1", awards_on_contract=0).upstream == "province"


def test_what_others_give_stands_in_the_contract_and_an_upstream_award_comes_to_it() -> None:
    named = "national_voucher=300000.00; district=0.01"
    files = with_columns("contracts.csv", other_supports=named)
    files["contracts.csv"] = files["contracts.csv"].replace(b",no,", b",yes,")
    national = OtherSupport("national_voucher", Fen(30_000_000))
    district = OtherSupport("district", Fen(1))

    assert read(files).contracts["C1"].supports == (national, district)
    matched = f"{UPSTREAM}U1,province,C1,2025-01-12,900.50,90\n".encode()
    supports = read({**files, "upstream_awards.csv": matched}).contracts["C1"].supports
    assert supports == (national, district, OtherSupport("province", Fen(9_000)))


def test_other_support_may_be_declared_without_a_name() -> None:
    files = with_columns("contracts.csv", other_supports="")
    files["contracts.csv"] = files["contracts.csv"].replace(b",no,", b",yes,")
    contract = read(files).contracts["C1"]

    assert (contract.has_other_support, contract.supports) == (True, ())


@pytest.mark.parametrize(("cell", "price"), [("12.80", Fen(1_280)), ("", None)])
def test_the_price_of_a_card_hour_may_be_left_blank(cell: str, price: Fen | None) -> None:
    year = read(with_columns("contracts.csv", price_yuan_per_card_hour=cell))

    assert year.contracts["C1"].price_per_card_hour == price


def test_an_order_with_its_answer_and_day() -> None:
    cells = {"answer": "MODIFIED", "answered_card_hours": "250", "ordered_on": "2025-02-03"}
    (order,) = read(with_columns("orders.csv", **cells)).orders

    assert (order.answer, order.agreed_card_hours) == (ProviderAnswer.MODIFIED, 250)
    assert str(order.ordered_on) == "2025-02-03"


def test_another_order_may_take_the_place_of_one_that_was_declined() -> None:
    header = sound_folder()["orders.csv"].decode().splitlines()[0]
    rows = (f"{header},answer", f"{ORDER},DECLINED", f"{ORDER.replace('O1', 'O2')},")

    assert [order.id for order in read(with_file("orders.csv", *rows)).orders] == ["O1", "O2"]
    kept = with_file("orders.csv", *(row.replace("DECLINED", "APPROVED") for row in rows))
    assert places(kept) == [("orders.csv", 3, "starts_on", "order.overlap")]


def test_reports_and_extensions_are_read_in_the_order_of_days() -> None:
    files = with_file("reports.csv", "contract_id,accepted_on", "C1,2025-05-02", "C1,2025-03-01")
    files["extensions.csv"] = b"contract_id,granted_on\nC1,2025-06-01\n"
    year = read(files)

    assert [str(day) for _, day in year.reports] == ["2025-03-01", "2025-05-02"]
    assert [(of, str(day)) for of, day in year.extensions] == [("C1", "2025-06-01")]


@pytest.mark.parametrize("unit", [Unit.EUR, Unit.CARD_HOUR, Unit.CREDIT])
def test_a_folder_in_another_unit_names_its_columns_after_it(unit: Unit) -> None:
    year = read(in_unit(unit))

    assert year.programme.unit is unit
    assert year.contracts["C1"].costs == {CostCategory.COMPUTE: Fen(12_000_000)}
    assert year.prices[0].price_fen_per_card_hour == Fen(900)


def test_answered_card_hours_are_not_taken_for_an_amount_of_card_hours() -> None:
    files = in_unit(Unit.CARD_HOUR)
    answered = with_columns("orders.csv", answer="MODIFIED", answered_card_hours="250")

    (order,) = read({**files, "orders.csv": answered["orders.csv"]}).orders
    assert order.agreed_card_hours == 250


def test_in_kind_nobody_bills_and_nothing_is_paid() -> None:
    files = in_unit(Unit.CREDIT)
    head, _, rest = files["programme.toml"].partition(b"[[payment_day]]")
    files["programme.toml"] = head + b"[[usage]]" + rest.partition(b"[[usage]]")[2]
    for name in ("invoices.csv", "payments.csv"):
        del files[name]

    year = read(files)
    assert (year.invoices, year.payments, year.programme.payment_days) == ((), (), ())
    money = in_unit(Unit.EUR)
    del money["invoices.csv"]
    assert places(money) == [
        ("invoices.csv", None, None, "file.missing"),
    ]


def test_a_price_list_in_toml_names_its_key_after_the_unit() -> None:
    files = in_unit(Unit.CREDIT)
    del files["prices.csv"]
    price = """\
[[price]]
provider_id = "P1"
device_class = "A100-80G"
starts_on = 2025-01-01
price_credits_per_card_hour = "12.50"
"""
    files["prices.toml"] = price.encode()

    assert read(files).prices[0].price_fen_per_card_hour == Fen(1_250)
    files["prices.toml"] = price.replace("credits", "yuan").encode()
    assert [place[3] for place in places(files)] == ["key.missing", "key.unknown"]


# --- Mistakes -------------------------------------------------------------------------------------


CELLS: list[tuple[str, dict[str, str], list[tuple[str, str]]]] = [
    ("contracts.csv", {"traits": "Start-Up"}, [("traits", "word.form")]),
    ("contracts.csv", {"score": "-1"}, [("score", "number.form")]),
    ("contracts.csv", {"side": "BOTH"}, [("side", "choice.unknown")]),
    ("contracts.csv", {"capacity_pflops": "1.5"}, [("capacity_pflops", "number.form")]),
    ("contracts.csv", {"facility_id": "no 1"}, [("facility_id", "id.form")]),
    (
        "contracts.csv",
        {"price_yuan_per_card_hour": "0.00"},
        [("price_yuan_per_card_hour", "money.zero")],
    ),
    ("contracts.csv", {"other_supports": "national"}, [("other_supports", "support.form")]),
    ("contracts.csv", {"other_supports": "a=5；b=6"}, [("other_supports", "cell.full_width")]),
    (
        "contracts.csv",
        {"other_supports": "National=-1;b=;c=30万;c=0;"},
        [
            ("other_supports", "money.form"),
            ("other_supports", "money.negative"),
            ("other_supports", "money.ten_thousands"),
            ("other_supports", "money.zero"),
            ("other_supports", "support.form"),
            ("other_supports", "word.form"),
        ],
    ),
    ("contracts.csv", {"other_supports": "a=5;a=6"}, [("other_supports", "support.repeated")]),
    (
        "contracts.csv",
        {"other_supports": " a=5"},
        [("other_support", "contract.support_denied"), ("other_supports", "cell.spaces")],
    ),
    (
        "contracts.csv",
        {"other_supports": " a;b"},
        [
            ("other_supports", "cell.spaces"),
            ("other_supports", "support.form"),
            ("other_supports", "support.form"),
        ],
    ),
    ("contracts.csv", {"other_supports": "a=5"}, [("other_support", "contract.support_denied")]),
    ("contracts.csv", {"service": "GPU"}, [("service", "choice.unknown")]),
    ("applicants.csv", {"sectors": "人工智能"}, [("sectors", "word.form")]),
    ("applicants.csv", {"staff": "a few"}, [("staff", "number.form")]),
    ("applicants.csv", {"revenue_yuan": "5万"}, [("revenue_yuan", "money.ten_thousands")]),
    ("providers.csv", {"scale": "pflops:100"}, [("scale", "scale.form")]),
    ("providers.csv", {"scale": "P=100"}, [("scale", "word.form")]),
    ("providers.csv", {"scale": "pflops=many"}, [("scale", "number.form")]),
    ("providers.csv", {"connected": "是"}, [("connected", "choice.unknown")]),
    (
        "orders.csv",
        {"answer": "MODIFIED", "answered_card_hours": ""},
        [("answered_card_hours", "order.answer_without_hours")],
    ),
    (
        "orders.csv",
        {"answer": "", "answered_card_hours": "300"},
        [("answered_card_hours", "order.hours_without_answer")],
    ),
    ("orders.csv", {"answer": "REFUSED"}, [("answer", "choice.unknown")]),
    ("orders.csv", {"ordered_on": "2024-12-31"}, [("ordered_on", "day.outside_programme")]),
    ("orders.csv", {"ordered_on": "2025-03-01"}, [("ordered_on", "order.after_its_end")]),
]


@pytest.mark.parametrize(("file", "cells", "expected"), CELLS)
def test_a_wrong_cell_of_a_new_column_is_one_problem(
    file: str, cells: dict[str, str], expected: list[tuple[str, str]]
) -> None:
    found = places(with_columns(file, **cells))

    assert found == [(file, 2, column, code) for column, code in expected]


def test_a_support_that_is_named_as_an_award_too_would_count_twice() -> None:
    files = with_columns("contracts.csv", other_supports="province=90.00")
    files["contracts.csv"] = files["contracts.csv"].replace(b",no,", b",yes,")
    files["upstream_awards.csv"] = f"{UPSTREAM}U1,province,C1,2025-01-12,900,90\n".encode()

    assert places(files) == [("upstream_awards.csv", 2, "programme", "upstream.named_twice")]


FILES: list[tuple[str, str, list[tuple[int, str, str]]]] = [
    (
        "upstream_awards.csv",
        UPSTREAM + "U1,province,C1,2025-01-12,900,90\nU1,province,C9,2025-01-12,900,90",
        [(3, "contract_id", "reference.unknown"), (3, "upstream_award_id", "row.repeated")],
    ),
    (
        "upstream_awards.csv",
        UPSTREAM + "U1,province,C1,2025-01-12,900,90\nU2,province,C1,2025-01-12,900,90",
        [(3, "contract_id", "upstream.twice")],
    ),
    (
        "upstream_awards.csv",
        UPSTREAM + "U1,province,C1,2025-01-13,900,90",
        [(2, "decided_on", "upstream.other_day")],
    ),
    (
        "upstream_awards.csv",
        UPSTREAM + "U1,Province,C1,2025-01-12,0,",
        [
            (2, "cost_yuan", "money.zero"),
            (2, "programme", "word.form"),
            (2, "support_yuan", "cell.blank"),
        ],
    ),
    (
        "reports.csv",
        "contract_id,accepted_on\nC1,2025-03-01\nC1,2025-03-01\nC7,2026-01-01",
        [
            (3, "accepted_on", "row.repeated"),
            (4, "accepted_on", "day.outside_programme"),
            (4, "contract_id", "reference.unknown"),
        ],
    ),
    (
        "extensions.csv",
        "contract_id,granted_on\nC7,2024-12-31",
        [
            (2, "contract_id", "reference.unknown"),
            (2, "granted_on", "day.outside_programme"),
        ],
    ),
]


@pytest.mark.parametrize(("file", "text", "expected"), FILES)
def test_a_mistake_in_a_new_file_is_named_at_its_place(
    file: str, text: str, expected: list[tuple[int, str, str]]
) -> None:
    found = places(with_file(file, text))

    assert found == [(file, line, column, code) for line, column, code in expected]


def test_a_column_of_another_unit_is_unknown_and_named_as_it_stands() -> None:
    files = {**in_unit(Unit.EUR), "contracts.csv": sound_folder()["contracts.csv"]}

    (problem, *others) = problems(files)

    assert (problem.file, problem.line, problem.column, problem.code) == (
        "contracts.csv",
        1,
        "compute_yuan",
        "column.unknown",
    )
    assert problem.message == 'Column "compute_yuan" is not known.'
    assert [other.column for other in others] == ["compute_eur"]


def test_a_mistake_in_another_unit_names_the_files_own_column() -> None:
    files = in_unit(Unit.CARD_HOUR)
    files["contracts.csv"] = files["contracts.csv"].replace(b"120000.00", b"0.001")

    (problem,) = problems(files)

    assert (problem.column, problem.code) == ("compute_card_hours", "money.decimals")
    assert "yuan" not in f"{problem.message} {problem.todo}"


def test_rules_that_nobody_names_are_a_problem() -> None:
    files = with_file("scheme.toml", 'id = "cn/here/2025"')

    assert places(files) == [("scheme.toml", None, None, "scheme.unused")]
    programme = files["programme.toml"].replace(b'"cn/beijing/2023"', b'"scheme.toml"')
    assert places({**files, "programme.toml": programme}) == []


def test_a_unit_and_a_seed_are_checked_in_the_programme() -> None:
    files = sound_folder()
    text = files["programme.toml"].decode()
    changed = text.replace('unit = "CNY"', 'unit = "YUAN"\nlottery_seed = " "')

    assert places({**files, "programme.toml": changed.encode()}) == [
        ("programme.toml", 5, "unit", "key.choice"),
        ("programme.toml", 6, "lottery_seed", "cell.blank"),
    ]
