"""How many cards are in use in every hour, kept as the hours at which the number changes."""

from bisect import bisect_left, bisect_right

FOREVER = 1 << 62
"""An hour that no calendar reaches."""


class Profile:
    """Cards in use from each change to the next: none before the first, none after the last."""

    def __init__(self) -> None:
        """Start with nothing in use."""
        self._at: list[int] = [-FOREVER, FOREVER]
        self._used: list[int] = [0, 0]

    def add(self, cards: int, *, starts: int, ends: int) -> None:
        """Use more cards, or fewer (cards < 0), in each hour from `starts` to before `ends`."""
        first, end = self._cut(starts), self._cut(ends)
        for place in range(first, end):
            self._used[place] += cards
        for place in (end, first):
            if self._used[place] == self._used[place - 1]:
                del self._at[place], self._used[place]

    def most(self, *, starts: int, ends: int) -> int:
        """The most cards in use in any hour from `starts` to before `ends`."""
        first = bisect_right(self._at, starts) - 1
        return max(self._used[first : max(bisect_left(self._at, ends), first + 1)])

    def between(self, *, starts: int, ends: int) -> list[tuple[int, int, int]]:
        """(starts, ends, cards in use) of every stretch from `starts` to before `ends`."""
        first = bisect_right(self._at, starts) - 1
        end = bisect_left(self._at, ends)
        return [
            (max(self._at[n], starts), min(self._at[n + 1], ends), self._used[n])
            for n in range(first, end)
        ]

    def first_gap(self, hours: int, *, most: int, not_before: int, ends: int) -> int | None:
        """The first hour from which no more than `most` cards are in use for so many hours.

        most        cards that may be in use, >= 0
        ends        hour by which the gap is over
        returns     None where there is no such gap
        """
        start, place = not_before, bisect_right(self._at, not_before) - 1
        at, used = self._at, self._used
        while start + hours <= ends:
            if used[place] > most:
                start = at[place + 1]
            elif at[place + 1] >= start + hours:
                return start
            place += 1
        return None

    def _cut(self, hour: int) -> int:
        """The place of the change at an hour; one is put there if there is none."""
        place = bisect_left(self._at, hour)
        if self._at[place] != hour:
            self._at.insert(place, hour)
            self._used.insert(place, self._used[place - 1])
        return place
