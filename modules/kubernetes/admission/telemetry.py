"""Admission of what tells of services: dashboards and monitors stay with their namespace, too."""

from ...core.mesh import METRICS_PORT
from ..workload.panels import FOLDER_ANNOTATION, SHOWN_LABEL
from .policy import Check, Kinds, Policy

_ADDRESS = "__address__"
_POD_IP = "__meta_kubernetes_pod_ip"


def dashboards() -> Policy:
    """Return where a dashboard may stand: in its namespace's folder, and it is text.

    Grafana's sidecar writes to the folder that is named, whosever it is, and fetches what a key
    that ends in ``.url`` names. Source: kiwigrid/k8s-sidecar, README.
    """
    label, _ = SHOWN_LABEL
    return Policy(
        concern="dashboards",
        kinds=(Kinds(group="", version="v1", resources=("configmaps",)),),
        only_where=f"has(object.metadata.labels) && '{label}' in object.metadata.labels",
        checks=(
            Check(
                expression=(
                    "has(object.metadata.annotations) "
                    f"&& '{FOLDER_ANNOTATION}' in object.metadata.annotations "
                    f"&& object.metadata.annotations['{FOLDER_ANNOTATION}'] == request.namespace"
                ),
                message=(
                    f"annotation {FOLDER_ANNOTATION} is not the namespace's own folder; write the "
                    "namespace's name to it"
                ),
            ),
            Check(
                expression=(
                    "!has(object.binaryData) && has(object.data) "
                    "&& object.data.all(file, file.endsWith('.json'))"
                ),
                message=(
                    "a dashboard's ConfigMap has other than JSON files; name its keys <name>.json"
                ),
            ),
        ),
    )


def monitors() -> Policy:
    """Return what Prometheus may be sent to by a namespace: its own pods, as they are found."""
    return Policy(
        concern="monitors",
        kinds=(Kinds(group="monitoring.coreos.com", version="v1", resources=("podmonitors",)),),
        only_where="has(object.spec)",
        variables={
            "endpoints": (
                "has(object.spec.podMetricsEndpoints) ? object.spec.podMetricsEndpoints : []"
            ),
        },
        checks=(
            Check(
                expression="!has(object.spec.namespaceSelector)",
                message=(
                    "spec.namespaceSelector looks into other namespaces; leave it out, and "
                    "Prometheus asks the pods of this one"
                ),
            ),
            Check(
                expression=(
                    "variables.endpoints.all(one, !has(one.proxyUrl) && (!has(one.relabelings) "
                    "|| one.relabelings.all(rule, has(rule.action) "
                    "&& (rule.action in ['keep', 'drop'] || (rule.action == 'replace' "
                    "&& has(rule.targetLabel) && (!rule.targetLabel.startsWith('__') "
                    f"|| (rule.targetLabel == '{_ADDRESS}' && has(rule.sourceLabels) "
                    f"&& rule.sourceLabels == ['{_POD_IP}'] && has(rule.regex) "
                    "&& rule.regex == '(.+)' && has(rule.replacement) "
                    f"&& rule.replacement == '$1:{METRICS_PORT}')))))))"
                ),
                message=(
                    "spec.podMetricsEndpoints leads Prometheus elsewhere than to the pods found; "
                    "of relabelings keep, drop, and replace of plain labels, with __address__ "
                    f"from the pod's IP and port {METRICS_PORT} alone, and leave proxyUrl out"
                ),
            ),
            Check(
                expression=(
                    "variables.endpoints.all(one, !has(one.oauth2) "
                    "&& !has(one.proxyFromEnvironment) "
                    "&& !has(one.proxyConnectHeader) && (!has(one.interval) "
                    "|| duration(one.interval) >= duration('15s')))"
                ),
                message=(
                    "spec.podMetricsEndpoints has Prometheus send requests of its own, or ask more "
                    "often than every 15s; leave out oauth2 and what is of a proxy"
                ),
            ),
        ),
    )
