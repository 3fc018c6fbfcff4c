"""One picture of the figures of allocation_quality.py."""

from collections.abc import Mapping
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt

from evernormal.simulator.rounds.quality import Quality

PANELS = (
    ("of_possible", "work done / possible"),
    ("wait_mean", "mean wait, hours (log)"),
    ("wait_p95", "p95 wait, hours (log)"),
    ("jain", "Jain's index of firms"),
    ("envy", "largest relative envy (log)"),
)
LOG = {"wait_mean", "wait_p95", "envy"}
SMALLEST = 0.01
COLOURS = ("#9aa0a6", "#5f7d95", "#b08d57", "#7a9e7e", "#b5332e")


def plot(results: Mapping[tuple[str, float], Mapping[str, Quality]], path: str) -> None:
    """Draw bars of each policy for each trace and load, and write them to a file."""
    mpl.use("Agg")
    mpl.rcParams.update({"font.size": 8, "svg.hashsalt": "allocation-quality"})
    figure, axes = plt.subplots(len(PANELS), 1, figsize=(7.5, 8.5), sharex=True)
    names = list(next(iter(results.values())))
    width = 0.8 / len(names)
    for axis, (field, title) in zip(axes, PANELS, strict=True):
        for place, name in enumerate(names):
            values = [max(SMALLEST, float(getattr(q[name], field))) for q in results.values()]
            at = [number + (place - len(names) / 2 + 0.5) * width for number in range(len(values))]
            axis.bar(at, values, width * 0.92, color=COLOURS[place], label=name)
        axis.set_title(title, loc="left", fontsize=8)
        axis.set_yscale("log" if field in LOG else "linear")
        axis.spines[["top", "right"]].set_visible(False)
    axes[-1].set_xticks(range(len(results)), [f"{name}, load {load}" for name, load in results])
    axes[0].legend(ncols=len(names), loc="lower center", bbox_to_anchor=(0.5, 1.15), frameon=False)
    figure.tight_layout()
    figure.savefig(Path(path), dpi=100, metadata={"Date": None} if path.endswith("svg") else None)
    plt.close(figure)
