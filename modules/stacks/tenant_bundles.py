"""What of a tenant is one release in a cluster, and what of it the hub is told."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..addons.tenant_roles import TenantRoles, TenantsBoundary
from ..aws.eks import EksOutputs
from ..core.aws_hosts import with_aws_hosts
from ..core.fleet import Delivered, WorkloadCluster
from ..core.flows import RegionNetworks
from ..core.layer import Layer
from ..core.site import Site
from ..core.tenants import Tenancy
from ..kubernetes.argo_cd.application_set import application_set
from ..kubernetes.argo_cd.project import project
from ..kubernetes.argo_cd.rights import delivered_by_hub
from ..kubernetes.calico.databases import vault_to_databases
from ..kubernetes.calico.granted import pod_identity_egress
from ..kubernetes.guardrails import tenant_guardrails
from ..kubernetes.manifest import Manifest
from ..kubernetes.rancher.names import project_annotation


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What of a region its tenants' objects are made from, beside the tenants."""

    site: Site
    networks: RegionNetworks
    endpoints: Collection[str] = ()
    """AWS services that are met inside the VPC, as ``com.amazonaws.<region>.<name>`` has them."""
    debugging: bool = False
    """Whether developers may enter their tenant's pods."""
    registered: WorkloadCluster | None = None
    """What the hub knows the cluster by; None: no hub looks after it."""


def tenant_bundle(tenancy: Tenancy, around: Surroundings, *, region: str) -> list[Manifest]:
    """Return everything of a tenant in one cluster, in the order it is applied.

    Raises:
        ValueError: a service asks for what cannot be guarded; the message says what.
    """
    grants = tenancy.settings.grants
    granted = grants.services()
    here = replace(
        tenancy,
        services=tuple(
            with_aws_hosts(
                service,
                grants,
                region=region,
                interface_endpoints=around.endpoints,
                vpc_cidr=around.networks.vpc,
            )
            for service in tenancy.services
        ),
    )
    known = around.registered
    annotations = project_annotation(known.name, tenancy.name) if known else {}
    return [
        *tenant_guardrails(here, around.site, debugging=around.debugging, annotations=annotations),
        *(
            policy
            for space in tenancy.namespaces
            for policy in pod_identity_egress(
                space, [s.name for s in tenancy.services_of(space) if s.name in granted]
            )
        ),
        *vault_to_databases(tenancy, (around.networks.vpc, *around.networks.peered)),
        *(delivered_by_hub(tenancy) if known else ()),
    ]


def tenant_roles(
    stack: Layer[Any], tenancies: Iterable[Tenancy], cluster: EksOutputs
) -> Mapping[str, TenantRoles]:
    """Make the AWS roles of services that are granted something, by their tenants' names."""
    granted = [one for one in tenancies if one.settings.grants.services()]
    if not granted:
        return {}
    boundary = stack.ctx.permissions_boundary_arn
    if boundary is None:
        boundary = TenantsBoundary(stack, "tenants-boundary", ctx=stack.ctx).arn
    return {
        one.name: TenantRoles(
            stack,
            f"roles-{one.name}",
            ctx=stack.ctx,
            cluster=cluster,
            tenancy=one,
            boundary=boundary,
        )
        for one in granted
    }


def deliveries(delivered: Iterable[Delivered]) -> Mapping[str, list[Manifest]]:
    """Return what Argo CD is told of each tenant, in all environments."""
    found: dict[str, list[Manifest]] = {}
    for one in delivered:
        for tenancy in one.tenancies:
            sets = [application_set(tenancy, namespace, one) for namespace in tenancy.namespaces]
            found.setdefault(tenancy.name, []).extend([project(tenancy, one), *sets])
    return dict(sorted(found.items()))
