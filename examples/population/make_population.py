"""Write population.csv: about a year's applications of a city that does not exist.

    python examples/population/make_population.py

Every figure is ranked by a hash of what it belongs to: nothing is drawn, so the same command writes
the same bytes on any machine. `--place` and `--year` move the city, to try another scheme on it.
"""

import argparse
import csv
import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
APPLICATIONS: Final = 1_000
PARTS: Final = 1_000_000
"""Hashes are ranked in millionths."""

WHO: Final = ("application", "firm", "group", "provider", "contract", "applied_on")
FIRM: Final = (
    *("applicant_type", "size", "founded_on", "staff", "revenue", "place"),
    *("sectors", "filings", "traits", "last_dishonesty_on"),
)
FACILITY: Final = (
    *("provider_listed", "provider_connected", "provider_place", "facility", "scale.pflops"),
    *("shared_owner", "device_origin"),
)
CONTRACT: Final = (
    *("signed_on", "term.first", "term.last"),
    *("cost.COMPUTE", "cost.STORAGE", "cost.NETWORK", "cost.MODEL_SERVICE"),
    *("use", "service", "route", "upstream", "documents", "other_support", "score"),
)
COLUMNS: Final = (*WHO, *FIRM, *FACILITY, *CONTRACT)

LIMIT_YUAN: Final = 500_000
"""Firms that know of a limit stop short of it, or at it."""

START_UP_DAYS: Final = 5 * 365

SIZES: Final = (("MICRO", 30), ("SMALL", 40), ("MEDIUM", 20), ("LARGE", 10))
MEDIAN_YUAN: Final = {"MICRO": 140_000, "SMALL": 380_000, "MEDIUM": 1_000_000, "LARGE": 3_200_000}
"""The cost of the middle contract by size of firm."""

TAIL: Final = ((0, 4), (10, 22), (50, 100), (80, 270), (95, 900), (99, 2_600), (100, 9_000))
"""Cost in percent of the median, by percent of the contracts that cost less: a heavy tail."""

STAFF: Final = {"MICRO": (2, 9), "SMALL": (10, 99), "MEDIUM": (100, 299), "LARGE": (300, 6_000)}
REVENUE_PER_HEAD: Final = (180_000, 900_000)
CONTRACTS: Final = ((1, 52), (2, 22), (3, 10), (4, 6), (6, 5), (9, 3), (14, 2))
MONTHS: Final = (5, 4, 9, 10, 11, 10, 8, 7, 9, 8, 10, 9)
"""Share of the applications by month, in percent: few around the new year."""

SECTORS: Final = (("software", 40), ("manufacturing", 20), ("health", 12), ("education", 8))
USES: Final = (("TRAINING", 40), ("FINE_TUNING", 22), ("INFERENCE", 30), ("TESTING", 5))
TERMS: Final = ((12, 50), (6, 22), (3, 12), (9, 8), (24, 5), (18, 3))


@dataclass(frozen=True, slots=True)
class Facility:
    """A provider's facility: its PFLOPS, and of what origin its cards are, in percent.

    standing  LISTED, CONNECTED, both or neither
    weight    its share of the contracts, in percent
    """

    provider: str
    kind: str
    standing: int
    pflops: int
    domestic: int
    foreign: int
    weight: int


LISTED, CONNECTED = 1, 2
FACILITIES: Final = (
    Facility("P01", "ai_centre", LISTED | CONNECTED, 1_200, 95, 0, 22),
    Facility("P02", "ai_centre", LISTED | CONNECTED, 640, 80, 10, 16),
    Facility("P03", "data_centre", LISTED | CONNECTED, 900, 20, 70, 15),
    Facility("P04", "data_centre", LISTED, 480, 10, 80, 11),
    Facility("P05", "supercomputer", LISTED | CONNECTED, 300, 60, 30, 8),
    Facility("P06", "data_centre", LISTED, 220, 35, 45, 7),
    Facility("P07", "ai_centre", LISTED | CONNECTED, 160, 90, 5, 6),
    Facility("P08", "data_centre", LISTED, 110, 5, 85, 5),
    Facility("P09", "data_centre", LISTED, 60, 40, 30, 4),
    Facility("P10", "data_centre", 0, 90, 25, 60, 3),
    Facility("P11", "ai_centre", CONNECTED, 40, 70, 10, 2),
    Facility("P12", "data_centre", LISTED, 24, 50, 20, 1),
)


