"""EnvoyFilters by which a proxy refuses paths, before it looks at tokens and policies.

Sources: Envoy, ``rbac.v3.RBAC`` and ``type.matcher.v3.PathMatcher``, which leaves the query out.
"""

from collections.abc import Iterable

from ..paths import normalized
from ..request import Decision, Object, Request, Unsupported, Workload, named
from .authorization import FORBIDDEN
from .filters import GATEWAY, SIDECAR, HttpFilter, http_filters
from .matching import check_keys, matches_regex, refused_path
from .overage import REFUSAL, is_for_tokens

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
    found = [f for f in http_filters(objects, workload, gateway=gateway) if f.kind == REFUSAL]
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
    listener = found.match.get("listener", _ALL_HTTP)
    check_keys(source, f"{where}.match", found.match, {"context", "listener"})
    if found.match.get("context") not in (GATEWAY, SIDECAR) or listener != _ALL_HTTP:
        raise Unsupported(source, f"{where}.match", "is not all HTTP that comes in to a proxy")
    if found.patch.get("operation") != "INSERT_FIRST":
        raise Unsupported(source, f"{where}.patch.operation", "does not put it before policies")
    place = f"{where}.patch.value"
    check_keys(source, place, found.value, {"name", "typed_config"})
    check_keys(source, f"{place}.typed_config", found.settings, {"@type", "rules"})
    place = f"{place}.typed_config.rules"
    rules = found.settings.get("rules")
    check_keys(source, place, rules, {"action", "policies"})
    if rules is None or rules.get("action") != "DENY":
        raise Unsupported(source, f"{place}.action", "is not DENY")
    patterns: list[str] = []
    for name, policy in (rules.get("policies") or {}).items():
        check_keys(source, f"{place}.policies.{name}", policy, {"permissions", "principals"})
        if policy.get("principals") != _ANYBODY:
            raise Unsupported(source, f"{place}.policies.{name}.principals", "is not everybody")
        where = f"{place}.policies.{name}.permissions"
        # Without any it would be refused by Envoy, and is here too.
        patterns += [_pattern(source, where, each) for each in policy.get("permissions") or [{}]]
    return patterns


def _pattern(source: Object, where: str, permission: object) -> str:
    match permission:
        case {"url_path": {"path": {"safe_regex": {"regex": str(text)}}}} if permission == {
            "url_path": {"path": {"safe_regex": {"regex": text}}}
        }:
            return text
    raise Unsupported(source, where, f"{permission!r} is no expression for paths alone")
