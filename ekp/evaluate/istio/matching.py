"""What Istio's objects have in common: whom they select, who sees them, how strings match."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from modules.core.mesh import MESH_ROOT

from ..paths import RefusedPathError, normalized
from ..request import Decision, Object, Request, Unsupported, Workload, of_kind

SECURITY = "security.istio.io"
NETWORKING = "networking.istio.io"

# RE2 has none of these; Python's regular expressions do.
_NOT_RE2 = re.compile(r"\(\?(=|!|<=|<!|#|>|\()|\(\?P=|\\[1-9]|[*+?}]\+")


def spec_of(source: Object, known: Iterable[str]) -> Mapping[str, Any]:
    """Return an object's spec, {} where it has none.

    Raises:
        Unsupported: it has a field that is not among the known ones.
    """
    spec: Mapping[str, Any] = source.get("spec") or {}
    check_keys(source, "spec", spec, known)
    return spec


def check_keys(source: Object, where: str, found: object, known: Iterable[str]) -> None:
    """Refuse what is no mapping, and keys that an evaluator does not know."""
    if not isinstance(found, Mapping):
        raise Unsupported(source, where, f"is {found!r}, not a mapping")
    if unknown := sorted(set(found) - set(known)):
        raise Unsupported(source, f"{where}.{unknown[0]}", "is not understood")


def strings(source: Object, where: str, found: object) -> list[str]:
    """Return a list of strings as it stands.

    Raises:
        Unsupported: it is no list, is empty, or has entries that are empty or no strings.
    """
    if not isinstance(found, list | tuple) or not found:
        raise Unsupported(
            source, where, f"is {found!r}; write a list with an entry or leave it out"
        )
    for each in found:
        if not isinstance(each, str) or not each:
            raise Unsupported(source, where, f"has the entry {each!r}, which is no text")
    return list(found)


def selecting(objects: Iterable[Object], kind: str, workload: Workload) -> list[Object]:
    """Return the policies of a kind that hold for a workload, by name.

    A policy holds for the workloads of its namespace that its selector names, without one for all
    of them; in the mesh's root namespace it holds for the workloads of every namespace.

    Raises:
        Unsupported: one is attached by ``targetRefs``, or its selector is not labels alone.
    """
    return [
        each
        for each in of_kind(objects, SECURITY, kind)
        if namespace_of(each) in (workload.namespace, MESH_ROOT) and _selects(each, workload)
    ]


def _selects(policy: Object, workload: Workload) -> bool:
    spec = policy.get("spec") or {}
    for key in ("targetRef", "targetRefs"):
        if spec.get(key):
            raise Unsupported(policy, f"spec.{key}", "is not understood; use a selector")
    return has_labels(policy, "spec.selector", "matchLabels", spec.get("selector"), workload)


def has_labels(source: Object, where: str, key: str, selector: object, workload: Workload) -> bool:
    """Return whether a workload has all labels of a selector; no selector takes every workload."""
    if selector is None:
        return True
    check_keys(source, where, selector, {key})
    wanted = selector.get(key) or {} if isinstance(selector, Mapping) else {}
    for label, value in wanted.items():
        if not isinstance(value, str) or "*" in value:
            raise Unsupported(source, f"{where}.{key}.{label}", f"is {value!r}, not a plain value")
    return all(workload.labels.get(label) == value for label, value in wanted.items())


def namespace_of(source: Object) -> str:
    """Return the namespace of an object that must have one."""
    namespace = source.get("metadata", {}).get("namespace")
    if not isinstance(namespace, str) or not namespace:
        raise Unsupported(source, "metadata.namespace", "is missing")
    return namespace


def exported(source: Object, export_to: object, where: str, namespace: str) -> bool:
    """Return whether an object may be used in a namespace, by its ``exportTo``; none: everywhere.

    Source: Istio, VirtualService reference, ``exportTo``.
    """
    if export_to is None:
        return True
    entries = strings(source, where, export_to)
    own = namespace == namespace_of(source)
    return any(each in ("*", namespace) or (each == "." and own) for each in entries)


def matches_text(pattern: str, value: str | None) -> bool:
    """Return whether a value is as a pattern asks: exact, ``abc*``, ``*abc``, or ``*`` for any.

    A value that is missing or empty is none, whatever the pattern.
    Source: Istio, Authorization Policy reference, "Rule".
    """
    if value is None:
        return False
    if pattern == "*":
        return bool(value)
    if pattern.startswith("*"):
        return value.endswith(pattern[1:])
    if pattern.endswith("*"):
        return value.startswith(pattern[:-1])
    return value == pattern


def matches_regex(source: Object, where: str, pattern: object, value: str) -> bool:
    """Return whether all of a value is what a regular expression describes.

    Raises:
        Unsupported: Envoy's engine (RE2) and Python's may read the expression differently.
    """
    if not isinstance(pattern, str) or _NOT_RE2.search(pattern):
        raise Unsupported(source, where, f"{pattern!r} is no expression that RE2 takes")
    try:
        return re.fullmatch(pattern, value, re.ASCII) is not None
    except re.error as mistake:
        raise Unsupported(source, where, f"{pattern!r} is no expression: {mistake}") from None


def refused_path(request: Request) -> Decision | None:
    """Return the refusal of a path that no proxy takes, or None where the path is fine."""
    try:
        normalized(request.path)
    except RefusedPathError as refusal:
        return Decision(
            allowed=False, by="path normalization of the mesh", why=str(refusal), status=400
        )
    return None
