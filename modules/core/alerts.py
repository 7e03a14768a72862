"""What alerts say of their urgency, and by what ways people hear of them."""

from enum import StrEnum


class Severity(StrEnum):
    """How urgent an alert is, as its label ``severity`` says."""

    CRITICAL = "critical"
    """Somebody is called."""
    WARNING = "warning"
    """Somebody looks in working hours."""


class Channel(StrEnum):
    """What an alert is sent to."""

    WEBHOOK = "webhook"
    SLACK = "slack"
    PAGERDUTY = "pagerduty"


REPEAT = {Severity.CRITICAL: "1h", Severity.WARNING: "12h"}
"""After how long an alert that goes on is told again."""
HOLDS = {
    Channel.WEBHOOK: "a webhook's URL",
    Channel.SLACK: "a URL of Slack's webhook",
    Channel.PAGERDUTY: "a routing key of PagerDuty",
}
"""What a key of a Secret of receivers holds."""
RECEIVERS = "alert-receivers"
"""Below ``tenants/<namespace>/`` in Vault, where a tenant's alerts go: a key for each severity. No
service is called so, since the account that reads it is."""
