"""What was added to a resource beside those that our stacks make for it.

Rules of a security group, routes of a table and policies of a role are resources of their own.
One that somebody adds by hand is in no state, and no plan takes it away: it is seen only in the
group, table or role, as one of all that it has.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

Values = Mapping[str, Any]
Key = tuple[Any, ...]
"""What identifies a rule, a route or a policy, however it was made."""

SOURCES = ("cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids", "security_groups")
REFERENCES = ("cidr_ipv4", "cidr_ipv6", "prefix_list_id", "referenced_security_group_id")
DESTINATIONS = (
    "destination_cidr_block",
    "destination_ipv6_cidr_block",
    "destination_prefix_list_id",
)
ALL_PROTOCOLS = "-1"

# Companions: attributes of a resource that tell what a resource of another type made.
COMPANIONS: Mapping[str, Mapping[str, str]] = {
    "aws_eip": dict.fromkeys(("instance", "network_interface"), "aws_nat_gateway"),
    "aws_s3_bucket": {
        "acl": "aws_s3_bucket_acl",
        "grant": "aws_s3_bucket_acl",
        "lifecycle_rule": "aws_s3_bucket_lifecycle_configuration",
        "logging": "aws_s3_bucket_logging",
        "policy": "aws_s3_bucket_policy",
        "server_side_encryption_configuration": (
            "aws_s3_bucket_server_side_encryption_configuration"
        ),
        "versioning": "aws_s3_bucket_versioning",
    },
    "aws_secretsmanager_secret": {"policy": "aws_secretsmanager_secret_policy"},
    "aws_sns_topic": {"policy": "aws_sns_topic_policy"},
}


def has_companion(
    kind: str, attribute: str, values: Values, resources: Iterable[tuple[str, Values]]
) -> bool:
    """Whether a resource of its own makes the attribute, so that it is told there.

    Args:
        kind: the resource's type.
        attribute: name of the attribute.
        values: the resource's values.
        resources: type and values of every resource of its stack.
    """
    companion = COMPANIONS.get(kind, {}).get(attribute)
    names = {values.get("id"), values.get("arn")} - {None, ""}
    return companion is not None and any(
        type_ == companion and any(isinstance(v, str) and v in names for v in other.values())
        for type_, other in resources
    )


def is_collected(kind: str, attribute: str) -> bool:
    """Whether ``added`` judges the attribute, element by element."""
    return attribute in COLLECTED.get(kind, {})


def made(kind: str, values: Values) -> Key | None:
    """Return what a resource of ours is in the collection of another one; None if in none."""
    match kind:
        case "aws_vpc_security_group_ingress_rule" | "aws_vpc_security_group_egress_rule":
            source = next((values[name] for name in REFERENCES if values.get(name)), None)
            direction = kind.removeprefix("aws_vpc_security_group_").removesuffix("_rule")
            return _rule(direction, values["security_group_id"], values, "ip_protocol", source)
        case "aws_route":
            return ("route", values["route_table_id"], _first(values, DESTINATIONS))
        case "aws_iam_role_policy_attachment":
            return ("managed_policy_arns", values["role"], values["policy_arn"])
        case "aws_iam_role_policy":
            return ("inline_policy", values["role"], values["name"])
    return None


def added(
    kind: str, values: Values, ours: frozenset[Key], configured: Iterable[str]
) -> Iterator[tuple[str, str]]:
    """Yield the attribute and the description of everything that none of our resources made.

    Args:
        kind: the resource's type.
        values: what it is in AWS.
        ours: ``made`` of every resource of the environment.
        configured: names of the attributes that the configuration sets by itself, which are
            compared as any other.
    """
    for attribute, elements in COLLECTED.get(kind, {}).items():
        if attribute not in configured:
            for key, text in elements(values):
                if key not in ours:
                    yield attribute, text


def _rules(direction: str) -> Callable[[Values], Iterator[tuple[Key, str]]]:
    word = "from" if direction == "ingress" else "to"

    def elements(values: Values) -> Iterator[tuple[Key, str]]:
        for rule in values.get(direction) or ():
            sources = [one for name in SOURCES for one in rule.get(name) or ()]
            for source in (*sources, *([values["id"]] if rule.get("self") else ())):
                ports = "-".join(dict.fromkeys((str(rule["from_port"]), str(rule["to_port"]))))
                everything = rule["protocol"] == ALL_PROTOCOLS
                what = "all traffic" if everything else f"{rule['protocol']} {ports}"
                key = _rule(direction, values["id"], rule, "protocol", source)
                yield key, f"{what} {word} {source}"

    return elements


def _rule(direction: str, group: str, values: Values, protocol: str, source: object) -> Key:
    everything = values[protocol] == ALL_PROTOCOLS
    ports = (None, None) if everything else (values["from_port"], values["to_port"])
    return (direction, group, values[protocol], *ports, source)


def _routes(values: Values) -> Iterator[tuple[Key, str]]:
    places = ("cidr_block", "ipv6_cidr_block", "destination_prefix_list_id")
    for route in values.get("route") or ():
        place = _first(route, places)
        by = _first(route, sorted(set(route) - set(places)))
        yield ("route", values["id"], place), f"{place} by {by}"


def _managed(values: Values) -> Iterator[tuple[Key, str]]:
    for arn in values.get("managed_policy_arns") or ():
        yield ("managed_policy_arns", values["name"], arn), arn


def _inline(values: Values) -> Iterator[tuple[Key, str]]:
    for policy in values.get("inline_policy") or ():
        if policy.get("name"):
            yield ("inline_policy", values["name"], policy["name"]), policy["name"]


def _first(values: Values, names: Iterable[str]) -> Any:
    return next((values[name] for name in names if values.get(name)), None)


SECURITY_GROUP = {direction: _rules(direction) for direction in ("ingress", "egress")}
COLLECTED: Mapping[str, Mapping[str, Callable[[Values], Iterator[tuple[Key, str]]]]] = {
    "aws_default_security_group": SECURITY_GROUP,
    "aws_iam_role": {"managed_policy_arns": _managed, "inline_policy": _inline},
    "aws_route_table": {"route": _routes},
    "aws_security_group": SECURITY_GROUP,
}
