"""One record set."""

from typing import Any

from moto.route53.exceptions import InvalidInput
from moto.route53.models import RecordSet

from .names import written

POLICIES = {
    "Weight": "weighted",
    "Region": "latency",
    "Failover": "failover",
    "GeoLocation": "geolocation",
    "MultiValueAnswer": "multivalue answer",
    "GeoProximityLocation": "geoproximity",
    "CidrRoutingConfig": "CIDR",
}
Identity = tuple[str, str, str]


class Record(RecordSet):
    """moto's record set, with every routing policy and a name as Route53 writes it."""

    def __init__(self, sent: dict[str, Any]) -> None:
        values = [item["Value"] for item in sent.get("ResourceRecords") or []]
        super().__init__({**sent, "Name": written(sent["Name"]), "ResourceRecords": values})
        self.cidr_routing_config = sent.get("CidrRoutingConfig")
        self.geo_proximity_location = sent.get("GeoProximityLocation")
        self.policy = next((key for key in POLICIES if sent.get(key) is not None), None)
        if self.alias_target:
            name = written(self.alias_target["DNSName"])
            self.alias_target = {**self.alias_target, "DNSName": name}

    @classmethod
    def of(cls, sent: dict[str, Any]) -> "Record":
        """Make one; moto's base class declares methods that it never fills."""
        return cls(sent)

    @property
    def identity(self) -> Identity:
        """Give what tells a record set from all others of its zone."""
        return self.name, str(self.type), self.set_identifier or ""

    @property
    def value(self) -> tuple[Any, ...]:
        """Give what a deletion has to name again, word for word."""
        alias = dict(self.alias_target or {})
        alias["HostedZoneId"] = str(alias.get("HostedZoneId", "")).rpartition("/")[2]
        routing = (self.weight, self.region, self.failover, self.geo_location)
        return sorted(self.records), str(self.ttl), alias, routing, self.health_check_id

    def __str__(self) -> str:
        parts = [f"RRSet with DNS name {self.name}, type {self.type}"]
        return ", ".join(
            parts + ([f"SetIdentifier {self.set_identifier}"] if self.set_identifier else [])
        )


def check_shape(action: str, sent: dict[str, Any]) -> None:
    """Refuse a record set that has no target, or a routing policy without an identifier."""
    where = ", ".join(
        (
            f"Action={action}",
            f"Name={sent['Name']}",
            f"Type={sent['Type']}",
            f"SetIdentifier={sent.get('SetIdentifier') or 'null'}",
        )
    )
    plain = sent.get("TTL") is not None and bool(sent.get("ResourceRecords"))
    if plain == bool(sent.get("AliasTarget")):
        raise InvalidInput(
            "Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and "
            "ResourceRecords], or TrafficPolicyInstanceId], but found "
            f"{'more than one' if plain else 'none'} in Change with [{where}]"
        )
    policies = [key for key in POLICIES if sent.get(key) is not None]
    if bool(sent.get("SetIdentifier")) != (len(policies) == 1):
        found = "none" if not policies else ", ".join(policies)
        raise InvalidInput(
            "Invalid request: Expected exactly one of [Weight, Region, Failover, GeoLocation, or "
            f"MultiValueAnswer], but found {found} in Change with [{where}]"
        )
