"""Which region Route 53 answers with: the alias records under a name, and each one's share."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ekp.configured.reading import Resource, own, resources
from ekp.evaluate.blocks import block
from ekp.runner.stacks import Stack


class Routing(StrEnum):
    """How Route 53 chooses among the records under a name."""

    SIMPLE = "simple"
    LATENCY = "latency"
    WEIGHTED = "weighted"
    FAILOVER = "failover"


class Leads(StrEnum):
    """What an alias is for."""

    DISTRIBUTION = "distribution"
    BALANCER = "load balancer"
    RECORD = "record"
    """Another name of the zone."""


@dataclass(frozen=True, slots=True)
class Health:
    """What takes a record out of the answers."""

    check: str
    alarm: str
    alarm_region: str
    below: float
    """The alarm fires below so many healthy targets."""
    minutes: float
    """For so long."""
    without_figures: str
    """What the check is while the alarm has none: ``Healthy`` or ``Unhealthy``."""

    @property
    def line(self) -> str:
        """The condition in a line."""
        return f"out while fewer than {self.below:g} targets are healthy for {self.minutes:g} min"


@dataclass(frozen=True, slots=True)
class Record:
    """One alias record."""

    name: str
    kind: str
    """``A`` or ``AAAA``."""
    region: str
    """Of the stack that makes it; ``global`` for the edge."""
    routing: Routing
    leads: Leads
    to: str
    """Name of the distribution or the load balancer, or the other record's."""
    weight: int | None
    latency_region: str | None
    role: str | None
    """``PRIMARY`` or ``SECONDARY`` under failover."""
    health: Health | None
    construct: str


def records(stacks: Iterable[Stack]) -> Sequence[Record]:
    """Return the alias records of stacks; others, such as proofs and delegations, lead nowhere."""
    return [record for _, record in aliases(stacks)]


def aliases(stacks: Iterable[Stack]) -> Iterator[tuple[Resource, Record]]:
    """Yield the alias records of stacks as Terraform has them, and as values."""
    for stack in stacks:
        for found in resources(stack, "aws_route53_record"):
            if (alias := block(found.body, "alias")) is not None:
                yield found, _record(found, alias)


def shares(found: Sequence[Record]) -> Mapping[Record, str]:
    """Return what part of the answers each record has among those of its name and type."""
    return {record: _share(record, _beside(record, found)) for record in found}


def percent(record: Record, found: Sequence[Record]) -> float | None:
    """Return a weighted record's share of the answers while all of its name are healthy.

    Route 53 gives each its weight out of the sum, and all alike where every weight is 0 (Route 53
    developer guide, "Weighted routing"). None: its share does not hang on a weight.
    """
    if record.weight is None:
        return None
    weights = [one.weight or 0 for one in _beside(record, found)]
    total = sum(weights)
    return 100 * record.weight / total if total else 100 / len(weights)


def _beside(record: Record, found: Sequence[Record]) -> Sequence[Record]:
    return [one for one in found if (one.name, one.kind) == (record.name, record.kind)]


def _share(record: Record, group: Sequence[Record]) -> str:
    match record.routing:
        case Routing.SIMPLE:
            return "all"
        case Routing.LATENCY:
            if len(group) == 1:
                return "all: the only region"
            return f"users nearest to {record.latency_region}"
        case Routing.FAILOVER:
            return "all" if record.role == "PRIMARY" else "none, all while the primary is out"
        case Routing.WEIGHTED:
            return _weighted(record, group)


def _weighted(record: Record, group: Sequence[Record]) -> str:
    total = sum(one.weight or 0 for one in group)
    shown = f"{percent(record, group):.1f}".removesuffix(".0")
    if not total and len(group) > 1:
        return f"{shown} %: every weight is 0, which Route 53 takes as equal"
    if not record.weight:
        return "none, unless no other is healthy"
    return f"{shown} % (weight {record.weight} of {total})"


def _record(found: Resource, alias: Mapping[str, Any]) -> Record:
    stack, body = found.stack, found.body
    latency = block(body, "latency_routing_policy")
    weighted = block(body, "weighted_routing_policy")
    failover = block(body, "failover_routing_policy")
    chosen = (
        (Routing.LATENCY, latency),
        (Routing.WEIGHTED, weighted),
        (Routing.FAILOVER, failover),
    )
    leads, to = _target(stack, str(alias.get("name", "")))
    return Record(
        name=body["name"],
        kind=body["type"],
        region=stack.region,
        routing=next((how for how, given in chosen if given), Routing.SIMPLE),
        leads=leads,
        to=to,
        weight=int(weighted["weight"]) if weighted else None,
        latency_region=str(latency["region"]) if latency else None,
        role=str(failover["type"]) if failover else None,
        health=_health(stack, body.get("health_check_id")),
        construct=found.path,
    )


def _target(stack: Stack, name: str) -> tuple[Leads, str]:
    found = own(stack, name)
    if found is None:
        return Leads.RECORD, name
    if found.kind == "aws_cloudfront_distribution":
        return Leads.DISTRIBUTION, found.label
    return Leads.BALANCER, found.label


def _health(stack: Stack, text: object) -> Health | None:
    check = own(stack, text)
    if check is None:
        return None
    alarm: Mapping[str, Any] = {}
    if found := own(stack, check.body.get("cloudwatch_alarm_name")):
        alarm = found.body
    return Health(
        check=check.label,
        alarm=str(alarm.get("alarm_name", check.body.get("cloudwatch_alarm_name", ""))),
        alarm_region=str(check.body.get("cloudwatch_alarm_region", "")),
        below=float(alarm.get("threshold", 0)),
        minutes=float(alarm.get("evaluation_periods", 0)) * float(alarm.get("period", 0)) / 60,
        without_figures=str(check.body.get("insufficient_data_health_status", "")),
    )
