"""What a zone answers: names, wildcards, aliases, routing policies, health."""

from collections.abc import Iterable, Iterator
from ipaddress import ip_address, ip_network
from typing import Any

from moto.elbv2.models import elbv2_backends
from moto.route53.exceptions import InvalidInput
from moto.route53.models import FakeZone

from .addresses import addresses, plain
from .choice import chosen
from .health import Health
from .names import inside, written
from .record import Record
from .records import Records
from .registries import Address

NO_ERROR, NO_NAME, REFUSED = "NOERROR", "NXDOMAIN", "REFUSED"
# A resolver of us-east-1, from where AWS asks unless told otherwise.
DEFAULT_RESOLVER = "3.208.0.1"
MASK_V4, MASK_V6 = 24, 64
STAR = "\\052."
CLOUDFRONT_ADDRESSES = 4


class Answers(Records, Health):
    """What resolvers would be told."""

    def answer(self, zone_id: str, name: str, kind: str, client: Address) -> tuple[str, list[str]]:
        """Return the response code and the values that a resolver of an address is told."""
        zone = self.get_hosted_zone(zone_id)
        if zone.private_zone:
            raise InvalidInput("TestDNSAnswer only supports public hosted zones.")
        if not inside(name, zone.name):
            return REFUSED, []
        found = _named(zone, written(name))
        if found is None:
            return NO_NAME, []
        return NO_ERROR, list(self._values(zone, found, kind, client))

    def _values(
        self, zone: FakeZone, named: Iterable[Record], kind: str, client: Address
    ) -> Iterator[str]:
        every = list(named)
        group = [one for one in every if one.type == kind]
        group = group or [one for one in every if one.type == "CNAME"]
        if not group:
            return
        healthy = [one for one in group if self._answers(zone, one)]
        for record in chosen(group, healthy, client):
            yield from self._record_values(zone, record, kind, client)

    def _record_values(
        self, zone: FakeZone, record: Record, kind: str, client: Address
    ) -> Iterator[str]:
        alias = record.alias_target
        if not alias:
            yield from record.records
        elif _within(alias, zone):
            named = _named(zone, str(alias["DNSName"])) or []
            yield from self._values(zone, named, kind, client)
        else:
            target = plain(str(alias["DNSName"]))
            yield from map(str, addresses(target, kind, _count(target)))

    def _answers(self, zone: FakeZone, record: Record) -> bool:
        """Tell whether a record is healthy; load balancers have no targets here, and are."""
        if record.health_check_id and not self.is_healthy(str(record.health_check_id)):
            return False
        alias = record.alias_target or {}
        if not alias.get("EvaluateTargetHealth") or not _within(alias, zone):
            return True
        named = _named(zone, str(alias["DNSName"])) or []
        return any(self._answers(zone, one) for one in named if one.type == record.type)


def client_of(resolver: str | None, subnet: str | None, mask: str | None) -> Address:
    """Return from where an answer is asked for: the client's network where it is told of."""
    try:
        address = ip_address(subnet or resolver or DEFAULT_RESOLVER)
        if subnet is None:
            return address
        default = MASK_V4 if address.version == 4 else MASK_V6  # noqa: PLR2004 - of IP
        bits = default if mask is None else int(mask)
        return ip_network((subnet, bits), strict=False).network_address
    except ValueError as error:
        raise InvalidInput(f"Invalid parameter: {error}") from error


def _named(zone: FakeZone, name: str) -> list[Record] | None:
    """Return the records of a name, of the wildcard for it, or None: there is no such name.

    A name that is delegated, or under one that is, is another zone's: nothing is told of it.
    """
    records = [one for one in zone.rrsets if isinstance(one, Record)]
    apex = written(zone.name)
    cut = {one.name for one in records if one.type == "NS" and one.name != apex}
    if any(inside(name, delegated) for delegated in cut):
        return []
    # The first name that exists above it; a wildcard counts at that place alone (RFC 4592).
    above = name
    while above and not any(inside(one.name, above) for one in records):
        above = above.partition(".")[2]
    wanted = name if above == name else f"{STAR}{above}"
    found = [one for one in records if one.name == wanted]
    return found if found or above == name else None


def _within(alias: dict[str, Any], zone: FakeZone) -> bool:
    return str(alias["HostedZoneId"]).rpartition("/")[2] == str(zone.resource_id)


def _count(target: str) -> int:
    """Return how many addresses a target has: a load balancer one in each of its subnets."""
    if not target.endswith(".elb.amazonaws.com"):
        return CLOUDFRONT_ADDRESSES
    for regions in elbv2_backends.values():
        for backend in regions.values():
            for balancer in backend.load_balancers.values():
                if balancer.dns_name.lower() == target:
                    return len(balancer.subnets)
    return 0
