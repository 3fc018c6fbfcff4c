"""Usage as meters write it, each format decoded into the same readings. Pure: text in, values out.

No decoder ever raises on what it is given: each bad row is a problem with its place, and the rows
without cards are counted, so that nothing goes missing silently.
"""

from evernormal.formats.meters.card_runs import CardRun, CardUse
from evernormal.formats.meters.focus_usage import FocusTable, read_focus_usage
from evernormal.formats.meters.kubernetes import (
    PodMeter,
    labels_of_node,
    read_pods_json,
    readings_of_gone_pod,
    readings_of_pods,
)
from evernormal.formats.meters.pod_resources import CARD_RESOURCES
from evernormal.formats.meters.prometheus import CardReadings, Pull, read_matrix
from evernormal.formats.meters.reading import MeterReadings, Reading
from evernormal.formats.meters.slurm import (
    CARD_KINDS,
    Sacct,
    read_sacct_json,
    read_sacct_parsable2,
)
from evernormal.formats.meters.swf import SwfLog, read_swf

__all__ = [
    "CARD_KINDS",
    "CARD_RESOURCES",
    "CardReadings",
    "CardRun",
    "CardUse",
    "FocusTable",
    "MeterReadings",
    "PodMeter",
    "Pull",
    "Reading",
    "Sacct",
    "SwfLog",
    "labels_of_node",
    "read_focus_usage",
    "read_matrix",
    "read_pods_json",
    "read_sacct_json",
    "read_sacct_parsable2",
    "read_swf",
    "readings_of_gone_pod",
    "readings_of_pods",
]
