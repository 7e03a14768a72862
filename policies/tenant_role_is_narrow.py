"""EKP_RBAC_1: what a tenant's people and delivery may do is listed, and makes none of it more.

Secrets are left out of it: people find theirs in Vault, and who may list Secrets reads all of a
namespace. Shells in pods are not judged: settings of an environment say where they may be had.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from policies.checks import Entity, Everything, Verdict, cluster_check, listed

TENANT = "ekp/tenant"
# Each gives rights that the role itself does not have. Source: Kubernetes documentation, "Role
# Based Access Control Good Practices".
RISING = frozenset(("escalate", "bind", "impersonate"))
KEPT = frozenset(("secrets", "serviceaccounts/token"))
EVERYONE = frozenset(
    ("system:authenticated", "system:unauthenticated", "system:serviceaccounts", "system:masters")
)


@cluster_check(
    "EKP_RBAC_1",
    "Ensure rights in a tenant's namespace are listed, without Secrets and without a way to more",
    "Role",
    "RoleBinding",
    "ClusterRoleBinding",
)
def tenant_role_is_narrow(one: Entity, everything: Everything) -> Verdict:
    """Fail a wide Role of a tenant's namespace, or a binding of a wide or unknown ClusterRole.

    ClusterRoles that Kubernetes brings (``admin``, ``edit``, ``view``) are unknown here: they grow
    with whatever charts add to them.
    """
    tenants = {found.name for found in everything.of("Namespace") if TENANT in found.labels}
    if one.kind == "Role":
        return _narrow(one) if one.namespace in tenants else None
    if one.kind == "RoleBinding":
        concerns = one.namespace in tenants
    else:
        concerns = any(_is_tenants(subject, tenants, everything) for subject in _subjects(one))
    role = one.body.get("roleRef") or {}
    if not concerns or role.get("kind") != "ClusterRole":
        return None
    known = [found for found in everything.of("ClusterRole") if found.name == role.get("name")]
    return bool(known) and all(_narrow(found) for found in known)


def _narrow(role: Entity) -> bool:
    if role.body.get("aggregationRule"):
        return False
    return not any(_wide(rule) for rule in listed(role.body.get("rules")))


def _wide(rule: Mapping[str, Any]) -> bool:
    fields = ("apiGroups", "resources", "verbs", "nonResourceURLs")
    said = [str(value) for field in fields for value in listed(rule.get(field))]
    return (
        any("*" in value for value in said)
        or not RISING.isdisjoint(listed(rule.get("verbs")))
        or not KEPT.isdisjoint(listed(rule.get("resources")))
    )


def _is_tenants(subject: Mapping[str, Any], tenants: set[str], everything: Everything) -> bool:
    """Tell whether a subject is a tenant's: its service account, or bound in its namespace."""
    name = str(subject.get("name"))
    if subject.get("kind") == "ServiceAccount":
        return subject.get("namespace") in tenants
    return name in EVERYONE or any(
        (found.get("kind"), found.get("name")) == (subject.get("kind"), name)
        for binding in everything.of("RoleBinding")
        if binding.namespace in tenants
        for found in _subjects(binding)
    )


def _subjects(binding: Entity) -> Iterator[Mapping[str, Any]]:
    yield from listed(binding.body.get("subjects"))
