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
    "AnalysisTemplate",
    "ClusterAnalysisTemplate",
)
"""Kinds that make pods; checkov shows the template of most of them as a Pod of its own beside."""

ANALYSES = KINDS[-2:]
"""Kinds whose measurements may be jobs. Source: Argo Rollouts documentation, "Job Metrics"."""

STARTED = ("initContainers", "containers")
"""Where containers stand that a pod begins with."""

Spec = Mapping[str, Any]


def pod_specs(one: Entity) -> list[Spec]:
    """Return the ``spec`` of each pod of an object; none where they are judged as Pods beside."""
    spec = one.body.get("spec") or {}
    if one.kind == "Pod":
        return [spec]
    if one.kind in ANALYSES:
        providers = [metric.get("provider") or {} for metric in listed(spec.get("metrics"))]
        owners = [(found.get("job") or {}).get("spec") or {} for found in providers]
    elif one.kind == "CronJob":
        owners = [(spec.get("jobTemplate") or {}).get("spec") or {}]
    else:
        owners = [spec]
    templates = [found["template"] for found in owners if found.get("template")]
    return [template.get("spec") or {} for template in templates]


def containers(spec: Spec) -> list[Spec]:
    """Return the containers of a pod, of whatever sort."""
    return [one for field in (*STARTED, "ephemeralContainers") for one in listed(spec.get(field))]
