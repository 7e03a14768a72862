"""EnvoyFilters that take headers off requests before anything else reads them.

Sources: Istio, "EnvoyFilter" reference; Envoy, ``header_mutation.v3.HeaderMutation``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ..request import Object, Request, Unsupported, Workload
from .denials import RBAC
from .filters import HttpFilter, http_filters
from .matching import check_keys
from .overage import is_for_tokens, refused_claims
from .refusals import refused_patterns

_MUTATION = "envoy.extensions.filters.http.header_mutation.v3.HeaderMutation"
_AUTHENTICATION = "envoy.filters.http.jwt_authn"


def cleaned(
    objects: Iterable[Object], workload: Workload, request: Request, *, gateway: bool = False
) -> Request:
    """Return a request without the headers that EnvoyFilters take off it on arrival.

    Only filters of HTTP are looked at, and of them those that mutate headers ahead of
    authentication; rate limits and refusals of paths and tokens change no header and are passed
    over.

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
    for found in http_filters(objects, workload, gateway=gateway):
        removed |= _removed(found)
    kept = {name: value for name, value in request.headers.items() if name.lower() not in removed}
    return replace(request, headers=kept)


def _removed(found: HttpFilter) -> set[str]:
    source, where, settings = found.source, found.where, found.settings
    if found.is_rate_limit:
        return set()
    if found.kind == RBAC:
        # Read, so that nothing else passes for one.
        _ = refused_claims(found) if is_for_tokens(found) else refused_patterns(found)
        return set()
    if found.kind != _MUTATION:
        why = f"adds {found.kind!r}, which is not understood"
        raise Unsupported(source, f"{where}.patch.value", why)
    if not _is_first(found.match, str(found.patch.get("operation"))):
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
