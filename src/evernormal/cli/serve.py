"""`evernormal serve`: a programme year while it runs. Usage comes in, and is charged at once."""

import logging
import os
import signal
import socket
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from evernormal import clock
from evernormal.actions.desk import Desk
from evernormal.cli.database import sqlite_url, start_database
from evernormal.cli.opening import demand_none, read_input, refuse, scheme_of
from evernormal.cli.screen import console, fail
from evernormal.connectors.keys import OfficeKey, signing_key
from evernormal.connectors.output_folder import STATE, demand_apart, sole_run
from evernormal.connectors.received import ReceivedFolder, open_received
from evernormal.domain.errors import DomainError
from evernormal.domain.market import PriceList
from evernormal.formats.intake.programme_file import PROGRAMME_FILE
from evernormal.formats.intake.under_scheme import scheme_problems
from evernormal.formats.intake.year_input import YearInput
from evernormal.locale import Lang, words

if TYPE_CHECKING:
    from evernormal.actions.live import LiveYear

_BACKLOG: Final = 128
_PORT_MAX: Final = 65_535


class _Listen(click.ParamType[tuple[str, int]]):
    """HOST:PORT; port 0 is any that is free."""

    name = "HOST:PORT"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, int]:
        if isinstance(value, tuple):
            return value
        host, _, port = str(value).rpartition(":")
        is_port = port.isascii() and port.isdigit() and int(port) <= _PORT_MAX
        if not host or not is_port:
            self.fail(f"{value} is not HOST:PORT, as 127.0.0.1:8080 or [::1]:8080", param, ctx)
        return host.strip("[]"), int(port)


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--out",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the books: `evernormal run` writes them there when the year is over.",
)
@click.option(
    "--listen",
    default="127.0.0.1:8080",
    show_default=True,
    type=_Listen(),
    help="Where to listen. Put a gateway with TLS in front of every other address.",
)
@click.option(
    "--signing-key",
    "key_path",
    envvar="EVERNORMAL_SIGNING_KEY",
    default="var/signing-key.pem",
    show_default=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The office's Ed25519 key in PEM form; made where it is missing.",
)
@click.option(
    "--lang",
    type=click.Choice(["en", "zh_Hans"]),
    default="en",
    show_default=True,
    help="Language of what is printed; answers are in the asker's.",
)
def serve(folder: Path, out: Path, listen: tuple[str, int], key_path: Path, lang: Lang) -> None:
    """Receive usage for the programme year in FOLDER, and do its acts as they come due."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    try:
        demand_apart(out, folder)
        if not (folder / PROGRAMME_FILE).is_file():
            # No folder of a year: say so before a file of ours is in it.
            read_input(folder)
        with open_received(folder) as received:
            year = read_input(folder)
            with sole_run(out, programme_id=year.programme.id):
                _serve(year, received, out=out, listen=listen, key_path=key_path, lang=lang)
    except DomainError as refusal:
        refuse(refusal, lang)
    console.print(words(lang).say("serve.stopped"))


def _serve(  # noqa: PLR0913 - the command's own options, handed on
    year: YearInput,
    received: ReceivedFolder,
    *,
    out: Path,
    listen: tuple[str, int],
    key_path: Path,
    lang: Lang,
) -> None:
    scheme, scheme_bytes = scheme_of(year)
    demand_none(scheme_problems(year, scheme=scheme), out)
    key = signing_key(key_path, books=out)
    say = words(lang)
    if key.is_new:
        told = say.say("run.new_key", path=str(key_path), fingerprint=key.fingerprint)
        console.print(told)
    is_embedded = not os.environ.get("EVERNORMAL_DATABASE_URL")
    start_database(sqlite_url(out / STATE) if is_embedded else None)
    from evernormal.actions.live import LiveYear  # noqa: PLC0415 - needs the tables

    prices = PriceList(year.prices, year.exchange_rates)
    live = LiveYear(Desk(year, scheme, scheme_bytes, prices), received)
    now = clock.now()
    _catch_up(live, now)
    console.print(say.say("serve.caught_up", at=now.isoformat(timespec="seconds")))
    try:
        door = _open_door(*listen)
    except OSError as error:
        fail(f"{listen[0]}:{listen[1]} cannot be listened on: {error.strerror or error}.")
    with door:
        host, port = door.getsockname()[:2]
        address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        agents = len(year.agents)
        facts = {"programme": year.programme.id, "address": address, "agents": agents}
        console.print(say.say("serve.listening", **facts))
        _run(live, key, door)


def _catch_up(live: "LiveYear", now: datetime) -> None:
    """Do what is due; what hinders it is told as it is, for the office can mend it."""
    from evernormal.actions.live import WorkStuck  # noqa: PLC0415 - needs the tables

    try:
        live.catch_up(now)
    except WorkStuck as stuck:
        if isinstance(stuck.__cause__, DomainError):
            raise stuck.__cause__ from stuck
        raise


def _open_door(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    door = socket.create_server((host, port), family=family, backlog=_BACKLOG)
    # Head and body of an answer are two writes: without it the second waits 40 ms for the first's
    # acknowledgement. Lines that come in have it from the door.
    door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return door


def _run(live: "LiveYear", key: OfficeKey, door: socket.socket) -> None:
    """Serve until a signal says stop, and then finish what is in hand."""
    import uvicorn  # noqa: PLC0415 - no other command needs it
    from django.db import connections  # noqa: PLC0415 - needs the settings

    from evernormal.api import limits  # noqa: PLC0415
    from evernormal.api.app import create_app  # noqa: PLC0415

    # The year is worked on by a thread of its own from here on.
    connections.close_all()
    config = uvicorn.Config(
        create_app(live, key=key.private),
        http="h11",
        ws="none",
        loop="asyncio",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=_BACKLOG,
        limit_concurrency=limits.CONNECTIONS_MAX,
        timeout_keep_alive=limits.KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=limits.STOP_SECONDS_MAX,
        h11_max_incomplete_event_size=limits.HEAD_BYTES_MAX,
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        # The server raises the signal again when it has stopped: that is the end of it here.
        signal.signal(number, lambda _number, _frame: None)
    uvicorn.Server(config).run(sockets=[door])
