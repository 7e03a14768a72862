"""EKP_NETPOL_2: what no policy names reaches no pod of the platform either, and leaves none.

Tenants have a check of their own, EKP_NETPOL_1. The system's namespaces are left out: nodes, names
and the policies themselves need them, and most of their pods are on their node's network.
"""

from policies.checks import Entity, Everything, Verdict, cluster_check
from policies.network_policies import denies_by_default

TENANT = "ekp/tenant"
# As the platform's own denial leaves them out; with one more of them there, it is found.
SYSTEM = frozenset(
    (
        "kube-system",
        "kube-public",
        "kube-node-lease",
        "calico-system",
        "calico-apiserver",
        "tigera-operator",
    )
)


@cluster_check(
    "EKP_NETPOL_2",
    "Ensure the platform's namespaces deny by default what enters and what leaves them",
    "Namespace",
)
def namespaces_deny_by_default(namespace: Entity, everything: Everything) -> Verdict:
    """Fail a namespace of the platform where traffic that no rule names gets in or out."""
    if namespace.name in SYSTEM or TENANT in namespace.labels:
        return None
    return denies_by_default(namespace, everything)
