"""Tables on the screen: names left, figures right, nothing cut off."""

from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from rich.text import Text

from evernormal.cli.screen import console

_GAP = "  "


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table under its title. Without rows nothing is printed.

    A figure is never broken in two, however narrow the screen: lines are as long as they are.
    """
    lines = [tuple(columns), *(tuple(row) for row in rows)]
    if len(lines) == 1:
        return
    widths = [max(cell_len(line[place]) for line in lines) for place in range(len(columns))]
    console.print()
    console.print(Text(title, style="bold"))
    for number, line in enumerate(lines):
        cells = [
            _padded(cell, width, is_name=place == 0)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        console.print(Text(_GAP.join(cells).rstrip(), style="" if number else "dim"))


def _padded(cell: str, width: int, *, is_name: bool) -> str:
    blanks = " " * (width - cell_len(cell))
    return cell + blanks if is_name else blanks + cell
