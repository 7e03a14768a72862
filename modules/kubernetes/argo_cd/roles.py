"""What a tenant's people may do with its Applications, as roles of its project."""

from collections.abc import Sequence
from typing import Any

from ...core.tenants import Groups

LOOK = ("get",)
DELIVER = (
    *LOOK,
    "sync",
    # Abort, pause, resume, promote, retry and restart, as Argo CD's interface offers them.
    "action/argoproj.io/Rollout/*",
)
"""Not ``override``, which applies what no commit holds, and not ``update`` or ``delete``."""


def roles(project: str, groups: Groups) -> list[dict[str, Any]]:
    """Return a project's ``roles``, by object ids of groups as tokens carry them.

    Their policies hold for the project alone: Argo CD reads those of the project that is asked for
    and of no other, and refuses a project whose policies name another one. Everybody may sign in;
    who is in no group sees nothing, since ``policy.default`` is empty.
    There is no right to logs: a project of services' kinds shows no pods (see ``project``).
    Source: Argo CD 3.4, "RBAC Configuration"; v3.4.4, ``server/rbacpolicy/rbacpolicy.go`` and
    ``pkg/apis/application/v1alpha1/types.go``, ``validatePolicy``.
    """
    return [
        _role(project, "developer", DELIVER, [*groups.admin, *groups.developer]),
        *([_role(project, "viewer", LOOK, groups.viewer)] if groups.viewer else []),
    ]


def _role(project: str, name: str, actions: Sequence[str], groups: Sequence[str]) -> dict[str, Any]:
    return {
        "name": name,
        "policies": [
            f"p, proj:{project}:{name}, applications, {action}, {project}/*, allow"
            for action in actions
        ],
        "groups": [*groups],
    }
