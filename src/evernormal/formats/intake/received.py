"""Batches that agents sent while the year ran: the register names them, and each is read again."""

import hashlib
from collections.abc import Mapping, Sequence

from evernormal.formats.intake.programme_file import ProgrammeFile, UsageEntry
from evernormal.formats.intake.register import BATCHES, Receipt, RegisterReader
from evernormal.formats.intake.usage import RECEIVED_FORMAT, Meter
from evernormal.formats.intake.year_input import Agent
from evernormal.formats.problems import Problem
from evernormal.formats.usage_batch import UsageBatch, decode


def meter_of(batch: UsageBatch, *, body: bytes, receipt: Receipt, agent: Agent) -> Meter:
    """A batch as other usage files are read."""
    return Meter(
        entry=UsageEntry(
            index=-1,
            file=receipt.file,
            format=RECEIVED_FORMAT,
            provider_id=batch.provider_id,
            received_at=receipt.received_at,
            device_classes=agent.device_classes,
        ),
        path=receipt.file,
        sha256=hashlib.sha256(body).hexdigest(),
        readings=tuple(r.to_reading(n) for n, r in enumerate(batch.readings, start=1)),
        without_cards=0,
        signed_by=receipt.key,
    )


def read_received(
    files: Mapping[str, bytes],
    *,
    programme: ProgrammeFile,
    agents: Sequence[Agent],
    problems: list[Problem],
) -> tuple[Meter, ...]:
    """Read every batch that the register names, in the order in which they came.

    files    bytes by path
    agents   of programme.toml
    """
    return RegisterReader(BATCHES, files, programme, agents, _open).read(problems)


def _open(body: bytes, receipt: Receipt, agent: Agent) -> tuple[str, str, Meter]:
    batch = decode(body)
    meter = meter_of(batch, body=body, receipt=receipt, agent=agent)
    return batch.provider_id, batch.id, meter
