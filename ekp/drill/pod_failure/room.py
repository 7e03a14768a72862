"""Whether what is left of a region takes the pods of a lost zone, and calls out without it."""

from collections.abc import Iterator, Sequence

from ekp.configured.environment import Configured
from ekp.configured.reading import of_kind, resources
from ekp.drill.report import Check, skipped
from ekp.gate.reports.wording import number

from .findings import Gap, check, of_workload
from .nodes import subnet_list
from .region import Region

_SEVERAL = 2


def checks(configured: Configured, regions: Sequence[Region]) -> list[Check]:
    """Return the checks of nodes, volumes and ways out."""
    return [_groups(regions), _again(regions), _volumes(regions), _ways_out(configured, regions)]


def _groups(regions: Sequence[Region]) -> Check:
    gaps, told, by = [], [], []
    for region in regions:
        for group in region.groups:
            by.append(group.by)
            told.append(
                f"{region.name} {group.name}: {len(group.zones)} zones, {group.min_size} to "
                f"{group.max_size} {group.instance.name}"
            )
            if len(group.zones) < _SEVERAL:
                zone = ", ".join(one.id for one in group.zones)
                text = f"the node group {group.name} is in {zone} alone"
                remedy = "Give the group subnets of several zones."
                gaps.append(Gap(region.name, text, group.by, remedy))
            elif group.min_size < _SEVERAL:
                text = f"the node group {group.name} keeps {number(group.min_size, 'node')}"
                gaps.append(Gap(region.name, text, group.by, "Raise its `min_size` to 2 and more."))
            if group.max_size <= group.min_size:
                text = f"the node group {group.name} cannot grow above {group.max_size}"
                gaps.append(Gap(region.name, text, group.by, "Raise its `max_size`."))
    return check(
        "Every node group is in several zones, has a node in two of them, and can grow.",
        gaps,
        f"{'; '.join(told)}.",
        by,
    )


def _again(regions: Sequence[Region]) -> Check:
    gaps, told = [], []
    for region in regions:
        by = [group.by for group in region.groups]
        for pod in region.placement.waiting:
            text = "has a pod that no node takes, even before anything is lost"
            remedy = "Raise `max_size` of a node group that takes it, or take larger nodes."
            gaps.append(of_workload(region, pod.workload, text, remedy))
        for found in region.recoveries:
            told.append(
                f"{region.name} without {found.zone.id}: {number(found.pods_lost, 'pod')} of "
                f"{number(found.nodes_lost, 'node')}, {number(len(found.started), 'new node')}"
            )
            titles = sorted({pod.workload.title for pod in found.without_room})
            if titles:
                text = f"without {found.zone.id} no node takes a pod of {', '.join(titles)}"
                remedy = "Raise `max_size` of the node groups, or take larger nodes."
                gaps.append(Gap(region.name, text, by[0], remedy))
    return check(
        "The zones that are left take the lost zone's pods, with node groups at their `max_size`.",
        gaps,
        f"{'; '.join(told)}. By requests, addresses and `min_size` nodes; a zone that has no "
        "instances left for sale was not looked at.",
        (group.by for region in regions for group in region.groups),
    )


def _volumes(regions: Sequence[Region]) -> Check:
    gaps, bound, by = [], set(), []
    for region in regions:
        for workload in region.serving:
            if workload.volume:
                text = "has volumes, and a volume of EBS never leaves its zone"
                remedy = "Keep what requests need elsewhere than on a volume of EBS."
                gaps.append(of_workload(region, workload, text, remedy))
        bound |= {one.title for one in region.workloads if one.volume and one.replicas}
        for found in of_kind(region.objects, "StorageClass"):
            name = f"StorageClass {found['metadata']['name']}"
            by.append(f"{name} volumeBindingMode")
            if found.get("volumeBindingMode") != "WaitForFirstConsumer":
                text = f"{name} makes a volume before it is known in which zone its pod runs"
                remedy = "Set `volumeBindingMode: WaitForFirstConsumer`."
                gaps.append(Gap(region.name, text, name, remedy))
    return check(
        "Nothing that users' requests depend on is held to one zone by a volume.",
        gaps,
        f"With volumes, so that a pod waits until its zone is back: "
        f"{', '.join(sorted(bound)) or 'none'}.",
        by,
    )


def _ways_out(configured: Configured, regions: Sequence[Region]) -> Check:
    must = "Each zone's nodes call out by a NAT gateway of their own zone."
    gaps, told, by = [], [], []
    for region in regions:
        ways = _ways(configured, region.name)
        for zone, (gateway_zone, path) in sorted(ways.items()):
            by.append(path)
            if not gateway_zone:
                text = f"nodes in {zone} have no way out by a NAT gateway, and others have"
                remedy = "Give the subnet's route table a route to a NAT gateway of its zone."
                gaps.append(Gap(region.name, text, path, remedy))
            elif zone != gateway_zone:
                text = f"pods in {zone} call out by the NAT gateway in {gateway_zone}"
                remedy = f"Set `regions[{region.name}].network.vpc.nat` to `Nat.PER_ZONE`."
                gaps.append(Gap(region.name, text, path, remedy))
        told.append(f"{region.name}: {number(len(ways), 'zone')}")
    if not by:
        remedy = "Nothing is to be done where nodes call nobody outside."
        return skipped(must, "No subnet of nodes has a NAT gateway.", remedy=remedy)
    return check(
        must,
        gaps,
        f"{'; '.join(told)}, each with its own.",
        by,
    )


def _ways(configured: Configured, region: str) -> dict[str, tuple[str, str]]:
    """Return for each zone with nodes the zone of its NAT gateway, and what leads there.

    A zone without one has an empty name there; no zone has one where there is no NAT gateway.
    """
    found = dict(_routes(configured, region))
    cluster = configured.layer("cluster", region)
    if cluster is None or not found:
        return {}
    for group in resources(cluster, "aws_eks_node_group"):
        for subnet in subnet_list(configured.reader, cluster, group.body["subnet_ids"]):
            found.setdefault(_zone(subnet.body), ("", subnet.path))
    return found


def _routes(configured: Configured, region: str) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield the zone of each subnet that has nodes, and the zone of its NAT gateway."""
    cluster = configured.layer("cluster", region)
    reader = configured.reader
    if cluster is None:
        return
    for group in resources(cluster, "aws_eks_node_group"):
        for subnet in subnet_list(reader, cluster, group.body["subnet_ids"]):
            for link in resources(subnet.stack, "aws_route_table_association"):
                at = reader.referred(subnet.stack, link.body.get("subnet_id"))
                table = reader.referred(subnet.stack, link.body.get("route_table_id"))
                if at is None or at.key != subnet.key or table is None:
                    continue
                for route in resources(subnet.stack, "aws_route"):
                    of_table = reader.referred(subnet.stack, route.body["route_table_id"])
                    nat = reader.referred(subnet.stack, route.body.get("nat_gateway_id"))
                    if nat is None or of_table is None or of_table.key != table.key:
                        continue
                    public = reader.referred(subnet.stack, nat.body["subnet_id"])
                    if public is not None:
                        path = route.path
                        yield _zone(subnet.body), (_zone(public.body), path)


def _zone(subnet: object) -> str:
    body = subnet if isinstance(subnet, dict) else {}
    return str(body.get("availability_zone_id") or body.get("availability_zone"))
