"""How fast a table of cases is assessed, beside three other ways, and whether they all agree.

    .venv/bin/python benchmarks/entitlement.py [rows] [rounds]

twin       evernormal.engines.entitlement on generated rows (default a million), under each scheme
plain      evernormal.domain.award.assess on a sample of the same rows
hand       the rules of Beijing 2023 written by hand in NumPy, as well as we can; it says neither
           which rule bound nor which conditions failed, as the twin does
openfisca  the same rules as an OpenFisca country package (entitlement_openfisca.py)

OpenFisca-Core is AGPL, so it is no dependency: it is installed into an environment in a temporary
folder, runs there as a program of its own, and goes with the folder. Every round runs all of them,
one after the other; a ratio is of rates in the same round, the median is printed. What is compared:
amounts and eligibility, of every row; plain is compared on its sample.
"""

import resource
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from functools import partial
from pathlib import Path
from statistics import median

import numpy as np
from numpy.typing import NDArray

from evernormal.domain.award import assess
from evernormal.domain.policy import (
    ApplicantType,
    CapScope,
    CostCategory,
    DeviceOrigin,
    FirmSize,
    Route,
    Scheme,
    Use,
)
from evernormal.engines.entitlement import (
    AssessedColumns,
    CaseColumns,
    WordColumn,
    WordSetColumn,
    assess_columns,
    case_at,
    code_of,
    columns_with,
    request_at,
)
from evernormal.schemes import list_schemes, read_library_scheme

BEIJING = "cn/beijing/2023"
CALLS = {
    BEIJING: (date(2023, 9, 1), date(2025, 12, 31)),
    "cn/hangzhou/2025": (date(2025, 6, 13), date(2026, 6, 12)),
    "cn/nanning/2025": (date(2025, 12, 20), date(2026, 2, 10)),
}
PLACES = ("110105", "110108", "110112", "330106", "330110", "450102", "450103", "310115")
SAMPLE = 5_000
GOALS = {"twin_over_plain": 1_000, "twin_over_hand": 0.5, "twin_over_openfisca": 5}
Outcome = tuple[NDArray[np.int64], NDArray[np.bool_]]


def population(count: int, *, first: date, last: date, seed: int) -> CaseColumns:
    """Rows of which about half are eligible, with contracts up to 20 million yuan."""
    draw = np.random.default_rng(seed)

    def days(low: date, high: date) -> NDArray[np.int32]:
        return draw.integers(low.toordinal(), high.toordinal() + 1, count, dtype=np.int32)

    def codes(*members: Enum) -> NDArray[np.int8]:
        chosen = np.array([code_of(m) for m in members], dtype=np.int8)
        return chosen[draw.integers(0, len(chosen), count)]

    def flags(share: float) -> NDArray[np.bool_]:
        return draw.random(count) < share

    starts_on = days(first - timedelta(200), last)
    lengths = draw.choice(np.array([90, 180, 364, 365, 366, 730], dtype=np.int32), count)
    dishonest = np.where(flags(0.05), days(first - timedelta(2_000), first), 0).astype(np.int32)
    fen = draw.integers(0, 2 * 10**9, (3, count)) // np.array([[1], [8], [20]])
    return columns_with(
        count,
        applied_on=days(first, last),
        signed_on=days(first - timedelta(60), last),
        founded_on=days(date(2005, 1, 1), first),
        last_dishonesty_on=dishonest,
        term_starts_on=starts_on,
        term_ends_on=starts_on + lengths,
        applicant_type=codes(*[ApplicantType.ENTERPRISE] * 9, ApplicantType.UNIVERSITY),
        size=codes(*FirmSize),
        use=codes(Use.TRAINING, Use.FINE_TUNING, Use.INFERENCE, Use.TRAINING, Use.SCIENCE),
        device_origin=codes(DeviceOrigin.DOMESTIC, DeviceOrigin.FOREIGN),
        route=codes(Route.APPLIED, Route.APPLIED, Route.MATCHED),
        place=WordColumn(PLACES, draw.integers(0, len(PLACES), count, dtype=np.int32)),
        provider_place=WordColumn(PLACES, draw.integers(0, len(PLACES), count, dtype=np.int32)),
        filings=WordSetColumn.of_flags(count, generative_model=flags(0.3)),
        is_registered=flags(0.97),
        is_related=flags(0.02),
        has_other_support=flags(0.04),
        awards_on_contract=flags(0.02).astype(np.int64),
        firm_year_cost_before=draw.integers(0, 10**8, count),
        costs=dict(
            zip(
                (CostCategory.COMPUTE, CostCategory.STORAGE, CostCategory.NETWORK), fen, strict=True
            )
        ),
        already={CapScope.FIRM_YEAR: draw.integers(0, 3 * 10**8, count)},
    )


