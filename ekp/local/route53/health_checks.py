"""Health checks, those that follow an alarm among them."""

from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from moto.cloudwatch.models import Alarm, cloudwatch_backends
from moto.moto_api._internal import mock_random
from moto.route53.exceptions import InvalidInput, NoSuchHealthCheck, Route53ClientError

from .zones import Zones

ALARM = "CLOUDWATCH_METRIC"
STATISTICS = ("Average", "Sum", "SampleCount", "Maximum", "Minimum")
ALWAYS = {"Inverted": False, "Disabled": False}
PROBE = {"RequestInterval": 30, "FailureThreshold": 3, "MeasureLatency": False, "EnableSNI": False}
DEFAULTS: dict[str, dict[str, Any]] = {
    "HTTP": {**ALWAYS, **PROBE, "Port": 80},
    "HTTP_STR_MATCH": {**ALWAYS, **PROBE, "Port": 80},
    "HTTPS": {**ALWAYS, **PROBE, "Port": 443, "EnableSNI": True},
    "HTTPS_STR_MATCH": {**ALWAYS, **PROBE, "Port": 443, "EnableSNI": True},
    "TCP": {**ALWAYS, **PROBE},
    "CALCULATED": {**ALWAYS, "HealthThreshold": 0},
    ALARM: {**ALWAYS, "InsufficientDataHealthStatus": "LastKnownStatus"},
    "RECOVERY_CONTROL": ALWAYS,
}
NOT_SETTINGS = ("HealthCheckId", "HealthCheckVersion", "ResetElements")


@dataclass
class HealthCheck:
    """One health check; its settings stay in the API's own shape."""

    caller_reference: str
    health_check_config: dict[str, Any]
    cloud_watch_alarm_configuration: dict[str, Any] | None
    id: str = field(default_factory=lambda: str(mock_random.uuid4()))
    health_check_version: int = 1


class HealthChecks(Zones):
    """What can be done with health checks; moto loses the alarm, and most settings with it."""

    health_checks: dict[str, HealthCheck]  # type: ignore[assignment] # with settings in the API's shape

    def get_health_check(self, health_check_id: str) -> HealthCheck:  # type: ignore[override] # see above
        """Give a health check by id."""
        if health_check_id not in self.health_checks:
            raise NoSuchHealthCheck(health_check_id)
        return self.health_checks[health_check_id]

    def new_health_check(self, caller_reference: str, sent: dict[str, Any]) -> HealthCheck:
        """Make a health check; the same request again gives the same one."""
        if sent["Type"] not in DEFAULTS:
            raise InvalidInput(f"Invalid parameter: {sent['Type']} is no type of health check")
        config = {**DEFAULTS[sent["Type"]], **_given(sent)}
        for other in self.health_checks.values():
            if other.caller_reference == caller_reference:
                if other.health_check_config == config:
                    return other
                raise Route53ClientError(
                    "HealthCheckAlreadyExists",
                    "A health check with the same caller reference already exists.",
                )
        check = HealthCheck(caller_reference, config, self._alarm_of(config))
        self.health_checks[check.id] = check
        return check

    def change_health_check(self, health_check_id: str, sent: dict[str, Any]) -> HealthCheck:
        """Change the settings that are named; take away those that are reset."""
        check = self.get_health_check(health_check_id)
        if sent.get("HealthCheckVersion") not in (None, check.health_check_version):
            raise Route53ClientError(
                "HealthCheckVersionMismatch",
                f"The current version of the health check is {check.health_check_version}.",
            )
        config = deepcopy(check.health_check_config)
        for name in sent.get("ResetElements") or []:
            config.pop(name, None)
        config |= {key: value for key, value in _given(sent).items() if key not in NOT_SETTINGS}
        check.cloud_watch_alarm_configuration = self._alarm_of(config)
        check.health_check_config = config
        check.health_check_version += 1
        return check

    def delete_health_check(self, health_check_id: str) -> None:
        """Delete a health check that exists."""
        self.get_health_check(health_check_id)
        del self.health_checks[health_check_id]
        self.resource_tags.pop(health_check_id, None)

    def _alarm_of(self, config: dict[str, Any]) -> dict[str, Any] | None:
        if config["Type"] != ALARM:
            return None
        named = config.get("AlarmIdentifier") or {}
        alarm: Alarm | None = None
        if named:
            alarms = cloudwatch_backends[self.account_id][named["Region"]].alarms
            alarm = alarms.get(named["Name"])
        if alarm is None:
            raise InvalidInput(f"Invalid parameter: the CloudWatch alarm {named} does not exist")
        if alarm.statistic not in STATISTICS:
            raise InvalidInput(
                "Invalid parameter: a health check follows an alarm on one metric, with one of the "
                f"statistics {', '.join(STATISTICS)}"
            )
        return {
            "EvaluationPeriods": alarm.evaluation_periods,
            "Threshold": alarm.threshold,
            "ComparisonOperator": alarm.comparison_operator,
            "Period": alarm.period,
            "MetricName": alarm.metric_name,
            "Namespace": alarm.namespace,
            "Statistic": alarm.statistic,
            "Dimensions": [{"Name": item.name, "Value": item.value} for item in alarm.dimensions],
        }


def _given(sent: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in sent.items() if value not in (None, [], {})}
