"""Pod template of a service: what the standard "restricted" admits, and a mesh drains in time."""

import json
from math import ceil
from typing import Any

from ...core.secrets import FOLDER, kubernetes_secret
from ...core.services import Protocol, Service, labels, selector
from ..containers import NONROOT, as_user, locked_down
from ..istio.rate_buckets import STAT_PREFIX
from ..scheduling import spread

CONTAINER = "app"
"""The service's own container, beside the proxy's."""
HASH_LABEL = "rollouts-pod-template-hash"
"""The label by which Argo Rollouts tells pods of two versions apart."""
# Longer than it takes until every proxy of the mesh has heard that the pod goes.
DRAIN_SECONDS = 15
_STARTUP_PERIOD = 5
# A folder for temporary files only, in the node's own storage.
_SCRATCH = "1Gi"


def pod_template(service: Service) -> dict[str, Any]:
    """Return the pod template of a service's Rollout.

    Istio 1.30 adds its proxy as a native sidecar (``ENABLE_NATIVE_SIDECARS`` is ``auto``, and acts
    on kubelets 1.33 and later): it starts before the container and ends after it.
    """
    return {
        "metadata": {
            "labels": labels(service),
            "annotations": {"proxy.istio.io/config": json.dumps(_proxy())},
        },
        "spec": {
            "serviceAccountName": service.name,
            # It calls services, not the Kubernetes API; the proxy has a token of its own.
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            # On the pod, so that the injected proxy has the profile too.
            "securityContext": as_user(
                NONROOT,
                group=NONROOT,
                # Files of secrets are root's and of this group, and nobody else's.
                fs_group=NONROOT if service.secrets else None,
            ),
            "terminationGracePeriodSeconds": grace_seconds(service),
            "topologySpreadConstraints": [
                # Each version is spread by itself: a canary of three pods takes three zones.
                {**constraint, "matchLabelKeys": [HASH_LABEL]}
                for constraint in spread(selector(service))
            ],
            "containers": [_container(service)],
            "volumes": [
                {"name": "tmp", "emptyDir": {"sizeLimit": _SCRATCH}},
                *(
                    {
                        "name": f"secret-{secret.name}",
                        "secret": {
                            "secretName": kubernetes_secret(service.name, secret.name),
                            "defaultMode": 0o440,
                        },
                    }
                    for secret in service.secrets
                ),
            ],
        },
    }


def grace_seconds(service: Service) -> int:
    """Return how long a pod may take to end: callers turn away, then the last request is answered.

    Five seconds are left to the container itself.
    """
    return DRAIN_SECONDS + service.resilience.timeout_seconds + 5


def _proxy() -> dict[str, Any]:
    # Metrics of the pod's own rate limit, which a proxy keeps to itself otherwise.
    return {"proxyStatsMatcher": {"inclusionPrefixes": [STAT_PREFIX]}}


def _container(service: Service) -> dict[str, Any]:
    return {
        "name": CONTAINER,
        "image": service.image,
        "ports": [{"name": service.protocol.value, "containerPort": service.port}],
        "env": [
            {"name": name, "value": value} for name, value in sorted(service.variables.items())
        ],
        "resources": {
            "requests": {"cpu": service.resources.cpu, "memory": service.resources.memory},
            # None for CPU: it would slow a pod down while its node is idle, and cost the p99.
            "limits": {"memory": service.resources.memory},
        },
        **_probes(service),
        # Kubernetes takes a pod from its Service when its end begins, and proxies hear of it a
        # little later: until then it still answers. The kubelet's own sleep needs no shell.
        "lifecycle": {"preStop": {"sleep": {"seconds": DRAIN_SECONDS}}},
        "securityContext": locked_down(),
        "volumeMounts": [
            {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108 - the pod's own
            *(
                {
                    "name": f"secret-{secret.name}",
                    "mountPath": f"{FOLDER}/{secret.name}",
                    "readOnly": True,
                }
                for secret in service.secrets
            ),
        ],
    }


def _probes(service: Service) -> dict[str, Any]:
    probes = service.probes
    return {
        "startupProbe": {
            **_asks(service, probes.liveness),
            "periodSeconds": _STARTUP_PERIOD,
            "failureThreshold": ceil(probes.startup_seconds / _STARTUP_PERIOD),
        },
        "readinessProbe": {
            **_asks(service, probes.readiness),
            "periodSeconds": 5,
            "failureThreshold": 2,
        },
        # Slower to act than readiness: a pod that is busy is left alone before it is restarted.
        "livenessProbe": {
            **_asks(service, probes.liveness),
            "periodSeconds": 10,
            "failureThreshold": 6,
        },
    }


def _asks(service: Service, path: str) -> dict[str, Any]:
    """Return what a probe asks; gRPC has a health service of its own instead of paths.

    Istio has its agent ask in the kubelet's place, since the kubelet has no certificate.
    """
    if service.protocol is Protocol.GRPC:
        return {"grpc": {"port": service.port}, "timeoutSeconds": 2}
    return {"httpGet": {"path": path, "port": service.port}, "timeoutSeconds": 2}
