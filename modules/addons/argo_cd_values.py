"""Sign-in, rights and notifications of Argo CD, as the texts it reads them from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import yaml
from pydantic import Field

from ..core.config import Config
from ..core.entra import EntraApplication

# Argo CD reads a Secret of another name only with the label app.kubernetes.io/part-of: argocd.
# Source: Argo CD, operator manual, user management, "Sensitive Data and SSO Client Secrets".
SIGN_IN_SECRET = "argocd-entra-id"  # noqa: S105 - a Secret's name, not its value
SIGN_IN_KEY = "client-secret"
SIGN_IN_LABELS: Mapping[str, str] = {"app.kubernetes.io/part-of": "argocd"}
# The one Secret that notifications read their tokens from, by Argo CD's own name.
SLACK_SECRET = "argocd-notifications-secret"  # noqa: S105 - a Secret's name, not its value
SLACK_KEY = "slack-token"


class Slack(Config):
    """Where Argo CD tells of failed syncs and of services that are not healthy.

    The token of the Slack application is in the Secret ``argocd-notifications-secret`` under
    ``slack-token``; without it nothing is told, and all else works.
    """

    channel: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,79}$")]
    """A channel that the application was invited to, without the leading ``#``."""


def sign_in(application: EntraApplication) -> str:
    """Return ``oidc.config``: the client's secret is a reference that Argo CD follows."""
    return _text(
        {
            "name": "Entra ID",
            "issuer": application.issuer,
            "clientID": application.client_id,
            "clientSecret": f"${SIGN_IN_SECRET}:{SIGN_IN_KEY}",
            "requestedIDTokenClaims": {"groups": {"essential": True}},
            "requestedScopes": ["openid", "profile", "email"],
        }
    )


def rights(application: EntraApplication) -> str:
    """Return ``policy.csv``: Argo CD's own roles by the object ids of groups."""
    lines = [f'g, "{group}", role:admin' for group in application.admins]
    lines += [f'g, "{group}", role:readonly' for group in application.viewers]
    return "".join(f"{line}\n" for line in lines)


@dataclass(frozen=True, slots=True)
class Event:
    """When something is told, as Argo CD's trigger language has it, and what."""

    when: str
    message: str


# A broken revision is told of once, however often it is tried.
REVISION = "app.status.operationState?.syncResult?.revision"
LINK = "{{.context.argocdUrl}}/applications/{{.app.metadata.name}}"
# Source: Argo CD, notifications_catalog.
EVENTS: Mapping[str, Event] = {
    "sync-failed": Event(
        when="app.status.operationState != nil"
        " and app.status.operationState.phase in ['Error', 'Failed']",
        message="The sync of {{.app.metadata.name}} has failed:"
        f" {{{{.app.status.operationState.message}}}} ({LINK})",
    ),
    "health-degraded": Event(
        when="app.status.health.status == 'Degraded'",
        message=f"{{{{.app.metadata.name}}}} is not healthy ({LINK})",
    ),
}


def notifications(slack: Slack | None) -> dict[str, Any]:
    """Return the chart's ``notifications``: every Application tells the channel, or none does."""
    if slack is None:
        return {"enabled": False}
    return {
        "enabled": True,
        "notifiers": {"service.slack": _text({"token": f"${SLACK_KEY}"})},
        "subscriptions": [
            {
                "recipients": [f"slack:{slack.channel}"],
                "triggers": [f"on-{name}" for name in EVENTS],
            }
        ],
        "templates": {
            f"template.{name}": _text({"message": event.message}) for name, event in EVENTS.items()
        },
        "triggers": {
            f"trigger.on-{name}": _text([{"when": event.when, "oncePer": REVISION, "send": [name]}])
            for name, event in EVENTS.items()
        },
    }


def _text(value: Any) -> str:
    return yaml.safe_dump(value, sort_keys=False, width=1000)
