"""A programme year around today whose holds run out, and the meters of its two data centres."""

import hashlib
from base64 import b64encode
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from evernormal.connectors.agent.source import Pulled
from evernormal.formats.meters.reading import Reading
from evernormal.formats.usage_batch import BatchReading, batch_reading
from tests.api.year_folder import INVOICES, PAYMENTS, SCHEMES, body_of
from tests.domain.sample import uscc

ZONE = ZoneInfo("Asia/Shanghai")
PROGRAMME_ID = "crash-1"
WINDOW_S = 600
JOBS_EVERY_WINDOW = 3
KEYS = {
    name: Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32)
    for n, name in enumerate(("P1", "P2"), start=7)
}
CLASSES = {"a100": "A100-80G", "h100": "H100-80G"}
ORDER_OF = {
    ("P1", "firm1", "a100"): "O1",
    ("P1", "firm1", "h100"): "O2",
    ("P1", "firm2", "a100"): "O3",
    ("P2", "firm3", "a100"): "O4",
    ("P2", "firm1", "a100"): "O5",
}
"""Which order pays for which account's use of which card; all other use is nobody's."""
PRICES = {
    ("P1", "a100"): (1_001, 1_507),
    ("P1", "h100"): (2_000, 2_000),
    ("P2", "a100"): (999, 999),
}
"""Fen a card-hour: outside the peak, and within it."""
PEAK = (9, 18)

_PROGRAMME = """\
id = "crash-1"
scheme = "scheme.toml"
year = {opens_on.year}
pot = "100000000.00"
unit = "CNY"
timezone = "Asia/Shanghai"
opens_on = {opens_on}
closes_on = {closes_on}

[office]
name = "示例办公室"
uscc = "91350100M000100Y43"
bank_name = "示例银行营业部"
bank_code = "102100000017"
bank_account = "6222000100020003"
prepares = "陈予安"
approves = "顾明川"

[controls]
meter = "LIMIT"

[[payment_day]]
approved_on = {closes_on}
execute_on = {closes_on}

[[agent]]
provider = "P1"
public_key = "{keys[P1]}"
device_classes = {{ a100 = "A100-80G", h100 = "H100-80G" }}

[[agent]]
provider = "P2"
public_key = "{keys[P2]}"
device_classes = {{ a100 = "A100-80G", h100 = "H100-80G" }}
"""
_CONTRACTS = """\
contract_id,applicant_id,provider_id,signed_on,starts_on,ends_on,compute_yuan,use,other_support,applied_on,meter_account
C1,A1,P1,{applied_on},{starts_on},{ends_on},{yuan}.00,TRAINING,no,{applied_on},firm1
C2,A2,P1,{applied_on},{starts_on},{ends_on},{yuan}.00,TRAINING,no,{applied_on},firm2
C3,A3,P2,{applied_on},{starts_on},{ends_on},{yuan}.00,TRAINING,no,{applied_on},firm3
C4,A1,P2,{applied_on},{starts_on},{ends_on},{yuan}.00,TRAINING,no,{applied_on},firm1
"""
_ORDERS = """\
order_id,contract_id,device_class,cards,gang_cards,card_hours,starts_on,ends_on
O1,C1,A100-80G,8,1,{few},{starts_on},{ends_on}
O2,C1,H100-80G,8,1,{many},{starts_on},{ends_on}
O3,C2,A100-80G,8,1,{few},{starts_on},{ends_on}
O4,C3,A100-80G,8,1,{few},{starts_on},{ends_on}
O5,C4,A100-80G,8,1,{many},{starts_on},{ends_on}
"""
_CAPACITY = """\
provider_id,device_class,cards
P1,A100-80G,9999
P1,H100-80G,9999
P2,A100-80G,9999
"""
_PRICES = """\
provider_id,device_class,starts_on,ends_on,price_yuan_per_card_hour,band,weekdays,hours
P1,A100-80G,2020-01-01,,10.01,,,
P1,A100-80G,2020-01-01,,15.07,peak,,09:00-18:00
P1,H100-80G,2020-01-01,,20.00,,,
P2,A100-80G,2020-01-01,,9.99,,,
"""
_APPLICANTS = (
    "applicant_id,name,uscc,type,size,founded_on,place,owners,last_dishonesty_on,bank_name,"
    "bank_code,bank_account\n"
)
_PROVIDERS = "provider_id,name,uscc,registered,place,owners,bank_name,bank_code,bank_account\n"


