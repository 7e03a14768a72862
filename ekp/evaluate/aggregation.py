"""Rules of a role: its own, or those of the ClusterRoles that it gathers by their labels.

Source: Kubernetes, "Using RBAC Authorization", "Aggregated ClusterRoles".
"""

from collections.abc import Mapping
from typing import Any

from .request import Object, Unsupported, of_kind

_GROUP = "rbac.authorization.k8s.io"


def rules_of(objects: list[Object], role: Object) -> list[Mapping[str, Any]]:
    """Return a role's rules; of one that aggregates, those that the control plane fills in.

    Raises:
        Unsupported: an aggregation is not understood.
    """
    if not role.get("aggregationRule"):
        return list(role.get("rules") or [])
    gathered: dict[str, Object] = {}
    waiting = [role]
    while waiting:
        here = waiting.pop()
        for other in of_kind(objects, _GROUP, "ClusterRole"):
            name = other["metadata"]["name"]
            if name != role["metadata"]["name"] and name not in gathered and _takes(here, other):
                gathered[name] = other
                waiting += [other] if other.get("aggregationRule") else []
    found = [gathered[name] for name in sorted(gathered)]
    return [
        rule
        for each in found
        if not each.get("aggregationRule")
        for rule in each.get("rules") or []
    ]


def _takes(role: Object, other: Object) -> bool:
    selectors = role["aggregationRule"].get("clusterRoleSelectors") or []
    labels = other["metadata"].get("labels") or {}
    # A list, not a generator: every selector is read.
    return any([_selects(role, each, labels) for each in selectors])  # noqa: C419


def _selects(role: Object, selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    where = "aggregationRule.clusterRoleSelectors"
    if unknown := sorted(set(selector) - {"matchLabels", "matchExpressions"}):
        raise Unsupported(role, f"{where}.{unknown[0]}", "is not understood")
    found = [labels.get(key) == value for key, value in (selector.get("matchLabels") or {}).items()]
    for expression in selector.get("matchExpressions") or []:
        value, values = labels.get(expression["key"]), expression.get("values") or []
        match expression.get("operator"):
            case "In":
                found.append(value in values)
            case "NotIn":
                found.append(value not in values)
            case "Exists":
                found.append(value is not None)
            case "DoesNotExist":
                found.append(value is None)
            case operator:
                raise Unsupported(role, where, f"the operator {operator!r} is not understood")
    return all(found)
