"""Destinations of a route: services, their subsets, and whether a proxy knows them.

Sources: Istio, "Virtual Service" and "Destination Rule" references; istio/istio 1.30,
``PushContext.destinationRule``.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from modules.core.mesh import MESH_ROOT

from ..request import Object, Unsupported, named, of_kind
from .hosts import covers, known_hosts, most_specific, written_name
from .matching import NETWORKING, check_keys, exported, namespace_of, spec_of

_WHOLE = 100
_RULE = {"exportTo", "host", "subsets", "trafficPolicy"}


@dataclass(frozen=True, slots=True)
class Destination:
    """One of the places that a route sends to."""

    host: str
    subset: str | None
    weight: int
    """Its share of the requests, out of the sum of all weights of the route."""


def destinations(source: Object, where: str, entries: object) -> tuple[Destination, ...]:
    """Return the destinations of a route, their hosts by full name.

    Raises:
        Unsupported: there are none, none has a weight, or a part is not understood.
    """
    if not isinstance(entries, list | tuple) or not entries:
        raise Unsupported(source, where, "is empty; a route sends somewhere")
    found = []
    for index, entry in enumerate(entries):
        place = f"{where}[{index}]"
        check_keys(source, place, entry, {"destination", "weight"})
        to = entry.get("destination")
        check_keys(source, f"{place}.destination", to, {"host", "port", "subset"})
        if not isinstance(to.get("host"), str):
            raise Unsupported(source, f"{place}.destination.host", "is missing")
        host = written_name(to["host"], namespace_of(source))
        # A weight counts beside others alone.
        weight = int(entry.get("weight", 0)) if len(entries) > 1 else _WHOLE
        found.append(Destination(host, to.get("subset"), weight))
    if not any(each.weight for each in found):
        raise Unsupported(source, where, "has no destination with a weight")
    return tuple(found)


def missing(objects: Iterable[Object], to: Destination, namespace: str) -> str | None:
    """Return what a proxy in a namespace lacks to reach a destination; None: nothing."""
    every = list(objects)
    services = [each for each in known_hosts(every, namespace) if covers(each.name, to.host)]
    if not services:
        return f"{to.host}, which there is not"
    if to.subset is None:
        return None
    rules = rules_for(every, to.host, namespace)
    if not rules:
        return f"subset {to.subset} of {to.host}, which has no DestinationRule"
    subsets = [
        subset.get("name") for rule in rules for subset in spec_of(rule, _RULE).get("subsets") or []
    ]
    if to.subset in subsets:
        return None
    return f"subset {to.subset}, which {', '.join(named(rule) for rule in rules)} has not"


def rules_for(objects: Iterable[Object], host: str, namespace: str) -> list[Object]:
    """Return the DestinationRules for a host: the caller's, else the service's, else the mesh's.

    Args:
        objects: Objects of the cluster, of any kind.
        host: By its full name.
        namespace: The caller's.
    """
    every = list(objects)
    homes = sorted(
        {each.namespace for each in known_hosts(every, namespace) if covers(each.name, host)}
    )
    # In the root namespace only what is kept there by exportTo counts as the caller's own.
    of_caller = [] if namespace == MESH_ROOT else [namespace]
    for level in (*([each] for each in of_caller), homes, [MESH_ROOT]):
        hosts: dict[str, list[Object]] = {}
        for rule in of_kind(every, NETWORKING, "DestinationRule"):
            spec = spec_of(rule, _RULE)
            if namespace_of(rule) in level and exported(
                rule, spec.get("exportTo"), "spec.exportTo", namespace
            ):
                name = written_name(str(spec.get("host")), namespace_of(rule))
                hosts.setdefault(name, []).append(rule)
        if pattern := most_specific(sorted(hosts), host):
            return hosts[pattern]
    return []
