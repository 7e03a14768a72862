"""Weights that Argo Rollouts writes into a VirtualService, and what it must find there for that.

Source: argo-rollouts v1.9.0, rollout/trafficrouting/istio/istio.go.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ekp.evaluate.request import named

from .subject import Subject
from .templates import RefusedError

_WHOLE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Where a rollout writes its shares."""

    by: str
    canary: str
    stable: str
    routes: tuple[Mapping[str, Any], ...]
    places: tuple[int, ...]
    """Which of the routes it writes to."""

    def written(self, weight: int) -> tuple[tuple[str, int], ...]:
        """Return the subsets' weights of the routes once the new version has a share."""
        shares = {self.canary: weight, self.stable: _WHOLE - weight}
        return tuple(
            (subset, shares.get(subset, 0) if place in self.places else way.get("weight", _WHOLE))
            for place, route in enumerate(self.routes)
            for way in route.get("route") or ()
            if (subset := way["destination"].get("subset", ""))
        )

    @property
    def apart(self) -> bool:
        """Whether no share at all leaves nobody with the new version."""
        return all(not weight for subset, weight in self.written(0) if subset == self.canary)


def split_of(subject: Subject) -> Split:
    """Return where the shares of a canary are written.

    Raises:
        RefusedError: Argo Rollouts could write them nowhere.
    """
    canary = subject.rollout["spec"]["strategy"]["canary"]
    routing = canary.get("trafficRouting") or {}
    istio = routing.get("istio") or {}
    where = f"{subject.by} strategy.canary.trafficRouting"
    wanted, rule = istio.get("virtualService") or {}, istio.get("destinationRule") or {}
    if not wanted or not rule:
        why = "no share of requests can be set: pods alone decide who meets the new version"
        raise RefusedError(where, why, "give trafficRouting.istio its virtualService and subsets")
    found = subject.one("VirtualService", wanted["name"])
    if found is None:
        why = f"VirtualService {subject.namespace}/{wanted['name']} is not there"
        raise RefusedError(where, why, "render the VirtualService beside the Rollout")
    routes = tuple(found["spec"].get("http") or ())
    managed = {one["name"] for one in routing.get("managedRoutes") or ()}
    split = Split(
        by=f"{named(found)} spec.http",
        canary=rule["canarySubsetName"],
        stable=rule["stableSubsetName"],
        routes=routes,
        places=_places(where, wanted.get("routes") or (), routes, managed),
    )
    for subset in (split.canary, split.stable):
        _check_subset(subject, rule["name"], split, subset)
    return split


def _places(
    where: str, wanted: Sequence[str], routes: Sequence[Mapping[str, Any]], managed: set[str]
) -> tuple[int, ...]:
    """Return which routes get the weights: those named, or the only one.

    With a managed route before it, the only one is found by having no name.
    """
    own = [place for place, route in enumerate(routes) if route.get("name", "") not in managed]
    if wanted:
        found = tuple(place for place in own if routes[place].get("name") in wanted)
        if len(found) == len(wanted):
            return found
        remedy = "name the route so, or leave routes out"
        raise RefusedError(where, f"its VirtualService lacks one of the routes {wanted}", remedy)
    if len(own) != 1:
        why = f"its VirtualService has {len(own)} routes, and routes names none"
        raise RefusedError(where, why, "leave one route in spec.http")
    if managed and routes[own[0]].get("name"):
        why = "beside a managed route a named route never gets its weights"
        raise RefusedError(where, why, "leave the route's name out, or list it in routes")
    return (own[0],)


def _check_subset(subject: Subject, rule: str, split: Split, subset: str) -> None:
    found = subject.one("DestinationRule", rule)
    known = {one["name"] for one in ((found or {}).get("spec") or {}).get("subsets") or ()}
    if subset not in known:
        why = f"DestinationRule {subject.namespace}/{rule} has no subset {subset}"
        raise RefusedError(subject.by, why, "give it the subsets that the Rollout names")
    if subset not in dict(split.written(0)):
        raise RefusedError(split.by, f"no route leads to subset {subset}", "add the destination")
