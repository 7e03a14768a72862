"""The Route53 API over HTTP: what each operation answers."""
# ruff: noqa: D102 - the methods are the operations of the API, one line each

from typing import Any, cast

from moto.core.common_types import TYPE_RESPONSE
from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import utcnow
from moto.moto_api._internal import mock_random
from moto.route53.exceptions import InvalidInput
from moto.route53.models import route53_backends
from moto.route53.responses import Route53

from .answers import client_of
from .dnssec import ACTIVE, INACTIVE
from .health import CALCULATED
from .health_checks import ALARM
from .models import Route53Backend

LOCATION = "https://route53.amazonaws.com/2013-04-01"
MAX_RECORDS = 300


class Responses(Route53):
    """moto's operations, with those on keys, signing, records and health checks replaced."""

    @property
    def backend(self) -> Route53Backend:
        return cast("Route53Backend", route53_backends[self.current_account][self.partition])

    def call_action(self) -> TYPE_RESPONSE:
        with self.backend.lock:
            return super().call_action()

    def _changed(self, **more: Any) -> ActionResult:
        change = {
            "Id": f"/change/C{mock_random.get_random_string(20).upper()}",
            "Status": "INSYNC",
            "SubmittedAt": utcnow(),
        }
        return ActionResult({"ChangeInfo": change, **more})

    def _key(self) -> tuple[str, str]:
        return self._get_param("HostedZoneId"), self._get_param("Name")

    def create_key_signing_key(self) -> ActionResult:
        names = ("KeyManagementServiceArn", "Status", "CallerReference")
        given = [self._get_param(name) for name in names]
        key = self.backend.create_key_signing_key(*self._key(), *given)
        location = f"{LOCATION}/keysigningkey/{'/'.join(self._key())}"
        return self._changed(KeySigningKey=key.described(), Location=location)

    def activate_key_signing_key(self) -> ActionResult:
        self.backend.set_key_status(*self._key(), ACTIVE)
        return self._changed()

    def deactivate_key_signing_key(self) -> ActionResult:
        self.backend.set_key_status(*self._key(), INACTIVE)
        return self._changed()

    def delete_key_signing_key(self) -> ActionResult:
        self.backend.delete_key_signing_key(*self._key())
        return self._changed()

    def enable_hosted_zone_dnssec(self) -> ActionResult:
        self.backend.enable_dnssec(self._get_param("HostedZoneId"))
        return self._changed()

    def disable_hosted_zone_dnssec(self) -> ActionResult:
        self.backend.disable_dnssec(self._get_param("HostedZoneId"))
        return self._changed()

    def get_dnssec(self) -> ActionResult:
        zone, keys = self.backend.keys_of(self._get_param("HostedZoneId"))
        signing = zone.resource_id in self.backend.signing
        status = {"ServeSignature": "SIGNING" if signing else "NOT_SIGNING"}
        return ActionResult(
            {"Status": status, "KeySigningKeys": [key.described() for key in keys.values()]}
        )

    def list_resource_record_sets(self) -> ActionResult:
        names = ("HostedZoneId", "StartRecordName", "StartRecordType", "StartRecordIdentifier")
        zone, name, type_, identifier = (self._get_param(item) for item in names)
        if type_ and not name:
            raise InvalidInput("The input is not valid")
        size = min(self._get_int_param("MaxItems") or MAX_RECORDS, MAX_RECORDS)
        records, following = self.backend.page_of_records(zone, name, type_, identifier, size)
        return ActionResult(
            {
                "ResourceRecordSets": records,
                "IsTruncated": following is not None,
                "NextRecordName": following and following.name,
                "NextRecordType": following and following.type,
                "NextRecordIdentifier": following and following.set_identifier,
                "MaxItems": size,
            }
        )

    def create_health_check(self) -> ActionResult:
        given = (self._get_param("CallerReference"), self._get_param("HealthCheckConfig"))
        check = self.backend.new_health_check(*given)
        location = f"{LOCATION}/healthcheck/{check.id}"
        return ActionResult({"HealthCheck": check, "Location": location})

    def update_health_check(self) -> ActionResult:
        check = self.backend.change_health_check(self._get_param("HealthCheckId"), self.params)
        return ActionResult({"HealthCheck": check})

    def delete_health_check(self) -> ActionResult:
        self.backend.delete_health_check(self._get_param("HealthCheckId"))
        return EmptyResult()

    def get_health_check_status(self) -> ActionResult:
        check = self.backend.get_health_check(self._get_param("HealthCheckId"))
        kind = check.health_check_config["Type"]
        if kind == CALCULATED:
            raise InvalidInput("The status of a calculated health check cannot be got.")
        if kind != ALARM:
            return super().get_health_check_status()
        word = "Success" if self.backend.is_healthy(check.id) else "Failure"
        status = f"{word}: the alarm is in state {self.backend.alarm_state(check)}"
        report = {"Status": status, "CheckedTime": utcnow()}
        # Region and address are those of checkers that call endpoints; AWS does not say what it
        # reports of alarms.
        return ActionResult({"HealthCheckObservations": [{"StatusReport": report}]})

    def test_dns_answer(self) -> ActionResult:
        zone, name, kind = (
            self._get_param(item) for item in ("HostedZoneId", "RecordName", "RecordType")
        )
        where = ("ResolverIP", "EDNS0ClientSubnetIP", "EDNS0ClientSubnetMask")
        client = client_of(*(self._get_param(item) for item in where))
        code, values = self.backend.answer(zone, name, kind, client)
        servers = self.backend.get_hosted_zone(zone).delegation_set
        return ActionResult(
            {
                "Nameserver": servers.name_servers[0] if servers else "",
                "RecordName": name,
                "RecordType": kind,
                "RecordData": values,
                "ResponseCode": code,
                "Protocol": "UDP",
            }
        )

    def list_query_logging_configs(self) -> ActionResult:
        configs = self.backend.query_logs_of(self._get_param("HostedZoneId"))
        return ActionResult({"QueryLoggingConfigs": configs})
