"""Admission of pods: each is behind the mesh's proxy, which is as the mesh injects it."""

from .pods import INIT, METADATA, PODS, PROXY, PROXY_ID, VALIDATION
from .policy import Check, Kinds, Policy, listed

# What the webhook itself writes to a pod, or a pod may ask in the same words: all traffic is led
# into the proxy, except the port of its own metrics and EKS Pod Identity's agent on the node
# (``global.proxy`` of the chart's values).
# Source: istio 1.30.3, manifests/charts/istio-control/istio-discovery/files/injection-template.yaml
FIXED = {
    "sidecar.istio.io/inject": "true",
    "sidecar.istio.io/interceptionMode": "REDIRECT",
    "traffic.sidecar.istio.io/includeOutboundIPRanges": "*",
    "traffic.sidecar.istio.io/excludeOutboundIPRanges": "169.254.170.23/32",
    "traffic.sidecar.istio.io/includeInboundPorts": "*",
    "traffic.sidecar.istio.io/excludeInboundPorts": "15020",
}
_STATUS = "sidecar.istio.io/status"
_OVERRIDES = "proxy.istio.io/overrides"
_CONFIG = "proxy.istio.io/config"
_FREE = (
    _STATUS,
    _CONFIG,
    "sidecar.istio.io/proxyCPU",
    "sidecar.istio.io/proxyCPULimit",
    "sidecar.istio.io/proxyMemory",
    "sidecar.istio.io/proxyMemoryLimit",
)
_ISTIO = "^((traffic[.]|status[.])?sidecar|inject|proxy)[.]istio[.]io/|^istio[.]io/reroute-"
# More metrics and no other setting: others choose an image's files, or switch the proxy off
# (proxyMetadata with DISABLE_ENVOY). Any names of metrics, so that a renamed one needs no change
# here before it and none after it. RE2, in which "$" is the end of the text.
_METRICS = '"[A-Za-z0-9_.]+"'
_CONFIGS = (
    rf'^[{{]"proxyStatsMatcher": [{{]"inclusionPrefixes": \[{_METRICS}(, {_METRICS})*\][}}][}}]$'
)
_TEMPLATES = (
    Kinds(group="argoproj.io", version="v1alpha1", resources=("rollouts",)),
    Kinds(
        group="apps",
        version="v1",
        resources=("daemonsets", "deployments", "replicasets", "statefulsets"),
    ),
    Kinds(group="batch", version="v1", resources=("jobs",)),
)


def templates() -> Policy:
    """Return what a pod template may not bring along: parts that only the webhook adds.

    A pod that looks injected already keeps what its own ``istio-proxy`` says, a command among it,
    and nothing of the pod tells that from the webhook's work.
    Source: istio 1.30.3, pkg/kube/inject/webhook.go, reapplyOverwrittenContainers.
    """
    return Policy(
        concern="templates",
        kinds=_TEMPLATES,
        only_where=(
            "has(object.spec) && has(object.spec.template) && has(object.spec.template.spec)"
        ),
        variables={
            "containers": (
                "(has(object.spec.template.spec.containers) "
                "? object.spec.template.spec.containers : []) + "
                "(has(object.spec.template.spec.initContainers) "
                "? object.spec.template.spec.initContainers : [])"
            ),
        },
        checks=(
            Check(
                expression=(
                    "variables.containers.all(one, "
                    f"!(one.name in {listed((PROXY, VALIDATION, INIT))}))"
                ),
                message=(
                    "spec.template has a container with a name of the mesh's own; rename it, and "
                    "leave the proxy to injection"
                ),
            ),
            Check(
                expression=(
                    "!has(object.spec.template.metadata) "
                    "|| !has(object.spec.template.metadata.annotations) || "
                    "object.spec.template.metadata.annotations.all(key, "
                    f"!(key in {listed((_STATUS, _OVERRIDES))}))"
                ),
                message=(
                    f"spec.template has annotation {_STATUS} or {_OVERRIDES}, which injection "
                    "writes; remove it"
                ),
            ),
        ),
    )


def proxied() -> Policy:
    """Return what shows that a pod's traffic goes through the proxy.

    It is asked after the webhook of the mesh, so the proxy is there to be seen.
    Source: istio 1.30.3, cni/pkg/plugin/plugin.go, which pods are left out.
    """
    fixed = "{" + ", ".join(f"'{key}': '{value}'" for key, value in FIXED.items()) + "}"
    return Policy(
        concern="proxied-pods",
        kinds=(PODS,),
        variables={
            **METADATA,
            "containers": (
                "object.spec.containers + "
                "(has(object.spec.initContainers) ? object.spec.initContainers : [])"
            ),
            "fixed": fixed,
        },
        checks=(
            Check(
                expression=(
                    "!('sidecar.istio.io/inject' in variables.labels) "
                    "|| variables.labels['sidecar.istio.io/inject'] == 'true'"
                ),
                message="label sidecar.istio.io/inject keeps the proxy out; remove it",
            ),
            Check(
                expression=(
                    f"'{_STATUS}' in variables.annotations "
                    f"&& variables.containers.exists_one(one, one.name == '{PROXY}' "
                    "&& has(one.securityContext) "
                    "&& has(one.securityContext.runAsUser) && has(one.securityContext.runAsGroup) "
                    f"&& one.securityContext.runAsUser == {PROXY_ID} "
                    f"&& one.securityContext.runAsGroup == {PROXY_ID} "
                    "&& (!has(one.env) || one.env.all(value, value.name != 'DISABLE_ENVOY'))) "
                    f"&& variables.containers.all(one, one.name != '{INIT}')"
                ),
                message=(
                    f"the pod has no {PROXY} as the mesh injects it; remove what keeps it out or "
                    f"changes it, and any container {INIT}; where nothing does, see whether "
                    "istiod's webhook works"
                ),
            ),
            Check(
                expression=(
                    "variables.annotations.all(key, key in variables.fixed "
                    "? variables.annotations[key] == variables.fixed[key] "
                    f": key in {listed(_FREE)} || !key.matches('{_ISTIO}'))"
                ),
                message=(
                    "an annotation changes what the proxy sees or how it is injected; of Istio's "
                    "annotations keep sidecar.istio.io/proxyCPU, proxyCPULimit, proxyMemory and "
                    f"proxyMemoryLimit, and {_CONFIG}"
                ),
            ),
            Check(
                expression=(
                    f"!('{_CONFIG}' in variables.annotations) "
                    f"|| variables.annotations['{_CONFIG}'].matches(r'{_CONFIGS}')"
                ),
                message=(
                    f"annotation {_CONFIG} sets more than metrics; write "
                    '{"proxyStatsMatcher": {"inclusionPrefixes": ["<prefix>"]}} or leave it out'
                ),
            ),
        ),
    )
