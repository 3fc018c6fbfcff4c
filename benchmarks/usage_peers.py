"""Two other systems' ways from a reading to what they keep of it, each in its own environment.

    .venv/bin/python benchmarks/usage_peers.py [records] [rounds]

They are no dependencies: each is installed from the package registry into var/peers, by its exact
version, and runs there as a program of its own (benchmarks/peers/). What they do is less than what
we measure of ourselves: see those two files. OpenMeter is not here: its server is a Go program with
Kafka, ClickHouse, Redis and PostgreSQL beside it, and what the Python registry has under that name
is the client of such a server; Waldur is not on the registry at all.
"""

import json
import os
import subprocess
import sys
import tempfile
import venv
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ENVIRONMENTS = Path("var/peers")
_PROGRAMS = Path(__file__).with_name("peers")


@dataclass(frozen=True, slots=True)
class Rate:
    """What a peer took for each record, in seconds, at its median round.

    orders   how many orders of ours its 1,000 records are like
    """

    name: str
    orders: int
    wall: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Peer:
    """A system of the registry."""

    name: str
    requirement: str
    program: str
    orders: int

    def install(self) -> Path:
        """Its interpreter, after installing it where that was not done before.

        raises   CalledProcessError
        """
        folder = ENVIRONMENTS / self.requirement
        python = folder / "bin" / "python"
        done = folder / "installed"
        if not done.exists():
            venv.create(folder, with_pip=True, clear=True)
            quiet = ["-m", "pip", "install", "-q", "--disable-pip-version-check"]
            _run([str(python), *quiet, self.requirement])
            done.touch()
        return python.absolute()

    def measure(self, records: int, rounds: int) -> list[Rate]:
        """Install it and run its program; one rate for each kind of work it tells of.

        raises   OSError, CalledProcessError
        """
        python = self.install()
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "env").write_text(
                "DEBUG=True\nSECRET_KEY=benchmark\nPLUGIN_API=True\n", encoding="ascii"
            )
            command = [str(python), str(_PROGRAMS.absolute() / self.program), str(records)]
            said = _run([*command, str(rounds)], folder=folder)
        lines = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
        return [
            Rate(
                f"{self.name}{kind}",
                self.orders,
                wall=median(line["wall"] / line["records"] for line in lines if line["of"] == kind),
                cpu=median(line["cpu"] / line["records"] for line in lines if line["of"] == kind),
            )
            for kind in dict.fromkeys(line["of"] for line in lines)
        ]


PEERS = (
    Peer("coldfront", "coldfront==1.1.10", "coldfront_usage.py", orders=1_000),
    Peer("cloudkitty", "cloudkitty==25.0.0", "cloudkitty_usage.py", orders=1),
)


def measure_peers(records: int, rounds: int) -> list[Rate]:
    """Every peer that can be had; one that cannot is said and left out."""
    found: list[Rate] = []
    for peer in PEERS:
        try:
            rates = peer.measure(records, rounds)
        except (OSError, subprocess.CalledProcessError) as failed:
            why = getattr(failed, "stderr", "") or str(failed)
            print(f"{peer.name}: left out, because it failed: {why.strip().splitlines()[-1]}")
            continue
        for rate in rates:
            print(
                f"{rate.name} records_per_second={1 / rate.wall:,.0f} "
                f"cpu_ms_per_record={rate.cpu * 1e3:.3f}",
                flush=True,
            )
        found += rates
    return found


def _run(command: list[str], *, folder: str | None = None) -> str:
    settings = {**os.environ, "COLDFRONT_ENV": f"{folder}/env"}
    settings.pop("DJANGO_SETTINGS_MODULE", None)  # ours names our settings, not theirs
    done = subprocess.run(  # noqa: S603 - our own programs in environments we made
        command, check=True, capture_output=True, text=True, cwd=folder, env=settings
    )
    return done.stdout


def main() -> None:
    """Measure them alone."""
    records = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3  # noqa: PLR2004 - the second argument
    measure_peers(records, rounds)


if __name__ == "__main__":
    main()