def by_hand(columns: CaseColumns) -> Outcome:
    """Beijing 2023 as one would write it for speed, without a scheme file."""
    places = np.array([place.startswith("11") for place in columns.place.words])
    uses = np.array([use in {Use.TRAINING, Use.FINE_TUNING, Use.INFERENCE} for use in Use])
    applied_from, term_from = int(columns.applied_on.min()), int(columns.term_starts_on.min())
    since = _later(applied_from, int(columns.applied_on.max()), -36, spill=False)
    latest = _later(term_from, int(columns.term_starts_on.max()), 12, spill=True)
    eligible = columns.applicant_type == code_of(ApplicantType.ENTERPRISE)
    eligible &= places[columns.place.codes]
    eligible &= columns.last_dishonesty_on < since[columns.applied_on - applied_from]
    eligible &= columns.is_registered & ~columns.is_related
    eligible &= columns.signed_on >= date(2023, 9, 1).toordinal()
    eligible &= columns.term_ends_on <= latest[columns.term_starts_on - term_from]
    eligible &= columns.awards_on_contract == 0
    eligible &= uses[columns.use]
    eligible &= ~columns.has_other_support
    share = columns.costs[CostCategory.COMPUTE] // 5
    left = np.maximum(2 * 10**8 - columns.already[CapScope.FIRM_YEAR], 0)
    return np.minimum(share, left), eligible


def _later(first: int, last: int, months: int, *, spill: bool) -> NDArray[np.int32]:
    """The day so many months later, for each day from the first to the last."""
    day = (np.arange(first, last + 1) - 719_163).astype("datetime64[D]")
    month = day.astype("datetime64[M]")
    target = (month + months).astype("datetime64[D]")
    length = (month + months + 1).astype("datetime64[D]") - target
    into = day - month.astype("datetime64[D]")
    into = np.minimum(into, length if spill else length - np.timedelta64(1, "D"))
    later: NDArray[np.int32] = ((target + into).astype(np.int64) + 719_163).astype(np.int32)
    return later


def plainly(scheme: Scheme, columns: CaseColumns, rows: range) -> tuple[Outcome, float]:
    """The plain function on some rows, and its seconds without those of making the cases."""
    asked = [(case_at(columns, row), request_at(columns, row)) for row in rows]
    start = time.perf_counter()
    found = [assess(scheme, case=c, request=r, on=c.contract.applied_on) for c, r in asked]
    seconds = time.perf_counter() - start
    amounts = np.array([one.entitlement.amount.amount for one in found], dtype=np.int64)
    return (amounts, np.array([one.is_eligible for one in found])), seconds


def timed(work: Callable[[], Outcome]) -> tuple[Outcome, float]:
    """What the work gives, and its seconds."""
    start = time.perf_counter()
    found = work()
    return found, time.perf_counter() - start


def outcome_of(found: AssessedColumns, count: int | None = None) -> Outcome:
    """Amounts and eligibility, of the first rows or of all."""
    return found.amount[:count], found.is_eligible[:count]


def differing(one: Outcome, other: Outcome) -> int:
    """Rows whose amount or eligibility is not the same."""
    return int(((one[0] != other[0]) | (one[1] != other[1])).sum())


@dataclass(frozen=True)
class OpenFisca:
    """OpenFisca in an environment of its own, with the rows in files beside it."""

    folder: Path

    @property
    def python(self) -> Path:
        """Its own interpreter."""
        return self.folder / "venv" / "bin" / "python"

    def install(self) -> str:
        """Install it; returns its version, or raises CalledProcessError."""
        venv.create(self.folder / "venv", with_pip=True)
        quiet = ["-m", "pip", "install", "-q", "--disable-pip-version-check", "openfisca-core"]
        self._run(*quiet)
        words = "from importlib.metadata import version; print(version('openfisca-core'))"
        return self._run("-c", words).strip()

    def give(self, columns: CaseColumns) -> None:
        """Write the columns that the rules of Beijing read."""
        epoch = np.int64(719_163)
        facts = {
            name: (getattr(columns, name) - epoch).astype("datetime64[D]")
            for name in ("applied_on", "signed_on", "term_starts_on", "term_ends_on")
        }
        facts["last_dishonesty_on"] = (columns.last_dishonesty_on - epoch).astype("datetime64[D]")
        for name in ("is_registered", "is_related", "has_other_support"):
            facts[name] = np.array(getattr(columns, name))
        facts["is_enterprise_code"] = columns.applicant_type.astype(np.int32)
        facts["use_code"] = columns.use.astype(np.int32)
        facts["awards_on_contract"] = columns.awards_on_contract.astype(np.int32)
        places = np.array([int(place) for place in columns.place.words], dtype=np.int32)
        facts["place_code"] = places[columns.place.codes]
        facts["compute_fen"] = columns.costs[CostCategory.COMPUTE].astype(np.int32)
        facts["already_fen"] = columns.already[CapScope.FIRM_YEAR].astype(np.int32)
        np.savez(self.folder / "rows.npz", **facts)

    def assess(self) -> tuple[Outcome, float]:
        """Run the peer once; its own clock, without start-up and reading."""
        script = Path(__file__).with_name("entitlement_openfisca.py")
        seconds = float(self._run(str(script), str(self.folder)))
        with np.load(self.folder / "found.npz") as found:
            return (found["amount"].astype(np.int64), found["eligible"]), seconds

    def _run(self, *arguments: str) -> str:
        command = [str(self.python), *arguments]
        done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
        return done.stdout


