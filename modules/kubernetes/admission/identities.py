"""Admission of pods: each runs as the service that it says it is, and not as the proxy."""

from .pods import METADATA, PODS, PROXY, PROXY_ID, VALIDATION
from .policy import Check, Policy, listed


def identities() -> Policy:
    """Return as whom a pod may run: its own service, and never the proxy's user or group.

    What is not said counts as the proxy's, since an image may say it.
    """
    return Policy(
        concern="pod-identities",
        kinds=(PODS,),
        variables={
            **METADATA,
            "user": _of_pod("runAsUser"),
            "group": _of_pod("runAsGroup"),
            "own": (
                f"dyn(object.spec.containers.filter(one, one.name != '{PROXY}')) + "
                "(has(object.spec.initContainers) ? dyn(object.spec.initContainers.filter(one, "
                f"!(one.name in {listed((PROXY, VALIDATION))}))) : dyn([])) + "
                "(has(object.spec.ephemeralContainers) "
                "? dyn(object.spec.ephemeralContainers) : dyn([]))"
            ),
        },
        checks=(
            Check(
                expression=(
                    f"variables.own.all(one, ({_of_container('runAsUser', 'user')}) != {PROXY_ID} "
                    f"&& ({_of_container('runAsGroup', 'group')}) != {PROXY_ID})"
                ),
                message=(
                    f"a container runs as user or group {PROXY_ID}, whose calls pass the proxy by, "
                    "or leaves them to its image; set runAsUser and runAsGroup in the pod's "
                    "securityContext, such as 65532"
                ),
            ),
            Check(
                expression=(
                    "has(object.spec.serviceAccountName) "
                    "&& 'app.kubernetes.io/name' in variables.labels && "
                    "object.spec.serviceAccountName == variables.labels['app.kubernetes.io/name']"
                ),
                message=(
                    "spec.serviceAccountName and label app.kubernetes.io/name differ; write the "
                    "service's name to both"
                ),
            ),
        ),
    )


def _of_pod(setting: str) -> str:
    return (
        f"has(object.spec.securityContext) && has(object.spec.securityContext.{setting}) "
        f"? object.spec.securityContext.{setting} : {PROXY_ID}"
    )


def _of_container(setting: str, otherwise: str) -> str:
    return (
        f"has(one.securityContext) && has(one.securityContext.{setting}) "
        f"? one.securityContext.{setting} : variables.{otherwise}"
    )
