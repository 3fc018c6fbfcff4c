"""The agent's source for Kubernetes: lists the pods, then watches them over a kept connection."""

import logging
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Final

import httpx2
from lightkube import Client, KubeConfig
from lightkube.config.client_adapter import verify_cluster
from lightkube.config.kubeconfig import SingleConfig
from lightkube.config.models import User
from lightkube.core.exceptions import ApiError, ConfigError
from lightkube.generic_resource import create_global_resource, create_namespaced_resource

from evernormal.connectors.agent.pod_table import Pod, PodTable
from evernormal.connectors.agent.source import Pulled, SourceAway
from evernormal.formats.meters.kubernetes import PodMeter, labels_of_node

log = logging.getLogger("evernormal.agent")

KUBERNETES_SECTION: Final[Mapping[str, Any]] = {
    "type": "object",
    "description": "the table [kubernetes], with the cluster's name",
    "additionalProperties": False,
    "required": ["cluster"],
    "properties": {
        "cluster": {"type": "string", "minLength": 1, "description": "the cluster's name"},
        "kubeconfig": {"type": "string", "minLength": 1, "description": "a kubeconfig file"},
        "context": {"type": "string", "minLength": 1, "description": "its context"},
        "account_label": {"type": "string", "minLength": 1, "description": "the buyer's label"},
        "resources": {
            "type": "array",
            "minItems": 1,
            "items": {"type": "string", "minLength": 1},
            "description": "extended resources that are cards",
        },
        "uses_node_labels": {"type": "boolean", "description": "whether nodes name their cards"},
    },
}

# As they come, with fields that no model of this day knows.
_Pods = create_namespaced_resource("", "v1", "Pod", "pods")
_Nodes = create_global_resource("", "v1", "Node", "nodes")

_ALL_NAMESPACES: Final = "*"
_PAGE: Final = 500
# The server ends each watch after so long: a connection that died unseen is found out.
_WATCH_SECONDS: Final = 240
_SILENT_SECONDS_MAX: Final = 600
_ANSWER_SECONDS_MAX: Final = 20
_TIMEOUT_SECONDS: Final = 20
_RETRY_SECONDS_MAX: Final = 30
_CLOSE_SECONDS_MAX: Final = 5
_GONE: Final = 410


@dataclass(frozen=True, slots=True)
class KubernetesSettings:
    """The table [kubernetes]. Without a kubeconfig the agent is a pod of the cluster itself."""

    cluster: str
    kubeconfig: Path | None = None
    context: str | None = None
    account_label: str = ""
    resources: frozenset[str] = frozenset()
    uses_node_labels: bool = True


def kubernetes_settings(section: Mapping[str, Any], *, folder: Path) -> KubernetesSettings:
    """Read a table that its schema has checked.

    folder   where a relative path begins
    """
    kubeconfig = section.get("kubeconfig")
    return KubernetesSettings(
        cluster=section["cluster"],
        kubeconfig=folder / kubeconfig if kubeconfig else None,
        context=section.get("context"),
        account_label=section.get("account_label", ""),
        resources=frozenset(section.get("resources", ())),
        uses_node_labels=section.get("uses_node_labels", True),
    )


class ServerClock:
    """The API server's clock, by the Date of its answers: pods' times are on it too."""

    def __init__(self, ticks: Callable[[], float]) -> None:
        """Count on.

        ticks    seconds on a clock that never goes back
        """
        self._ticks = ticks
        self._heard: tuple[datetime, float] | None = None

    def hear(self, response: httpx2.Response) -> None:
        """Set the clock by an answer."""
        try:
            told = parsedate_to_datetime(response.headers.get("Date", ""))
        except ValueError:
            return
        self._heard = told.astimezone(UTC), self._ticks()

    def now(self) -> datetime:
        """Now.

        raises   SourceAway when no answer had a Date
        """
        if self._heard is None:
            raise SourceAway("the API server does not tell its time")
        told, at = self._heard
        return told + timedelta(seconds=int(self._ticks() - at))

    def silent_seconds(self) -> float:
        """How long ago the server was heard."""
        return float("inf") if self._heard is None else self._ticks() - self._heard[1]