def ready_openfisca(folder: Path, columns: CaseColumns) -> OpenFisca | None:
    """The peer, or None when it cannot be had, which is said."""
    peer = OpenFisca(folder)
    try:
        version = peer.install()
    except (OSError, subprocess.CalledProcessError) as failed:
        print(f"openfisca: could not be installed ({failed}), so it is left out")
        return None
    print(f"openfisca: OpenFisca-Core {version}")
    peer.give(columns)
    return peer


def compare(count: int, rounds: int, peer: OpenFisca | None, columns: CaseColumns) -> None:
    """Beijing 2023 by every way, in rounds; prints rates, differences and ratios."""
    scheme, _ = read_library_scheme(BEIJING)
    rates: dict[str, list[float]] = {"twin": [], "plain": [], "hand": []}
    differ: dict[str, int] = {}
    for _ in range(rounds):
        twin, seconds = timed(partial(_outcome_under, scheme, columns))
        rates["twin"].append(count / seconds)
        hand, seconds = timed(partial(by_hand, columns))
        rates["hand"].append(count / seconds)
        differ["hand"] = differing(twin, hand)
        rows = range(min(SAMPLE, count))
        plain, seconds = plainly(scheme, columns, rows)
        rates["plain"].append(len(rows) / seconds)
        differ["plain"] = differing((twin[0][: len(rows)], twin[1][: len(rows)]), plain)
        if peer:
            theirs, seconds = peer.assess()
            rates.setdefault("openfisca", []).append(count / seconds)
            differ["openfisca"] = differing(twin, theirs)
    for name, found_rates in rates.items():
        print(f"{name} rows_per_second={median(found_rates):,.0f}")
    for name, rows_differing in differ.items():
        print(f"twin_and_{name} rows_that_differ={rows_differing}")
    for name in differ:
        ratio = median(t / r for t, r in zip(rates["twin"], rates[name], strict=True))
        print(f"twin_over_{name} ratio={ratio:.3g} goal={GOALS[f'twin_over_{name}']}")
    if any(differ.values()):
        sys.exit("The ways differ: see rows_that_differ.")


def _outcome_under(scheme: Scheme, columns: CaseColumns) -> Outcome:
    return outcome_of(assess_columns(scheme, columns))


def each_scheme(count: int, rounds: int) -> CaseColumns:
    """The twin under each scheme, plain on a sample. Returns the rows of Beijing."""
    beijing = None
    for scheme_id, (first, last) in CALLS.items():
        if scheme_id not in list_schemes():
            print(f"{scheme_id}: not in the library, so it is left out")
            continue
        scheme, _ = read_library_scheme(scheme_id)
        columns = population(count, first=first, last=last, seed=1)
        found = assess_columns(scheme, columns)
        work = partial(_outcome_under, scheme, columns)
        times = [timed(work)[1] for _ in range(rounds)]
        rows = range(min(SAMPLE, count))
        plain, _ = plainly(scheme, columns, rows)
        print(
            f"{scheme_id} rows_per_second={count / median(times):,.0f} "
            f"eligible={found.is_eligible.mean():.2f} fell_back={len(found.fell_back)} "
            f"rows_that_differ={differing(outcome_of(found, len(rows)), plain)}"
        )
        beijing = columns if scheme_id == BEIJING else beijing
    if beijing is None:
        sys.exit(f"{BEIJING} is not in the library.")
    return beijing


def main() -> None:
    """Run it all."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5  # noqa: PLR2004 - the second argument
    load = Path("/proc/loadavg").read_text(encoding="ascii").split()[0]
    print(f"rows={count:,} rounds={rounds} load={load}")
    columns = each_scheme(count, rounds)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"memory_most_mib={memory:,.0f}")
    with tempfile.TemporaryDirectory() as folder:
        peer = ready_openfisca(Path(folder), columns)
        compare(count, rounds, peer, columns)


if __name__ == "__main__":
    main()
