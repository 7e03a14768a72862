"""From a target group to the pods that its region registers in it: the cluster's entrances."""

from dataclasses import dataclass

from modules.core.mesh import (
    GATEWAY,
    GATEWAY_NAMESPACE,
    NGINX_NAMESPACE,
    shard_service,
)

from ekp.configured.environment import Configured
from ekp.configured.reading import Resource, of_kind
from ekp.configured.replicas import Replicas, of_way_in, release_of
from ekp.evaluate import calls
from ekp.evaluate.hop import Hop, Verdict
from ekp.evaluate.request import Object, Unsupported, Workload, named
from ekp.evaluate.stage import Stage
from ekp.evaluate.workloads import is_gateway, shard_of

from .figures import counted

# It answers so for a target group without targets. Source: ELB, "Troubleshoot your Application
# Load Balancers", HTTP 503.
_NO_TARGETS = 503


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrance:
    """The pods that a load balancer sends a request to."""

    word: str
    """As ``may_call`` takes it: ``GATEWAY`` or a shard's name."""
    workload: Workload
    port: int
    """The pods' own."""
    pods: Replicas
    """How many of them run."""

    @property
    def is_gateway(self) -> bool:
        """Whether it is the gateway and no shard."""
        return self.word == calls.GATEWAY

    @property
    def name(self) -> str:
        """What people call it."""
        return f"gateway {self.workload.name}" if self.is_gateway else f"shard {self.word}"


def entrance(configured: Configured, region: str, group: Resource) -> tuple[Hop, Entrance | None]:
    """Return the hop from a target group to its pods, and these; None: it has none.

    Raises:
        Unsupported: an object or a chart's values are not understood.
    """
    name = str(group.body.get("name") or group.address)
    binding = _binding(configured, region, group)
    if binding is None:
        hop = _missing(
            region,
            f"target group {name}",
            by=f"{group.stack.id}: {group.address}",
            why="no TargetGroupBinding registers pods in it",
            remedy=f"Deploy {configured.environment}-{region}-tenants, which makes the binding; "
            "shards are listed in `edge.shards`.",
        )
        return hop, None
    reference = binding["spec"]["serviceRef"]
    service = (binding["metadata"]["namespace"], str(reference["name"]))
    found = _pods(configured, region, service, int(reference["port"]))
    if found is None:
        hop = _missing(
            region,
            f"Service {'/'.join(service)}",
            by=f"{named(binding)} spec.serviceRef",
            why="no chart of the region brings its pods",
            remedy=f"Deploy {configured.environment}-{region}-platform, which installs the gateway "
            "and every shard of `edge.shards`.",
        )
        return hop, None
    hop = Hop(
        stage=Stage.BALANCER,
        region=region,
        name=f"target group {name}",
        verdict=Verdict.PASSES,
        by=named(binding),
        why=f"its targets are the pods of Service {'/'.join(service)}, port {found.port}: "
        f"{counted(found.pods)} of {found.name}",
    )
    return hop, found


def _binding(configured: Configured, region: str, group: Resource) -> Object | None:
    for stack in configured.of_region(region):
        for one in of_kind(configured.reader.objects(stack), "TargetGroupBinding"):
            found = configured.reader.referred(stack, one["spec"].get("targetGroupARN"))
            if found is not None and found.key == group.key:
                return one
    return None


def _pods(
    configured: Configured, region: str, service: tuple[str, str], port: int
) -> Entrance | None:
    """Return who answers for a Service of a chart.

    The charts' Services have the pods' own ports unless their values say otherwise. Sources:
    istio/istio 1.30, manifests/charts/gateway/values.yaml; nginx/kubernetes-ingress 5.5,
    charts/nginx-ingress/values.yaml.
    """
    for each in configured.world(region).pods:
        workload = each.workload
        if is_gateway(workload) and service == (GATEWAY_NAMESPACE, GATEWAY):
            word = calls.GATEWAY
        elif (shard := shard_of(workload)) and service == (NGINX_NAMESPACE, shard_service(shard)):
            word = shard
        else:
            continue
        pods = _replicas(configured, region, workload)
        return Entrance(word=word, workload=workload, port=port, pods=pods)
    return None


def _replicas(configured: Configured, region: str, workload: Workload) -> Replicas:
    charts = configured.releases(region)
    release = release_of(charts, workload)
    values = (release.values.get("controller") or release.values) if release else {}
    if {"ports", "httpPort", "httpsPort", "customPorts"} & {*(values.get("service") or {})}:
        where = f"release {workload.namespace}/{workload.name}"
        raise Unsupported(where, "service", "ports of one's own are not understood")
    return of_way_in(charts, workload)


def _missing(region: str, name: str, *, by: str, why: str, remedy: str) -> Hop:
    return Hop(
        stage=Stage.BALANCER,
        region=region,
        name=name,
        verdict=Verdict.MISSING,
        by=by,
        why=f"{why}, so the load balancer answers {_NO_TARGETS}",
        status=_NO_TARGETS,
        remedy=remedy,
    )
