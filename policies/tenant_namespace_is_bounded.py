"""EKP_TENANT_1: a tenant's namespace is in the mesh, admits restricted pods alone, and has an end.

Outside the mesh nothing there would be asked for mutual TLS. Without a quota one tenant takes the
cluster from all others, and without default values its pods are refused under the quota.
"""

from policies.checks import Entity, Everything, Verdict, cluster_check
from policies.mesh import in_mesh

TENANT = "ekp/tenant"
STANDARD = "pod-security.kubernetes.io/enforce"
LIMITED = ("requests.cpu", "requests.memory", "limits.memory", "pods")
# Users come by the platform's own ways in.
NONE_OF = ("services.loadbalancers", "services.nodeports")


@cluster_check(
    "EKP_TENANT_1",
    "Ensure a tenant's namespace is in the mesh, restricted, and has a quota",
    "Namespace",
)
def tenant_namespace_is_bounded(namespace: Entity, everything: Everything) -> Verdict:
    """Fail a tenant's namespace that lacks one of them."""
    if TENANT not in namespace.labels:
        return None
    quotas = [one for one in everything.of("ResourceQuota") if one.namespace == namespace.name]
    return (
        in_mesh(namespace)
        and namespace.labels.get(STANDARD) == "restricted"
        and any(_complete(one) for one in quotas)
        and any(one.namespace == namespace.name for one in everything.of("LimitRange"))
    )


def _complete(quota: Entity) -> bool:
    spec = quota.body.get("spec") or {}
    # One with a scope counts some pods alone.
    if spec.get("scopes") or spec.get("scopeSelector"):
        return False
    hard = spec.get("hard") or {}
    return all(name in hard for name in LIMITED) and all(
        str(hard.get(name)) == "0" for name in NONE_OF
    )
