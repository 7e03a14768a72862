"""Whether health checks are healthy.

Nothing of the local AWS sends figures to CloudWatch, so a check of an alarm follows the alarm's
state, which ``SetAlarmState`` changes. On AWS it follows the figures that the alarm watches, and
setting the state does nothing to it. Source: Route 53 developer guide, "How Route 53 determines
the status of health checks that monitor CloudWatch alarms".
"""

from collections.abc import Mapping
from typing import Any

from moto.cloudwatch.models import Alarm, cloudwatch_backends

from .health_checks import ALARM, HealthCheck, HealthChecks

CALCULATED = "CALCULATED"
INSUFFICIENT = "INSUFFICIENT_DATA"
_HEALTHY = {"OK": True, "ALARM": False}
# Place of the state in what moto keeps of an alarm's history.
_STATE = 3


class Health(HealthChecks):
    """What health checks come to."""

    def is_healthy(self, health_check_id: str) -> bool:
        """Tell whether a health check is healthy.

        A disabled one is, and an inverted one says the opposite. Endpoints are never asked: they
        are healthy.
        """
        check = self.get_health_check(health_check_id)
        config = check.health_check_config
        healthy = bool(config["Disabled"]) or self._seen(check)
        return healthy is not bool(config["Inverted"])

    def alarm_state(self, check: HealthCheck) -> str:
        """Return the state of the alarm that a check follows; an alarm that is gone has no data."""
        alarm = self._alarm(check.health_check_config)
        return str(alarm.state_value) if alarm else INSUFFICIENT

    def _seen(self, check: HealthCheck) -> bool:
        config = check.health_check_config
        if config["Type"] == CALCULATED:
            children = [self.is_healthy(child) for child in config.get("ChildHealthChecks") or ()]
            return sum(children) >= int(config["HealthThreshold"])
        if config["Type"] != ALARM:
            return True
        state = self.alarm_state(check)
        if state in _HEALTHY:
            return _HEALTHY[state]
        without = str(config["InsufficientDataHealthStatus"])
        return without == "Healthy" or (without == "LastKnownStatus" and self._last_known(config))

    def _last_known(self, config: Mapping[str, Any]) -> bool:
        """Return what the alarm said when it last had data; healthy where it never had."""
        alarm = self._alarm(config)
        states = [entry[_STATE] for entry in reversed(alarm.history)] if alarm else []
        return next((_HEALTHY[state] for state in states if state in _HEALTHY), True)

    def _alarm(self, config: Mapping[str, Any]) -> Alarm | None:
        named = config["AlarmIdentifier"]
        alarms = cloudwatch_backends[self.account_id][named["Region"]].alarms
        found: Alarm | None = alarms.get(named["Name"])
        return found
