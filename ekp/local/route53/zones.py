"""Hosted zones."""

from threading import RLock
from typing import Any

from moto.moto_api._internal import mock_random
from moto.route53.exceptions import HostedZoneNotEmpty, Route53ClientError
from moto.route53.models import FakeZone, Route53Backend

from ..layout import ZONE_REFERENCE
from .names import written
from .record import Record

TTL_NS, TTL_SOA = 172800, 900
OWN_TYPES = ("NS", "SOA")
TOP_DOMAINS = ("com", "net", "org", "co.uk")


class Zones(Route53Backend):
    """moto's backend, with zones that have name servers of their own."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        # moto's server answers in threads, and Terraform sends ten requests at once.
        self.lock = RLock()

    def create_hosted_zone(self, name: str, *arguments: Any, **settings: Any) -> FakeZone:
        """Make a zone; moto gives all zones the same name servers, and hides wrong delegations."""
        reference = settings.get("caller_reference")
        if reference and reference in {zone.caller_reference for zone in self.zones.values()}:
            raise Route53ClientError(
                "HostedZoneAlreadyExists",
                "A hosted zone has already been created with the specified caller reference.",
            )
        zone = super().create_hosted_zone(name, *arguments, **settings)
        if reference and reference.startswith(ZONE_REFERENCE):
            # A zone that settings name by its id, such as the one above an environment's.
            zone.resource_id = reference.removeprefix(ZONE_REFERENCE)
            self.zones = {found.resource_id: found for found in self.zones.values()}
        delegation = zone.delegation_set
        if delegation is not None and not settings.get("delegation_set_id"):
            start = mock_random.randint(0, 511)
            delegation.name_servers = [
                f"ns-{start + 512 * index}.awsdns-{mock_random.randint(0, 63):02}.{top}"
                for index, top in enumerate(TOP_DOMAINS)
            ]
        servers = [f"{item}." for item in (delegation.name_servers if delegation else [])]
        soa = f"{servers[0]} awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400"
        zone.rrsets = [
            _record(name, "NS", TTL_NS, servers),
            _record(name, "SOA", TTL_SOA, [soa]),
        ]
        return zone

    def delete_hosted_zone(self, id_: str) -> FakeZone | None:
        """Delete an empty zone; moto takes the delegation of a zone below for the zone's own."""
        zone = self.get_hosted_zone(id_)
        own = written(zone.name)
        if any((item.name, item.type in OWN_TYPES) != (own, True) for item in zone.rrsets):
            raise HostedZoneNotEmpty
        self.query_logging_configs = {
            key: config
            for key, config in self.query_logging_configs.items()
            if config.hosted_zone_id != zone.resource_id
        }
        self.resource_tags.pop(zone.resource_id, None)
        return super().delete_hosted_zone(id_)


def _record(name: str, type_: str, ttl: int, texts: list[str]) -> Record:
    values = [{"Value": text} for text in texts]
    return Record.of({"Name": name, "Type": type_, "TTL": ttl, "ResourceRecords": values})
