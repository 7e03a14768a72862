"""Workloads of objects: what Git and Terraform's bundles bring, with their budgets."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ekp.configured.replicas import of_object
from ekp.evaluate.request import Object, Unsupported, named, of_kind
from ekp.evaluate.workloads import templates
from ekp.evaluate.world import World

from . import scheduling
from .budgets import Budget
from .quantities import NOTHING, Room, requests
from .workload import PER_NODE, Ending, Role, Workload

# Source: Kubernetes documentation, "Pod Lifecycle", "Termination of Pods".
_GRACE = 30
Priorities = Mapping[str, int]


def workloads(world: World, priorities: Priorities, proxy: Room) -> list[Workload]:
    """Return the workloads that have their template among the objects of a cluster.

    Args:
        world: What the cluster holds.
        priorities: Value of each PriorityClass.
        proxy: What the injected proxy asks for.

    Raises:
        Unsupported: an object says something of its pods that is not evaluated.
    """
    meshed = {
        (one.workload.namespace, one.workload.name) for one in world.pods if one.workload.in_mesh
    }
    return [
        _workload(
            each,
            world.objects,
            priorities,
            proxy
            if (each["metadata"]["namespace"], each["metadata"]["name"]) in meshed
            else NOTHING,
        )
        for each in templates(world.objects)
    ]


def _workload(
    source: Object, objects: Sequence[Object], priorities: Priorities, proxy: Room
) -> Workload:
    metadata, spec = source["metadata"], source["spec"]
    labels = spec["template"].get("metadata", {}).get("labels") or {}
    pod = spec["template"]["spec"]
    affinity = pod.get("affinity") or {}
    apart, rather = scheduling.anti_affinity(source, affinity, labels)
    budgets, strays = _budgets(source, labels, objects)
    asked = requests(source, pod.get("containers") or ())
    return Workload(
        kind=source["kind"],
        namespace=metadata["namespace"],
        name=metadata["name"],
        # Services of tenants: somebody calls them, or they would not be.
        role=Role.SERVES,
        by=named(source),
        setting=f"Raise `scaling.min_replicas` of the service {metadata['name']}.",
        replicas=0 if source["kind"] == PER_NODE else of_object(objects, source).fewest,
        # The proxy has room of its own: this is the sum.
        requests=Room(asked.cpu + proxy.cpu, asked.memory + proxy.memory),
        labels=labels,
        priority=priorities.get(pod.get("priorityClassName", ""), 0),
        node_selector=pod.get("nodeSelector") or {},
        node_terms=scheduling.node_terms(affinity),
        tolerations=tuple(pod.get("tolerations") or ()),
        spreads=(
            *scheduling.spreads(source, pod.get("topologySpreadConstraints") or (), labels),
            *rather,
        ),
        apart=apart,
        budgets=budgets,
        stray_budgets=strays,
        volume=bool(spec.get("volumeClaimTemplates"))
        or any("persistentVolumeClaim" in one for one in pod.get("volumes") or ()),
        ending=_ending(source, pod),
    )


def _budgets(
    source: Object, labels: Mapping[str, str], objects: Sequence[Object]
) -> tuple[tuple[Budget, ...], tuple[str, ...]]:
    """Return the budgets that select a workload's pods, and those that select none at all."""
    namespace = source["metadata"]["namespace"]
    mine: list[Budget] = []
    strays: list[str] = []
    for each in of_kind(objects, "policy", "PodDisruptionBudget"):
        if each["metadata"].get("namespace") != namespace:
            continue
        spec = each["spec"]
        if scheduling.selects(each, spec.get("selector"), labels):
            mine.append(
                Budget(
                    by=named(each),
                    max_unavailable=spec.get("maxUnavailable"),
                    min_available=spec.get("minAvailable"),
                    others=sum(
                        of_object(objects, one).fewest
                        for one in _selected(each, objects)
                        if one is not source and one["kind"] != PER_NODE
                    ),
                )
            )
        elif not any(_selected(each, objects)):
            strays.append(named(each))
    return tuple(mine), tuple(strays)


def _selected(budget: Object, objects: Iterable[Object]) -> Iterator[Object]:
    """Yield the objects whose pods a budget selects."""
    for each in templates(objects):
        labels = each["spec"]["template"].get("metadata", {}).get("labels") or {}
        if each["metadata"].get("namespace") == budget["metadata"].get(
            "namespace"
        ) and scheduling.selects(budget, budget["spec"].get("selector"), labels):
            yield each


def _ending(source: Object, pod: Mapping[str, Any]) -> Ending:
    containers = pod.get("containers") or ()
    return Ending(
        unready=tuple(one["name"] for one in containers if "readinessProbe" not in one),
        waits=min((_wait(source, one) for one in containers), default=0),
        grace=int(pod.get("terminationGracePeriodSeconds", _GRACE)),
    )


def _wait(source: Object, container: Mapping[str, Any]) -> int:
    hook = (container.get("lifecycle") or {}).get("preStop")
    if not hook:
        return 0
    if "sleep" not in hook:
        raise Unsupported(source, "lifecycle.preStop", "how long a command takes is not known")
    return int(hook["sleep"]["seconds"])