class _HeardTransport(httpx2.HTTPTransport):
    """Connections that set a clock."""

    def __init__(self, config: SingleConfig, clock: ServerClock) -> None:
        user = config.user or User()
        trusted = verify_cluster(config.cluster, user, config.abs_file, trust_env=False)
        super().__init__(verify=trusted)
        self._clock = clock
        self._watched: httpx2.Response | None = None

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        response = super().handle_request(request)
        self._clock.hear(response)
        if "watch" in request.url.params:
            self._watched = response
        return response

    def let_go(self) -> None:
        """Close the watch's answer: its reader leaves an answer of refusal open."""
        if self._watched is not None:
            self._watched.close()

    def wake(self) -> None:
        """End the watch's connection, so that whoever waits for its next word waits no more."""
        watched = self._watched
        stream = None if watched is None else watched.extensions.get("network_stream")
        found = None if stream is None else stream.get_extra_info("socket")
        if isinstance(found, socket.socket):
            with suppress(OSError):
                found.shutdown(socket.SHUT_RDWR)


class KubernetesSource:
    """Pods of one cluster. A thread follows the watch; `pull` tells what is known by then."""

    def __init__(self, settings: KubernetesSettings, *, ticks: Callable[[], float]) -> None:
        """Read the kubeconfig; nothing is asked before the first pull.

        raises   SourceAway when there is no way to the cluster in the settings
        """
        self._settings = settings
        self._clock = ServerClock(ticks)
        self._meter = PodMeter(
            cluster=settings.cluster,
            read_at=datetime.fromtimestamp(0, UTC),
            account_label=settings.account_label,
            resources=settings.resources,
            file=f"pods of {settings.cluster}",
        )
        config = _config(settings)
        self._transport = _HeardTransport(config, self._clock)
        self._client = Client(
            config,
            timeout=httpx2.Timeout(_TIMEOUT_SECONDS),
            trust_env=False,
            transport=self._transport,
        )
        self._guard = threading.Condition()
        self._table: PodTable | None = None
        self._node_labels: dict[str, Mapping[str, str]] = {}
        self._fault = "it has not answered yet"
        self._watch: threading.Thread | None = None
        self._is_closed = threading.Event()

    def pull(self, *, since: datetime, until: datetime, memory: bytes) -> Pulled:
        """Tell the pods that hold cards now, and those that ended; `until` does not matter here.

        raises   SourceAway
        """
        del until
        with self._guard:
            self._begin(memory)
            self._guard.wait_for(lambda: not self._fault, timeout=_ANSWER_SECONDS_MAX)
            if self._fault:
                raise SourceAway(f"the cluster {self._settings.cluster}: {self._fault}")
            if self._clock.silent_seconds() > _SILENT_SECONDS_MAX:
                # Whoever waits on a dead connection waits for ever: leave it to itself.
                self._watch = None
                raise SourceAway(f"the watch of {self._settings.cluster} is silent: begun anew")
            assert self._table is not None  # noqa: S101 - _begin made it
            at = self._clock.now()
            told = self._table.tell(memory=memory, since=since, at=at)
        return Pulled(
            told.readings,
            told.problems,
            read_until=at,
            without_cards=told.without_cards,
            memory=told.memory,
        )

    def close(self) -> None:
        """End the watch; its thread lets go of the connection."""
        self._is_closed.set()
        self._transport.wake()
        if self._watch is None:
            self._transport.close()
        else:
            self._watch.join(timeout=_CLOSE_SECONDS_MAX)

    def _begin(self, memory: bytes) -> None:
        if self._table is None:
            try:
                self._table = PodTable(
                    self._meter,
                    uses_node_labels=self._settings.uses_node_labels,
                    memory=memory,
                )
            except ValueError as error:
                raise SourceAway(f"what was kept of the pods is damaged: {error}") from error
        if self._watch is None:
            self._fault = "it has not answered yet"
            self._watch = threading.Thread(target=self._follow, daemon=True)
            self._watch.start()

    # --- The watch, in its own thread -------------------------------------------------------------

    def _follow(self) -> None:
        version: str | None = None
        failures = 0
        while self._is_followed():
            try:
                if version is None:
                    version = self._list()
                failures = 0
                version = self._follow_events(version)
            # A thread that died unseen would have its pods run on, and be charged, for ever.
            except Exception as error:  # noqa: BLE001
                if _status(error) == _GONE:
                    # Too much has happened since that version: the list tells it as well.
                    log.info("the watch of %s begins anew with a list", self._settings.cluster)
                    version = None
                    continue
                failures += 1
                self._fail(f"{type(error).__name__}: {error}")
                self._is_closed.wait(min(2**failures / 2, _RETRY_SECONDS_MAX))
        if self._is_closed.is_set():
            self._transport.close()

    def _follow_events(self, version: str) -> str:
        """Take in events until the connection ends; the version after the last of them."""
        events = self._client.watch(
            _Pods,
            namespace=_ALL_NAMESPACES,
            resource_version=version,
            server_timeout=_WATCH_SECONDS,
        )
        try:
            for kind, pod in events:
                if not self._is_followed():
                    break
                self._take(kind, pod)
                version = (pod.get("metadata") or {}).get("resourceVersion") or version
        except (httpx2.HTTPError, httpx2.StreamError) as error:
            if _status(error) == _GONE:
                raise
            self._fail(f"{type(error).__name__}: {error}")
            self._is_closed.wait(1)
            self._probe()
        finally:
            self._transport.let_go()
        return version

    def _list(self) -> str:
        labels = self._list_nodes()
        listed = self._client.list(_Pods, namespace=_ALL_NAMESPACES, chunk_size=_PAGE)
        pods: list[Pod] = list(listed)
        with self._guard:
            assert self._table is not None  # noqa: S101 - pull made it
            self._node_labels = labels
            self._table.apply_list(pods, node_labels=labels, at=self._clock.now())
            self._fault = ""
            self._guard.notify_all()
        return listed.resourceVersion

    def _probe(self) -> None:
        """See whether the cluster is there again; the watch then goes on where it broke off."""
        labels = self._list_nodes()
        with self._guard:
            self._node_labels = labels or self._node_labels
            self._fault = ""
            self._guard.notify_all()

    def _list_nodes(self) -> dict[str, Mapping[str, str]]:
        labels: dict[str, Mapping[str, str]] = {}
        if self._settings.uses_node_labels:
            for node in self._client.list(_Nodes, chunk_size=_PAGE):
                labels |= labels_of_node(node)
        else:
            # Asked for nothing but an answer.
            next(iter(self._client.list(_Pods, namespace=_ALL_NAMESPACES, chunk_size=1)), None)
        return labels

    def _take(self, kind: str, pod: Pod) -> None:
        table = self._table
        assert table is not None  # noqa: S101 - pull made it
        with self._guard:
            is_new_node = self._settings.uses_node_labels and table.lacks_node(
                pod, self._node_labels
            )
        labels = self._list_nodes() if is_new_node else self._node_labels
        with self._guard:
            self._node_labels = labels
            apply = table.apply_deleted if kind == "DELETED" else table.apply_pod
            apply(pod, node_labels=labels, at=self._clock.now())

    def _fail(self, fault: str) -> None:
        if self._is_closed.is_set():
            return
        with self._guard:
            self._fault = fault
        log.warning("the watch of %s broke off: %s", self._settings.cluster, fault)

    def _is_followed(self) -> bool:
        """Whether this thread is still the one to follow."""
        return not self._is_closed.is_set() and self._watch is threading.current_thread()


def _config(settings: KubernetesSettings) -> SingleConfig:
    try:
        if settings.kubeconfig is None:
            found = KubeConfig.from_service_account().get()
        else:
            found = KubeConfig.from_file(settings.kubeconfig).get(settings.context)
    except (ConfigError, OSError, ValueError, KeyError) as error:
        raise SourceAway(f"no way to the cluster {settings.cluster}: {error}") from error
    if found is None or found.user is None:
        raise SourceAway(f"{settings.kubeconfig} names no cluster, or no user of it")
    return found


def _status(error: Exception) -> int:
    """The HTTP status behind an error; 0 where there is none."""
    if isinstance(error, ApiError) and error.status is not None:
        return error.status.code or 0
    if isinstance(error, httpx2.HTTPStatusError):
        return error.response.status_code
    return 0
