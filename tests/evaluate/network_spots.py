"""Ends of connections to try in a cluster: its pods, and an address of every place."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from modules.core.flows import End, Place, Pods
from modules.core.platform_flows_pods import ACCOUNT

from ekp.evaluate.calico.endpoints import Endpoint, address, own_node
from ekp.evaluate.calico.policies import Policies
from ekp.evaluate.request import Workload, named
from ekp.evaluate.world import World
from tests.support.mesh_world import Cluster, is_system


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """An end of connections that is tried: a pod, or an address."""

    name: str
    end: Endpoint
    places: tuple[Place, ...] = ()
    """What flows call an address."""
    workload: Workload | None = None

    @property
    def is_guarded(self) -> bool:
        """Tell whether a policy selects it."""
        return self.workload is not None and not is_system(self.workload)

    def is_of(self, end: End) -> bool:
        """Tell whether a flow means it."""
        if self.workload is None:
            return end in self.places
        if isinstance(end, Pods):
            labels = {**self.workload.labels, ACCOUNT: self.workload.service_account}
            return self.workload.namespace == end.namespace and end.labels.items() <= labels.items()
        if end is Place.MESH:
            return self.workload.in_mesh
        return end is Place.EVERY_POD and not is_system(self.workload)


def pods(world: World) -> list[Spot]:
    return [
        Spot(
            name=f"{each.workload.namespace}/{each.workload.name}",
            end=world.endpoint(each.workload),
            workload=each.workload,
        )
        for each in world.pods
    ]


def places(cluster: Cluster) -> list[Spot]:
    """Return an address of every place, and some that are of none."""
    networks = cluster.networks
    found: dict[str, tuple[Place, ...]] = {
        str(networks.balancers[0][10]): (Place.BALANCERS, Place.VPC),
        str(networks.balancers[-1][10]): (Place.BALANCERS, Place.VPC),
        str(networks.control_plane[0][5]): (Place.CONTROL_PLANE, Place.VPC),
        str(networks.control_plane[-1][5]): (Place.CONTROL_PLANE, Place.VPC),
        # A node, or an interface endpoint.
        str(networks.vpc[10]): (Place.VPC,),
        **{str(network[10]): (Place.PEERED,) for network in networks.peered},
        "203.0.113.10": (Place.INTERNET,),
        "169.254.170.23": (Place.POD_IDENTITY,),
        # The instance's metadata, the pod itself, and networks that nobody peered.
        "169.254.169.254": (),
        "127.0.0.2": (),
        "192.168.7.7": (),
        "172.20.0.1": (),
        "100.64.0.9": (),
        "10.99.0.1": (),
    }
    return [Spot(name=name, end=address(name), places=of) for name, of in found.items()]


def ends(end: End, spots: list[Spot]) -> list[Spot]:
    if end is Place.OWN_NODE:
        return [Spot(name="own node", end=own_node(), places=(Place.OWN_NODE,))]
    return [spot for spot in spots if spot.is_of(end)]


def one_side(policies: Policies, spot: Spot, side: str) -> Policies:
    """Return the policies that have a say about one side of a pod, and that say nothing else."""
    labels = spot.end.labels or {}
    return Policies(
        tuple(
            replace(
                tier,
                policies=tuple(
                    replace(policy, spec={**policy.spec, "types": [side]})
                    for policy in tier.policies
                    if side in policy.types and policy.selects(labels)
                ),
            )
            for tier in policies.tiers
        )
    )


def without(policies: Policies, names: Collection[str]) -> Policies:
    """Return the policies but some, by kind and name."""
    return Policies(
        tuple(
            replace(tier, policies=tuple(p for p in tier.policies if named(p.source) not in names))
            for tier in policies.tiers
        )
    )
