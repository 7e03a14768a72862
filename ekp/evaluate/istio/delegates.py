"""Routes of a VirtualService, with those of the VirtualServices that it delegates to.

Sources: Istio, "Virtual Service" reference, ``Delegate``; istio/istio 1.30,
``pilot/pkg/model/virtualservice.go``.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..request import Object, Unsupported, of_kind
from .gateways import bound_gateways
from .matching import NETWORKING, check_keys, exported, namespace_of, spec_of

_ROUTE = {
    "corsPolicy",
    "delegate",
    "headers",
    "match",
    "mirror",
    "mirrorPercentage",
    "mirrors",
    "name",
    "retries",
    "route",
    "timeout",
}
_SPEC = {"exportTo", "gateways", "hosts", "http"}
_TEXTS = ("uri", "method", "authority")
_HEADERS = ("headers", "withoutHeaders")


@dataclass(frozen=True, slots=True)
class Route:
    """One route as Istio hands it to proxies."""

    source: Object
    """The object that says where it sends to."""
    where: str
    """Its place in that object."""
    name: str
    entry: Mapping[str, Any]
    matches: tuple[Mapping[str, Any], ...]
    """None of them: it takes everything."""


def routes_of(objects: Iterable[Object], source: Object) -> Iterator[Route]:
    """Yield the routes of a VirtualService, each delegation replaced by the delegate's.

    As in Istio, a delegation is left out where its object is missing or not exported to the
    delegating one's namespace, and so is a delegate's route that asks for what contradicts it.

    Raises:
        Unsupported: a route is not understood, or a delegate delegates in turn.
    """
    every = list(objects)
    for index, entry in enumerate(spec_of(source, _SPEC).get("http") or []):
        where = f"spec.http[{index}]"
        root = _route(source, where, entry)
        if "delegate" not in entry:
            yield root
            continue
        if "route" in entry:
            raise Unsupported(source, where, "has both a route and a delegate")
        for delegate in _delegates(every, source, where, entry["delegate"]):
            for at, inner in enumerate(spec_of(delegate, _SPEC).get("http") or []):
                place = f"spec.http[{at}]"
                if "delegate" in inner:
                    raise Unsupported(delegate, f"{place}.delegate", "is a second delegation")
                if merged := _merged(root, _route(delegate, place, inner)):
                    yield merged


def _route(source: Object, where: str, entry: Mapping[str, Any]) -> Route:
    check_keys(source, where, entry, _ROUTE)
    return Route(
        source, where, str(entry.get("name") or ""), entry, tuple(entry.get("match") or ())
    )


def _delegates(
    objects: list[Object], source: Object, where: str, reference: Mapping[str, Any]
) -> list[Object]:
    check_keys(source, f"{where}.delegate", reference, {"name", "namespace"})
    home = reference.get("namespace") or namespace_of(source)
    return [
        each
        for each in of_kind(objects, NETWORKING, "VirtualService")
        if (namespace_of(each), each["metadata"]["name"]) == (home, reference.get("name"))
        and exported(
            each, spec_of(each, _SPEC).get("exportTo"), "spec.exportTo", namespace_of(source)
        )
    ]


def _merged(root: Route, delegate: Route) -> Route | None:
    kept = {key: value for key, value in root.entry.items() if key not in ("delegate", "match")}
    name = "-".join(part for part in (root.name, delegate.name) if part)
    matches = root.matches or delegate.matches
    if root.matches and delegate.matches:
        pairs = [[(one, own) for one in root.matches] for own in delegate.matches]
        fitting = [
            [(one, own) for one, own in of if not _contradict(root, one, own)] for of in pairs
        ]
        if not all(fitting):
            return None
        matches = tuple(_joined(one, own) for of in fitting for one, own in of)
    entry = {**kept, **delegate.entry}
    return Route(delegate.source, delegate.where, name, entry, matches)


def _joined(root: Mapping[str, Any], delegate: Mapping[str, Any]) -> Mapping[str, Any]:
    headers = {key: {**(root.get(key) or {}), **(delegate.get(key) or {})} for key in _HEADERS}
    return {**root, **delegate, **{key: value for key, value in headers.items() if value}}


def _contradict(route: Route, root: Mapping[str, Any], delegate: Mapping[str, Any]) -> bool:
    asked = [(root.get(key), delegate.get(key)) for key in _TEXTS]
    for key in _HEADERS:
        of_root = root.get(key) or {}
        asked += [(of_root.get(name), own) for name, own in (delegate.get(key) or {}).items()]
    for key in ("port", "sourceNamespace"):
        asked.append((_exact(root.get(key)), _exact(delegate.get(key))))
    if root.get("sourceNamespace") and not delegate.get("sourceNamespace"):
        return True
    if bool(root.get("ignoreUriCase")) != bool(delegate.get("ignoreUriCase")):
        return True
    if root.get("gateways") and delegate.get("gateways"):
        outer = bound_gateways(route.source, "gateways", root["gateways"])
        if not set(bound_gateways(route.source, "gateways", delegate["gateways"])) <= set(outer):
            return True
    return any(_texts_contradict(one, other) for one, other in asked)


def _exact(value: object) -> dict[str, str] | None:
    return {"exact": str(value)} if value else None


def _texts_contradict(root: Mapping[str, str] | None, own: Mapping[str, str] | None) -> bool:
    """Return whether a delegate asks for a text that is not within what the root asks for."""
    if root is None or own is None:
        return False
    match (dict(root), dict(own)):
        case ({"exact": one}, {"exact": other}):
            return one != other
        case ({"prefix": one}, {"prefix": other} | {"exact": other}):
            return not other.startswith(one)
    return True
