"""What pod specs say of places: constraints, affinity, tolerations and selectors of labels."""

from collections.abc import Iterable, Mapping
from typing import Any

from ekp.evaluate.request import Unsupported

from .workload import Spread, Topology

_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"
_KNOWN = frozenset(str(one) for one in Topology)
Labels = Mapping[str, str]


def selects(source: Any, selector: Mapping[str, Any] | None, labels: Labels) -> bool:
    """Tell whether a LabelSelector matches; none matches nothing, an empty one everything.

    Raises:
        Unsupported: it has an operator that Kubernetes does not know.
    """
    if selector is None:
        return False
    wanted = selector.get("matchLabels") or {}
    return wanted.items() <= labels.items() and all(
        expression(source, one, labels) for one in selector.get("matchExpressions") or ()
    )


def expression(source: Any, found: Mapping[str, Any], labels: Labels) -> bool:
    """Tell whether a requirement of a selector, or of a node selector's term, holds.

    Raises:
        Unsupported: its operator is not evaluated.
    """
    value, values = labels.get(found["key"]), found.get("values") or ()
    match found["operator"]:
        case "In":
            return value in values
        case "NotIn":
            return value not in values
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
        case other:
            raise Unsupported(source, "matchExpressions", f"{other} is not evaluated")


def spreads(
    source: Any, constraints: Iterable[Mapping[str, Any]], labels: Labels, *, own: bool = False
) -> tuple[Spread, ...]:
    """Return the constraints that count the workload's own pods.

    One whose selector does not match them counts others, and spreads nothing.

    Args:
        source: The object, or what it is called in messages.
        constraints: ``topologySpreadConstraints``.
        labels: The pods' labels.
        own: Whether one without a selector is given the pods' own, as some charts do.

    Raises:
        Unsupported: a constraint is over something else than zones and nodes, or has a field
            that is not evaluated.
    """
    found = []
    for each in constraints:
        if each.get("topologyKey") not in _KNOWN:
            raise Unsupported(source, "topologySpreadConstraints", f"topologyKey of {each}")
        if "minDomains" in each or each.get("nodeAffinityPolicy", "Honor") != "Honor":
            raise Unsupported(source, "topologySpreadConstraints", f"a field of {each}")
        selector = each.get("labelSelector", {} if own else None)
        if selects(source, selector, labels):
            found.append(
                Spread(
                    Topology(each["topologyKey"]),
                    hard=each.get("whenUnsatisfiable", "DoNotSchedule") == "DoNotSchedule",
                    max_skew=each.get("maxSkew", 1),
                    honors_taints=each.get("nodeTaintsPolicy", "Ignore") == "Honor",
                )
            )
    return tuple(found)


def anti_affinity(
    source: Any, affinity: Mapping[str, Any], labels: Labels
) -> tuple[frozenset[Topology], tuple[Spread, ...]]:
    """Return where two of the pods never are, and where they would rather not be.

    Raises:
        Unsupported: it has affinity to other pods, or is over something else than zones and nodes.
    """
    if affinity.get("podAffinity"):
        raise Unsupported(source, "affinity.podAffinity", "it is not evaluated")
    found = affinity.get("podAntiAffinity") or {}
    never = found.get(_REQUIRED) or ()
    rather = [one["podAffinityTerm"] for one in found.get(_PREFERRED) or ()]
    return (
        frozenset(_topologies(source, never, labels)),
        tuple(Spread(one) for one in _topologies(source, rather, labels)),
    )


def _topologies(source: Any, terms: Iterable[Mapping[str, Any]], labels: Labels) -> list[Topology]:
    found = []
    for term in terms:
        if term.get("topologyKey") not in _KNOWN:
            raise Unsupported(source, "affinity.podAntiAffinity", f"topologyKey of {term}")
        if selects(source, term.get("labelSelector"), labels):
            found.append(Topology(term["topologyKey"]))
    return found


def node_terms(affinity: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """Return the terms of required node affinity."""
    required = (affinity.get("nodeAffinity") or {}).get(_REQUIRED) or {}
    return tuple(required.get("nodeSelectorTerms") or ())


def fits(source: Any, terms: Iterable[Mapping[str, Any]], labels: Labels) -> bool:
    """Tell whether a node's labels fit one of the terms, or there are none.

    Raises:
        Unsupported: a term asks for fields, or has an operator that is not evaluated.
    """
    every = list(terms)
    if any(term.get("matchFields") for term in every):
        raise Unsupported(source, "affinity.nodeAffinity", "matchFields is not evaluated")
    return not every or any(
        all(expression(source, one, labels) for one in term.get("matchExpressions") or ())
        for term in every
    )


def tolerates(tolerations: Iterable[Mapping[str, Any]], taint: Mapping[str, Any]) -> bool:
    """Tell whether pods are let on a node in spite of a taint."""
    return any(
        one.get("effect") in (None, "", taint["effect"])
        and (
            (one.get("operator") == "Exists" and one.get("key") in (None, "", taint["key"]))
            or (
                one.get("operator", "Equal") == "Equal"
                and one.get("key") == taint["key"]
                and one.get("value", "") == taint.get("value", "")
            )
        )
        for one in tolerations
    )
