"""EnvoyFilters by which a proxy refuses paths, before it looks at tokens and policies.

Source: Envoy, ``type.matcher.v3.PathMatcher``, which leaves the query out.
"""

from collections.abc import Iterable

from ..paths import normalized
from ..request import Decision, Object, Request, Unsupported, Workload, named
from .authorization import FORBIDDEN
from .denials import RBAC, denials
from .filters import HttpFilter, http_filters
from .matching import matches_regex, refused_path
from .overage import is_for_tokens

_ALL_HTTP = {"filterChain": {"filter": {"name": "envoy.filters.network.http_connection_manager"}}}
_ANYBODY = [{"any": True}]


def refused_by(
    objects: Iterable[Object], workload: Workload, request: Request, *, gateway: bool = False
) -> Decision | None:
    """Return the refusal of a request's path by an EnvoyFilter, or None where none refuses it.

    Args:
        objects: Objects of the cluster, of any kind.
        workload: Whose proxy it is.
        request: As it reaches the proxy.
        gateway: Whether the proxy is a gateway's and no sidecar.

    Raises:
        Unsupported: such a filter does something else, or not for everybody.
    """
    if not workload.in_mesh:
        return None
    found = [f for f in http_filters(objects, workload, gateway=gateway) if f.kind == RBAC]
    patterns = [(f, text) for f in found if not is_for_tokens(f) for text in refused_patterns(f)]
    if patterns and (refused := refused_path(request)):
        return refused
    # All are compared before any counts: a mistake in one never hides behind another.
    matching = [
        (each.source, text)
        for each, text in patterns
        if matches_regex(each.source, each.where, text, normalized(request.path))
    ]
    if not matching:
        return None
    source, text = matching[0]
    return Decision(False, named(source), f"refuses every path like {text}", FORBIDDEN)


def refused_patterns(found: HttpFilter) -> list[str]:
    """Return the expressions whose paths a filter refuses to everybody.

    Raises:
        Unsupported: it is not such a refusal, in every particular.
    """
    source, where = found.source, found.where
    if found.match.get("listener", _ALL_HTTP) != _ALL_HTTP:
        raise Unsupported(source, f"{where}.match", "is not all HTTP that comes in to a proxy")
    if found.patch.get("operation") != "INSERT_FIRST":
        raise Unsupported(source, f"{where}.patch.operation", "does not put it before policies")
    patterns: list[str] = []
    for own, policy in denials(found):
        if policy.get("principals") != _ANYBODY:
            raise Unsupported(source, f"{own}.principals", "is not everybody")
        # Without any it would be refused by Envoy, and is here too.
        patterns += [
            _pattern(source, f"{own}.permissions", each)
            for each in policy.get("permissions") or [{}]
        ]
    return patterns


def _pattern(source: Object, where: str, permission: object) -> str:
    match permission:
        case {"url_path": {"path": {"safe_regex": {"regex": str(text)}}}} if permission == {
            "url_path": {"path": {"safe_regex": {"regex": text}}}
        }:
            return text
    raise Unsupported(source, where, f"{permission!r} is no expression for paths alone")
