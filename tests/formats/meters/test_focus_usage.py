"""Use in FOCUS tables: what was consumed, to the card-second, once."""

import csv
import io
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evernormal.formats.meters import FocusTable, MeterReadings, Reading, read_focus_usage

USUAL = {
    "BilledCost": "12.5",
    "ChargeCategory": "Usage",
    "ChargeClass": "",
    "ChargePeriodStart": "2026-03-01T00:00:00Z",
    "ChargePeriodEnd": "2026-03-01T01:00:00Z",
    "CommitmentDiscountStatus": "",
    "ConsumedQuantity": "8",
    "ConsumedUnit": "GPU-Hours",
    "ResourceId": "i-1",
    "SkuId": "gpu-a100",
    "SkuPriceDetails": "",
    "SubAccountId": "firm",
    "x_CardType": "",
    "x_GpuCount": "",
    "x_Revision": "",
}
START = datetime(2026, 3, 1, tzinfo=UTC)
READING = Reading(
    line=2,
    cluster="zone-1",
    job="i-1",
    account="firm",
    card_type="gpu-a100",
    cards=8,
    starts_at=START,
    ends_at=START + timedelta(hours=1),
    state="USAGE",
    is_final=True,
)


def read(
    *rows: dict[str, str], card_types: frozenset[str] = frozenset(), drop: str = ""
) -> MeterReadings:
    out = io.StringIO(newline="")
    names = [name for name in USUAL if name != drop]
    writer = csv.DictWriter(out, names, extrasaction="ignore")
    writer.writeheader()
    writer.writerows({**USUAL, **row} for row in rows)
    return read_focus_usage(out.getvalue(), FocusTable("f.csv", "zone-1", card_types))