def write_office(folder: Path, *, today: date, windows: int) -> Path:
    """Write the folder of the year.

    windows  of use there will be: some orders last for a part of it, the others for all of it
    """
    days = {
        "opens_on": today - timedelta(40),
        "applied_on": today - timedelta(39),
        "starts_on": today - timedelta(30),
        "ends_on": today + timedelta(30),
        "closes_on": today + timedelta(40),
    }
    few = max(1, windows * JOBS_EVERY_WINDOW // 4)
    sizes = {"few": few, "many": 16 * few, "yuan": 1_000 * few}
    scheme = (SCHEMES / "cn/guizhou/2026/scheme.toml").read_text(encoding="utf-8")
    firms = "".join(
        f"A{n},示例科技{n}有限公司,{uscc(n)},ENTERPRISE,SMALL,2020-01-02,520110,person:a{n},,"
        f"示例银行{n}支行,10210000002{n},62220001000200{n:02}\n"
        for n in (1, 2, 3)
    )
    providers = "".join(
        f"P{n},示例算力{n}有限公司,{uscc(900 + n)},yes,520107,person:p{n},示例银行,"
        f"10210000003{n},62220001000300{n:02}\n"
        for n in (1, 2)
    )
    keys = {name: public_text(key) for name, key in KEYS.items()}
    texts = {
        "programme.toml": _PROGRAMME.format(keys=keys, **days),
        "scheme.toml": scheme.replace("date = 2026-03-19", f"date = {days['opens_on']}"),
        "applicants.csv": _APPLICANTS + firms,
        "providers.csv": _PROVIDERS + providers,
        "contracts.csv": _CONTRACTS.format(**days, **sizes),
        "orders.csv": _ORDERS.format(**days, **sizes),
        "capacity.csv": _CAPACITY,
        "prices.csv": _PRICES,
        "invoices.csv": INVOICES,
        "payments.csv": PAYMENTS,
    }
    folder.mkdir(parents=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def public_text(key: Ed25519PrivateKey) -> str:
    raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return b64encode(raw).decode()


def drawn(seed: str, below: int) -> int:
    """Draw a number from a seed: the same each time."""
    return int.from_bytes(hashlib.sha256(seed.encode()).digest()[:6]) % below


# --- What the meters say --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Told:
    """A reading, and the epoch second from which on the meter tells it."""

    reading: Reading
    since: int


def told_by(provider_id: str, *, origin: int, windows: int) -> list[Told]:
    """What a data centre's meter comes to tell: runs of any length, some late, some corrected."""
    end = origin + windows * WINDOW_S
    accounts = sorted({(account, card) for of, account, card in ORDER_OF if of == provider_id})
    accounts.append(("stranger", "h100"))
    found = []
    for number in range(max(1, windows - 4) * JOBS_EVERY_WINDOW):
        seed = f"{provider_id} {number}"
        account, card_type = accounts[drawn(f"{seed} account", len(accounts))]
        start = origin + drawn(f"{seed} start", (windows - 4) * WINDOW_S)
        seconds = 1 + drawn(f"{seed} seconds", min(3 * WINDOW_S, end - start - 1))
        final = Reading(
            line=0,
            cluster="hai",
            job=f"{number}",
            account=account,
            card_type=card_type,
            cards=1 + drawn(f"{seed} cards", 8),
            starts_at=datetime.fromtimestamp(start, UTC),
            ends_at=datetime.fromtimestamp(start + seconds, UTC),
            state="COMPLETED",
            is_final=True,
        )
        late = (0, 0, 0, WINDOW_S + 7)[drawn(f"{seed} late", 4)]
        since = min(end, start + seconds + late)
        found.append(Told(final, since))
        if drawn(f"{seed} corrected", 5) == 0:
            cards = drawn(f"{seed} new cards", 9)
            corrected = replace(final, cards=cards, revision=1)
            found.append(Told(corrected, min(end, since + drawn(f"{seed} later", 2 * WINDOW_S))))
    return found


def finals(told: list[Told]) -> dict[str, Reading]:
    """The reading of each run that counts in the end."""
    best: dict[str, Reading] = {}
    for each in told:
        known = best.get(each.reading.job)
        if known is None or each.reading.revision > known.revision:
            best[each.reading.job] = each.reading
    return best


def bodies(told: list[Told], *, size: int, made_at: datetime, provider_id: str) -> list[bytes]:
    """What a meter comes to tell as batches of so many readings at most, in the order of time.

    A batch tells of a use once.
    """
    parts: list[dict[object, BatchReading]] = [{}]
    for each in sorted(told, key=lambda each: each.since):
        reading = batch_reading(each.reading)
        if len(parts[-1]) == size or reading.key in parts[-1]:
            parts.append({})
        parts[-1][reading.key] = reading
    return [body_of(*part.values(), made_at=made_at, provider_id=provider_id) for part in parts]


@dataclass(frozen=True, slots=True)
class CrashMeter:
    """A meter as an agent's source. Its own clock stands in a file that the test sets."""

    told: list[Told]
    clock: Path

    def pull(self, *, since: datetime, until: datetime, memory: bytes) -> Pulled:
        del memory
        now = min(int(self.clock.read_text(encoding="ascii")), int(until.timestamp()))
        now = max(now, int(since.timestamp()))
        seen = tuple(self._seen(int(since.timestamp()), now))
        return Pulled(seen, (), read_until=datetime.fromtimestamp(now, UTC), memory=b"")

    def _seen(self, since: int, now: int) -> Iterator[Reading]:
        for each in self.told:
            if since < each.since <= now:
                yield each.reading
            elif now < each.since and _is_running(each.reading, now):
                at = datetime.fromtimestamp(now, UTC)
                yield replace(each.reading, ends_at=at, state="RUNNING", is_final=False)

    def close(self) -> None:
        """Nothing is held."""


def _is_running(reading: Reading, now: int) -> bool:
    starts, ends = reading.starts_at.timestamp(), reading.ends_at.timestamp()
    return not reading.revision and starts < now < ends


# --- The sums that nobody can argue with ----------------------------------------------------------


def card_seconds(readings: Mapping[str, Reading]) -> int:
    """All that was used."""
    return sum(r.cards * _seconds(r) for r in readings.values())


def owed_fen(
    provider_id: str, readings: Mapping[str, Reading], *, since: date = date.min
) -> dict[str, int]:
    """What each order owes for days since one: by day and band, rounded half up; in fen."""
    cells: dict[tuple[str, date, bool, int], int] = defaultdict(int)
    for reading in readings.values():
        order_id = ORDER_OF.get((provider_id, reading.account, reading.card_type))
        if order_id is None:
            continue
        plain, peak = PRICES[provider_id, reading.card_type]
        for moment, seconds in _pieces(reading):
            if moment.date() < since:
                continue
            is_peak = plain != peak and PEAK[0] <= moment.hour < PEAK[1]
            price = peak if is_peak else plain
            cells[order_id, moment.date(), is_peak, price] += seconds * reading.cards
    owed: dict[str, int] = defaultdict(int)
    for (order_id, _, _, price), seconds in cells.items():
        owed[order_id] += int(Fraction(seconds * price, 3_600) + Fraction(1, 2))
    return {order_id: fen for order_id, fen in owed.items() if fen}


def _pieces(reading: Reading) -> Iterator[tuple[datetime, int]]:
    """A run cut at every full hour: local beginning and seconds of each piece."""
    at, end = int(reading.starts_at.timestamp()), int(reading.ends_at.timestamp())
    while at < end:
        until = min(end, at - at % 3_600 + 3_600)
        yield datetime.fromtimestamp(at, ZONE), until - at
        at = until


def _seconds(reading: Reading) -> int:
    return int((reading.ends_at - reading.starts_at).total_seconds())
