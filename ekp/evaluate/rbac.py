"""RBAC: what the Roles and bindings of a cluster let a user, group or service account do.

Source: Kubernetes, "Using RBAC Authorization".
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .aggregation import rules_of
from .request import Decision, Object, Unsupported, named, of_kind

GROUP = "rbac.authorization.k8s.io"
_FORBIDDEN = 403
_SUPERUSERS = "system:masters"
_RULE = {"apiGroups", "nonResourceURLs", "resourceNames", "resources", "verbs"}


@dataclass(frozen=True, slots=True)
class User:
    """A person or machine that has signed in."""

    name: str
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Whoever is in a group, of whom nothing else is known."""

    name: str


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """Pods that run under a service account."""

    namespace: str
    name: str


Subject = User | Group | ServiceAccount


def may(
    objects: Iterable[Object],
    subject: Subject,
    verb: str,
    resource: str,
    *,
    api_group: str = "",
    namespace: str | None = None,
    name: str | None = None,
    subresource: str | None = None,
) -> Decision:
    """Return whether a subject may do something to a resource.

    Args:
        objects: Objects of the cluster, of any kind.
        subject: Who asks.
        verb: Such as ``get``.
        resource: In the plural, such as ``pods``.
        api_group: Of the resource; "" is the core group.
        namespace: Where; None: in all of them, or the resource has none.
        name: Of one object; None: not of a certain one, as for ``list`` and ``create``.
        subresource: Such as ``log``.

    Raises:
        Unsupported: a role or a binding of the subject is not understood, or the role of one is
            not among the objects.
    """
    full = f"{resource}/{subresource}" if subresource else resource

    def grants(rule: Mapping[str, Any]) -> bool:
        return (
            _has(rule, "apiGroups", api_group)
            and _has_resource(rule, full, subresource)
            and (not rule.get("resourceNames") or name in rule["resourceNames"])
            and _has(rule, "verbs", verb)
        )

    what = f"{verb} {full}{f' in {namespace}' if namespace else ''}"
    return _decided(list(objects), subject, namespace, what, grants)


def may_url(objects: Iterable[Object], subject: Subject, verb: str, path: str) -> Decision:
    """Return whether a subject may ask the API server for a path that is no resource.

    Args:
        objects: Objects of the cluster, of any kind.
        subject: Who asks.
        verb: In small letters, such as ``get``.
        path: Such as ``/metrics``.

    Raises:
        Unsupported: as ``may`` does.
    """

    def grants(rule: Mapping[str, Any]) -> bool:
        patterns = rule.get("nonResourceURLs") or []
        return _has(rule, "verbs", verb) and any(
            each in ("*", path) or (each.endswith("*") and path.startswith(each[:-1]))
            for each in patterns
        )

    return _decided(list(objects), subject, None, f"{verb} {path}", grants)


def _decided(
    objects: list[Object],
    subject: Subject,
    namespace: str | None,
    what: str,
    grants: Callable[[Mapping[str, Any]], bool],
) -> Decision:
    if _SUPERUSERS in _groups(subject):
        return Decision(True, _SUPERUSERS, "may do everything, whatever the bindings say")
    for binding in _bindings(objects, subject, namespace):
        role, rules = _role(objects, binding)
        for index, rule in enumerate(rules):
            if unknown := sorted(set(rule) - _RULE) or (["verbs"] if "verbs" not in rule else []):
                raise Unsupported(role, f"rules[{index}].{unknown[0]}", "is not understood")
            if grants(rule):
                by = f"{named(role)} rules[{index}]"
                return Decision(True, by, f"{named(binding)} grants {what}")
    return Decision(False, "no binding", f"nothing grants {what}", _FORBIDDEN)


def _bindings(objects: list[Object], subject: Subject, namespace: str | None) -> Iterator[Object]:
    for kind in ("ClusterRoleBinding", "RoleBinding"):
        for binding in of_kind(objects, GROUP, kind):
            home = binding["metadata"].get("namespace")
            if kind == "RoleBinding" and (namespace is None or home != namespace):
                continue
            entries = binding.get("subjects") or []
            # A list, not a generator: every subject is read.
            if any([_is(binding, index, each, subject) for index, each in enumerate(entries)]):  # noqa: C419
                yield binding


def _is(binding: Object, index: int, entry: Mapping[str, Any], subject: Subject) -> bool:
    kind, name = entry.get("kind"), entry.get("name")
    if kind == "ServiceAccount":
        namespace = entry.get("namespace") or binding["metadata"].get("namespace")
        return isinstance(subject, ServiceAccount) and (namespace, name) == (
            subject.namespace,
            subject.name,
        )
    if kind == "Group":
        return name in _groups(subject)
    if kind == "User":
        return not isinstance(subject, Group) and name == _user_name(subject)
    raise Unsupported(binding, f"subjects[{index}].kind", f"{kind!r} is not understood")


def _user_name(subject: User | ServiceAccount) -> str:
    if isinstance(subject, User):
        return subject.name
    return f"system:serviceaccount:{subject.namespace}:{subject.name}"


def _groups(subject: Subject) -> tuple[str, ...]:
    if isinstance(subject, Group):
        return (subject.name,)
    if isinstance(subject, User):
        return (*subject.groups, "system:authenticated")
    own = f"system:serviceaccounts:{subject.namespace}"
    return ("system:serviceaccounts", own, "system:authenticated")


def _role(objects: list[Object], binding: Object) -> tuple[Object, list[Mapping[str, Any]]]:
    reference = binding.get("roleRef") or {}
    kind, name = reference.get("kind"), reference.get("name")
    if kind not in ("Role", "ClusterRole") or reference.get("apiGroup", GROUP) != GROUP:
        raise Unsupported(binding, "roleRef", f"{reference!r} is no role")
    home = binding["metadata"].get("namespace") if kind == "Role" else None
    for role in of_kind(objects, GROUP, kind):
        if (role["metadata"]["name"], role["metadata"].get("namespace")) == (name, home):
            return role, rules_of(objects, role)
    if name == "cluster-admin" and kind == "ClusterRole":
        every = {"apiGroups": ["*"], "resources": ["*"], "nonResourceURLs": ["*"], "verbs": ["*"]}
        return {"kind": kind, "metadata": {"name": name}}, [every]
    raise Unsupported(binding, "roleRef.name", f"{kind} {name} is not among the objects")


def _has(rule: Mapping[str, Any], key: str, wanted: str) -> bool:
    entries = rule.get(key) or []
    return "*" in entries or wanted in entries


def _has_resource(rule: Mapping[str, Any], full: str, subresource: str | None) -> bool:
    entries = rule.get("resources") or []
    return bool({"*", full, f"*/{subresource}" if subresource else full} & set(entries))