def card_seconds(found: MeterReadings) -> int:
    second = timedelta(seconds=1)
    return sum(r.cards * ((r.ends_at - r.starts_at) // second) for r in found.readings)


def test_card_hours_of_a_period_are_cards_over_it() -> None:
    assert read({}) == MeterReadings((READING,), 0, ())


@pytest.mark.parametrize(
    ("cells", "seconds"),
    [
        ({"ConsumedUnit": "GPU-Hours"}, 8 * 3600),
        ({"ConsumedUnit": "Card Hours"}, 8 * 3600),
        ({"ConsumedUnit": "GPU-Seconds"}, 8),
        ({"ConsumedUnit": "Hours", "x_GpuCount": "4"}, 32 * 3600),
        ({"ConsumedUnit": "Hours", "SkuPriceDetails": '{"GpuCount": 2}'}, 16 * 3600),
        ({"ConsumedUnit": "Hours", "x_CardType": "named"}, 8 * 3600),
        ({"ConsumedUnit": "Hours", "SkuPriceDetails": '{"CoreCount": 2}'}, 0),
        ({"ConsumedUnit": "Hours", "x_GpuCount": "0", "SkuId": "named"}, 0),
        ({"ConsumedUnit": "Hours"}, 0),
        ({"ConsumedUnit": "GB-Hours"}, 0),
        ({"ConsumedQuantity": "0"}, 0),
        ({"ChargeCategory": "Purchase", "ConsumedQuantity": ""}, 0),
        ({"CommitmentDiscountStatus": "Unused", "ConsumedQuantity": ""}, 0),
        ({"ChargeClass": "Correction", "ConsumedQuantity": ""}, 0),
    ],
)
def test_only_what_cards_were_used_counts(cells: dict[str, str], seconds: int) -> None:
    found = read(cells, card_types=frozenset({"named"}))
    assert (card_seconds(found), found.problems) == (seconds, ())
    assert found.without_cards == (0 if seconds else 1)


@given(quantities=st.lists(st.integers(1, 40_000), min_size=1, max_size=6))
def test_rows_of_one_use_come_to_their_sum_to_the_second(quantities: list[int]) -> None:
    """A part under a commitment and a part beyond it are one use, not two of the same key."""
    rows = [{"ConsumedQuantity": str(n), "ConsumedUnit": "GPU-Seconds"} for n in quantities]
    found = read(*rows)

    assert card_seconds(found) == sum(quantities)
    assert len({(r.job, r.card_type, r.starts_at) for r in found.readings}) == len(found.readings)
    assert all(START <= r.starts_at <= r.ends_at <= READING.ends_at for r in found.readings)


def test_what_is_no_whole_number_of_cards_is_one_card_for_the_rest_of_it() -> None:
    found = read({"ConsumedQuantity": "2.5"})
    assert [(r.job, r.cards, r.ends_at - r.starts_at) for r in found.readings] == [
        ("i-1", 2, timedelta(hours=1)),
        ("i-1#rest", 1, timedelta(minutes=30)),
    ]


def test_a_correction_is_added_and_says_what_both_parts_are_now() -> None:
    found = read(
        {"ConsumedQuantity": "2.5"},
        {"ConsumedQuantity": "-1.5", "ChargeClass": "Correction", "x_Revision": "1"},
    )
    assert [(r.job, r.cards, r.revision) for r in found.readings] == [
        ("i-1", 1, 1),
        ("i-1#rest", 0, 1),
    ]
    assert card_seconds(found) == 3600


@pytest.mark.parametrize(
    ("cells", "column", "code"),
    [
        ({"ConsumedQuantity": "0.0001"}, "ConsumedQuantity", "focus.part_of_a_second"),
        ({"ConsumedQuantity": "-1"}, "ConsumedQuantity", "focus.quantity"),
        ({"ConsumedQuantity": "9e18"}, "ConsumedQuantity", "focus.quantity"),
        ({"ConsumedQuantity": "eight"}, "ConsumedQuantity", "focus.quantity"),
        ({"ConsumedQuantity": ""}, "ConsumedQuantity", "focus.quantity"),
        ({"ChargeClass": "Correction"}, "ConsumedQuantity", "focus.correction_alone"),
        ({"ChargePeriodEnd": "2026-03-01T00:00:00Z"}, "ChargePeriodEnd", "focus.period"),
        ({"ChargePeriodStart": "2026-03-01 00:00:00"}, "ChargePeriodStart", "focus.time"),
        ({"ChargePeriodStart": "March"}, "ChargePeriodStart", "focus.time"),
        ({"ResourceId": ""}, "ResourceId", "cell.blank"),
        ({"SubAccountId": "null"}, "SubAccountId", "cell.blank"),
        ({"x_Revision": "first"}, "x_Revision", "focus.count"),
        ({"ConsumedUnit": "Hours", "SkuPriceDetails": "{"}, "SkuPriceDetails", "json.syntax"),
        (
            {"ConsumedUnit": "Hours", "SkuPriceDetails": '{"GpuCount": -1}'},
            "SkuPriceDetails",
            "focus.cards",
        ),
    ],
)
def test_a_row_that_cannot_be_read_is_a_problem_and_stops_no_other(
    cells: dict[str, str], column: str, code: str
) -> None:
    found = read({**cells, "ResourceId": cells.get("ResourceId", "i-2")}, {})
    assert [(r.job, r.line) for r in found.readings] == [("i-1", 3)]
    assert [(p.line, p.column, p.code) for p in found.problems] == [(2, column, code)]


def test_one_use_has_one_account() -> None:
    found = read({}, {"SubAccountId": "other"})
    assert [(p.line, p.code) for p in found.problems] == [(3, "focus.account")]
    assert found.readings == (READING,)


def test_a_table_without_its_columns_is_one_problem() -> None:
    assert [p.code for p in read({}, drop="ConsumedUnit").problems] == ["focus.columns"]
    table = FocusTable("f.csv", "z")
    assert [p.code for p in read_focus_usage("", table).problems] == ["csv.empty"]
    assert [p.code for p in read_focus_usage('"', table).problems] == ["csv.quoting", "csv.empty"]
    header = ",".join(USUAL)
    (problem,) = read_focus_usage(f"{header}\na,b\n", table).problems
    assert (problem.line, problem.code) == (2, "csv.field_count")


def test_an_hour_in_thirds_is_exact() -> None:
    found = read({"ConsumedQuantity": "0.333333333333333333"})
    assert [p.code for p in found.problems] == ["focus.part_of_a_second"]
    third = str(Fraction(1200))
    assert card_seconds(read({"ConsumedQuantity": third, "ConsumedUnit": "GPU-Seconds"})) == 1200
