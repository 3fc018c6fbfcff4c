"""Sharing a whole number in proportion."""

from collections.abc import Sequence


def pro_rata(asked: Sequence[int], capacity: int) -> list[int]:
    """Cut requests to a shared capacity, in proportion. Ties go to the earlier row.

    asked     [n], capacity: the same unit (fen, card-seconds, cards), >= 0
    returns   [n]: each <= asked, together min(capacity, sum(asked))
    source    Hamilton (largest remainder) apportionment
    """
    whole = max(sum(asked), capacity, 1)
    granted = [a * capacity // whole for a in asked]
    spare = min(capacity, sum(asked)) - sum(granted)
    by_remainder = sorted(range(len(asked)), key=lambda i: -(asked[i] * capacity % whole))
    for i in by_remainder[:spare]:
        granted[i] += 1
    return granted
