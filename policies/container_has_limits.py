"""EKP_POD_2: a container says how much CPU and memory it needs, and what memory it may take.

No limit of CPU is asked for: it would slow a pod down while its node is idle, and cost the p99;
the request already keeps its share where many want it. Memory cannot be taken back, so one pod
without a limit takes it from all others of its node.
"""

from typing import Any

from policies.checks import Entity, Everything, Verdict, cluster_check, listed
from policies.pods import KINDS, STARTED, Spec, pod_specs


@cluster_check(
    "EKP_POD_2",
    "Ensure containers request CPU and memory, and have a limit of memory",
    *KINDS,
)
def container_has_limits(one: Entity, _: Everything) -> Verdict:
    """Fail pods with a container that leaves one of the three out.

    Ephemeral containers can have none. Source: Kubernetes API, EphemeralContainer.
    """
    specs = pod_specs(one)
    if not specs:
        return None
    return all(
        _bounded(container)
        for spec in specs
        for field in STARTED
        for container in listed(spec.get(field))
    )


def _bounded(container: Spec) -> bool:
    resources = container.get("resources") or {}
    limits, requests = resources.get("limits") or {}, resources.get("requests") or {}
    return _some(limits.get("memory")) and all(
        # What is limited alone is requested as much. Source: Kubernetes documentation, "Resource
        # Management for Pods and Containers".
        _some(requests.get(name, limits.get(name)))
        for name in ("cpu", "memory")
    )


def _some(quantity: Any) -> bool:
    """Tell whether a quantity is one: zero, as a limit, is none at all."""
    return any(digit in "123456789" for digit in str(quantity or ""))
