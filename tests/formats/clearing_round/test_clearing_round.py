"""A clearing round's folder: read whole or refused whole, and what was decided written out."""

import sys
import tomllib
from collections.abc import Mapping

import pytest

from evernormal.domain.allocation import Arc, Mechanism, Pool, Request, Round, clear_in_turn
from evernormal.domain.values import Fen
from evernormal.formats.clearing_round import outcome_files, read_round
from evernormal.formats.clearing_round.columns import ROUND_SCHEMA, TABLES
from evernormal.formats.intake.reference import sections_of
from evernormal.formats.problems import InputProblems
from tests.architecture.tree import ROOT

EXAMPLE = ROOT / "examples" / "clearing-2026"
PAGE = (ROOT / "docs" / "reference" / "clearing-round.md").read_text(encoding="utf-8")
TOML = 'id = "W1"\nhours = 24\nmechanism = "FIRST_COME"\n'
POOLS = (
    "pool_id,provider_id,site,device_class,cards,price_yuan_per_card_hour\n"
    "A,P1,Gui'an,910B,16,2.50\nB,P2,Wuhu,A100,8,5.00\n"
)
RESERVED = "pool_id,group,cards\nA,priority,8\n"
REQUESTS = (
    "request_id,applicant_id,number,work,budget_yuan,own_yuan,group,score,earliest_hour,deadline_hour\n"
    "R1,S1,1,1000,100.00,,priority,90,0,\n"
    "R2,S2,2,500,10000.00,50.00,,,2,12\n"
)
ARCS = "request_id,pool_id,speed,gang_cards,cards_max\nR1,A,10,8,16\nR2,A,10,4,8\nR2,B,20,4,8\n"
SOUND: Mapping[str, str] = {
    "round.toml": TOML,
    "pools.csv": POOLS,
    "reserved.csv": RESERVED,
    "requests.csv": REQUESTS,
    "arcs.csv": ARCS,
}
Place = tuple[str, int | None, str | int | None, str]


def folder(**changes: str | None) -> dict[str, bytes]:
    """The sound folder with other texts; None leaves a file out. Names have _ for their dot."""
    texts = dict(SOUND)
    for name, text in changes.items():
        file = name.replace("_", ".")
        if text is None:
            del texts[file]
        else:
            texts[file] = text
    return {name: text.encode() for name, text in texts.items()}


def places(files: Mapping[str, bytes]) -> list[Place]:
    with pytest.raises(InputProblems) as refusal:
        read_round(files)
    return [(p.file, p.line, p.column, p.code) for p in refusal.value.problems]


def test_a_round_is_what_its_folder_says() -> None:
    found = read_round(folder())

    assert found.mechanism is Mechanism.FIRST_COME
    assert found.round == Round(
        "W1",
        24,
        pools=(
            Pool("A", "P1", "Gui'an", "910B", 16, Fen(250), {"priority": 8}),
            Pool("B", "P2", "Wuhu", "A100", 8, Fen(500)),
        ),
        requests=(
            Request(
                "R1",
                "S1",
                (Arc("A", 10, 8, 16),),
                1_000,
                Fen(10_000),
                group="priority",
                score=90,
                number=1,
            ),
            Request(
                "R2",
                "S2",
                (Arc("A", 10, 4, 8), Arc("B", 20, 4, 8)),
                500,
                Fen(1_000_000),
                own=Fen(5_000),
                number=2,
                earliest=2,
                deadline=12,
            ),
        ),
    )


def test_reserved_cards_may_be_left_out() -> None:
    assert read_round(folder(reserved_csv=None)).round.pools[0].reserved == {}


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"round_toml": None}, [("round.toml", None, None, "file.missing")]),
        ({"arcs_csv": None}, [("arcs.csv", None, None, "file.missing")]),
        ({"round_toml": "hours = "}, [("round.toml", 1, None, "toml.syntax")]),
        (
            {"round_toml": TOML.replace("FIRST_COME", "BY_FRIENDS")},
            [("round.toml", 3, "mechanism", "key.choice")],
        ),
        (
            {"round_toml": TOML.replace("FIRST_COME", "LOTTERY")},
            [("round.toml", 3, "seed", "round.no_seed")],
        ),
        (
            {"round_toml": TOML + "tiers = [1, 5]\n"},
            [("round.toml", 4, "tiers", "round.tiers_order")],
        ),
        ({"arcs_csv": ARCS + "R9,A,1,1,1\n"}, [("arcs.csv", 5, "request_id", "reference.unknown")]),
        ({"arcs_csv": ARCS + "R1,C,1,1,1\n"}, [("arcs.csv", 5, "pool_id", "reference.unknown")]),
        (
            {"arcs_csv": ARCS.replace("R2,B,20,4,8", "R2,B,20,4,9")},
            [("arcs.csv", 4, "cards_max", "order.part_of_a_gang")],
        ),
        (
            {"reserved_csv": RESERVED + "A,public,9\n"},
            [("reserved.csv", 3, "cards", "round.over_reserved")],
        ),
        (
            {"requests_csv": REQUESTS.replace("R2,S2,2", "R2,S2,1")},
            [("requests.csv", 3, "number", "row.repeated")],
        ),
        (
            {"requests_csv": REQUESTS.replace("2,12\n", "2,25\n")},
            [("requests.csv", 3, "deadline_hour", "round.after_its_end")],
        ),
        (
            {"requests_csv": REQUESTS.replace("2,12\n", "12,12\n")},
            [("requests.csv", 3, "earliest_hour", "round.no_hour")],
        ),
    ],
)
def test_every_mistake_is_told_with_its_place(
    changes: dict[str, str | None], found: list[Place]
) -> None:
    assert places(folder(**changes)) == found


def test_a_file_that_is_no_text_is_one_mistake() -> None:
    files = {**folder(), "pools.csv": b"pool_id\xff\n"}

    assert [file for file, _, _, _ in places(files)] == ["pools.csv"]


def test_what_was_decided_is_written_in_rows() -> None:
    round_ = read_round(folder()).round

    files = outcome_files(round_, clear_in_turn(round_, Mechanism.FIRST_COME))

    # 100 yuan pay 40 card-hours: two hours of 16 cards, and one more of eight, of 1,000 units 400.
    assert files["grants.csv"].decode().splitlines()[:2] == [
        "request_id,pool_id,cards,starts_hour,ends_hour,card_hours",
        "R1,A,16,0,2,32",
    ]
    result = files["results.csv"].decode().splitlines()[1]
    assert result == "R1,S1,40,400,600,100.00,BUDGET,A"
    assert files["prices.csv"].decode().splitlines()[1].startswith("A,910B,16,2.50,,")


def test_the_page_has_the_columns_and_keys_that_the_reader_uses() -> None:
    assert sections_of(TABLES) in PAGE
    shown = tomllib.loads(PAGE.split("```toml\n")[1].split("```")[0])
    assert shown.keys() == ROUND_SCHEMA["properties"].keys()


def test_the_shipped_round_is_what_its_generator_writes() -> None:
    sys.path.insert(0, str(EXAMPLE))
    try:
        import make_round  # type: ignore[import-not-found]  # noqa: PLC0415 - a script
    finally:
        sys.path.remove(str(EXAMPLE))

    for name, data in make_round.files().items():
        assert (EXAMPLE / name).read_bytes() == data, name
