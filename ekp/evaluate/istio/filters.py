"""EnvoyFilters: which ones hold for a proxy, and the filters of HTTP that they put into it.

Source: Istio, "EnvoyFilter" reference.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from modules.core.mesh import MESH_ROOT

from ..request import Object, Unsupported, Workload, of_kind
from .matching import NETWORKING, check_keys, has_labels, namespace_of, spec_of

GATEWAY, SIDECAR = "GATEWAY", "SIDECAR_INBOUND"
"""Where a proxy takes requests: at a gateway, or before a pod's application."""
_RATE_LIMITS = (
    "envoy.extensions.filters.http.local_ratelimit.",
    "envoy.extensions.filters.http.ratelimit.",
)


@dataclass(frozen=True, slots=True)
class HttpFilter:
    """A patch of an EnvoyFilter for the filters of HTTP."""

    source: Object
    where: str
    match: Mapping[str, Any]
    patch: Mapping[str, Any]

    @property
    def value(self) -> Mapping[str, Any]:
        """What is put in; {} where there is nothing, as in a patch that removes a filter."""
        return self.patch.get("value") or {}

    @property
    def settings(self) -> Mapping[str, Any]:
        """Its settings, with their type."""
        return self.value.get("typed_config") or {}

    @property
    def kind(self) -> str:
        """The type of its settings, "" where it has none."""
        return str(self.settings.get("@type", "")).removeprefix("type.googleapis.com/")

    @property
    def is_rate_limit(self) -> bool:
        """Whether it counts requests and changes none."""
        return self.kind.startswith(_RATE_LIMITS)


def filters_of(objects: Iterable[Object], workload: Workload) -> list[Object]:
    """Return the EnvoyFilters that hold for a workload.

    Raises:
        Unsupported: one is attached by ``targetRefs``, or its selector is not labels alone.
    """
    return [
        each for each in of_kind(objects, NETWORKING, "EnvoyFilter") if _selects(each, workload)
    ]


def http_filters(
    objects: Iterable[Object], workload: Workload, *, gateway: bool
) -> Iterator[HttpFilter]:
    """Yield the filters of HTTP that EnvoyFilters put where a workload's proxy takes requests.

    Args:
        objects: Objects of the cluster, of any kind.
        workload: Whose proxy it is.
        gateway: Whether the proxy is a gateway's and no sidecar.

    Raises:
        Unsupported: an EnvoyFilter has a part that is not understood.
    """
    contexts = (GATEWAY if gateway else SIDECAR, "ANY")
    for source in filters_of(objects, workload):
        spec = spec_of(source, source.get("spec") or {})
        for index, entry in enumerate(spec.get("configPatches") or []):
            where = f"spec.configPatches[{index}]"
            check_keys(source, where, entry, {"applyTo", "match", "patch"})
            match = entry.get("match") or {}
            if entry.get("applyTo") == "HTTP_FILTER" and match.get("context", "ANY") in contexts:
                yield HttpFilter(source, where, match, entry.get("patch") or {})


def _selects(source: Object, workload: Workload) -> bool:
    if namespace_of(source) not in (workload.namespace, MESH_ROOT):
        return False
    spec = spec_of(source, {"configPatches", "priority", "targetRefs", "workloadSelector"})
    if spec.get("targetRefs"):
        raise Unsupported(source, "spec.targetRefs", "is not understood; use a workloadSelector")
    selector = spec.get("workloadSelector")
    return has_labels(source, "spec.workloadSelector", "labels", selector, workload)
