"""`evernormal agent prometheus`: the agent of a cluster whose cards Prometheus watches."""

from pathlib import Path

import click

from evernormal.cli.agent.options import agent_options


@click.command()
@agent_options
def prometheus(settings_path: Path, *, is_once: bool, overlap_seconds: int | None) -> None:
    """Read the card exporter's series from Prometheus."""
    # Other commands need none of this, and it takes a while to load.
    from evernormal.cli.agent.command import Kind, run_agent  # noqa: PLC0415
    from evernormal.connectors.agent.prometheus import (  # noqa: PLC0415
        PROMETHEUS_SECTION,
        PrometheusSource,
        prometheus_settings,
    )

    kind = Kind(
        source="prometheus",
        sections={"prometheus": PROMETHEUS_SECTION},
        open_source=lambda settings: PrometheusSource(
            prometheus_settings(settings.sections["prometheus"], folder=settings_path.parent)
        ),
    )
    run_agent(kind, settings_path, is_once=is_once, overlap_seconds=overlap_seconds)
