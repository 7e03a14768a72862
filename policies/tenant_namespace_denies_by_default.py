"""EKP_NETPOL_1: what no policy names neither reaches the pods of a tenant nor leaves them.

A selector beyond plain terms (``||``, brackets) denies to nobody and opens to everybody: write two
policies.
"""

from policies.checks import Entity, Everything, Verdict, cluster_check
from policies.network_policies import denies_by_default

TENANT = "ekp/tenant"


@cluster_check(
    "EKP_NETPOL_1",
    "Ensure a tenant's namespace denies by default what enters and what leaves it",
    "Namespace",
)
def tenant_namespace_denies_by_default(namespace: Entity, everything: Everything) -> Verdict:
    """Fail a tenant's namespace where traffic that no rule names gets in or out."""
    if TENANT not in namespace.labels:
        return None
    return denies_by_default(namespace, everything)
