"""What enforcement remembers over a restart, in one file of the spool."""

from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

from evernormal.connectors.agent.enforcement_balances import Balances
from evernormal.connectors.agent.enforcement_file import write_whole
from evernormal.connectors.agent.source import SourceAway

Counted = dict[str, dict[str, int]]
"""Minutes that Slurm had counted, by account and resource."""


class Memory(Struct, frozen=True, kw_only=True):
    """All that enforcement remembers.

    received_at   epoch seconds of the platform's last whole answer; None before the first
    balances      that answer
    counted       what Slurm had counted when the meter was read for the last batch that the
                  platform has: the use that the balances already have in them
    closed_since  epoch seconds since when no new job may start, by "account/resource"
    """

    received_at: int | None = None
    balances: Balances = Balances(at="", balances=())
    counted: Counted = {}
    closed_since: dict[str, int] = {}


def read_memory(path: Path) -> Memory:
    """The memory in a file; an empty one where there is none, or only a damaged one.

    raises   SourceAway when the file is there and cannot be read
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=Memory)
    except FileNotFoundError:
        return Memory()
    except ValueError:
        # The next answer of the platform tells everything again.
        return Memory()
    except OSError as error:
        raise SourceAway(f"{path} cannot be read: {error}") from error


def keep_memory(path: Path, memory: Memory) -> None:
    """Put the memory into its file.

    raises   SourceAway when it cannot be written
    """
    try:
        write_whole(path, msgspec.json.encode(memory))
    except OSError as error:
        raise SourceAway(f"{path} cannot be written: {error}") from error


def counted_before(counted: Counted, now: Mapping[str, int], *, account: str, resource: str) -> int:
    """Minutes that the balances already have in them.

    counted   what was remembered; an account not in it is taken as counted up to now
    now       what Slurm has counted now, by resource. It is the lesser one after someone set
              Slurm's counters back
    """
    used = now.get(resource, 0)
    return min(used, counted.get(account, {}).get(resource, used))
