"""The [[agent]]s of programme.toml: whose key may send usage while the year runs."""

from collections.abc import Iterator

from evernormal.formats.checkpoint import fingerprint
from evernormal.formats.intake.programme import ProgrammeFile
from evernormal.formats.intake.row import Sheet
from evernormal.formats.intake.year_input import Agent
from evernormal.formats.problems import Problem


def read_agents(programme: ProgrammeFile) -> tuple[Agent, ...]:
    """Every [[agent]] whose provider and key could be read."""
    return tuple(agent for _, agent in _numbered(programme))


def agent_problems(programme: ProgrammeFile, providers: Sheet) -> Iterator[Problem]:
    """Give what is wrong between agents, and between them and the list of providers."""
    known = {row.texts.get("provider_id") for row in providers.rows}
    owners: dict[str, int] = {}
    for index, agent in _numbered(programme):
        if providers.is_whole and agent.provider_id not in known:
            yield programme.problem(
                "agent",
                index,
                "provider",
                code="reference.unknown",
                message=f'"{agent.provider_id}" is not in providers.csv.',
                todo="Correct it, or add the row to providers.csv.",
            )
        first = owners.setdefault(agent.key, index)
        if first != index:
            # Whoever has it could send in the name of both, or in two periods by one key.
            yield programme.problem(
                "agent",
                index,
                "public_key",
                code="agent.key_repeated",
                message=f"agent[{first + 1}] has the same key.",
                todo="Let each agent make a key of its own.",
            )
        if agent.starts_on and agent.ends_on and agent.ends_on < agent.starts_on:
            yield programme.problem(
                "agent",
                index,
                "ends_on",
                code="agent.ends_before_start",
                message=f"{agent.ends_on} is before starts_on, {agent.starts_on}.",
                todo="Correct one of the two.",
            )


def _numbered(programme: ProgrammeFile) -> Iterator[tuple[int, Agent]]:
    for index in range(programme.count("agent")):
        provider_id, public_key, starts_on, ends_on = (
            programme.find("agent", index, name)
            for name in ("provider", "public_key", "starts_on", "ends_on")
        )
        if provider_id is None or public_key is None:
            continue
        yield (
            index,
            Agent(
                provider_id=provider_id,
                public_key=public_key,
                key=fingerprint(public_key),
                device_classes=programme.texts("agent", index, "device_classes"),
                starts_on=starts_on,
                ends_on=ends_on,
            ),
        )
