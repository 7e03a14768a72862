"""The drill ``pod-failure`` on an environment with one mitigation taken out."""

from collections.abc import Callable
from typing import Any

import yaml

from ekp.configured.environment import Configured
from ekp.drill import drills
from ekp.drill.place import Place
from ekp.drill.report import Check, Drill, Outcome

from .configured import with_objects, with_stack

CHECKOUT = "Rollout shop/checkout"
GATEWAY = "Deployment istio-ingress/istio-ingressgateway"
VAULT = "StatefulSet vault/vault"
CLUSTER, PLATFORM = "prod-eu-west-1-cluster", "prod-eu-west-1-platform"
NODE = "With any one node lost, all"
ZONE = "With any one zone lost, all"
SPREAD = "Their pods are spread"
COPIES = "Each of them runs in two copies"
VOTES = "What needs a majority"
SUPPORTING = "Controllers and stores"
BUDGET = "has a disruption budget"
DRAIN = "While a node is drained"
HELD = "No budget of any workload holds"
GROUPS = "Every node group"
ROOM = "The zones that are left"
VOLUME = "held to one zone by a volume"
OUT = "call out by a NAT gateway"
ENDS = "A pod that is told to end"
GONE = "Callers turn away"


def run(found: Configured) -> Drill:
    """Run the drill."""
    return drills.run("pod-failure", found, Place())


def check(drill: Drill, must: str) -> Check:
    """Return the check whose promise has some words."""
    [found] = [one for one in drill.checks if must in one.must]
    return found


def failures(drill: Drill) -> list[str]:
    """Return what failed, with what was seen."""
    return [f"{one.must} {one.observed}" for one in drill.checks if one.outcome is Outcome.FAILED]


def changed(found: Configured, kind: str, change: Callable[[dict[str, Any]], object]) -> Configured:
    """Return the environment with an object of the service ``checkout`` changed."""

    def all_of(objects: list[Any]) -> list[Any]:
        for one in objects:
            if (one["kind"], one["metadata"]["name"]) == (kind, "checkout"):
                change(one)
        return objects

    return with_objects(found, all_of)


def pod(source: dict[str, Any]) -> dict[str, Any]:
    """Return the pod spec of a template."""
    spec: dict[str, Any] = source["spec"]["template"]["spec"]
    return spec


def with_values(found: Configured, name: str, values: dict[str, Any]) -> Configured:
    """Return the environment with values of a chart's release laid over its own."""

    def change(body: dict[str, Any]) -> None:
        [release] = [
            one for one in body["resource"]["helm_release"].values() if one["name"] == name
        ]
        release["values"] = [*release["values"], yaml.safe_dump(values)]

    return with_stack(found, PLATFORM, change)


def with_group(found: Configured, name: str, **arguments: Any) -> Configured:
    """Return the environment with arguments of a node group changed."""

    def change(body: dict[str, Any]) -> None:
        for address, group in body["resource"]["aws_eks_node_group"].items():
            if f"-{name}_" in address:
                group.update(arguments)

    return with_stack(found, CLUSTER, change)


def drop(kind: str) -> Callable[[Configured], Configured]:
    """Return a change that takes a service's object away."""
    return lambda found: with_objects(
        found,
        lambda objects: [
            one for one in objects if (one["kind"], one["metadata"]["name"]) != (kind, "checkout")
        ],
    )


def of(kind: str, change: Callable[[dict[str, Any]], object]) -> Callable[[Configured], Configured]:
    """Return a change of a service's object."""
    return lambda found: changed(found, kind, change)


def budget(**spec: Any) -> Callable[[Configured], Configured]:
    """Return a change of what a service's budget says."""
    selector = {"matchLabels": {"app.kubernetes.io/name": "checkout"}}
    return of(
        "PodDisruptionBudget",
        lambda one: one.update(spec={"selector": selector, **spec}),
    )


def rollout(change: Callable[[dict[str, Any]], object]) -> Callable[[Configured], Configured]:
    """Return a change of a service's pod spec."""
    return of("Rollout", lambda one: change(pod(one)))
