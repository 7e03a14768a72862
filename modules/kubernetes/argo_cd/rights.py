"""What the hub may do in workload clusters, and what its registrar may: Roles of one namespace."""

from collections.abc import Mapping, Sequence
from typing import Any

from ...core.fleet import HUB_GROUP
from ...core.tenants import Tenancy
from ..manifest import Manifest
from ..rbac import GROUP
from .project import RENDERED_KINDS

DELIVERY = "delivered-by-hub"
"""Role and binding of the hub's Argo CD in each namespace that it brings services into."""
MANAGE = ("get", "list", "watch", "create", "update", "patch", "delete")


def delivered_by_hub(tenancy: Tenancy) -> list[Manifest]:
    """Return what lets the hub's Argo CD manage services' objects in a tenant's namespaces.

    It is what the project allows, said once more by the cluster itself: no other kind, no other
    namespace, nothing of the cluster, and no pods by hand. Who may write no Role and no binding
    gives himself no more.

    Argo CD asks for no Namespace where Applications make none, and lists no more than its Secret
    of the cluster names (v3.4.4, ``gitops-engine/pkg/cache/cluster.go``, ``processApi``).
    """
    return [
        manifest
        for namespace in tenancy.namespaces
        for manifest in namespaced_rights(
            DELIVERY,
            namespace=namespace,
            rules=_rules(),
            subject={"apiGroup": GROUP, "kind": "Group", "name": HUB_GROUP},
        )
    ]


def namespaced_rights(
    name: str,
    *,
    namespace: str,
    rules: Sequence[Mapping[str, Any]],
    subject: Mapping[str, str],
) -> list[Manifest]:
    """Return a Role with the rules, in RBAC's own form, and its binding to one subject."""
    return [
        Manifest(
            api_version=f"{GROUP}/v1",
            kind="Role",
            name=name,
            namespace=namespace,
            fields={"rules": [dict(rule) for rule in rules]},
        ),
        Manifest(
            api_version=f"{GROUP}/v1",
            kind="RoleBinding",
            name=name,
            namespace=namespace,
            fields={
                "roleRef": {"apiGroup": GROUP, "kind": "Role", "name": name},
                "subjects": [dict(subject)],
            },
        ),
    ]


def _rules() -> list[dict[str, Any]]:
    groups = sorted({group for group, _ in RENDERED_KINDS})
    return [
        *(
            {
                "apiGroups": [group],
                # The plurals of all these kinds are regular.
                "resources": [f"{kind.lower()}s" for of, kind in RENDERED_KINDS if of == group],
                "verbs": [*MANAGE],
            }
            for group in groups
        ),
        # Actions on a Rollout, such as abort, write its status (v3.4.4, server/application,
        # ``patchResource``).
        {"apiGroups": ["argoproj.io"], "resources": ["rollouts/status"], "verbs": ["patch"]},
        # Shown beside an object.
        {"apiGroups": [""], "resources": ["events"], "verbs": ["list"]},
    ]