def rank(*words: object) -> int:
    """The place of what the words name among all that could be named so, in millionths."""
    text = "/".join(str(word) for word in words)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) * PARTS >> 64


def pick(weighted: Sequence[tuple[str, int]] | Sequence[tuple[int, int]], *words: object) -> object:
    """One of the words, each as often as its weight; the last where the weights end below 100."""
    whole = max(sum(weight for _, weight in weighted), 100)
    place, reached = rank(*words) * whole // PARTS, 0
    for word, weight in weighted:
        reached += weight
        if place < reached:
            return word
    return weighted[-1][0]


def is_one_of(percent: int, *words: object) -> bool:
    """Whether the words name one of so many in a hundred."""
    return rank(*words) * 100 < percent * PARTS


def between(low: int, high: int, *words: object) -> int:
    """A whole number from low to high, both in."""
    return low + rank(*words) * (high - low + 1) // PARTS


def cost_yuan(size: str, *words: object) -> int:
    """A contract's cost: the middle one's, times where it stands in the tail."""
    place = rank("cost", *words)
    for (low, first), (high, last) in pairwise(TAIL):
        if place * 100 < high * PARTS:
            along, across = place * 100 - low * PARTS, (high - low) * PARTS
            percent = first * across + (last - first) * along
            return MEDIAN_YUAN[size] * percent // (100 * across)
    raise AssertionError(place)


@dataclass(frozen=True, slots=True)
class City:
    """Where and when the population lives."""

    place: str
    year: int


def firm_cells(number: int, city: City) -> dict[str, object]:
    """What is the same in every application of a firm."""
    firm = f"F{number:04d}"
    size = str(pick(SIZES, "size", firm))
    low, high = STAFF[size]
    staff = between(low, high, "staff", firm)
    kind = "ENTERPRISE"
    if is_one_of(6, "kind", firm):
        kind = str(pick((("UNIVERSITY", 40), ("INSTITUTE", 40), ("MAKER_TEAM", 20)), "k", firm))
    age_days = between(60, 1_500 if size in {"MICRO", "SMALL"} else 7_000, "age", firm)
    is_start_up = size in {"MICRO", "SMALL"} and age_days < START_UP_DAYS
    dishonest_on = date(city.year, 1, 1) - timedelta(between(30, 2_400, "when", firm))
    return {
        "firm": firm,
        "group": f"G{between(1, 12, 'which', firm):02d}" if is_one_of(7, "group", firm) else "",
        "applicant_type": kind,
        "size": size,
        "founded_on": date(city.year, 1, 1) - timedelta(age_days),
        "staff": staff,
        "revenue": staff * between(*REVENUE_PER_HEAD, "revenue", firm),
        "place": "000000" if is_one_of(4, "away", firm) else own_place(city, "place", firm),
        "sectors": pick(SECTORS, "sector", firm),
        "filings": "generative_model" if is_one_of(9, "filing", firm) else "",
        "traits": "start_up" if is_start_up else "",
        "last_dishonesty_on": dishonest_on if is_one_of(2, "dishonest", firm) else "",
    }


def own_place(city: City, *words: object) -> str:
    """One of the city's districts."""
    district = between(1, 12, *words)
    return (city.place + f"{district:02d}")[:6].ljust(6, "0")


