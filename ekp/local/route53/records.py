"""Changes to the record sets of a zone: a whole batch happens, or nothing of it."""

from collections.abc import Callable, Iterator
from typing import Any

from moto.route53.exceptions import (
    InvalidActionValue,
    NoSuchHealthCheck,
    Route53ClientError,
)
from moto.route53.models import FakeZone, RecordSet
from moto.route53.utils import validate_domain_name

from .names import inside, order, written
from .record import POLICIES, Identity, Record, check_shape
from .zones import Zones

CLOUDFRONT_ZONE = "Z2FDTNDATAQYW2"
Found = dict[Identity, Record]


class Records(Zones):
    """What can be done with record sets."""

    def change_resource_record_sets(self, zoneid: str, change_list: list[dict[str, Any]]) -> None:
        """Apply a batch; moto deletes the records of other names with the same identifier."""
        zone = self.get_hosted_zone(zoneid)
        records: Found = {item.identity: item for item in zone.rrsets if isinstance(item, Record)}
        wrong: list[str] = []
        touched: list[Record] = []
        for change in change_list:
            sent = change["ResourceRecordSet"]
            validate_domain_name(sent["Name"], code="InvalidChangeBatch")
            check_shape(change["Action"], sent)
            record = Record.of(sent)
            wrong += _apply(zone, records, change["Action"], record)
            if change["Action"] != "DELETE":
                touched.append(record)
        for record in touched:
            wrong += [*_conflicts(zone, records, record), *_wrong_alias(zone, records, record)]
            if record.health_check_id and record.health_check_id not in self.health_checks:
                raise NoSuchHealthCheck(record.health_check_id)
        if wrong:
            raise Route53ClientError("InvalidChangeBatch", f"[{', '.join(dict.fromkeys(wrong))}]")
        zone.rrsets = list(records.values())

    def list_resource_record_sets(
        self, zone_id: str, start_type: str, start_name: str, max_items: int
    ) -> tuple[list[RecordSet], str | None, str | None, bool]:
        """List in Route53's order, as moto's signature has it."""
        records, following = self.page_of_records(zone_id, start_name, start_type, "", max_items)
        if following is None:
            return [*records], None, None, False
        return [*records], following.name, str(following.type), True

    def page_of_records(
        self,
        zone_id: str,
        name: str | None,
        type_: str | None,
        identifier: str | None,
        size: int,
    ) -> tuple[list[Record], Record | None]:
        """Give record sets from a name, type and identifier on, and the first of the next page."""
        found = [item for item in self.get_hosted_zone(zone_id).rrsets if isinstance(item, Record)]
        found.sort(key=_place)
        if name:
            start = (order(name), type_ or "", identifier or "")
            found = [item for item in found if _place(item) >= start]
        return found[:size], next(iter(found[size:]), None)


def _place(record: Record) -> tuple[tuple[str, ...], str, str]:
    return order(record.name), str(record.type), record.set_identifier or ""


def _apply(zone: FakeZone, records: Found, action: str, record: Record) -> Iterator[str]:
    actions: dict[str, Callable[[FakeZone, Found, Record], Iterator[str]]] = {
        "CREATE": _create,
        "UPSERT": _upsert,
        "DELETE": _delete,
    }
    if action not in actions:
        raise InvalidActionValue(action)
    if inside(record.name, zone.name):
        yield from actions[action](zone, records, record)
    else:
        yield f"RRSet with DNS name {record.name} is not permitted in zone {zone.name}"


def _named(record: Record) -> str:
    identifier = f", set identifier='{record.set_identifier}'" if record.set_identifier else ""
    return f"resource record set [name='{record.name}', type='{record.type}'{identifier}]"


def _create(_zone: FakeZone, records: Found, record: Record) -> Iterator[str]:
    if record.identity in records:
        yield f"Tried to create {_named(record)} but it already exists"
    records[record.identity] = record


def _upsert(_zone: FakeZone, records: Found, record: Record) -> Iterator[str]:
    records[record.identity] = record
    yield from ()


def _delete(zone: FakeZone, records: Found, record: Record) -> Iterator[str]:
    present = records.get(record.identity)
    if present is None:
        yield f"Tried to delete {_named(record)} but it was not found"
    elif present.value != record.value:
        yield (
            f"Tried to delete {_named(record)} but the values provided do not match the current "
            "values"
        )
    elif record.name == written(zone.name) and record.type == "SOA":
        yield "A HostedZone must contain exactly one SOA record."
    elif record.name == written(zone.name) and record.type == "NS":
        yield "A HostedZone must contain at least one NS record for the zone itself."
    else:
        del records[record.identity]


def _conflicts(zone: FakeZone, records: Found, record: Record) -> Iterator[str]:
    same_name = [item for item in records.values() if item.name == record.name]
    if record.type == "CNAME" and record.name == written(zone.name):
        yield (
            f"RRSet of type CNAME with DNS name {record.name} is not permitted at apex in zone "
            f"{zone.name}"
        )
    elif len({item.type for item in same_name} & {"CNAME"}) and {
        item.type for item in same_name
    } != {"CNAME"}:
        yield (
            f"RRSet of type {record.type} with DNS name {record.name} is not permitted as it "
            f"conflicts with other records with the same DNS name in zone {zone.name}"
        )
    for other in same_name:
        if other.type == record.type and other.identity != record.identity:
            yield from _conflict(record, other)


def _conflict(record: Record, other: Record) -> Iterator[str]:
    if record.policy is None:
        yield f"{record} cannot be created as other RRSets exist with the same name and type."
    elif record.policy != other.policy:
        kind = POLICIES[record.policy]
        yield (
            f"{record} cannot be created as a non-{kind} set exists with the same name and type."
        )
    elif record.policy == "Weight" and str(record.ttl) != str(other.ttl):
        yield f"{record} cannot be created as weighted sets must contain the same TTL."
    elif record.policy == "Region" and record.region == other.region:
        yield (
            f"{record}, and Region Name={record.region} cannot be created because a latency RRSet "
            "with the same name, type and region already exists."
        )
    elif record.policy == "Failover" and record.failover == other.failover:
        yield (
            f"{record}, and Failover={record.failover} cannot be created because a failover RRSet "
            "with the same name, type and role already exists."
        )


def _wrong_alias(zone: FakeZone, records: Found, record: Record) -> Iterator[str]:
    alias = record.alias_target
    if not alias:
        return
    target, hosted_zone = alias["DNSName"], alias["HostedZoneId"].rpartition("/")[2]
    named = f"{target}, type {record.type} in zone {hosted_zone}"
    outside = f"Tried to create an alias that targets {named}, but the alias target name does not "
    if hosted_zone == CLOUDFRONT_ZONE:
        if not target.endswith(".cloudfront.net."):
            yield f"{outside}lie within the target zone"
        if alias.get("EvaluateTargetHealth"):
            yield f"{record}: EvaluateTargetHealth cannot be true for a CloudFront distribution"
    elif hosted_zone == zone.resource_id and not any(
        (item.name, item.type) == (target, record.type) for item in records.values()
    ):
        yield f"Tried to create an alias that targets {named}, but that target was not found"
