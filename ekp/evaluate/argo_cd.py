"""Argo CD: what an AppProject lets its Applications bring, from where and where to.

What of a project is not understood is refused as ``Unsupported``; what Argo CD itself would refuse
of it is, too. Source: argoproj/argo-cd v3.4.4, ``pkg/apis/application/v1alpha1``
(``app_project_types.go``, ``types.go``), ``util/glob`` and ``util/git``.
"""

import re
from collections.abc import Mapping
from typing import Any

from .argo_cd_globs import glob, kind_glob
from .request import Decision, Object, Unsupported, named

_READ = {
    "clusterResourceBlacklist",
    "clusterResourceWhitelist",
    "destinations",
    "namespaceResourceBlacklist",
    "namespaceResourceWhitelist",
    "roles",
    "sourceRepos",
}
# They tell, or hold syncs back; they let nothing in.
_HARMLESS = {"description", "orphanedResources", "syncWindows"}
_SCP = re.compile(r"(ssh://)?[^/:]*?@[^@]+")
_DENY = "!"


def may_deploy(
    project: Object,
    *,
    source: str,
    cluster: str,
    namespace: str | None,
    group: str,
    kind: str,
) -> Decision:
    """Return whether an Application of the project may bring an object.

    Args:
        project: The AppProject.
        source: Address of the repository.
        cluster: Its name in Argo CD; what a project says of servers is not evaluated.
        namespace: Of the object; None: the kind has none.
        group: Of the API; "" is the core group.
        kind: Such as ``Rollout``.

    Raises:
        Unsupported: the answer hangs on something that is not evaluated.
    """
    spec = spec_of(project)
    found = _from_source(project, spec, source)
    if found.allowed:
        found = _of_kind(project, spec, group, kind, namespaced=namespace is not None)
    if found.allowed and namespace is not None:
        found = _to_destination(project, spec, cluster, namespace)
    return found


def spec_of(project: Object) -> Mapping[str, Any]:
    """Return a project's ``spec``.

    Raises:
        Unsupported: it has a field that is not evaluated.
    """
    spec: Mapping[str, Any] = project["spec"]
    if unknown := sorted(set(spec) - _READ - _HARMLESS):
        raise Unsupported(project, f"spec.{unknown[0]}", "is not evaluated")
    return spec


def _from_source(project: Object, spec: Mapping[str, Any], source: str) -> Decision:
    asked, by = _normalized(source), None
    for index, written in enumerate(spec.get("sourceRepos") or []):
        here = f"{named(project)} sourceRepos[{index}]"
        denies = written.startswith(_DENY)
        pattern = _normalized(written.removeprefix(_DENY))
        if glob(project, pattern, asked, separator="/") != denies:
            by = by or here
        elif denies:
            return Decision(allowed=False, by=here, why=f"{source} is denied")
    if by is None:
        return Decision(allowed=False, by=named(project), why=f"{source} is no source")
    return Decision(allowed=True, by=by, why=f"{source} is a source")


def _normalized(url: str) -> str:
    url = url.strip().lower()
    if _SCP.fullmatch(url) and not url.startswith("ssh://"):
        url = url.replace(":", "/", 1)
    return url.removesuffix(".git").removeprefix("ssh://")


def _to_destination(
    project: Object, spec: Mapping[str, Any], cluster: str, namespace: str
) -> Decision:
    asked, by = f"namespace {namespace} of cluster {cluster}", None
    for index, entry in enumerate(spec.get("destinations") or []):
        where = f"spec.destinations[{index}]"
        if unknown := sorted(set(entry) - {"name", "namespace", "server"}):
            raise Unsupported(project, f"{where}.{unknown[0]}", "is not evaluated")
        if entry.get("server", "") not in ("", "*"):
            raise Unsupported(project, f"{where}.server", "clusters are told apart by name here")
        here = f"{named(project)} destinations[{index}]"
        name, space = entry.get("name", ""), entry.get("namespace", "")
        by_name = _matches(project, name, cluster)
        by_server = entry.get("server") == "*"
        in_space = _matches(project, space, namespace)
        if (by_name or by_server) and in_space:
            by = by or here
        elif (name.startswith(_DENY) and not by_name) or (
            space.startswith(_DENY) and not in_space and by_server
        ):
            return Decision(allowed=False, by=here, why=f"{asked} is denied")
    if by is None:
        return Decision(allowed=False, by=named(project), why=f"{asked} is no destination")
    return Decision(allowed=True, by=by, why=f"{asked} is a destination")


def _matches(project: Object, pattern: str, value: str) -> bool:
    if pattern.startswith(_DENY):
        return not glob(project, pattern[1:], value, separator="")
    return glob(project, pattern, value, separator="")


def _of_kind(
    project: Object, spec: Mapping[str, Any], group: str, kind: str, *, namespaced: bool
) -> Decision:
    scope = "namespace" if namespaced else "cluster"
    allowed = spec.get(f"{scope}ResourceWhitelist")
    shown = f"{kind} of {group or 'the core group'}"
    refused = _listed(project, spec, f"{scope}ResourceBlacklist", group, kind)
    if refused is not None:
        return Decision(allowed=False, by=refused, why=f"{shown} is denied")
    if allowed is None and namespaced:
        return Decision(allowed=True, by=named(project), why="every kind of a namespace is allowed")
    by = _listed(project, spec, f"{scope}ResourceWhitelist", group, kind)
    if by is None:
        return Decision(allowed=False, by=named(project), why=f"{shown} is no kind of the project")
    return Decision(allowed=True, by=by, why=f"{shown} is allowed")


def _listed(
    project: Object, spec: Mapping[str, Any], field: str, group: str, kind: str
) -> str | None:
    for index, entry in enumerate(spec.get(field) or []):
        if unknown := sorted(set(entry) - {"group", "kind"}):
            raise Unsupported(project, f"spec.{field}[{index}].{unknown[0]}", "is not evaluated")
        if kind_glob(project, entry["kind"], kind) and kind_glob(project, entry["group"], group):
            return f"{named(project)} {field}[{index}]"
    return None
