"""The limit of a durable write, and who else uses the machine."""

import os
import time
from pathlib import Path
from types import TracebackType
from typing import Self


class Disk:
    """A file to which bytes are appended and synced."""

    def __init__(self, folder: Path) -> None:
        """Start with an empty file."""
        self._path = folder / "limit"
        self._file = os.open(self._path, os.O_CREAT | os.O_WRONLY | os.O_APPEND | os.O_TRUNC)
        self._bytes = os.urandom(1 << 21)

    def __enter__(self) -> Self:
        """Use it until the end of the block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take the file away."""
        os.close(self._file)
        self._path.unlink()

    def seconds(self, size: int) -> float:
        """How long it takes to append some bytes and sync them."""
        begin = time.perf_counter()
        os.write(self._file, self._bytes[:size])
        os.fdatasync(self._file)
        return time.perf_counter() - begin


class Load:
    """Who uses the processors, from now until asked."""

    def __init__(self) -> None:
        """Begin to count."""
        self._begin = self._now()

    def _now(self) -> tuple[float, float, float]:
        ticks = [int(word) for word in Path("/proc/stat").read_text().split("\n")[0].split()[1:9]]
        own = sum(os.times()[:2]) * os.sysconf("SC_CLK_TCK")
        return float(sum(ticks)), float(sum(ticks) - ticks[3] - ticks[4]), own

    def told(self) -> str:
        """The shares of this program and of all others, a database server among them."""
        whole, busy, own = (b - a for a, b in zip(self._begin, self._now(), strict=True))
        return f"processors: {own / whole:.2f} here, {(busy - own) / whole:.2f} elsewhere"
