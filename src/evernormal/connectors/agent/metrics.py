"""What an agent tells about itself, for the node exporter's folder of text files."""

from dataclasses import dataclass, fields
from pathlib import Path

_NAMES = {
    "readings": ("readings_total", "counter", "Readings put into batches."),
    "batches_taken": ("batches_taken_total", "counter", "Batches that the platform took in."),
    "batches_refused": ("batches_refused_total", "counter", "Batches that it refused."),
    "send_failures": ("send_failures_total", "counter", "Times it was away or forbade."),
    "source_failures": ("source_failures_total", "counter", "Times the source could not be read."),
    "problems": ("problems_total", "counter", "Readings that could not be read or sent."),
    "spool_batches": ("spool_batches", "gauge", "Batches that wait."),
    "spool_bytes": ("spool_bytes", "gauge", "Bytes that wait."),
    "refused_kept": ("refused_batches", "gauge", "Refused batches that lie in the spool."),
    "is_forbidden": ("forbidden", "gauge", "1 when the platform does not accept the key."),
    "cursor": ("read_until_seconds", "gauge", "Up to when the source was read."),
    "last_pull_at": ("last_pull_seconds", "gauge", "When it was last read."),
    "last_taken_at": ("last_taken_seconds", "gauge", "When a batch was last taken in."),
}


@dataclass(slots=True)
class Metrics:
    """Counts since the agent started; moments in epoch seconds, 0 for never."""

    readings: int = 0
    batches_taken: int = 0
    batches_refused: int = 0
    send_failures: int = 0
    source_failures: int = 0
    problems: int = 0
    spool_batches: int = 0
    spool_bytes: int = 0
    refused_kept: int = 0
    is_forbidden: bool = False
    cursor: int = 0
    last_pull_at: int = 0
    last_taken_at: int = 0

    def text(self) -> str:
        """The metrics in Prometheus's text format."""
        lines = []
        for part in fields(self):
            name, kind, said = _NAMES[part.name]
            full = f"evernormal_agent_{name}"
            value = int(getattr(self, part.name))
            lines += [f"# HELP {full} {said}", f"# TYPE {full} {kind}", f"{full} {value}"]
        return "\n".join([*lines, ""])


def write_metrics(metrics: Metrics, path: Path) -> None:
    """Write the metrics whole: their reader may come at any moment.

    raises   OSError
    """
    half = path.with_name(f".{path.name}.new")
    half.write_text(metrics.text(), encoding="utf-8")
    half.replace(path)
