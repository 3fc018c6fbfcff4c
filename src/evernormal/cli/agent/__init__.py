"""`evernormal agent`: what runs in a data centre and tells the platform what was used."""

import click

from evernormal.cli.agent.keygen import keygen
from evernormal.cli.agent.kubernetes import kubernetes
from evernormal.cli.agent.prometheus import prometheus
from evernormal.cli.agent.slurm import job_submit, slurm


@click.group()
def agent() -> None:
    """Read a data centre's meter, and send what was used to the platform, signed."""


agent.add_command(keygen)
agent.add_command(prometheus)
agent.add_command(kubernetes)
agent.add_command(slurm)
agent.add_command(job_submit)
