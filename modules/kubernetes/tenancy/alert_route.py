"""Who of a tenant hears of alerts from its namespaces."""

from collections.abc import Mapping
from typing import Any

from ...core.alerts import REPEAT, Channel, Severity
from ..manifest import Manifest
from .receivers import SECRET, receivers
from .telemetry import ROUTE_LABEL

_NAME = "tenant"
_NOBODY = "nobody"


def alert_route(namespace: str, ways: Mapping[Severity, Channel]) -> list[Manifest]:
    """Return the AlertmanagerConfig of a namespace with its Secret; nothing without a way.

    Alertmanager gives it alerts with the label of its namespace alone: those of the tenant's own
    rules, and the platform's on its pods. The operator leaves it out, and says so in an event,
    until the Secret has every key.
    Source: prometheus-operator v0.93.1, ``selectAlertmanagerConfigs``.
    """
    if not ways:
        return []
    chosen = sorted(ways.items())
    return [
        *receivers(namespace),
        Manifest(
            api_version="monitoring.coreos.com/v1alpha1",
            kind="AlertmanagerConfig",
            name=_NAME,
            namespace=namespace,
            labels=dict([ROUTE_LABEL]),
            fields={
                "spec": {
                    "route": {
                        "receiver": _NOBODY,
                        "groupBy": ["alertname", "service"],
                        "groupWait": "30s",
                        "groupInterval": "5m",
                        "routes": [_route(severity) for severity, _ in chosen],
                    },
                    "receivers": [
                        {"name": _NOBODY},
                        *(
                            {"name": severity.value, **_destination(channel, severity)}
                            for severity, channel in chosen
                        ),
                    ],
                }
            },
        ),
    ]


def _route(severity: Severity) -> dict[str, Any]:
    return {
        "receiver": severity.value,
        "matchers": [{"name": "severity", "matchType": "=", "value": severity.value}],
        "repeatInterval": REPEAT[severity],
    }


def _destination(channel: Channel, severity: Severity) -> dict[str, Any]:
    where = {"name": SECRET, "key": severity.value}
    match channel:
        case Channel.WEBHOOK:
            return {"webhookConfigs": [{"urlSecret": where, "sendResolved": True}]}
        case Channel.SLACK:
            return {"slackConfigs": [{"apiURL": where, "sendResolved": True}]}
        case Channel.PAGERDUTY:
            return {"pagerdutyConfigs": [{"routingKey": where, "sendResolved": True}]}
