"""Nodes of a region: the managed groups of its cluster, and what each node is."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ekp.configured.environment import Configured
from ekp.configured.reading import Reader, Resource, resources
from ekp.drill.instances import InstanceType, instance_type
from ekp.evaluate.blocks import entries
from ekp.evaluate.request import Unsupported
from ekp.runner.stacks import Stack

from .quantities import Room
from .workload import Topology

# A group's taints are in AWS's words. Source: Amazon EKS API reference, "Taint".
_EFFECTS = {
    "NO_SCHEDULE": "NoSchedule",
    "NO_EXECUTE": "NoExecute",
    "PREFER_NO_SCHEDULE": "PreferNoSchedule",
}


@dataclass(frozen=True, slots=True)
class Zone:
    """An availability zone."""

    id: str
    """Such as ``euw1-az1``."""
    name: str
    """The label of its nodes. AWS deals names to zones by account, so which zone has which name
    is not known before; a pod that asks for one name is held to one zone all the same."""


@dataclass(frozen=True, slots=True)
class Node:
    """One node."""

    name: str
    group: "Group"
    zone: Zone

    @property
    def labels(self) -> Mapping[str, str]:
        """What selectors of pods look at."""
        return {
            **self.group.labels,
            Topology.ZONE.value: self.zone.name,
            Topology.NODE.value: self.name,
        }


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """A managed node group."""

    name: str
    by: str
    instance: InstanceType
    zones: tuple[Zone, ...]
    min_size: int
    max_size: int
    labels: Mapping[str, str]
    taints: tuple[Mapping[str, Any], ...]

    @property
    def room(self) -> Room:
        """What one of its nodes has for pods."""
        return Room(
            self.instance.cpu_for_pods, self.instance.memory_for_pods, self.instance.max_pods
        )

    def next_zone(self, nodes: list[Node], lost: Zone | None = None) -> Zone | None:
        """Return where the next node comes up: where the group has fewest; None: nowhere.

        Source: Amazon EC2 Auto Scaling user guide, "Distribute instances across Availability
        Zones": it launches in the zone with the fewest instances.
        """
        left = [zone for zone in self.zones if zone != lost]
        have = Counter(node.zone for node in nodes if node.group is self)
        return min(left, key=lambda zone: (have[zone], zone.id), default=None)


def groups(configured: Configured, region: str) -> list[Group]:
    """Return the node groups of a region's cluster, by address.

    Raises:
        Unsupported: a group's zones or its instance type are not known here.
    """
    stack = configured.layer("cluster", region)
    if stack is None:
        return []
    return [_group(configured.reader, one) for one in resources(stack, "aws_eks_node_group")]


def _group(reader: Reader, found: Resource) -> Group:
    path = found.path
    body = found.body
    sizes = entries(body["scaling_config"])[0]
    # The smallest of those that it may take: which one comes is AWS's choice.
    types = [instance_type(name) for name in body.get("instance_types") or ()]
    if not types:
        raise Unsupported(path, "instance_types", "it is empty; name one")
    smallest = min(types, key=lambda one: (one.cpu_for_pods, one.memory_for_pods, one.max_pods))
    name = path.split("/")[-2].removeprefix("nodes-") if "/" in path else found.address
    return Group(
        name=name,
        by=path,
        instance=smallest,
        zones=_zones(reader, found.stack, body["subnet_ids"], path),
        min_size=int(sizes["min_size"]),
        max_size=int(sizes["max_size"]),
        labels={
            "kubernetes.io/os": "linux",
            "kubernetes.io/arch": "arm64" if "ARM_64" in body.get("ami_type", "") else "amd64",
            "eks.amazonaws.com/nodegroup": name,
            **(body.get("labels") or {}),
        },
        taints=tuple(
            {
                "key": one["key"],
                "value": one.get("value", ""),
                "effect": _EFFECTS[one["effect"]],
            }
            for one in entries(body.get("taint"))
        ),
    )


def _zones(reader: Reader, stack: Stack, subnets: object, path: str) -> tuple[Zone, ...]:
    found = [body for each in subnet_list(reader, stack, subnets) for body in [each.body]]
    if not found:
        raise Unsupported(path, "subnet_ids", f"the subnets of {subnets} are not known")
    ids = {str(one.get("availability_zone_id") or one.get("availability_zone")) for one in found}
    return tuple(
        Zone(id_, f"{stack.region}{id_[-1] if id_[-1].isalpha() else 'abcdefgh'[int(id_[-1]) - 1]}")
        for id_ in sorted(ids)
    )


def subnet_list(reader: Reader, stack: Stack, subnets: object) -> Iterator[Resource]:
    """Yield the subnets that an argument names: a list, or another stack's list as a whole."""
    if isinstance(subnets, list):
        for one in subnets:
            if found := reader.referred(stack, one):
                yield found
        return
    text, seen = str(subnets).removesuffix("}"), set()
    for place in range(len("abcdefgh")):
        found = reader.referred(stack, f"{text}[{place}]}}")
        if found is None or found.key in seen:
            return
        seen.add(found.key)
        yield found


def first(found: list[Group]) -> list[Node]:
    """Return the nodes that there always are: ``min_size`` of each group, over its zones."""
    nodes: list[Node] = []
    for group in found:
        for _ in range(group.min_size):
            nodes.append(another(group, nodes))
    return nodes


def another(group: Group, nodes: list[Node], lost: Zone | None = None) -> Node:
    """Return one more node of a group.

    Raises:
        ValueError: it has no zone left.
    """
    zone = group.next_zone(nodes, lost)
    if zone is None:
        raise ValueError(f"{group.name} has no zone but the one that is lost")
    taken = [int(node.name.rpartition("-")[2]) for node in nodes if node.group is group]
    return Node(f"{group.name}-{max(taken, default=0) + 1}", group, zone)
