"""Alertmanager's routes and receivers; where they lead is in a Secret, never in the values."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from ..core.alerts import HOLDS, REPEAT, Channel, Severity
from ..core.bootstrap_secrets import BootstrapSecret
from ..core.config import Config
from .observability import STORES

__all__ = ["AlertReceiver", "Channel", "Severity", "alertmanager_config", "bootstrap_secrets"]

SECRET = "alertmanager-receivers"  # noqa: S105 - name of a Secret
MOUNT = "/etc/alertmanager/receivers"
NOBODY = "null"


class AlertReceiver(Config):
    """Who is told: the URL of a webhook or of Slack's, or a routing key of PagerDuty."""

    channel: Channel = Channel.WEBHOOK
    """By what way alerts go."""
    key: Annotated[str, Field(pattern=r"^[-._a-zA-Z0-9]+$")]
    """Key of the Secret ``alertmanager-receivers`` (namespace ``observability``) that holds it."""


def alertmanager_config(receivers: Mapping[Severity, AlertReceiver]) -> dict[str, Any]:
    """Return Alertmanager's configuration.

    Watchdog always fires, so that its absence would show outside; nobody is told of it, nor of what
    only inhibits others or has no severity of ours.
    """
    return {
        "route": {
            "receiver": NOBODY,
            "group_by": ["namespace", "alertname"],
            "group_wait": "30s",
            "group_interval": "5m",
            "repeat_interval": "12h",
            "routes": [
                {"receiver": NOBODY, "matchers": ['alertname =~ "Watchdog|InfoInhibitor"']},
                *(_route(severity) for severity in receivers),
            ],
        },
        "receivers": [
            {"name": NOBODY},
            *(
                {"name": severity.value, **_destination(receiver)}
                for severity, receiver in receivers.items()
            ),
        ],
    }


def bootstrap_secrets(receivers: Mapping[Severity, AlertReceiver]) -> list[BootstrapSecret]:
    """Return the Secret of the receivers; alerts that it has no key for reach nobody."""
    keys = {receiver.key: HOLDS[receiver.channel] for receiver in receivers.values()}
    if not keys:
        return []
    return [
        BootstrapSecret(
            namespace=STORES.name,
            name=SECRET,
            keys=tuple(keys),
            purpose="alerts: " + ", ".join(f"{key} holds {what}" for key, what in keys.items()),
            blocks=False,
        )
    ]


def _route(severity: Severity) -> dict[str, Any]:
    return {
        "receiver": severity.value,
        "matchers": [f'severity = "{severity}"'],
        "repeat_interval": REPEAT[severity],
    }


def _destination(receiver: AlertReceiver) -> dict[str, Any]:
    file = f"{MOUNT}/{receiver.key}"
    match receiver.channel:
        case Channel.WEBHOOK:
            return {"webhook_configs": [{"url_file": file, "send_resolved": True}]}
        case Channel.SLACK:
            return {"slack_configs": [{"api_url_file": file, "send_resolved": True}]}
        case Channel.PAGERDUTY:
            return {"pagerduty_configs": [{"routing_key_file": file, "send_resolved": True}]}
