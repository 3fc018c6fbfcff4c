"""A year whose applicant orders while it runs, and the orders that it sends."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from evernormal.formats.order_request import OrderRequest, encode, sign
from tests.api.year_folder import PROGRAMME_ID, public_text, year_files

ORDERS = f"/v1/programmes/{PROGRAMME_ID}/orders"
BUYERS = {
    name: Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32)
    for n, name in enumerate("xyz", start=10)
}
BUYER = '\n[[buyer]]\napplicant = "A1"\npublic_key = "{key}"\n'


def ordering_files(today: date) -> dict[str, bytes]:
    """Give the files of the year of tests/api/year_folder.py, in which C1 and C3 have no order."""
    files = year_files(today)
    key = public_text(BUYERS["x"])
    files["programme.toml"] += BUYER.format(key=key).encode()
    kept = [line for line in files["orders.csv"].splitlines() if not line.startswith(b"O1")]
    return {**files, "orders.csv": b"\n".join([*kept, b""])}


def write_ordering_year(folder: Path, today: date) -> Path:
    """Write the folder of such a year."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in ordering_files(today).items():
        (folder / name).write_bytes(data)
    return folder


def request_of(order_id: str, *, today: date, days: int = 3, **other: object) -> OrderRequest:
    """Give an order of 16 cards for some days from today on."""
    whole: dict[str, object] = {
        "id": order_id,
        "applicant_id": "A1",
        "made_at": datetime(today.year, today.month, today.day, tzinfo=UTC),
        "contract_id": "C1",
        "provider_id": "P1",
        "device_class": "A100-80G",
        "site": "",
        "plan": "",
        "cards": 16,
        "gang_cards": 8,
        "card_hours": 16,
        "starts_on": today,
        "last_on": today + timedelta(days - 1),
    }
    return OrderRequest(**(whole | other))  # type: ignore[arg-type]


def order_of(order_id: str, *, today: date, **other: Any) -> bytes:
    """Write such an order."""
    return encode(request_of(order_id, today=today, **other))


def order_headers(body: bytes, *, key: str = "x") -> dict[str, str]:
    """Give the headers that sign an order."""
    return sign(body, key=BUYERS[key])
