"""Workloads as pods of the cluster will be: a template's labels, and what the injector adds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from modules.core.mesh import (
    GATEWAY_LABELS,
    GATEWAY_NAMESPACE,
    NGINX_CHART,
    NGINX_NAMESPACE,
    shard_labels,
)

from .request import Object, Unsupported, Workload, of_kind

_INJECT = "sidecar.istio.io/inject"
_NAME = "service.istio.io/canonical-name"
_REVISION = "service.istio.io/canonical-revision"
_TLS_MODE = "security.istio.io/tlsMode"
# Source: istio/istio 1.30.3, pkg/kube/inject/inject.go, IgnoredNamespaces.
_NEVER_INJECTED = ("kube-system", "kube-public", "kube-node-lease", "local-path-storage")
_TEMPLATES = (
    ("argoproj.io", "Rollout"),
    ("apps", "Deployment"),
    ("apps", "StatefulSet"),
    ("apps", "DaemonSet"),
)


@dataclass(frozen=True, slots=True)
class Pods:
    """A workload, and what else its template says."""

    workload: Workload
    ports: Mapping[str, int] = field(default_factory=dict)
    """The container's ports by name."""


def from_templates(
    objects: Iterable[Object], namespaces: Mapping[str, Mapping[str, str]]
) -> list[Pods]:
    """Return the workloads of all Rollouts, Deployments, StatefulSets and DaemonSets.

    Args:
        objects: Objects of any kind.
        namespaces: The labels of each namespace.

    Raises:
        Unsupported: a template says something of its pods that is not evaluated.
    """
    return [_pods(each, namespaces) for each in templates(objects)]


def templates(objects: Iterable[Object]) -> list[Object]:
    """Return the objects that start pods by a template and go on: each kind in its order."""
    found = list(objects)
    return [each for group, kind in _TEMPLATES for each in of_kind(found, group, kind)]


def _pods(source: Object, namespaces: Mapping[str, Mapping[str, str]]) -> Pods:
    spec = source.get("spec") or {}
    if "template" not in spec:
        raise Unsupported(source, "spec.template", "it is missing; write the template here")
    template = spec["template"]
    metadata, pod = template.get("metadata") or {}, template.get("spec") or {}
    if pod.get("hostNetwork"):
        raise Unsupported(source, "spec.template.spec.hostNetwork", "its pods are the node's own")
    namespace = source["metadata"].get("namespace")
    if not namespace:
        raise Unsupported(source, "metadata.namespace", "it is missing; name the namespace")
    for key in sorted(metadata.get("annotations") or {}):
        if key.startswith("traffic.sidecar.istio.io/"):
            raise Unsupported(source, key, "which ports a proxy guards is not evaluated")
    workload = Workload(
        namespace=namespace,
        name=source["metadata"]["name"],
        labels=dict(metadata.get("labels") or {}),
        service_account=pod.get("serviceAccountName") or "default",
        in_mesh=injected(source, namespace, namespaces.get(namespace, {}), metadata),
    )
    ports = {
        port["name"]: port["containerPort"]
        for container in pod.get("containers") or ()
        for port in container.get("ports") or ()
        if "name" in port
    }
    return Pods(as_injected(workload), ports)


def injected(
    source: Object, namespace: str, labels: Mapping[str, str], pod: Mapping[str, Any]
) -> bool:
    """Tell whether pods get a sidecar: the namespace says so, or where it is silent the pod does.

    Source: istio/istio 1.30.3, istio-discovery/templates/mutatingwebhook.yaml and
    pkg/kube/inject/inject.go, injectRequired.

    Raises:
        Unsupported: revisions or ambient mode decide.
    """
    own: Mapping[str, str] = pod.get("labels") or {}
    for key in ("istio.io/rev", "istio.io/dataplane-mode"):
        if key in labels or key in own:
            raise Unsupported(source, key, "revisions and ambient mode are not evaluated")
    wanted = own.get(_INJECT, (pod.get("annotations") or {}).get(_INJECT, ""))
    if namespace in _NEVER_INJECTED or wanted == "false":
        return False
    if "istio-injection" in labels:
        return labels["istio-injection"] == "enabled"
    return own.get(_INJECT) == "true"


def as_injected(workload: Workload) -> Workload:
    """Return a workload with the labels that the injector gives its pods; outside the mesh none.

    The gateway's pods get no ``security.istio.io/tlsMode``: that label is the sidecars'.
    Source: istio/istio 1.30.3, istio-discovery/files/injection-template.yaml and
    gateway-injection-template.yaml.
    """
    if not workload.in_mesh:
        return workload
    own = workload.labels
    labels = {
        _NAME: own.get("app.kubernetes.io/name") or own.get("app") or workload.name,
        _REVISION: own.get("app.kubernetes.io/version") or own.get("version") or "latest",
    }
    if not is_gateway(workload):
        labels[_TLS_MODE] = "istio"
    return replace(workload, labels={**labels, **own})


def is_gateway(workload: Workload) -> bool:
    """Tell whether a workload is the mesh's gateway."""
    return workload.namespace == GATEWAY_NAMESPACE and all(
        workload.labels.get(key) == value for key, value in GATEWAY_LABELS.items()
    )


def is_shard(workload: Workload, shard: str) -> bool:
    """Tell whether a workload is an NGINX shard."""
    wanted = shard_labels(shard).items()
    return workload.namespace == NGINX_NAMESPACE and wanted <= workload.labels.items()


def shard_of(workload: Workload) -> str | None:
    """Return the name of the NGINX shard that a workload is; None: it is none."""
    shard = workload.name.removeprefix(f"{NGINX_CHART}-")
    return shard if shard and is_shard(workload, shard) else None
