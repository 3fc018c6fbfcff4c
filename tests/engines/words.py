"""The few words, places, days and amounts that generated rules and cases share."""

from datetime import date

from hypothesis.strategies import integers, one_of, sampled_from

WORDS = ["alpha", "beta", "gamma"]
PLACES = ["110000", "110101", "450100", "330106"]
PREFIXES = ["11", "1101", "45", "330106", "9"]
DAYS = [
    date(2019, 2, 28),
    date(2020, 2, 28),
    date(2020, 2, 29),
    date(2020, 3, 1),
    date(2023, 2, 28),
    date(2023, 3, 1),
    date(2024, 1, 31),
    date(2024, 2, 29),
    date(2024, 12, 31),
    date(2025, 1, 1),
    date(2026, 1, 30),
    date(2026, 1, 31),
]
BOUNDS = [0, 1, 50, 99, 100, 101, 150, 1_000, 12_345, 10**6, 333_333_333]
FEN = one_of(sampled_from([-100, -1, *BOUNDS]), integers(-10, 400), integers(-1_000, 10**9))
FEN_HUGE = one_of(
    FEN, sampled_from([10**12, 10**15, 2**53 + 1, 2**62, -(2**62), 2**63 - 1, -(2**63)])
)
