"""Clusters to ask who gets where, as stacks, Git and charts fill them: production, and the hub."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modules.core.flows import Flow, Pods, RegionNetworks
from modules.core.mesh import GATEWAY, GATEWAY_NAMESPACE, NGINX_NAMESPACE
from modules.core.platform_flows import SYSTEM_NAMESPACES
from modules.core.platform_flows_pods import ACCOUNT
from modules.core.platform_flows_pods import GATEWAY as GATEWAY_PODS
from modules.core.services import Service
from modules.core.site import Site
from modules.kubernetes.service_objects import service_objects
from modules.stacks.region_networks import region_networks
from modules.stacks.tenant_bundles import Surroundings, tenant_bundle

from cdktf import App

from ekp.evaluate.bundles import objects_of
from ekp.evaluate.request import Object, Workload, named
from ekp.evaluate.world import World
from environments.schema import Environment
from main import build, fleet_of

from .releases import named as release_named
from .releases import values
from .synth import Synth
from .tenants import tenancy
from .two_tenants import (
    BILLING,
    BY_HAND,
    REGION,
    STRANGERS,
    environments,
    flows_of,
    with_two_tenants,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """What a cluster holds, and what its objects were made from."""

    objects: tuple[Object, ...]
    workloads: tuple[Workload, ...]
    """What charts and people start; the pods of services are in ``objects``."""
    flows: tuple[Flow, ...]
    networks: RegionNetworks
    services: tuple[Service, ...]
    granted: frozenset[str]
    """Services that are granted something of AWS."""
    site: Site
    trust_domain: str
    outbound: str
    normalization: str
    """How much the proxies tidy up paths before they compare them."""

    def world(self, *more: Object, without: Collection[str] = ()) -> World:
        """Return the cluster with more objects, and without some, named by kind and name.

        An object of ``more`` takes the place of one with its name.
        """
        gone = {*without, *map(named, more)}
        return World.of(
            [*(one for one in self.objects if named(one) not in gone), *more],
            self.workloads,
            pod_network=self.networks.vpc,
            trust_domain=self.trust_domain,
            outbound=self.outbound,
        )


def synthesized(folder: Path) -> Mapping[str, Mapping[str, Any]]:
    """Return the stacks of production's first region and of the hub, by their names."""
    found = environments()
    prod = found["prod"]
    app = App(outdir=str(folder))
    build(app, prod.model_copy(update={"regions": {REGION: prod.regions[REGION]}}))
    build(app, found["management"], fleet_of(found.values()))
    app.synth()
    files = sorted((folder / "stacks").glob("*/cdk.tf.json"))
    return {file.parent.name: Synth.read(file).json for file in files}


def production(stacks: Mapping[str, Mapping[str, Any]]) -> Cluster:
    """Return production's first region, with its services and the second tenant's."""
    environment = with_two_tenants()
    site = environment.site(REGION)
    networks = region_networks(environment.regions[REGION].network.vpc, environment.edge.front)
    around = Surroundings(site=site, networks=networks)
    made = [
        *tenant_bundle(tenancy(BILLING), around, region=REGION),
        *(m for service in environment.services for m in service_objects(service, site)),
    ]
    return _cluster(stacks, environment, [*BY_HAND, *(manifest.as_dict() for manifest in made)])


def hub(stacks: Mapping[str, Mapping[str, Any]]) -> Cluster:
    """Return the cluster that looks after the others; it runs no services."""
    return _cluster(stacks, environments()["management"], [])


def _cluster(
    stacks: Mapping[str, Mapping[str, Any]], environment: Environment, made: list[Object]
) -> Cluster:
    prefix = f"{environment.name}-{REGION}-"
    found = [
        *(o for key, stack in stacks.items() if key.startswith(prefix) for o in objects_of(stack)),
        *made,
    ]
    flows = flows_of(environment)
    settings = environment.regions[REGION]
    control_plane = values(release_named(Synth(stacks[f"{prefix}platform"]), "istiod"))
    mesh = control_plane["meshConfig"]
    peered = [
        *(
            network
            for other in environments().values()
            if settings.management and (one := other.delivered())
            for network in one.networks
        ),
        *settings.platform.private_networks,
    ]
    injected = {
        each["metadata"]["name"]
        for each in found
        if each["kind"] == "Namespace"
        and each["metadata"].get("labels", {}).get("istio-injection") == "enabled"
    }
    started = [*_started(flows, injected), *(s for s in STRANGERS if made or not s.in_mesh)]
    names = {each["metadata"]["name"] for each in found if each["kind"] == "Namespace"}
    # Those that Rancher makes while it runs, and those of operators and of the cluster itself.
    later = sorted({one.namespace for one in started} - names)
    return Cluster(
        objects=(*found, *map(_namespace, later)),
        workloads=tuple(started),
        flows=flows,
        networks=region_networks(settings.network.vpc, environment.edge.front, peered=peered),
        services=environment.services,
        granted=frozenset(
            service.ref
            for one in environment.tenancies
            for service in one.services
            if service.name in one.settings.grants.services()
        ),
        site=environment.site(REGION),
        trust_domain=mesh["trustDomain"],
        outbound=mesh["outboundTrafficPolicy"]["mode"],
        normalization=mesh["pathNormalization"]["normalization"],
    )


def _namespace(name: str) -> Object:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def _started(flows: Iterable[Flow], injected: Collection[str]) -> Iterator[Workload]:
    """Yield the workloads that flows name, each once."""
    ends = dict.fromkeys(
        (end.namespace, tuple(sorted(end.labels.items())))
        for flow in flows
        for end in (flow.source, flow.target)
        if isinstance(end, Pods)
    )
    for namespace, pairs in ends:
        labels = dict(pairs)
        account = labels.pop(ACCOUNT, None) or _account(namespace, labels)
        name = "-".join(value for _, value in pairs) or "any"
        yield Workload(namespace, name, labels, account, in_mesh=namespace in injected)


def _account(namespace: str, labels: Mapping[str, str]) -> str:
    """Return the service account that policies know a way in by; of others none asks."""
    if namespace == NGINX_NAMESPACE:
        return labels["app.kubernetes.io/instance"]
    if (namespace, labels) == (GATEWAY_NAMESPACE, GATEWAY_PODS.labels):
        return GATEWAY
    return "chart"


def is_system(workload: Workload) -> bool:
    """Tell whether no policy selects the pods."""
    return workload.namespace in SYSTEM_NAMESPACES
