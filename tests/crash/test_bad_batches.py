"""Batches that come twice, late, in any order, cut off or with a bit turned: once or not at all."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from evernormal.formats.meters.reading import Reading
from evernormal.formats.usage_batch import BatchReading, UsageBatch, decode, encode, new_id
from tests.crash.conftest import Place
from tests.crash.office import ZONE, card_seconds, drawn, owed_fen
from tests.crash.programs import asking, look_at, post

UNKNOWN, ACCEPTED, KNOWN, REUSED, REFUSED = 401, 201, 200, 409, 422
"""Every answer that a batch may get; none of them is a fault."""


@dataclass(frozen=True, slots=True)
class Sending:
    """A body, and what its signature was made of; b"" for the body itself."""

    body: bytes
    signed: bytes = b""


def turned(body: bytes, seed: str) -> bytes:
    """Turn one bit."""
    bit = drawn(seed, 8 * len(body))
    bad = bytearray(body)
    bad[bit // 8] ^= 1 << bit % 8
    return bytes(bad)


def renamed(body: bytes, seed: str) -> bytes:
    """Give the same readings as a batch of its own."""
    batch = decode(body)
    made_at_ms = int(batch.made_at.timestamp() * 1_000)
    return encode(replace(batch, id=new_id(made_at_ms=made_at_ms, content=seed.encode())))


def sendings(place: Place, damaged: int) -> list[Sending]:
    """Whole batches one to three times each, some a day old, and damaged ones; in any order."""
    whole = place.batches(size=4) + place.batches(size=3, days_ago=1)
    found = [
        Sending(body)
        for number, body in enumerate(whole)
        for _ in range(1 + drawn(f"times {number}", 3))
    ]
    for number in range(damaged):
        seed = f"damaged {number}"
        body = whole[drawn(f"{seed} which", len(whole))]
        own = renamed(body, seed)
        found += (
            [Sending(turned(body, seed), signed=body)],
            [Sending(turned(own, seed))],
            [Sending(body[: drawn(seed, len(body))], signed=body)],
            [Sending(own[: drawn(seed, len(own))])],
            [Sending(turned(body, seed))],
        )[number % 5]
    # By their places: the bytes tell the time, and the order should be the same on every day.
    places = sorted(range(len(found)), key=lambda place: drawn(f"place {place}", 1 << 40))
    return [found[place] for place in places]


def test_a_batch_is_taken_once_and_whole_or_not_at_all(
    place: Place, request: pytest.FixtureRequest
) -> None:
    damaged = 20 * request.config.getoption("--crashes")
    accepted: dict[str, bytes] = {}
    answers: dict[int, int] = {}
    place.service.start()
    with asking(place.service, place.port) as client:
        for sending in sendings(place, damaged):
            answer = post(client, sending.body, signed_by="P1", signed=sending.signed)
            answers[answer.status_code] = answers.get(answer.status_code, 0) + 1
            if answer.status_code == ACCEPTED:
                batch_id = answer.json()["batch"]
                assert batch_id not in accepted
                accepted[batch_id] = sending.body
            elif answer.status_code == KNOWN:
                assert accepted[answer.json()["batch"]] == sending.body
            else:
                assert answer.headers["Content-Type"] == "application/problem+json"
        assert place.service.stop() == 0
    print(f"\n{answers}")  # noqa: T201 - figures of a deep run

    often = {UNKNOWN, ACCEPTED, KNOWN, REFUSED}
    assert often <= set(answers) <= {*often, REUSED}
    register = (place.folder / "usage/received.csv").read_text().splitlines()[1:]
    assert len(register) == len(accepted)
    kept = {path.stem: path.read_bytes() for path in (place.folder / "usage/received").rglob("*.*")}
    assert kept == accepted
    demand_counted(place, counted(map(decode, accepted.values())))


def demand_counted(place: Place, best: dict[str, Reading]) -> None:
    """Assert that the books hold these readings, and have charged those of the orders' days."""
    found = look_at(place.folder, place.out, place.url)
    since = place.now.astimezone(ZONE).date() - timedelta(30)
    assert found["card_seconds"] == {"P1": card_seconds(best)}
    assert found["records"] == {"P1": len(best)}
    assert {o: fen for o, fen in found["charged"].items() if fen} == owed_fen(
        "P1", best, since=since
    )
    assert found["due"] == 0


def counted(batches: Iterable[UsageBatch]) -> dict[str, Reading]:
    """Find the reading of each use that counts: of the highest revision, final, the longest."""
    best: dict[tuple[str, str, str, int], BatchReading] = {}
    for batch in batches:
        for reading in batch.readings:
            known = best.get(reading.key)
            if known is None or _rank(reading) > _rank(known):
                best[reading.key] = reading
    return {repr(key): reading.to_reading(0) for key, reading in best.items()}


def _rank(reading: BatchReading) -> tuple[int, bool, int]:
    return reading.revision, reading.is_final, reading.ends_at
