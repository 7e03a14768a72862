"""EKP_MESH_2: who calls whom in the mesh is refused until an object of Istio allows it.

A policy that allows and has no rules matches nothing, and as soon as one that allows is there,
what none of them matches is denied. A rule that names nobody and nothing (``*``, or only whom it
leaves out) is for everyone. Source: Istio documentation, "Authorization Policy".
"""

from policies.checks import Entity, Everything, Verdict, cluster_check, listed
from policies.mesh import ROOT, in_mesh, selects, unselected
from policies.mesh_rules import for_everyone


@cluster_check(
    "EKP_MESH_2",
    "Ensure the mesh denies by default",
    "Namespace",
    "AuthorizationPolicy",
)
def mesh_denies_by_default(one: Entity, everything: Everything) -> Verdict:
    """Fail a namespace of the mesh without a deny-all, or with a policy that allows all.

    A policy for some workloads that lets everyone call them fails itself.
    """
    if one.kind == "AuthorizationPolicy":
        return not _opens(one) if selects(one) else None
    if not in_mesh(one):
        return None
    policies = [
        policy
        for place in {one.name, ROOT}
        for policy in unselected(everything, "AuthorizationPolicy", place)
        if _allows(policy)
    ]
    denied = any(not (policy.body.get("spec") or {}).get("rules") for policy in policies)
    return denied and not any(_opens(policy) for policy in policies)


def _opens(policy: Entity) -> bool:
    rules = listed((policy.body.get("spec") or {}).get("rules"))
    return _allows(policy) and any(for_everyone(rule or {}) for rule in rules)


def _allows(one: Entity) -> bool:
    action = (one.body.get("spec") or {}).get("action") or "ALLOW"
    # In dry-run, proxies only log what they would have done.
    tried_out = (one.metadata.get("annotations") or {}).get("istio.io/dry-run")
    return action == "ALLOW" and str(tried_out).lower() != "true"
