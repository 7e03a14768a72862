"""Pods of any kind of object, for the checks that judge them."""

from collections.abc import Mapping
from typing import Any

from policies.checks import Entity, listed

KINDS = (
    "Pod",
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "ReplicaSet",
    "ReplicationController",
    "Job",
    "CronJob",
    "Rollout",
)
"""Kinds that make pods; checkov shows the template of most of them as a Pod of its own beside."""

STARTED = ("initContainers", "containers")
"""Where containers stand that a pod begins with."""

Spec = Mapping[str, Any]


def pod_spec(one: Entity) -> Spec | None:
    """Return the ``spec`` of an object's pods; None where that is judged as a Pod of its own."""
    if one.kind == "Pod":
        return one.body.get("spec") or {}
    spec = one.body.get("spec") or {}
    if one.kind == "CronJob":
        spec = (spec.get("jobTemplate") or {}).get("spec") or {}
    template = spec.get("template")
    return (template.get("spec") or {}) if template else None


def containers(spec: Spec) -> list[Spec]:
    """Return the containers of a pod, of whatever sort."""
    return [one for field in (*STARTED, "ephemeralContainers") for one in listed(spec.get(field))]
