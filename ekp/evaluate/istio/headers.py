"""EnvoyFilters that take headers off requests before anything else reads them.

Sources: Istio, "EnvoyFilter" reference; Envoy, ``header_mutation.v3.HeaderMutation``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from modules.core.mesh import MESH_ROOT

from ..request import Object, Request, Unsupported, Workload, of_kind
from .matching import NETWORKING, check_keys, has_labels, namespace_of, spec_of

_MUTATION = "envoy.extensions.filters.http.header_mutation.v3.HeaderMutation"
_AUTHENTICATION = "envoy.filters.http.jwt_authn"
_RATE_LIMITS = (
    "envoy.extensions.filters.http.local_ratelimit.",
    "envoy.extensions.filters.http.ratelimit.",
)


def cleaned(
    objects: Iterable[Object], workload: Workload, request: Request, *, gateway: bool = False
) -> Request:
    """Return a request without the headers that EnvoyFilters take off it on arrival.

    Only filters of HTTP are looked at, and of them those that mutate headers ahead of
    authentication; rate limits change no header and are passed over.

    Args:
        objects: Objects of the cluster, of any kind.
        workload: Whose proxy it is.
        request: As the sender wrote it.
        gateway: Whether the proxy is a gateway's and no sidecar.

    Raises:
        Unsupported: another filter of HTTP is added, or a mutation is not a plain removal.
    """
    if not workload.in_mesh:
        return request
    removed: set[str] = set()
    for source in filters_of(objects, workload):
        removed |= _removed(source, "GATEWAY" if gateway else "SIDECAR_INBOUND")
    kept = {name: value for name, value in request.headers.items() if name.lower() not in removed}
    return replace(request, headers=kept)


def filters_of(objects: Iterable[Object], workload: Workload) -> list[Object]:
    """Return the EnvoyFilters that hold for a workload.

    Raises:
        Unsupported: one is attached by ``targetRefs``, or its selector is not labels alone.
    """
    return [
        each for each in of_kind(objects, NETWORKING, "EnvoyFilter") if _selects(each, workload)
    ]


def _selects(source: Object, workload: Workload) -> bool:
    if namespace_of(source) not in (workload.namespace, MESH_ROOT):
        return False
    spec = spec_of(source, {"configPatches", "priority", "targetRefs", "workloadSelector"})
    if spec.get("targetRefs"):
        raise Unsupported(source, "spec.targetRefs", "is not understood; use a workloadSelector")
    selector = spec.get("workloadSelector")
    return has_labels(source, "spec.workloadSelector", "labels", selector, workload)


def _removed(source: Object, context: str) -> set[str]:
    names: set[str] = set()
    for index, entry in enumerate(
        spec_of(source, source.get("spec") or {}).get("configPatches") or []
    ):
        where = f"spec.configPatches[{index}]"
        check_keys(source, where, entry, {"applyTo", "match", "patch"})
        match = entry.get("match") or {}
        if entry.get("applyTo") != "HTTP_FILTER" or match.get("context", "ANY") not in (
            context,
            "ANY",
        ):
            continue
        names |= _of_filter(source, where, match, entry.get("patch") or {})
    return names


def _of_filter(
    source: Object, where: str, match: Mapping[str, Any], patch: Mapping[str, Any]
) -> set[str]:
    value = patch.get("value") or {}
    settings = value.get("typed_config") or {}
    kind = str(settings.get("@type", "")).removeprefix("type.googleapis.com/")
    if kind.startswith(_RATE_LIMITS):
        return set()
    if kind != _MUTATION:
        raise Unsupported(source, f"{where}.patch.value", f"adds {kind!r}, which is not understood")
    if not _is_first(match, str(patch.get("operation"))):
        raise Unsupported(
            source, f"{where}.patch.operation", "does not put it ahead of authentication"
        )
    place = f"{where}.patch.value.typed_config"
    check_keys(source, place, settings, {"@type", "mutations"})
    mutations = settings.get("mutations") or {}
    check_keys(source, f"{place}.mutations", mutations, {"request_mutations", "response_mutations"})
    names = set()
    for index, mutation in enumerate(mutations.get("request_mutations") or []):
        check_keys(source, f"{place}.mutations.request_mutations[{index}]", mutation, {"remove"})
        names.add(str(mutation["remove"]).lower())
    return names


def _is_first(match: Mapping[str, Any], operation: str) -> bool:
    if operation == "INSERT_FIRST":
        return True
    chain = (match.get("listener") or {}).get("filterChain") or {}
    beside = ((chain.get("filter") or {}).get("subFilter") or {}).get("name")
    return operation == "INSERT_BEFORE" and beside == _AUTHENTICATION
