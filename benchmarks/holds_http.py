"""How long a start-up waits for a durable hold over HTTP, beside one fdatasync.

    .venv/bin/python benchmarks/holds_http.py [sqlite|postgresql ...]

One service process (`evernormal serve`) over a real socket; every order is signed, kept in the
folder of the year, placed, held and logged before it is acknowledged. A figure ends with a line
`name ratio=... goal=...`; its limit is measured in the same run, turn by turn.

one       orders from one client, one after the other: median, p99, and after each of them one
          fdatasync of 128 bytes on the same disk. The ratio is p99 of fdatasync over p99 of a hold.
          An acknowledged order waits for four syncs in turn: its file, its folder, the register,
          the database. The goal, an eighth, leaves as much again for all else that it takes
eight     the same from eight clients at once: each waits for the others' turns too
empty     a handler that does nothing, in the same server with the same settings: what HTTP costs
"""

import http.client
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from ledger_limit import Disk, Load

from evernormal import clock
from evernormal.domain.values import uscc_check_character
from evernormal.formats.order_request import MEDIA_TYPE, OrderRequest, encode, sign

ROOT = Path(__file__).parents[1]
POSTGRES = ROOT / "tools" / "postgres.sh"
EVERNORMAL = Path(sys.executable).with_name("evernormal")
SCHEME = ROOT / "schemes" / "cn" / "guizhou" / "2026" / "scheme.toml"
FIRMS, CLIENTS, WARM, ONE, EIGHT = 40, 8, 20, 300, 400
RECORD_BYTES = 128
GOAL = 0.125
ORDERS = "/v1/programmes/bench/orders"
BANK = "示例银行一支行,102100000018"
PROGRAMME = """\
id = "bench"
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
"""
BUYER = '[[buyer]]\napplicant = "A{firm}"\npublic_key = "{key}"\n'


