"""Between users and regions: names in DNS, CloudFront, and the load balancers they lead to."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ekp.configured.reading import Reader, Resource, every, resources
from ekp.evaluate.blocks import entries
from ekp.gate.reports.wording import number
from ekp.runner.stacks import Stack

from .picture import Edge, Flow, Kind, Node, Row

USERS = Node("users", Kind.PEOPLE, "Users")
CLOUDFRONT = "CloudFront"
POLICIES = {"latency": "nearest to {region}", "weighted": "weight {weight}", "failover": "{type}"}
"""What a record with a routing policy says of itself."""


@dataclass(frozen=True)
class Front:
    """Nodes by the id of the stack whose layer they belong to, and the edges among them."""

    nodes: Mapping[str, tuple[Node, ...]]
    edges: tuple[Edge, ...]


@dataclass(frozen=True)
class _Name:
    """Names in DNS that lead to the same places."""

    names: tuple[str, ...]
    records: tuple[Resource, ...]

    @property
    def node(self) -> str:
        return f"name {min(self.names, key=len)}"


def front(reader: Reader, chosen: Sequence[Stack]) -> Front:
    """Return what stands before the regions of an environment."""
    names = list(_names(reader, chosen))
    distributions = every(chosen, "aws_cloudfront_distribution")
    ends: dict[tuple[str, str], str] = {
        **{one.key: CLOUDFRONT for one in distributions},
        **{one.key: balancer_name(one) for one in every(chosen, "aws_lb")},
    }
    nodes: dict[str, list[Node]] = {}
    for name in names:
        home = _home(name, chosen)
        nodes.setdefault(home.id, []).append(_name_node(name, home))
    for one in distributions:
        nodes.setdefault(one.stack.id, []).append(_cloudfront(reader, one))
    edges = [*_from_names(reader, names, ends), *_from_fronts(distributions, names)]
    led_to = {edge.head for edge in edges}
    public = [name.node for name in names if name.node not in led_to]
    return Front(
        {id_: tuple(found) for id_, found in nodes.items()},
        (*(Edge(USERS.name, name, Flow.REQUEST) for name in public), *edges),
    )


def balancer_name(found: Resource) -> str:
    """Return the name of a load balancer's node."""
    return f"{found.stack.region} load balancer"


def shield(web_acl: Resource | None) -> tuple[Row, ...]:
    """Return a web ACL as a row: its own rules by name, managed groups by number."""
    if web_acl is None:
        return ()
    rules = sorted(entries(web_acl.body.get("rule")), key=lambda rule: int(rule["priority"]))
    managed = sum("managed_rule_group_statement" in rule["statement"] for rule in rules)
    own = [_rule(rule) for rule in rules if "managed_rule_group_statement" not in rule["statement"]]
    groups = [number(managed, "managed rule group")] if managed else []
    return (Row("WAF", (*own, *groups), Kind.SHIELD),)


def _rule(rule: Mapping[str, Any]) -> str:
    rate = rule["statement"].get("rate_based_statement")
    if rate is None:
        return str(rule["name"])
    window = int(rate.get("evaluation_window_sec", 300))
    per = "minute" if window == 60 else f"{window} s"  # noqa: PLR2004 - seconds of a minute
    return f"{rule['name']}: {int(rate['limit']):,} a {per} per client"


def _names(reader: Reader, chosen: Iterable[Stack]) -> Iterator[_Name]:
    """Yield the names that aliases give to something of the environment, grouped by targets."""
    by_name: dict[str, list[Resource]] = {}
    for record in every(chosen, "aws_route53_record"):
        if "alias" in record.body and "provider" not in record.body:
            by_name.setdefault(str(record.body["name"]), []).append(record)
    grouped: dict[tuple[str, ...], list[str]] = {}
    for name, records in by_name.items():
        grouped.setdefault(tuple(sorted({_end(reader, one) for one in records})), []).append(name)
    for names in grouped.values():
        ordered = tuple(sorted(names, key=len))
        # One record a target and policy is enough: A and AAAA, a domain and its wildcard agree.
        yield _Name(ordered, tuple(one for one in by_name[ordered[0]] if one.body["type"] == "A"))


