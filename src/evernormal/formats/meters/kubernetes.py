"""Pods of Kubernetes, as meter readings: `kubectl get pods -A -o json`, or pods from a watch.

A pod holds the cards that the scheduler took for it, from the moment it was bound to its node until
its last container ended, whether its containers ran all that time or not.
source  Kubernetes: extended resources; sidecar containers (resource sharing within containers);
        pod conditions; watch events
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from evernormal.formats.meters.json_elements import Source, elements_of
from evernormal.formats.meters.pod_resources import cards_of, short_type
from evernormal.formats.meters.reading import (
    MeterReadings,
    Reading,
    moment_of,
    part_at,
    text_at,
)
from evernormal.formats.problems import Problem

_OVER: Final = frozenset({"Succeeded", "Failed"})
# How device plugins' feature labels name the product behind a resource.
_PRODUCT_LABELS: Final = ("product", "product-name")


@dataclass(frozen=True, slots=True)
class PodMeter:
    """How pods are read.

    cluster        the data centre's name of the cluster
    read_at        when the pods were read: a pod that holds cards has held them until then
    account_label  the label that names the buyer; without it, the namespace does
    resources      extended resources that are cards beside those known by default
    node_labels    labels of nodes by name; of a node that is in it, the product of the card is the
                   card type. Without any node, the resource's own name is
    file           name for problems
    """

    cluster: str
    read_at: datetime
    account_label: str = ""
    resources: frozenset[str] = frozenset()
    node_labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    file: str = "pods"

    def problem(self, line: int, place: str, code: str, message: str) -> Problem:
        """A problem of an object."""
        return Problem(self.file, line, place, code, message, _ADVICE)


def read_pods_json(text: str, meter: PodMeter) -> MeterReadings:
    """Read a list that kubectl or the API gives: pods, and nodes where they are in it too.

    text     a PodList or List
    returns  readings in the file's order; problems with the line where the object begins
    """
    problems: list[Problem] = []
    source = Source(meter.file, ("items",), "kubernetes.json", _ADVICE)
    items = list(elements_of(text, source, problems))
    nodes = dict(meter.node_labels)
    for _, item in items:
        if _kind(item) == "Node":
            nodes.update(labels_of_node(item))
    pods = [(line, item) for line, item in items if _kind(item) == "Pod"]
    read = readings_of_pods(pods, replace(meter, node_labels=nodes))
    others = sum(_kind(item) not in {"Pod", "Node"} for _, item in items)
    return MeterReadings(read.readings, read.without_cards + others, (*problems, *read.problems))


def _kind(item: Mapping[str, object]) -> str:
    """What an object is; a PodList of the API leaves it out."""
    return text_at(item, "kind") or "Pod"


def labels_of_node(node: Mapping[str, object]) -> dict[str, Mapping[str, str]]:
    """The labels of a v1 Node by its name, as PodMeter takes them; {} when it has no name."""
    metadata = part_at(node, "metadata")
    name = text_at(metadata, "name")
    labels = part_at(metadata, "labels")
    return {name: {key: str(value) for key, value in labels.items()}} if name else {}


def readings_of_pods(
    pods: Iterable[tuple[int, Mapping[str, object]]], meter: PodMeter
) -> MeterReadings:
    """Read v1 Pod objects.

    pods     each with its line, or with its place in the order where there is no file
    returns  a reading for each pod and type of card. A pod that waits for a node, or asks for no
             card, is counted as without cards
    """
    readings: list[Reading] = []
    problems: list[Problem] = []
    without_cards = 0
    for line, pod in pods:
        try:
            found = list(_readings(line, pod, meter))
        except _Unread as error:
            name = "/".join(text_at(part_at(pod, "metadata"), key) for key in ("namespace", "name"))
            message = f"Pod {name}: {error}."
            problems.append(meter.problem(line, error.place, error.code, message))
            continue
        readings += found
        without_cards += not found
    return MeterReadings(tuple(readings), without_cards, tuple(problems))


def readings_of_gone_pod(
    line: int, pod: Mapping[str, object], meter: PodMeter, *, gone_at: datetime
) -> MeterReadings:
    """Read a pod that is no more: a DELETED event, or one that a later list has no longer.

    pod      as it was last seen
    gone_at  when it was known to be gone; its cards were free by then
    returns  final readings: to the end of its last container where that is known, else to the
             moment by which its deletion was promised, and never beyond gone_at
    """
    read = readings_of_pods([(line, pod)], replace(meter, read_at=gone_at))
    promised = _moment(part_at(pod, "metadata"), "deletionTimestamp")
    gone = []
    for reading in read.readings:
        if reading.is_final:
            gone.append(reading)
            continue
        ended_at = _last_end(pod) or min(promised or gone_at, gone_at)
        ends_at = max(reading.starts_at, min(ended_at, gone_at))
        gone.append(replace(reading, ends_at=ends_at, is_final=True, state="DELETED"))
    return replace(read, readings=tuple(gone))


class _Unread(Exception):
    """A pod cannot be read."""

    def __init__(self, code: str, place: str, message: str) -> None:
        self.code, self.place = code, place
        super().__init__(message)


def _readings(line: int, pod: Mapping[str, object], meter: PodMeter) -> Iterator[Reading]:
    metadata, spec, status = (part_at(pod, key) for key in ("metadata", "spec", "status"))
    if not metadata or not spec:
        raise _Unread("kubernetes.pod", "metadata", "it is no whole v1 Pod")
    if spec.get("resourceClaims") and not status.get("extendedResourceClaimStatus"):
        message = "it claims devices in a way that the pod does not tell (resourceClaims)"
        raise _Unread("kubernetes.resource_claims", "spec.resourceClaims", message)
    try:
        cards = cards_of(spec, meter.resources)
    except ValueError as error:
        raise _Unread("kubernetes.quantity", "spec.containers", str(error)) from error
    starts_at = _bound_at(spec, status) if cards else None
    if starts_at is None:
        return
    uid, name = text_at(metadata, "uid"), text_at(metadata, "name")
    if not uid or not name:
        raise _Unread("kubernetes.pod", "metadata.uid", "it has no uid or no name")
    state = text_at(status, "phase") or "Unknown"
    is_over = state in _OVER
    ends_at = (_last_end(pod) or _last_word(status)) if is_over else meter.read_at
    if ends_at is None or ends_at < starts_at:
        ends_at = ends_at or meter.read_at
        message = f"it ends {ends_at.isoformat()}, before it was bound"
        raise _Unread("kubernetes.time", "status", message)
    for resource, count in sorted(cards.items()):
        yield Reading(
            line=line,
            cluster=meter.cluster,
            job=f"{text_at(metadata, 'namespace')}/{name}/{uid}",
            account=_account(metadata, meter),
            card_type=_card_type(resource, spec, meter),
            cards=count,
            starts_at=starts_at,
            ends_at=ends_at,
            state=state.upper(),
            is_final=is_over,
        )


def _bound_at(spec: Mapping[str, object], status: Mapping[str, object]) -> datetime | None:
    """When the pod was bound to its node; None while it waits for one.

    A pod that was made with a node's name has no scheduler's word, only the node's: startTime. Both
    are written once, so that the reading keeps its start.
    """
    for condition in _objects(status, "conditions"):
        if condition.get("type") == "PodScheduled":
            if condition.get("status") != "True":
                return None
            return _moment(condition, "lastTransitionTime")
    started_at = _moment(status, "startTime")
    if started_at is None and text_at(status, "phase") in _OVER and text_at(spec, "nodeName"):
        message = "it is over, and nothing tells when it was bound to its node"
        raise _Unread("kubernetes.time", "status.conditions", message)
    return started_at


def _last_end(pod: Mapping[str, object]) -> datetime | None:
    """When the last container of a pod ended; None where one has not, or none tells."""
    status = part_at(pod, "status")
    ends = []
    for kind in ("containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"):
        for container in _objects(status, kind):
            state = part_at(container, "state")
            if "running" in state:
                return None
            ended_at = _moment(part_at(state, "terminated"), "finishedAt")
            ends += [ended_at] if ended_at else []
    return max(ends, default=None)


def _last_word(status: Mapping[str, object]) -> datetime | None:
    """The time of the last that is known of a pod that was evicted, refused or lost with its node.

    Nobody saw its containers end. Once a pod is over, none of these times changes any more.
    """
    times = [_moment(each, "lastTransitionTime") for each in _objects(status, "conditions")]
    return max((t for t in (*times, _moment(status, "startTime")) if t), default=None)


def _account(metadata: Mapping[str, object], meter: PodMeter) -> str:
    if meter.account_label:
        return text_at(part_at(metadata, "labels"), meter.account_label)
    return text_at(metadata, "namespace")


def _card_type(resource: str, spec: Mapping[str, object], meter: PodMeter) -> str:
    if not meter.node_labels:
        return short_type(resource)
    node = text_at(spec, "nodeName")
    labels = meter.node_labels.get(node)
    if labels is None:
        # With its node the type would be another: the same use must not have two names.
        message = f"its node {node} is not among the nodes of this file"
        raise _Unread("kubernetes.node", "spec.nodeName", message)
    products = (labels.get(f"{resource}.{label}") for label in _PRODUCT_LABELS)
    return next((product for product in products if product), short_type(resource))


def _objects(fields: Mapping[str, object], key: str) -> Iterator[Mapping[str, object]]:
    value = fields.get(key)
    for each in value if isinstance(value, list) else ():
        if isinstance(each, Mapping):
            yield each


def _moment(fields: Mapping[str, object], key: str) -> datetime | None:
    """The time of a key; None when there is none."""
    text = text_at(fields, key)
    if not text:
        return None
    try:
        return moment_of(text)
    except ValueError as error:
        raise _Unread("kubernetes.time", key, str(error)) from error


_ADVICE = "Save what kubectl get pods -A -o json prints, whole and unchanged."
