"""Network policy by which Vault reaches the databases of a tenant, to make users there."""

from collections.abc import Sequence
from ipaddress import IPv4Network

from ...core.platform_flows_pods import VAULT
from ...core.tenants import Tenancy
from ..manifest import Manifest
from . import ends
from .ends import ALLOW_ORDER, API, network


def vault_to_databases(tenancy: Tenancy, networks: Sequence[IPv4Network]) -> list[Manifest]:
    """Return the policy; none where the tenant has no database.

    Args:
        tenancy: the tenant.
        networks: in which databases have their addresses: the VPC's own, and those it is joined
            with. Which addresses a host has, DNS says when it is asked.
    """
    ports = sorted({database.on_port for database in tenancy.settings.databases.values()})
    if not ports:
        return []
    target = {**network(tuple(networks)), "ports": ports}
    return [
        Manifest(
            api_version=API,
            kind="NetworkPolicy",
            name=f"databases-{tenancy.name}",
            namespace=VAULT.namespace,
            labels={"app.kubernetes.io/part-of": "ekp"},
            fields={
                "spec": {
                    "order": ALLOW_ORDER,
                    "selector": ends.selector(VAULT.labels),
                    "types": ["Egress"],
                    "egress": [{"action": "Allow", "protocol": "TCP", "destination": target}],
                }
            },
        )
    ]
