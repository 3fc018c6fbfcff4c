"""`evernormal agent slurm`: the agent of a Slurm cluster, and what a site must install for it."""

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

import click

from evernormal import clock
from evernormal.cli.agent.command import Kind, run_agent
from evernormal.cli.agent.options import agent_options
from evernormal.cli.screen import fail
from evernormal.connectors.agent.enforcement import Enforcement
from evernormal.connectors.agent.settings import AgentSettings
from evernormal.connectors.agent.slurm_settings import ENFORCEMENT_SCHEMA, SLURM_SCHEMA, SlurmSetup
from evernormal.connectors.agent.source import Duty, Source, SourceAway
from evernormal.connectors.keys import provider_key


@click.command()
@agent_options
def slurm(settings_path: Path, *, is_once: bool, overlap_seconds: int | None) -> None:
    """Read Slurm's accounting (sacct or slurmrestd), and keep vouchers' limits in Slurm."""
    opening = _Opening(settings_path.parent)
    kind = Kind(
        source="slurm",
        sections={"slurm": SLURM_SCHEMA, "enforcement": ENFORCEMENT_SCHEMA},
        open_source=opening.source,
        open_duties=opening.duties,
    )
    run_agent(kind, settings_path, is_once=is_once, overlap_seconds=overlap_seconds)


@click.command(name="job-submit")
def job_submit() -> None:
    """Print job_submit.lua, the script that lets Slurm refuse jobs no voucher pays for."""
    script = files("evernormal.connectors.agent").joinpath("job_submit.lua")
    click.echo(script.read_text(encoding="utf-8"), nl=False)


class _Opening:
    """Opens the source and its duty, which know each other."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._duty: Enforcement | None = None

    def source(self, settings: AgentSettings) -> Source:
        setup = SlurmSetup(settings, self._folder, clock.now)
        setup.check()
        key = provider_key(settings.key, can_be_made=False)
        try:
            self._duty = setup.duty(key.private)
            return setup.source(self._duty)
        except (SourceAway, OSError) as error:
            fail(str(error))

    def duties(self, _settings: AgentSettings) -> Sequence[Duty]:
        return [self._duty] if self._duty else []