def _end(reader: Reader, record: Resource) -> str:
    target = record.body["alias"]["name"]
    found = reader.referred(record.stack, target)
    return "/".join(found.key) if found else str(target)


def _home(name: _Name, chosen: Sequence[Stack]) -> Stack:
    """Return the stack that shows a name: the zone's, or the first that writes it."""
    zones = [one.stack for one in every(chosen, "aws_route53_zone")]
    return zones[0] if zones else name.records[0].stack


def _name_node(name: _Name, home: Stack) -> Node:
    zone = next(iter(resources(home, "aws_route53_zone")), None)
    signed = bool(home.resources.get("aws_route53_hosted_zone_dnssec"))
    lines = list(name.names[1:])
    policies = {word for one in name.records if (word := _policy(one)[0])}
    lines += [f"Route 53, {' and '.join(sorted(policies))}" if policies else "Route 53"]
    if zone is not None and zone.body.get("name") in name.names:
        above = home.configuration["//"]["ekp"].get("parent_zone")
        if above:
            lines.append(f"delegated from {above['name']}")
        if signed:
            lines.append("signed by DNSSEC")
    return Node(name.node, Kind.WAY_IN, name.names[0], tuple(lines))


def _policy(record: Resource) -> tuple[str, str]:
    """Return the routing policy of a record, and what it says of this record."""
    for name, words in POLICIES.items():
        for block in entries(record.body.get(f"{name}_routing_policy")):
            return name, words.format(**block).lower()
    return "", ""


def _from_names(
    reader: Reader, names: Sequence[_Name], ends: Mapping[tuple[str, str], str]
) -> Iterator[Edge]:
    by_name = {one: name.node for name in names for one in name.names}
    for name in names:
        for record in name.records:
            found = reader.referred(record.stack, record.body["alias"]["name"])
            end = ends.get(found.key) if found else by_name.get(str(record.body["alias"]["name"]))
            if end is None:
                continue
            lines = [_policy(record)[1], *_health(reader, record)]
            yield Edge(name.node, end, Flow.REQUEST, "\n".join(filter(None, lines)))


def _health(reader: Reader, record: Resource) -> list[str]:
    check = reader.referred(record.stack, record.body.get("health_check_id"))
    if check is None:
        return []
    alarm = reader.referred(record.stack, check.body.get("cloudwatch_alarm_name"))
    if alarm is None:
        return [f"health check: {check.body.get('type')}"]
    sign = {"LessThanThreshold": "\N{GREATER-THAN OR EQUAL TO}"}.get(
        str(alarm.body["comparison_operator"]), "not"
    )
    return [f"while {alarm.body['metric_name']} {sign} {alarm.body['threshold']}"]


def _cloudfront(reader: Reader, found: Resource) -> Node:
    body = found.body
    lines = [str(body.get("http_version", "")).replace("http", "HTTP/").replace("and", " and ")]
    price = str(body.get("price_class", ""))
    lines += [price] if price else []
    paths = [str(one["path_pattern"]) for one in entries(body.get("ordered_cache_behavior"))]
    lines += [f"cached: {', '.join(paths)}"] if paths else []
    rows = shield(reader.referred(found.stack, body.get("web_acl_id")))
    if body.get("custom_error_response"):
        rows = (*rows, Row("page of last resort in S3"))
    return Node(CLOUDFRONT, Kind.WAY_IN, "CloudFront", tuple(lines), rows)


def _from_fronts(distributions: Iterable[Resource], names: Sequence[_Name]) -> Iterator[Edge]:
    by_name = {one: name.node for name in names for one in name.names}
    for one in distributions:
        for origin in entries(one.body.get("origin")):
            if (name := by_name.get(str(origin["domain_name"]))) is not None:
                header = ", ".join(
                    str(each["name"]) for each in entries(origin.get("custom_header"))
                )
                yield Edge(
                    CLOUDFRONT,
                    name,
                    Flow.REQUEST,
                    f"HTTPS with the secret header\n{header}" if header else "HTTPS",
                )
