"""What Prometheus and Alertmanager take from namespaces of tenants, and what they take as whose."""

from collections.abc import Sequence
from typing import Any

from ...core.tenants import TENANT_LABEL

NAMESPACE_LABEL = "namespace"
ROUTE_LABEL = ("app.kubernetes.io/part-of", "ekp")
"""Label of the AlertmanagerConfig objects that Alertmanager takes."""
_TRUSTED_KINDS = ("prometheusrules", "servicemonitors", "podmonitors")


def enforcement(platform: Sequence[str]) -> dict[str, Any]:
    """Return of a Prometheus's ``spec`` that samples, rules and alerts bear their own namespace.

    What is scraped by a monitor, and what a rule asks for, records or fires, has the label
    ``namespace`` of the object that says so: no tenant speaks of another's services, or reads its
    series. The platform's own monitors and rules look into all namespaces.
    Source: prometheus-operator v0.93.1, ``pkg/namespacelabeler/labeler.go``.

    Args:
        platform: namespaces of the platform's monitors and rules.
    """
    return {
        "enforcedNamespaceLabel": NAMESPACE_LABEL,
        "excludedFromEnforcement": [
            {"group": "monitoring.coreos.com", "resource": kind, "namespace": namespace}
            for namespace in platform
            for kind in _TRUSTED_KINDS
        ],
    }


def routes_of_tenants() -> dict[str, Any]:
    """Return of an Alertmanager's ``spec`` that tenants hear of alerts of their own namespaces.

    Their routes come before the platform's and go on to it, which hears of everything.
    Source: prometheus-operator v0.93.1, ``pkg/alertmanager/amcfg.go``, ``AddAlertmanagerConfigs``.
    """
    return {
        "alertmanagerConfigSelector": {"matchLabels": dict([ROUTE_LABEL])},
        "alertmanagerConfigNamespaceSelector": {
            "matchExpressions": [{"key": TENANT_LABEL, "operator": "Exists"}]
        },
        "alertmanagerConfigMatcherStrategy": {"type": "OnNamespace"},
    }
