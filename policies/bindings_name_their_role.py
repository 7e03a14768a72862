"""EKP_RBAC_2: who is bound is somebody, and the role is one that can be read here.

Found is a binding for whoever asks, one of a role that is not among the cluster's own objects, and
a role for everything. Where an exception explains such a role, one service account may have it, by
one binding. Kubernetes' ``view`` is known: it reads no Secrets.
"""

from collections.abc import Mapping
from typing import Any

from policies.checks import Entity, Everything, Verdict, cluster_check, listed

# Source: Kubernetes documentation, "Using RBAC Authorization", Default roles.
HARMLESS = frozenset(("view",))
ALL = "cluster-admin"
ANYBODY = ("system:anonymous", "system:authenticated", "system:unauthenticated")
# With a namespace behind another colon, every service account in it.
EVERY_ACCOUNT = "system:serviceaccounts"
# A role with such a label is added to one of Kubernetes' own.
ADDED_TO = "rbac.authorization.k8s.io/aggregate-to-"


@cluster_check(
    "EKP_RBAC_2",
    "Ensure bindings name their subjects and their role, and no role is for everything",
    "Role",
    "ClusterRole",
    "RoleBinding",
    "ClusterRoleBinding",
)
def bindings_name_their_role(one: Entity, everything: Everything) -> Verdict:
    """Fail a binding of anybody or of an unknown role; a role for everything, and others' of it."""
    if one.kind in ("Role", "ClusterRole"):
        return not _everything(one)
    if any(_anybody(subject) for subject in listed(one.body.get("subjects"))):
        return False
    role = one.body.get("roleRef") or {}
    if role.get("name") == ALL:
        return False
    known = [
        found
        for found in everything.of(str(role.get("kind")))
        if found.name == role.get("name")
        and (found.kind == "ClusterRole" or found.namespace == one.namespace)
    ]
    if not known:
        return role.get("kind") == "ClusterRole" and role.get("name") in HARMLESS
    return not any(_everything(found) for found in known) or _one_account(one, everything)


def _anybody(subject: Mapping[str, Any]) -> bool:
    name = str(subject.get("name"))
    if subject.get("kind") == "ServiceAccount":
        return False
    return name in (*ANYBODY, EVERY_ACCOUNT) or name.startswith(f"{EVERY_ACCOUNT}:")


def _one_account(binding: Entity, everything: Everything) -> bool:
    """Tell whether a binding is the only one of its role, and of one service account."""
    others = [
        found
        for found in everything.of("RoleBinding", "ClusterRoleBinding")
        if found.body.get("roleRef") == binding.body.get("roleRef")
    ]
    accounts = [one.get("kind") for one in listed(binding.body.get("subjects"))]
    return len(others) == 1 and accounts == ["ServiceAccount"]


def _everything(role: Entity) -> bool:
    """Tell whether a role holds everything, or makes others hold what nobody sees here."""
    grown = role.body.get("aggregationRule") or any(
        label.startswith(ADDED_TO) for label in role.labels
    )
    return bool(grown) or any(
        all("*" in listed(rule.get(field)) for field in ("apiGroups", "resources", "verbs"))
        for rule in listed(role.body.get("rules"))
    )
