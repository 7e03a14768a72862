"""EKP_POD_1: pods get nothing of the node that they run on, and do not run as root.

It is what Pod Security asks of pods in its standard "restricted" that concerns the host; agents
that need their node come with third-party charts, in namespaces of their own.
"""

from collections.abc import Iterator

from policies.checks import Entity, Everything, Verdict, cluster_check, listed
from policies.pods import KINDS, Spec, containers, pod_specs

HOST = ("hostNetwork", "hostPID", "hostIPC")
# Source: Kubernetes documentation, "Pod Security Standards", Restricted.
CAPABILITIES = frozenset(("NET_BIND_SERVICE",))


@cluster_check("EKP_POD_1", "Ensure pods stay off their host", *KINDS)
def pod_stays_off_its_host(one: Entity, _: Everything) -> Verdict:
    """Fail pods that share something with their host, may rise above their rights or be root."""
    specs = pod_specs(one)
    return all(_off(spec) for spec in specs) if specs else None


def _off(spec: Spec) -> bool:
    own = not any(spec.get(field) for field in HOST) and not any(
        "hostPath" in volume for volume in listed(spec.get("volumes"))
    )
    return own and not any(
        problem for container in containers(spec) for problem in _problems(container, spec)
    )


def _problems(container: Spec, pod: Spec) -> Iterator[bool]:
    context = container.get("securityContext") or {}
    # What a container does not say, its pod says.
    whole = {**(pod.get("securityContext") or {}), **context}
    capabilities = context.get("capabilities") or {}
    yield bool(context.get("privileged"))
    # Kubernetes allows it where nothing is said.
    yield context.get("allowPrivilegeEscalation") is not False
    yield not CAPABILITIES.issuperset(listed(capabilities.get("add")))
    # A container has a dozen of them without being given any.
    yield "ALL" not in listed(capabilities.get("drop"))
    yield context.get("procMount", "Default") != "Default"
    yield whole.get("runAsNonRoot") is not True
    yield whole.get("runAsUser") == 0
    yield bool((whole.get("windowsOptions") or {}).get("hostProcess"))
    yield any(port.get("hostPort") for port in listed(container.get("ports")))
