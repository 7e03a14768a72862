"""Envoy's RBAC filter as EnvoyFilters put it in: what both kinds of refusal have in common.

Source: Envoy, ``rbac.v3.RBAC``.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from ..request import Unsupported
from .filters import GATEWAY, SIDECAR, HttpFilter
from .matching import check_keys

RBAC = "envoy.extensions.filters.http.rbac.v3.RBAC"
"""The type of such a filter's settings."""


def denials(found: HttpFilter) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the policies by which a filter refuses, each after the place where it stands.

    Raises:
        Unsupported: the filter does anything but refuse, in any particular.
    """
    source, where = found.source, found.where
    check_keys(source, f"{where}.match", found.match, {"context", "listener"})
    if found.match.get("context") not in (GATEWAY, SIDECAR):
        raise Unsupported(source, f"{where}.match", "is not all HTTP that comes in to a proxy")
    place = f"{where}.patch.value"
    check_keys(source, place, found.value, {"name", "typed_config"})
    check_keys(source, f"{place}.typed_config", found.settings, {"@type", "rules"})
    place = f"{place}.typed_config.rules"
    rules = found.settings.get("rules")
    check_keys(source, place, rules, {"action", "policies"})
    if rules is None or rules.get("action") != "DENY":
        raise Unsupported(source, f"{place}.action", "is not DENY")
    for name, policy in (rules.get("policies") or {}).items():
        own = f"{place}.policies.{name}"
        check_keys(source, own, policy, {"permissions", "principals"})
        yield own, policy
