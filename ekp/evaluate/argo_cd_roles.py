"""Argo CD: what the roles of an AppProject let people do with its Applications.

Source: argoproj/argo-cd v3.4.4, ``server/rbacpolicy/rbacpolicy.go``, ``assets/model.conf`` and
``pkg/apis/application/v1alpha1/types.go``, ``validatePolicy``.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .argo_cd import spec_of
from .argo_cd_globs import glob
from .request import Decision, Object, Unsupported, named

# What a project's policies may be about; their objects are of the project.
_RESOURCES = {"applications", "applicationsets", "clusters", "exec", "logs", "repositories"}
_PARTS = 6


def may_act(
    project: Object,
    groups: Iterable[str],
    action: str,
    *,
    application: str,
    resource: str = "applications",
) -> Decision:
    """Return whether people of groups may do something to an application, by the project's roles.

    Argo CD asks the policies of the application's own project; those of other projects never count.

    Args:
        project: The AppProject.
        groups: As their token carries them.
        action: Such as ``sync`` or ``action/argoproj.io/Rollout/abort``.
        application: Its project and its name with a slash between; another project is refused.
        resource: Such as ``logs``.

    Raises:
        Unsupported: a policy is none that Argo CD takes, or is not evaluated.
    """
    if resource not in _RESOURCES:
        raise Unsupported(project, "spec.roles", f"rights to {resource} are not evaluated")
    own = str(project["metadata"]["name"])
    roles = spec_of(project).get("roles") or []
    policies = [
        (index, policy)
        for index, role in enumerate(roles)
        for policy in _policies(project, role, f"spec.roles[{index}]")
    ]
    if application.partition("/")[0] != own:
        return Decision(allowed=False, by=named(project), why=f"{application} is of another one")
    for group in groups:
        # Each group is asked alone: what one may, another one's refusal does not take away.
        asked = [
            (index, effect)
            for index, (res, act, obj, effect) in policies
            if group in (roles[index].get("groups") or [])
            and all(
                glob(project, pattern, value, separator="")
                for pattern, value in ((res, resource), (act, action), (obj, application))
            )
        ]
        if asked and all(effect == "allow" for _, effect in asked):
            by = f"{named(project)} roles[{asked[0][0]}]"
            return Decision(allowed=True, by=by, why=f"{group} may {action} {application}")
    return Decision(
        allowed=False, by=named(project), why=f"no role lets any of the groups {action}"
    )


def _policies(
    project: Object, role: Mapping[str, Any], where: str
) -> Iterator[tuple[str, str, str, str]]:
    if unknown := sorted(set(role) - {"name", "description", "policies", "groups"}):
        raise Unsupported(project, f"{where}.{unknown[0]}", "is not evaluated")
    own = project["metadata"]["name"]
    for policy in role.get("policies") or []:
        parts = [part.strip() for part in policy.split(",")]
        subject = f"proj:{own}:{role['name']}"
        if len(parts) != _PARTS or parts[:2] != ["p", subject] or parts[2] not in _RESOURCES:
            raise Unsupported(project, where, f"Argo CD takes no policy {policy!r} of {subject}")
        if not re.fullmatch(rf"{re.escape(own)}(/[*\w.-]+){{1,2}}", parts[4]):
            raise Unsupported(project, where, f"the policy {policy!r} is about another project")
        if parts[5] not in ("allow", "deny"):
            raise Unsupported(project, where, f"the policy {policy!r} neither allows nor denies")
        yield parts[2], parts[3], parts[4], parts[5]
