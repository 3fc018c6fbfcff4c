"""`evernormal agent kubernetes`: the agent of a Kubernetes cluster."""

from pathlib import Path

import click

from evernormal import clock
from evernormal.cli.agent.options import agent_options


@click.command()
@agent_options
def kubernetes(settings_path: Path, *, is_once: bool, overlap_seconds: int | None) -> None:
    """Watch the pods that hold cards."""
    # Other commands need none of this, and it takes a while to load.
    from evernormal.cli.agent.command import Kind, run_agent  # noqa: PLC0415
    from evernormal.connectors.agent.kubernetes import (  # noqa: PLC0415
        KUBERNETES_SECTION,
        KubernetesSource,
        kubernetes_settings,
    )

    kind = Kind(
        source="kubernetes",
        sections={"kubernetes": KUBERNETES_SECTION},
        open_source=lambda settings: KubernetesSource(
            kubernetes_settings(settings.sections["kubernetes"], folder=settings_path.parent),
            ticks=clock.ticks,
        ),
    )
    run_agent(kind, settings_path, is_once=is_once, overlap_seconds=overlap_seconds)
