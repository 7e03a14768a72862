"""A region's cluster as a world: objects of its stacks and of Git, with the pods of its ways in."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from ipaddress import IPv4Network
from typing import Any

from modules.core.mesh import (
    GATEWAY,
    GATEWAY_LABELS,
    GATEWAY_NAMESPACE,
    NGINX_CHART,
    NGINX_NAMESPACE,
    shard_labels,
)

from ekp.charts import releases
from ekp.charts.releases import Release
from ekp.evaluate.request import Workload
from ekp.evaluate.world import World
from ekp.runner.stacks import Stack

from .reading import Reader, of_kind, resources

_CONTROL_PLANE = "istiod"


def world(reader: Reader, stacks: Sequence[Stack], services: Iterable[Mapping[str, Any]]) -> World:
    """Return what the cluster of one region holds.

    Args:
        reader: All stacks.
        stacks: Those of the region.
        services: The objects that Git holds.

    Raises:
        Unsupported: an object would change an answer and is not evaluated.
    """
    objects = [one for stack in stacks for one in reader.objects(stack)]
    charts = releases.of(stacks)
    injected = {
        one["metadata"]["name"]
        for one in of_kind(objects, "Namespace")
        if (one["metadata"].get("labels") or {}).get("istio-injection") == "enabled"
    }
    mesh = _mesh(charts)
    return World.of(
        [*objects, *services],
        _ways_in(charts, injected),
        pod_network=_network(stacks),
        trust_domain=mesh.get("trustDomain"),
        outbound=(mesh.get("outboundTrafficPolicy") or {}).get("mode"),
    )


def _mesh(charts: Iterable[Release]) -> Mapping[str, Any]:
    for release in charts:
        if release.chart == _CONTROL_PLANE:
            found: Mapping[str, Any] = release.values.get("meshConfig") or {}
            return found
    return {}


def _ways_in(charts: Iterable[Release], injected: set[str]) -> Iterator[Workload]:
    """Yield the pods that load balancers send requests to; charts bring them, not our objects."""
    for release in charts:
        place = (release.namespace, release.name)
        in_mesh = release.namespace in injected
        if place == (GATEWAY_NAMESPACE, GATEWAY):
            yield Workload(*place, dict(GATEWAY_LABELS), GATEWAY, in_mesh=in_mesh)
        elif release.chart == NGINX_CHART and release.namespace == NGINX_NAMESPACE:
            shard = release.name.removeprefix(f"{NGINX_CHART}-")
            yield Workload(*place, dict(shard_labels(shard)), release.name, in_mesh=in_mesh)


def _network(stacks: Iterable[Stack]) -> IPv4Network | None:
    """Return the VPC's addresses, which pods have theirs of."""
    for stack in stacks:
        for vpc in resources(stack, "aws_vpc"):
            return IPv4Network(vpc.body["cidr_block"])
    return None