def facility_cells(key: str, city: City) -> dict[str, object]:
    """Where an application's compute comes from."""
    names = [(facility.provider, facility.weight) for facility in FACILITIES]
    provider = pick(names, "provider", key)
    found = next(f for f in FACILITIES if f.provider == provider)
    origins = (("DOMESTIC", found.domestic), ("FOREIGN", found.foreign), ("UNDECLARED", 0))
    return {
        "provider": found.provider,
        "provider_listed": "yes" if found.standing & LISTED else "no",
        "provider_connected": "yes" if found.standing & CONNECTED else "no",
        "provider_place": own_place(city, "site", found.provider),
        "facility": found.kind,
        "scale.pflops": found.pflops,
        "shared_owner": "yes" if is_one_of(1, "related", key) else "no",
        "device_origin": pick(origins, "origin", key),
    }


def contract_cells(key: str, firm: Mapping[str, object], city: City) -> dict[str, object]:
    """What an application is about, and what it costs."""
    month = int(str(pick([(m, share) for m, share in enumerate(MONTHS, 1)], "month", key)))
    applied_on = date(city.year, month, between(1, 28, "day", key))
    starts_on = applied_on - timedelta(between(-20, 40, "start", key))
    months = int(str(pick(TERMS, "term", key)))
    size = str(firm["size"])
    yuan = cost_yuan(size, key)
    if size != "LARGE" and is_one_of(7, "bunched", key):
        yuan = LIMIT_YUAN - between(0, 3, "short", key) * between(0, 4_000, "by", key)
    is_model = is_one_of(15, "model", key)
    fen = between(0, 99, "fen", key)
    is_matched = is_one_of(5, "matched", key)
    return {
        "applied_on": applied_on,
        "signed_on": starts_on - timedelta(between(0, 30, "signed", key)),
        "term.first": starts_on,
        "term.last": starts_on + timedelta(months * 365 // 12 - 1),
        "cost.COMPUTE": "" if is_model else f"{yuan}.{0 if yuan == LIMIT_YUAN else fen:02d}",
        "cost.MODEL_SERVICE": f"{yuan}.{fen:02d}" if is_model else "",
        "cost.STORAGE": yuan * between(2, 9, "disk", key) // 100 if is_one_of(45, "s", key) else "",
        "cost.NETWORK": yuan * between(1, 4, "wire", key) // 100 if is_one_of(30, "n", key) else "",
        "use": pick((*USES, ("OTHER", 3)), "use", key),
        "service": "MODEL_SERVICE" if is_model else "COMPUTE",
        "route": "MATCHED" if is_matched else "APPLIED",
        "upstream": "national_voucher" if is_matched else "",
        "documents": "contract;invoice;payment_proof"
        if is_one_of(92, "papers", key)
        else "invoice",
        "other_support": "yes" if is_one_of(4, "other", key) else "no",
        "score": between(35, 100, "score", key),
    }


def applications(city: City) -> Iterator[dict[str, object]]:
    """Every application, firm by firm, until there are enough."""
    made, number = 0, 0
    while made < APPLICATIONS:
        number += 1
        firm = firm_cells(number, city)
        contracts = int(str(pick(CONTRACTS, "contracts", firm["firm"])))
        for place in range(1, min(contracts, APPLICATIONS - made) + 1):
            key = f"{firm['firm']}-{place:02d}"
            made += 1
            yield {
                "contract": f"C-{key}",
                **firm,
                **facility_cells(key, city),
                **contract_cells(key, firm, city),
            }


def written(city: City) -> bytes:
    """The file, in order of days of application."""
    rows = sorted(applications(city), key=lambda row: (str(row["applied_on"]), row["contract"]))
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for number, row in enumerate(rows, start=1):
        writer.writerow({"application": f"A{number:04d}", **row})
    return text.getvalue().encode("utf-8")


def main() -> None:
    """Write the file beside this one, or where `--out` says."""
    parser = argparse.ArgumentParser(description="Write a population of fictional applications.")
    parser.add_argument("--place", default="3301", help="leading digits of the city's code")
    parser.add_argument("--year", type=int, default=2026, help="calendar year of application")
    parser.add_argument("--out", type=Path, default=HERE / "population.csv")
    given = parser.parse_args()
    given.out.write_bytes(written(City(given.place, given.year)))
    print(f"{given.out}: {APPLICATIONS} applications")


if __name__ == "__main__":
    main()
