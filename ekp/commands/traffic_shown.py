"""How `ekp traffic` shows who serves what."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from ekp.traffic.records import Leads, Record, shares
from ekp.traffic.report import CANARIES, CONFIGURATION, Traffic

if TYPE_CHECKING:
    from ekp.traffic.shift import Shift


def tables(traffic: Traffic) -> Iterator[Table]:
    """Yield the tables in the order in which a request meets what they show."""
    yield _hosts(traffic)
    if traffic.distributions:
        yield _paths(traffic)
    if traffic.regional:
        yield _regions(traffic)
    yield _rules(traffic)


def lines(traffic: Traffic) -> Iterator[str]:
    """Yield what a person should know beside the tables."""
    for balancer in traffic.balancers:
        yield f"{balancer.name} is open to {', '.join(balancer.open_to) or 'nobody'}."
    for region in traffic.out:
        yield f"{region} is out: no record leads there."
    if traffic.regional:
        yield "Where no region is healthy Route 53 answers as if all were."
    for one in traffic.distributions:
        statuses = ", ".join(map(str, one.last_resort))
        yield f"Users see a page of last resort for {statuses} of {one.name}."
    yield CONFIGURATION
    yield CANARIES


def _table(title: str, *columns: str) -> Table:
    table = Table(*columns, title=escape(title), title_justify="left")
    for column in table.columns:
        column.overflow = "fold"
    return table


def _hosts(traffic: Traffic) -> Table:
    table = _table(f"{traffic.environment}: hosts", "host", "answered by", "region", "served by")
    for host in traffic.hosts:
        rest = (host.name, host.answered_by)
        for region, to in host.served_by.items():
            table.add_row(*map(escape, (*rest, region, to)))
            rest = ("", "")
    return table


def _paths(traffic: Traffic) -> Table:
    table = _table("CloudFront, first match", "distribution", "web ACL", "path", "goes to", "kept")
    for one in traffic.distributions:
        rest = (one.name, one.web_acl or "none")
        for behavior in one.behaviors:
            kept = "yes" if behavior.cached else "no"
            table.add_row(*map(escape, (*rest, behavior.paths, behavior.origin, kept)))
            rest = ("", "")
    return table


def _regions(traffic: Traffic) -> Table:
    table = _table(
        "which region", "name", "region", "routing", "share while all are healthy", "to", "health"
    )
    parts = shares(traffic.records)
    for record in traffic.regional:
        cells = (
            record.name,
            record.region,
            record.routing,
            parts[record],
            f"{record.to}, a name of the zone" if record.leads is Leads.RECORD else record.to,
            _health(record),
        )
        table.add_row(*map(escape, cells))
    return table


def _health(record: Record) -> str:
    if record.health is None:
        return "not asked: always in"
    return f"{record.health.line}; alarm {record.health.alarm} in {record.health.alarm_region}"


def _rules(traffic: Traffic) -> Table:
    table = _table(
        "load balancers, first match", "region", "web ACL", "rule", "hosts", "must prove", "goes to"
    )
    for one in traffic.balancers:
        rest = (one.region, one.web_acl or "none")
        for rule in one.rules:
            number = "else" if rule.priority is None else str(rule.priority)
            hosts = ", ".join(rule.hosts) or "any"
            proof = ", ".join(f"header {name}" for name in rule.headers)
            table.add_row(*map(escape, (*rest, number, hosts, proof, rule.to)))
            rest = ("", "")
    return table


def edits(shift: "Shift") -> Iterator[str]:
    """Yield the settings that change, and what they change in each stack."""
    yield f"Settings, in environments/{shift.environment}.py:"
    for edit in shift.edits:
        yield f"- {edit.setting} = {edit.before}"
        yield f"+ {edit.setting} = {edit.after}"
    yield ""
    for stack in shift.stacks:
        counts = f"{len(stack.added)} to add, {len(stack.changed)} to change"
        yield f"{stack.stack}: {counts}, {len(stack.removed)} to destroy"
        yield from (f"  + {path}" for path in stack.added)
        yield from (f"  ~ {path}" for path in stack.changed)
        yield from (f"  - {path}" for path in stack.removed)
    yield ""


def moved(shift: "Shift") -> Table:
    """Return each region's share now and then."""
    before, after = shares(shift.before.records), shares(shift.after.records)
    now = {(one.name, one.region): before[one] for one in shift.before.regional}
    then = {(one.name, one.region): after[one] for one in shift.after.regional}
    table = _table("share while all are healthy", "name", "region", "now", "then")
    for key in sorted({*now, *then}):
        table.add_row(*map(escape, (*key, now.get(key, "none"), then.get(key, "none"))))
    return table
