"""What Rancher is told of each cluster: which it is, and whose namespaces are there."""

from dataclasses import dataclass

from ...core.fleet import Fleet, WorkloadCluster
from ...core.tenants import Tenant


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """A cluster that Rancher looks after."""

    cluster: WorkloadCluster
    tenants: tuple[Tenant, ...] = ()
    """Those that are in its region, in the order of their names."""


def registered(fleet: Fleet) -> tuple[Registered, ...]:
    """Return every workload cluster with its tenants."""
    return tuple(
        Registered(
            cluster=cluster,
            tenants=tuple(
                tenancy.tenant
                for one in fleet.delivered
                if one.environment == cluster.environment
                for tenancy in one.tenancies
                if tenancy.runs_in(cluster.region)
            ),
        )
        for cluster in fleet.clusters
    )
