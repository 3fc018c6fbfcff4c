"""What is known of a cluster's pods: who holds cards, and what ended since it was last told."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import msgspec

from evernormal.formats.meters.kubernetes import (
    PodMeter,
    readings_of_gone_pod,
    readings_of_pods,
)
from evernormal.formats.meters.pod_resources import cards_of
from evernormal.formats.meters.reading import MeterReadings, Reading
from evernormal.formats.problems import Problem

Pod = Mapping[str, Any]
NodeLabels = Mapping[str, Mapping[str, str]]

# What of a pod says nothing about cards, and may be long.
_DROPPED = {
    "metadata": frozenset({"managedFields", "annotations", "ownerReferences"}),
    "spec": frozenset({"volumes", "affinity", "tolerations", "imagePullSecrets"}),
}
_CONTAINERS = ("containers", "initContainers", "ephemeralContainers")
_KEPT_OF_CONTAINER = ("name", "resources", "restartPolicy")


class _Live(msgspec.Struct, frozen=True):
    """A pod that holds cards or waits for them, and its node's labels when it was first seen."""

    pod: dict[str, Any]
    node_labels: dict[str, dict[str, str]]


class _Memory(msgspec.Struct, frozen=True):
    seen_at: int
    live: dict[str, _Live]
    over: list[str]


@dataclass(frozen=True, slots=True)
class Told:
    """What the table tells: readings, problems, and what it wants to find again."""

    readings: tuple[Reading, ...]
    problems: tuple[Problem, ...]
    without_cards: int
    memory: bytes


