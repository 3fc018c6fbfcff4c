"""How many cards a pod takes of its node, as the scheduler counts them."""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final

from evernormal.formats.meters.reading import CARDS_MAX, part_at, text_at

# Resources of device plugins whose units are whole cards, or parts that are sold as such. A data
# centre names more of them in device_classes.
CARD_RESOURCES: Final = frozenset(
    {
        "nvidia.com/gpu",
        "nvidia.com/gpu.shared",
        "amd.com/gpu",
        "gpu.intel.com/i915",
        "gpu.intel.com/xe",
        "habana.ai/gaudi",
        "huawei.com/Ascend310",
        "huawei.com/Ascend310P",
        "huawei.com/Ascend910",
        "cambricon.com/mlu",
        "cambricon.com/vmlu",
        "hygon.com/dcu",
        "iluvatar.com/gpu",
        "iluvatar.ai/gpu",
        "metax-tech.com/gpu",
        "mthreads.com/gpu",
        "enflame.com/gcu",
        "kunlunxin.com/xpu",
        "birentech.com/gpu",
    }
)
# Slices whose name tells their size.
_SLICES: Final = re.compile(
    r"nvidia\.com/mig-(?P<mig>[0-9]+g\.[0-9]+gb.*)|huawei\.com/(?P<vnpu>Ascend[0-9A-Z]+-[0-9]+c.*)"
)
_QUANTITY: Final = re.compile(r"([0-9]{1,18}(?:\.[0-9]{1,9})?)(m|k|M|G|Ki|Mi|Gi|[eE][0-9]{1,2})?")
_SUFFIXES: Final[Mapping[str, Decimal]] = {
    "": Decimal(1),
    "m": Decimal("0.001"),
    "k": Decimal(10**3),
    "M": Decimal(10**6),
    "G": Decimal(10**9),
    "Ki": Decimal(2**10),
    "Mi": Decimal(2**20),
    "Gi": Decimal(2**30),
}


def short_type(resource: str) -> str:
    """The card type of a resource: "1g.10gb" of a MIG slice, else the resource's own name."""
    match = _SLICES.fullmatch(resource)
    return (match["mig"] or match["vnpu"]) if match else resource


def cards_of(spec: Mapping[str, object], more: frozenset[str] = frozenset()) -> dict[str, int]:
    """The cards that the scheduler takes for a pod, by resource.

    spec     of a v1 Pod
    more     resources that are cards beside the known ones
    returns  for each resource the higher of what the containers and sidecars ask for together, and
             of what any init container needs beside the sidecars started before it
    raises   ValueError when a quantity is no number of cards
    source   Kubernetes, "Sidecar Containers": resource sharing within containers
    """
    running = _Sum()
    for container in _containers(spec, "containers"):
        running.add(_asked(container, more))
    sidecars, at_start = _Sum(), _Sum()
    for container in _containers(spec, "initContainers"):
        asked = _asked(container, more)
        if text_at(container, "restartPolicy") == "Always":
            running.add(asked)
            sidecars.add(asked)
            at_start.raise_to(sidecars.cards)
        else:
            at_start.raise_to({r: n + sidecars.cards.get(r, 0) for r, n in asked.items()})
    running.raise_to(at_start.cards)
    running.add(_amounts(part_at(spec, "overhead"), more))
    return {resource: count for resource, count in running.cards.items() if count}


class _Sum:
    """Cards by resource."""

    def __init__(self) -> None:
        self.cards: dict[str, int] = {}

    def add(self, asked: Mapping[str, int]) -> None:
        """Count these as well."""
        for resource, count in asked.items():
            self.cards[resource] = self.cards.get(resource, 0) + count

    def raise_to(self, asked: Mapping[str, int]) -> None:
        """Count at least these."""
        for resource, count in asked.items():
            self.cards[resource] = max(self.cards.get(resource, 0), count)


def _containers(spec: Mapping[str, object], key: str) -> Iterable[Mapping[str, object]]:
    value = spec.get(key)
    containers = value if isinstance(value, list) else []
    return [container for container in containers if isinstance(container, Mapping)]


def _asked(container: Mapping[str, object], more: frozenset[str]) -> dict[str, int]:
    """What a container asks for; of an extended resource a limit alone is a request too."""
    resources = part_at(container, "resources")
    return _amounts({**part_at(resources, "limits"), **part_at(resources, "requests")}, more)


def _amounts(quantities: Mapping[str, object], more: frozenset[str]) -> dict[str, int]:
    return {
        resource: _count(resource, quantity)
        for resource, quantity in quantities.items()
        if resource in CARD_RESOURCES or resource in more or _SLICES.fullmatch(resource)
    }


def _count(resource: str, quantity: object) -> int:
    """Read a quantity, which may be written "8", 8, "1k" or "8000m"."""
    match = _QUANTITY.fullmatch(str(quantity))
    if match is None or isinstance(quantity, bool):
        raise ValueError(f"{resource} is asked for as {str(quantity)[:40]!r}, which is no number")
    suffix = match[2] or ""
    factor = _SUFFIXES.get(suffix) or Decimal(10) ** int(suffix[1:])
    count = Decimal(match[1]) * factor
    if count != int(count) or count > CARDS_MAX:
        raise ValueError(f"{resource} is asked for as {quantity}, which is no number of cards")
    return int(count)
