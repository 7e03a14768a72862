"""EKP_MESH_2: who calls whom in the mesh is refused until an object of Istio allows it.

A policy that allows and has no rules matches nothing, and as soon as one that allows is there,
what none of them matches is denied. Source: Istio documentation, "Authorization Policy".
"""

from typing import Any

from policies.checks import Entity, Everything, Verdict, cluster_check, listed
from policies.mesh import ROOT, in_mesh, unselected


@cluster_check(
    "EKP_MESH_2",
    "Ensure the mesh denies by default",
    "Namespace",
)
def mesh_denies_by_default(namespace: Entity, everything: Everything) -> Verdict:
    """Fail a namespace of the mesh without a deny-all, or with a policy that allows all."""
    if not in_mesh(namespace):
        return None
    rules = [
        listed((one.body.get("spec") or {}).get("rules"))
        for place in {namespace.name, ROOT}
        for one in unselected(everything, "AuthorizationPolicy", place)
        if _allows(one)
    ]
    return [] in rules and not any(_everyone(rule) for found in rules for rule in found)


def _allows(one: Entity) -> bool:
    action = (one.body.get("spec") or {}).get("action") or "ALLOW"
    # In dry-run, proxies only log what they would have done.
    tried_out = (one.metadata.get("annotations") or {}).get("istio.io/dry-run")
    return action == "ALLOW" and str(tried_out).lower() != "true"


def _everyone(rule: dict[str, Any] | None) -> bool:
    return not any((rule or {}).get(field) for field in ("from", "to", "when"))
