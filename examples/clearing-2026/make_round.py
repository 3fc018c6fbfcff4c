"""Write a week's clearing round of a network of data centres that does not exist.

    python examples/clearing-2026/make_round.py

Who asks for what is ranked by a hash of what it belongs to: nothing is drawn, so the same command
writes the same bytes on any machine. Where a job fits, in which gangs and how fast is asked of the
workload planner, on the device catalogue's figures.
"""

import argparse
import csv
import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from evernormal.catalogue import library_catalogue
from evernormal.catalogue.workloads import library_workloads
from evernormal.domain.allocation import Pool
from evernormal.domain.planning import (
    Job,
    LanguageModel,
    Method,
    ServingJob,
    TrainingJob,
    arcs_for,
    work_of,
)
from evernormal.domain.values import Fen

HERE: Final = Path(__file__).parent
REQUESTS: Final = 200
HOURS: Final = 168
PARTS: Final = 1_000_000
"""Hashes are ranked in millionths."""

POOLS: Final = (
    # id, provider, site, class of card, cards, yuan per card-hour, cards kept for priority firms
    ("guian-910b3", "P1", "Gui'an", "ascend_910b3", 256, "2.50", 32),
    ("guian-910b4", "P1", "Gui'an", "ascend_910b4", 192, "2.10", 0),
    ("ulanqab-910b2", "P2", "Ulanqab", "ascend_910b2", 256, "2.60", 0),
    ("ulanqab-a800", "P2", "Ulanqab", "a800_sxm_80", 96, "5.00", 16),
    ("wuhu-a100", "P3", "Wuhu", "a100_sxm_80", 64, "5.60", 0),
    ("wuhu-h20", "P3", "Wuhu", "h20_sxm", 64, "6.80", 16),
    ("qingyang-910c", "P4", "Qingyang", "ascend_910c", 128, "4.80", 32),
    ("qingyang-h800", "P4", "Qingyang", "h800_sxm", 64, "10.00", 16),
    ("shanghai-l20", "P5", "Shanghai", "l20", 64, "3.20", 0),
    ("shanghai-4090", "P5", "Shanghai", "rtx_4090", 96, "1.60", 0),
    ("shanghai-k100", "P5", "Shanghai", "hygon_k100ai", 96, "2.20", 0),
    ("beijing-c550", "P6", "Beijing", "metax_c550_oam", 64, "3.00", 0),
)
PRIORITY: Final = "priority"
LORA_OF_TEN, FULL_OF_TEN, PRETRAIN_OF_TEN = 4, 2, 1
"""Jobs of each kind in ten; the rest serve a model all week."""
BUDGETS_YUAN: Final = (10_000, 20_000, 30_000, 50_000, 80_000)
"""What a voucher of RMB 1m to 2m, with its co-pay, leaves for a week of the year."""


def main() -> None:
    """Write the files, here or into the folder of `--out`."""
    parser = argparse.ArgumentParser(description="Write a clearing round.")
    parser.add_argument("--out", type=Path, default=HERE)
    out: Path = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    for name, data in files().items():
        (out / name).write_bytes(data)


def files() -> dict[str, bytes]:
    """Every file of the round, by name."""
    devices = {device.id: device for device in library_catalogue().devices}
    workloads = library_workloads()
    pools = [
        Pool(pool_id, provider, site, device_class, cards, Fen.from_yuan(price))
        for pool_id, provider, site, device_class, cards, price, _ in POOLS
    ]
    requests, arcs = [], []
    for number in range(1, REQUESTS + 1):
        request_id = f"R{number:03d}"
        job = _job(request_id, workloads.models)
        cards_max = 8 << _rank("cards", request_id, 4)
        found = arcs_for(job, pools, devices, basis=workloads.basis, cards_max=cards_max)
        arcs += [(request_id, a.pool_id, a.speed, a.gang_cards, a.cards_max) for a in found]
        requests.append((request_id, *_request(request_id, number), work_of(job)))
    return {
        "round.toml": _toml(),
        "pools.csv": _csv(
            ("pool_id", "provider_id", "site", "device_class", "cards", "price_yuan_per_card_hour"),
            (row[:6] for row in POOLS),
        ),
        "reserved.csv": _csv(
            ("pool_id", "group", "cards"), ((row[0], PRIORITY, row[6]) for row in POOLS if row[6])
        ),
        "requests.csv": _csv(
            (
                *("request_id", "applicant_id", "number", "budget_yuan", "own_yuan", "group"),
                *("score", "earliest_hour", "deadline_hour", "work"),
            ),
            requests,
        ),
        "arcs.csv": _csv(("request_id", "pool_id", "speed", "gang_cards", "cards_max"), arcs),
    }


def _request(request_id: str, number: int) -> Sequence[object]:
    """Everything of a request but where it runs, and how much it asks for."""
    budget = BUDGETS_YUAN[_rank("budget", request_id, len(BUDGETS_YUAN))]
    own = budget // 4 if _rank("own", request_id, 10) == 0 else ""
    group = PRIORITY if _rank("group", request_id, 5) == 0 else ""
    earliest = 24 * _rank("earliest", request_id, 4) if _rank("late", request_id, 4) == 0 else 0
    deadline = HOURS - 24 * _rank("deadline", request_id, 3)
    applicant = f"S{_rank('firm', request_id, 120) + 1:03d}"
    score = 50 + _rank("score", request_id, 50)
    return applicant, number, f"{budget}.00", own and f"{own}.00", group, score, earliest, deadline


def _job(request_id: str, known: Mapping[str, LanguageModel]) -> Job:
    kind = _rank("kind", request_id, 10)
    size = ("Llama-3.1-8B", "Llama 2 13B", "Llama-3.1-70B")[min(_rank("size", request_id, 5), 2)]
    model = known[size]
    if kind < LORA_OF_TEN:
        adapter = model.params // 200
        tokens = (500 + _rank("tokens", request_id, 4_500)) * 1_000_000
        return TrainingJob(request_id, model, tokens, method=Method.LORA, adapter_params=adapter)
    if kind < LORA_OF_TEN + FULL_OF_TEN:
        tokens = (1_000 + _rank("tokens", request_id, 9_000)) * 1_000_000
        return TrainingJob(request_id, model, tokens, method=Method.FULL)
    if kind < LORA_OF_TEN + FULL_OF_TEN + PRETRAIN_OF_TEN:
        small = known["TinyLlama 1.1B"]
        return TrainingJob(request_id, small, (10 + _rank("tokens", request_id, 90)) * 10**9)
    rate = (1 + _rank("rate", request_id, 40)) / 4
    return ServingJob(request_id, model, rate, tokens_in=1_000, tokens_out=500, hours=HOURS)


def _rank(what: str, of: str, parts: int) -> int:
    """A number from 0 to `parts` less one that is the same whenever it is asked for."""
    digest = hashlib.sha256(f"{what}/{of}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % PARTS * parts // PARTS


def _toml() -> bytes:
    return (
        'id = "2026-W15"\n'
        f"hours = {HOURS}\n"
        'mechanism = "PROPORTIONAL"\n'
        'seed = "made up for this example"\n'
        "tiers = [90, 70]\n"
    ).encode()


def _csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()


if __name__ == "__main__":
    main()