@dataclass(frozen=True, slots=True)
class Timed:
    """What some requests took, in seconds, and all of them together."""

    seconds: Sequence[float]
    whole: float

    @property
    def p99(self) -> float:
        """The time that one in a hundred exceeds."""
        return sorted(self.seconds)[len(self.seconds) * 99 // 100]

    def told(self) -> str:
        """Median, p99 and rate."""
        middle, rate = median(self.seconds), len(self.seconds) / self.whole
        return f"median {middle * 1e6:,.0f} us, p99 {self.p99 * 1e6:,.0f} us, {rate:,.0f}/s"


# --- A year of start-ups -------------------------------------------------------------------------


def key_of(firm: int) -> Ed25519PrivateKey:
    """The key of a firm; the same in every run."""
    return Ed25519PrivateKey.from_private_bytes(firm.to_bytes(32, "big"))


def uscc(number: int) -> str:
    """A code with its check character."""
    head = f"91520110MA{number:07d}"
    return head + uscc_check_character(head)


def write_year(folder: Path, today: date) -> None:
    """Write a year in which each firm has one contract and one voucher, and may order."""
    opens_on, closes_on = today - timedelta(20), today + timedelta(160)
    applied_on, last_on = today - timedelta(19), today + timedelta(120)
    raw = Encoding.Raw, PublicFormat.Raw
    keys = [b64encode(key_of(n).public_key().public_bytes(*raw)).decode() for n in range(FIRMS)]
    head = "name,uscc,type,size,founded_on,place,owners,last_dishonesty_on,bank_name,bank_code"
    scheme = SCHEME.read_text(encoding="utf-8")
    texts = {
        "programme.toml": PROGRAMME.format(opens_on=opens_on, closes_on=closes_on)
        + "".join(BUYER.format(firm=n, key=key) for n, key in enumerate(keys)),
        "scheme.toml": scheme.replace("date = 2026-03-19", f"date = {opens_on}"),
        "applicants.csv": f"applicant_id,{head},bank_account\n"
        + "".join(
            f"A{n},示例科技{n}有限公司,{uscc(n)},ENTERPRISE,SMALL,2020-01-02,520110,,,{BANK},"
            f"62220001{n:08d}\n"
            for n in range(FIRMS)
        ),
        "providers.csv": "provider_id,name,uscc,registered,place,owners,bank_name,bank_code,"
        f"bank_account\nP1,示例算力有限公司,{uscc(9_999)},yes,520107,,{BANK},6222999900020005\n",
        "contracts.csv": "contract_id,applicant_id,provider_id,signed_on,starts_on,ends_on,"
        "compute_yuan,use,other_support,applied_on,meter_account\n"
        + "".join(
            f"C{n},A{n},P1,{applied_on},{applied_on},{last_on},50000.00,TRAINING,no,{applied_on},"
            f"firm-{n}\n"
            for n in range(FIRMS)
        ),
        "orders.csv": "order_id,contract_id,device_class,cards,gang_cards,card_hours,starts_on,"
        "ends_on\n",
        "capacity.csv": "provider_id,device_class,cards\nP1,A100-80G,100000\n",
        "prices.csv": "provider_id,device_class,starts_on,ends_on,price_yuan_per_card_hour\n"
        "P1,A100-80G,2020-01-01,,10.00\n",
        "invoices.csv": "invoice_number,line,contract_id,category,amount_yuan,seller_uscc,"
        "buyer_uscc,issued_on,period_starts_on,period_ends_on,status,claimed_on\n",
        "payments.csv": "payment_id,invoice_number,payer_uscc,payee_uscc,amount_yuan,paid_on\n",
    }
    folder.mkdir(parents=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")


def orders(today: date) -> Iterator[tuple[bytes, dict[str, str]]]:
    """Signed orders without end of the days: no two of a firm are of one day."""
    made_at = datetime(today.year, today.month, today.day, tzinfo=UTC)
    for number in range(FIRMS * 100):
        firm, day = number % FIRMS, today + timedelta(1 + number // FIRMS)
        body = encode(
            OrderRequest(
                id=f"N{number}",
                applicant_id=f"A{firm}",
                made_at=made_at,
                contract_id=f"C{firm}",
                provider_id="P1",
                device_class="A100-80G",
                site="",
                plan="",
                cards=8,
                gang_cards=8,
                card_hours=8,
                starts_on=day,
                last_on=day,
            )
        )
        yield body, {"Content-Type": MEDIA_TYPE, **sign(body, key=key_of(firm))}


# --- Services ------------------------------------------------------------------------------------


@contextmanager
def listening(
    command: Sequence[str | Path], environment: dict[str, str]
) -> Iterator[tuple[str, int]]:
    """Start a service and wait until it says where it listens."""
    process = subprocess.Popen(  # noqa: S603 - this very program
        command, env=os.environ | environment, stdout=subprocess.PIPE, encoding="utf-8"
    )
    try:
        for line in process.stdout or ():
            if found := re.search(r"http://([0-9.]+):([0-9]+)", line):
                yield found[1], int(found[2])
                return
        raise RuntimeError(f"{command[0]} did not start")
    finally:
        process.terminate()
        process.wait(60)


def empty_service() -> None:
    """Serve a handler that does nothing, with the settings of the service."""
    import socket  # noqa: PLC0415

    import uvicorn  # noqa: PLC0415
    from starlette.applications import Starlette  # noqa: PLC0415
    from starlette.requests import Request  # noqa: PLC0415
    from starlette.responses import JSONResponse  # noqa: PLC0415
    from starlette.routing import Route  # noqa: PLC0415

    async def nothing(request: Request) -> JSONResponse:
        await request.body()
        return JSONResponse({"order": "N0"}, status_code=201)

    app = Starlette(routes=[Route(ORDERS, nothing, methods=["POST"])])
    door = socket.create_server(("127.0.0.1", 0))
    door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    print(f"http://127.0.0.1:{door.getsockname()[1]}", flush=True)
    config = uvicorn.Config(
        app, http="h11", ws="none", loop="asyncio", log_config=None, access_log=False
    )
    uvicorn.Server(config).run(sockets=[door])


# --- Clients -------------------------------------------------------------------------------------


def send(line: http.client.HTTPConnection, body: bytes, headers: dict[str, str]) -> float:
    """Seconds until an order is acknowledged."""
    begin = time.perf_counter()
    line.request("POST", ORDERS, body=body, headers=headers)
    answer = line.getresponse()
    told = answer.read()
    spent = time.perf_counter() - begin
    if answer.status != http.client.CREATED:
        raise RuntimeError(f"{answer.status}: {told.decode()}")
    if json.loads(told).get("hold_fen") == 0:
        raise RuntimeError("an order held nothing")
    return spent


def one_client(
    address: tuple[str, int],
    sent: Iterator[tuple[bytes, dict[str, str]]],
    count: int,
    after_each: Callable[[], None],
) -> Timed:
    """Send orders one after the other."""
    line = http.client.HTTPConnection(*address)
    seconds = []
    for _ in range(count):
        seconds.append(send(line, *next(sent)))
        after_each()
    return Timed(seconds, sum(seconds))


def eight_clients(
    address: tuple[str, int], sent: Iterator[tuple[bytes, dict[str, str]]], count: int
) -> Timed:
    """Send orders from eight clients, each one after the other."""
    shares = [[next(sent) for _ in range(count // CLIENTS)] for _ in range(CLIENTS)]
    seconds: list[float] = []

    def work(share: Sequence[tuple[bytes, dict[str, str]]]) -> None:
        line = http.client.HTTPConnection(*address)
        seconds.extend([send(line, *each) for each in share])

    threads = [threading.Thread(target=work, args=(share,)) for share in shares]
    begin = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(seconds) != count:
        raise RuntimeError("a client failed")
    return Timed(seconds, time.perf_counter() - begin)


def measure(name: str, folder: Path, url: str) -> None:
    """Print the figures of one database."""
    today = clock.now().astimezone(ZoneInfo("Asia/Shanghai")).date()
    write_year(folder / "in", today)
    environment = {
        "EVERNORMAL_DATABASE_URL": url,
        "EVERNORMAL_USAGE_LAKE": str(folder / "lake"),
        "EVERNORMAL_SIGNING_KEY": str(folder / "key.pem"),
        "COLUMNS": "1000",
    }
    serve: list[str | Path] = [EVERNORMAL, "serve", folder / "in", "--out", folder / "out"]
    limit: list[float] = []
    with Disk(folder) as disk, listening([*serve, "--listen", "127.0.0.1:0"], environment) as where:
        sent = orders(today)
        one_client(where, sent, WARM, lambda: None)
        load = Load()
        one = one_client(where, sent, ONE, lambda: limit.append(disk.seconds(RECORD_BYTES)))
        told = load.told()
        eight = eight_clients(where, sent, EIGHT)
    synced = Timed(limit, sum(limit))
    print(f"{name} one client: {one.told()}; {told}")
    print(f"{name} eight clients: {eight.told()}")
    print(f"{name} fdatasync: {synced.told()}")
    print(f"holds_http_{name}_p99 ratio={synced.p99 / one.p99:.3f} goal={GOAL}", flush=True)


def empty() -> None:
    """Print what HTTP alone costs."""
    today = clock.now().date()
    with listening([sys.executable, __file__, "--empty"], {}) as where:
        sent = orders(today)
        one_client(where, sent, WARM, lambda: None)
        print(f"empty handler, one client: {one_client(where, sent, ONE, lambda: None).told()}")
        print(f"empty handler, eight clients: {eight_clients(where, sent, EIGHT).told()}")


def on_postgresql(folder: Path) -> None:
    """Start a server, measure on it, and stop it."""
    place = str(folder / "postgres")
    subprocess.run([POSTGRES, "start", place], check=True, stdout=subprocess.DEVNULL)  # noqa: S603
    try:
        url = subprocess.run(  # noqa: S603
            [POSTGRES, "url", place], check=True, capture_output=True, encoding="utf-8"
        ).stdout.strip()
        measure("postgresql", folder, url)
    finally:
        subprocess.run([POSTGRES, "stop", place], check=True, stdout=subprocess.DEVNULL)  # noqa: S603


def main(databases: Sequence[str]) -> None:
    """Measure on each database in a folder of its own."""
    place = Path(tempfile.mkdtemp(prefix="holds-"))
    place.chmod(0o755)  # so that the server's own account can enter it
    try:
        empty()
        for name in databases:
            folder = place / name
            folder.mkdir()
            if name == "postgresql":
                on_postgresql(folder)
            else:
                measure(name, folder, "")
    finally:
        shutil.rmtree(place, ignore_errors=True)


if __name__ == "__main__":
    if sys.argv[1:] == ["--empty"]:
        empty_service()
    else:
        main(sys.argv[1:] or ["sqlite", "postgresql"])
