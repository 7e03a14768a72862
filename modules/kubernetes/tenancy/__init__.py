"""What guards a tenant in its namespaces, beside its services: amounts, people, telemetry."""

from ...core.tenants import Tenancy
from ..manifest import Manifest
from .alert_route import alert_route
from .overview import overview
from .quota import defaults, quota
from .roles import roles

__all__ = ["tenant_objects"]


def tenant_objects(tenancy: Tenancy, *, debugging: bool = False) -> list[Manifest]:
    """Return a tenant's quotas, roles, dashboard and alert routes; none is of another tenant.

    Args:
        tenancy: the tenant.
        debugging: see ``roles``.
    """
    most = tenancy.settings.quota
    return [
        *(
            manifest
            for namespace in tenancy.namespaces
            for manifest in (
                quota(namespace, most),
                defaults(namespace, most),
                *alert_route(namespace, tenancy.settings.alerts),
            )
        ),
        *roles(tenancy, debugging=debugging),
        overview(tenancy),
    ]
