"""A pod as the API server sees it after the webhook of the mesh."""

import copy
import json
from collections.abc import Mapping
from typing import Any

_LOCKED = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "privileged": False,
    "readOnlyRootFilesystem": True,
    "runAsGroup": 1337,
    "runAsNonRoot": True,
    "runAsUser": 1337,
    "seccompProfile": {"type": "RuntimeDefault"},
}
# What istio 1.30.3 adds with the plugin on nodes and native sidecars, by the values of
# helm-values/istiod.yaml. Source: pkg/kube/inject/testdata/inject/hello.yaml.cni.injected.
_ANNOTATIONS = {
    "istio.io/rev": "default",
    "kubectl.kubernetes.io/default-container": "app",
    "kubectl.kubernetes.io/default-logs-container": "app",
    "prometheus.io/path": "/stats/prometheus",
    "prometheus.io/port": "15020",
    "prometheus.io/scrape": "true",
    "sidecar.istio.io/interceptionMode": "REDIRECT",
    "sidecar.istio.io/status": json.dumps(
        {
            "initContainers": ["istio-validation", "istio-proxy"],
            "containers": None,
            "volumes": ["workload-socket", "istio-envoy", "istio-data", "istio-token"],
            "imagePullSecrets": None,
            "revision": "default",
        }
    ),
    "traffic.sidecar.istio.io/excludeInboundPorts": "15020",
    "traffic.sidecar.istio.io/excludeOutboundIPRanges": "169.254.170.23/32",
    "traffic.sidecar.istio.io/includeInboundPorts": "*",
    "traffic.sidecar.istio.io/includeOutboundIPRanges": "*",
}
_PROXY_IMAGE = "docker.io/istio/proxyv2:1.30.3"


def injected(template: Mapping[str, Any], namespace: str) -> dict[str, Any]:
    """Return the pod of a template; values of its own annotations win, as with the webhook."""
    made = copy.deepcopy(dict(template))
    metadata = made["metadata"]
    metadata["name"] = "pod-0"
    metadata["namespace"] = namespace
    metadata["labels"] = {
        **metadata["labels"],
        "security.istio.io/tlsMode": "istio",
        "service.istio.io/canonical-name": "app",
        "service.istio.io/canonical-revision": "latest",
    }
    metadata["annotations"] = {**_ANNOTATIONS, **metadata.get("annotations", {})}
    spec = made["spec"]
    spec["initContainers"] = [
        {
            "name": "istio-validation",
            "image": _PROXY_IMAGE,
            "args": ["istio-iptables", "-p", "15001", "-u", "1337", "--run-validation"],
            "securityContext": dict(_LOCKED),
        },
        {
            "name": "istio-proxy",
            "image": _PROXY_IMAGE,
            "restartPolicy": "Always",
            "args": ["proxy", "sidecar", "--domain", "$(POD_NAMESPACE).svc.cluster.local"],
            "env": [
                {"name": "PILOT_CERT_PROVIDER", "value": "istiod"},
                {"name": "POD_NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
            ],
            "securityContext": dict(_LOCKED),
            "volumeMounts": [{"name": "istio-envoy", "mountPath": "/etc/istio/proxy"}],
        },
        *spec.get("initContainers", []),
    ]
    spec["volumes"] = [
        *spec.get("volumes", []),
        {"name": "istio-envoy", "emptyDir": {"medium": "Memory"}},
    ]
    return {"apiVersion": "v1", "kind": "Pod", **made}
