"""`evernormal agent keygen`: the key with which a provider signs its readings."""

from base64 import b64encode
from pathlib import Path

import click
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from evernormal.cli.screen import fail
from evernormal.connectors.keys import provider_key
from evernormal.domain.errors import DomainError


@click.command()
@click.argument("path", type=click.Path(dir_okay=False, path_type=Path))
def keygen(path: Path) -> None:
    """Make the provider's Ed25519 key at PATH, and print the line for programme.toml.

    Where there is a key already, only the line is printed.
    """
    try:
        key = provider_key(path, can_be_made=True)
    except DomainError as refusal:
        fail(f"{refusal.code}: {refusal}")
    public = key.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    said = "a new key" if key.is_new else "the key that was there"
    click.echo(f"{said}: {path}, fingerprint {key.fingerprint}", err=True)
    click.echo(f'public_key = "{b64encode(public).decode("ascii")}"')
