"""What a service account may do everywhere in its cluster."""

from collections.abc import Mapping, Sequence
from typing import Any

from .manifest import Manifest

GROUP = "rbac.authorization.k8s.io"


def cluster_rights(
    name: str, *, namespace: str, service_account: str, rules: Sequence[Mapping[str, Any]]
) -> list[Manifest]:
    """Return a ClusterRole with the rules, in RBAC's own form, and its binding."""
    account = {"kind": "ServiceAccount", "name": service_account, "namespace": namespace}
    role = {"apiGroup": GROUP, "kind": "ClusterRole", "name": name}
    return [
        Manifest(
            api_version=f"{GROUP}/v1",
            kind="ClusterRole",
            name=name,
            fields={"rules": [dict(rule) for rule in rules]},
        ),
        Manifest(
            api_version=f"{GROUP}/v1",
            kind="ClusterRoleBinding",
            name=name,
            fields={"roleRef": role, "subjects": [account]},
        ),
    ]
