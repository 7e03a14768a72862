"""Admission of pods: which Secrets they read, and whom they may push aside."""

from ...core.alerts import RECEIVERS
from .pods import PODS
from .policy import Check, Policy


def pod_secrets() -> Policy:
    """Return what a pod may mount: Secrets of its own service, which are called after it.

    Nor does a pod run as the account that reads where alerts go, or with a priority of the
    platform's, whose pods others make room for.
    """
    return Policy(
        concern="pod-secrets",
        kinds=(PODS,),
        variables={
            "volumes": "has(object.spec.volumes) ? object.spec.volumes : []",
            "containers": (
                "dyn(object.spec.containers) "
                "+ (has(object.spec.initContainers) ? dyn(object.spec.initContainers) : dyn([])) "
                "+ (has(object.spec.ephemeralContainers) "
                "? dyn(object.spec.ephemeralContainers) : dyn([]))"
            ),
            "own": (
                "(has(object.spec.serviceAccountName) ? object.spec.serviceAccountName : '') + '.'"
            ),
        },
        checks=(
            Check(
                expression=(
                    "variables.volumes.all(one, !has(one.csi) "
                    "&& (!has(one.secret) || one.secret.secretName.startsWith(variables.own)) "
                    "&& (!has(one.projected) || !has(one.projected.sources) "
                    "|| one.projected.sources.all(from, !has(from.secret) "
                    "|| from.secret.name.startsWith(variables.own))))"
                ),
                message=(
                    "a volume holds a Secret of another service; list what the service needs in "
                    "its secrets, which are called <service>.<secret>"
                ),
            ),
            Check(
                expression=(
                    "variables.containers.all(one, (!has(one.env) || one.env.all(value, "
                    "!has(value.valueFrom) || !has(value.valueFrom.secretKeyRef))) "
                    "&& (!has(one.envFrom) || one.envFrom.all(from, !has(from.secretRef))))"
                ),
                message=(
                    "a container has a Secret in its environment, where every child process and "
                    "every crash report sees it; read the file under /secrets"
                ),
            ),
            Check(
                expression=f"variables.own != '{RECEIVERS}.'",
                message=(
                    f"the account {RECEIVERS} reads where alerts go, and no pod runs as it; use "
                    "the service's own"
                ),
            ),
            Check(
                expression=(
                    "!has(object.spec.priorityClassName) || object.spec.priorityClassName == ''"
                ),
                message=("spec.priorityClassName would push pods of others aside; leave it out"),
            ),
        ),
    )