class PodTable:
    """Pods by uid. Moments are on the API server's clock."""

    def __init__(self, meter: PodMeter, *, uses_node_labels: bool, memory: bytes) -> None:
        """Take up what an earlier table left.

        meter             how pods are read; its read_at and node_labels are not looked at
        uses_node_labels  whether a node's labels name its cards; then a pod is not read before its
                          node is known
        memory            as a Told had it; b"" at first
        raises            ValueError when the memory is damaged
        """
        self._unknown_node: NodeLabels = {"": {}} if uses_node_labels else {}
        known = msgspec.json.decode(memory, type=_Memory) if memory else _Memory(0, {}, [])
        self._meter = meter
        self._live = dict(known.live)
        self._over = set(known.over)
        self._without_cards: set[str] = set()
        self._ended: dict[str, MeterReadings] = {}
        self._found_over: set[str] = set()
        self._seen_at = datetime.fromtimestamp(known.seen_at, UTC)
        self._offered: tuple[bytes, frozenset[str]] = (b"", frozenset())

    def apply_list(self, pods: Iterable[Pod], *, node_labels: NodeLabels, at: datetime) -> None:
        """Take in a whole list: a pod that is not in it was deleted since it was last seen."""
        listed = {_uid(pod): pod for pod in pods}
        for uid in sorted(self._live.keys() - listed.keys()):
            self._end(uid, gone_at=self._seen_at)
        self._over &= listed.keys()
        self._without_cards &= listed.keys()
        for pod in listed.values():
            self.apply_pod(pod, node_labels=node_labels, at=at)
        self._seen_at = at

    def apply_pod(self, pod: Pod, *, node_labels: NodeLabels, at: datetime) -> None:
        """Take in one pod as it is now."""
        uid = _uid(pod)
        if uid in self._over or uid in self._ended:
            return
        if not _may_hold_cards(pod, self._meter):
            self._without_cards.add(uid)
            return
        node = str((pod.get("spec") or {}).get("nodeName") or "")
        known = self._live.get(uid)
        labels = {} if known is None else known.node_labels
        if node and node not in labels and node in node_labels:
            # Kept as they are now: the same use must not change its name when a label does.
            labels = {node: {k: v for k, v in node_labels[node].items() if "product" in k}}
        self._live[uid] = _Live(_trimmed(pod), labels)
        if (pod.get("status") or {}).get("phase") in {"Succeeded", "Failed"}:
            self._ended[uid] = self._read(uid, at)
            self._over.add(uid)
            del self._live[uid]
            if known is None:
                self._found_over.add(uid)

    def apply_deleted(self, pod: Pod, *, node_labels: NodeLabels, at: datetime) -> None:
        """Take in that a pod was deleted."""
        uid = _uid(pod)
        self.apply_pod(pod, node_labels=node_labels, at=at)
        if uid in self._live:
            self._end(uid, gone_at=at)
        self._over.discard(uid)
        self._without_cards.discard(uid)

    def lacks_node(self, pod: Pod, node_labels: NodeLabels) -> bool:
        """Whether a pod with cards stands on a node whose labels are not known."""
        node = (pod.get("spec") or {}).get("nodeName")
        known = self._live.get(_uid(pod))
        is_known = node in node_labels or (known is not None and node in known.node_labels)
        return bool(node) and not is_known and _may_hold_cards(pod, self._meter)

    def tell(self, *, memory: bytes, since: datetime, at: datetime) -> Told:
        """Give the readings of all pods that hold cards, and of those that ended.

        memory   what was kept last: what ended is told again until its memory comes back
        since    pods that ended earlier, and were never seen at work, are left out
        at       now
        """
        offered, uids = self._offered
        if offered and memory == offered:
            for uid in uids:
                self._ended.pop(uid, None)
                self._found_over.discard(uid)
        self._seen_at = at
        old = {uid for uid in self._found_over if _ended_before(self._ended[uid], since)}
        ended = [read for uid, read in self._ended.items() if uid not in old]
        found = [*ended, *(self._read(uid, at) for uid in self._live)]
        readings = [reading for each in found for reading in each.readings]
        memory = msgspec.json.encode(
            _Memory(int(at.timestamp()), self._live, sorted(self._over)), order="deterministic"
        )
        self._offered = memory, frozenset(self._ended)
        return Told(
            readings=tuple(readings),
            problems=tuple(problem for each in found for problem in each.problems),
            without_cards=len(self._without_cards) + sum(each.without_cards for each in found),
            memory=memory,
        )

    def _read(self, uid: str, at: datetime) -> MeterReadings:
        live = self._live[uid]
        return readings_of_pods([(0, live.pod)], self._meter_of(live, at))

    def _end(self, uid: str, *, gone_at: datetime) -> None:
        live = self._live.pop(uid)
        meter = self._meter_of(live, gone_at)
        self._ended[uid] = readings_of_gone_pod(0, live.pod, meter, gone_at=gone_at)

    def _meter_of(self, live: _Live, at: datetime) -> PodMeter:
        return replace(self._meter, read_at=at, node_labels=live.node_labels or self._unknown_node)


def _ended_before(read: MeterReadings, since: datetime) -> bool:
    return all(reading.ends_at < since for reading in read.readings)


def _uid(pod: Pod) -> str:
    return str((pod.get("metadata") or {}).get("uid") or "")


def _may_hold_cards(pod: Pod, meter: PodMeter) -> bool:
    try:
        return bool(cards_of(pod.get("spec") or {}, meter.resources))
    except ValueError:
        # The reader of pods says what is wrong with it.
        return True


def _trimmed(pod: Pod) -> dict[str, Any]:
    """The pod without what may be long and says nothing about cards: it is kept with each pull."""
    return {name: dict(_trimmed_part(name, part)) for name, part in pod.items() if part}


def _trimmed_part(name: str, part: Any) -> Iterator[tuple[str, Any]]:
    for key, value in part.items() if isinstance(part, Mapping) else ():
        if key in _DROPPED.get(name, ()):
            continue
        if name == "spec" and key in _CONTAINERS:
            kept = [{k: c[k] for k in _KEPT_OF_CONTAINER if k in c} for c in value or ()]
            yield key, kept
        else:
            yield key, value
