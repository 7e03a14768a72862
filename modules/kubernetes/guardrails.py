"""The guardrails of one tenant: what its people cannot change from Git."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from ..core.mesh import shard_watch_label
from ..core.services import Service
from ..core.site import Site
from ..core.tenants import Tenancy, tenant_labels
from .admission import SERVICES_LABEL
from .calico.service import service_network_policies
from .istio.access import allow_at_gateway, allow_at_workload
from .istio.egress import externals, scope
from .istio.gateway import service_gateway
from .istio.rate_limits import per_pod, per_route
from .istio.tokens import verify_at_workload
from .manifest import Manifest
from .namespaces import Namespace, PodSecurity
from .nginx.virtual_server import served_by_shards
from .secrets import vault_guardrails
from .tenancy import tenant_objects

NONE: Mapping[str, str] = MappingProxyType({})


def tenant_guardrails(
    tenancy: Tenancy,
    site: Site,
    *,
    debugging: bool = False,
    annotations: Mapping[str, str] = NONE,
) -> list[Manifest]:
    """Return everything of a tenant that its people cannot change from Git.

    Args:
        tenancy: the tenant.
        site: the ways into the environment.
        debugging: whether its developers may enter their pods; see ``tenancy.roles``.
        annotations: of its namespaces, beside their own.

    Raises:
        ValueError: a service asks for what cannot be guarded; the message says what.
    """
    spaces = [
        manifest
        for name in tenancy.namespaces
        for manifest in namespace_guardrails(
            name,
            tenancy.services_of(name),
            site,
            labels=tenant_labels(tenancy.tenant),
            annotations=annotations,
        )
    ]
    return [
        *spaces,
        *tenant_objects(tenancy, debugging=debugging),
        *vault_guardrails(tenancy),
    ]


def namespace_guardrails(
    name: str,
    services: Sequence[Service],
    site: Site,
    *,
    labels: Mapping[str, str],
    annotations: Mapping[str, str] = NONE,
) -> list[Manifest]:
    """Return the namespace and, service by service, what guards it there and on the ways in.

    The namespace stays when its last service goes, closed on all sides: what teams keep in it is
    for people to delete.
    """
    shards = sorted({shard for service in services for shard in site.through_shards(service)})
    space = Namespace(
        name=name,
        pod_security=PodSecurity.RESTRICTED,
        injection=True,
        labels={**labels, **dict([SERVICES_LABEL, *map(shard_watch_label, shards)])},
        annotations=annotations,
    )
    return [space.manifest(), *(guard for s in services for guard in service_guardrails(s, site))]


def service_guardrails(service: Service, site: Site) -> list[Manifest]:
    """Return what guards one service; no object of another service is among it.

    Raises:
        ValueError: the service asks for what cannot be guarded; the message says what.
    """
    return [
        *service_network_policies(service, site),
        *verify_at_workload(service, site),
        *allow_at_workload(service, site),
        scope(service),
        *externals(service),
        *per_pod(service),
        *service_gateway(service, site),
        *allow_at_gateway(service, site),
        *per_route(service, site),
        *served_by_shards(service, site),
    ]
