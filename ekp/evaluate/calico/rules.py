"""Rules of Calico policies: whether one matches a connection.

Source: projectcalico/calico, libcalico-go/lib/backend/syncersv1/updateprocessors/rules.go (what
the selectors of a rule mean together), felix/calc/rule_scanner.go, libcalico-go/lib/validator/v3.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from ipaddress import IPv4Network, ip_network
from typing import Any

from ..request import Object, Unsupported
from .endpoints import (
    NAMESPACE,
    OF_NAMESPACE,
    OF_SERVICE_ACCOUNT,
    SERVICE_ACCOUNT,
    Connection,
    Endpoint,
)
from .expressions import Comparison, OutsideNamespaces, Selector
from .selectors import parse

Rule = Mapping[str, Any]
_RULE = {"action", "protocol", "notProtocol", "ipVersion", "source", "destination", "metadata"}
_SELECTORS = ("selector", "notSelector", "namespaceSelector", "serviceAccounts")
_ENTITY = {*_SELECTORS, "nets", "notNets", "ports", "notPorts"}
_PROTOCOLS = {
    "1": "ICMP",
    "6": "TCP",
    "17": "UDP",
    "58": "ICMPV6",
    "132": "SCTP",
    "136": "UDPLITE",
}
_WITH_PORTS = ("TCP", "UDP", "SCTP", "UDPLITE")
_IPV4 = 4
_HIGHEST_PORT = 65_535

_parsed = cache(parse)


def matches(policy: Object, where: str, rule: Rule, connection: Connection) -> bool:
    """Tell whether a rule matches a connection; what is known of addresses is asked last.

    Args:
        policy: Whose rule it is: in a policy of a namespace, selectors mean that namespace's pods.
        where: The rule's place in the policy, for messages: ``ingress[0]``.
        rule: As the policy has it.
        connection: What is opened.

    Raises:
        Unsupported: the rule asks for something that is not evaluated, or that nobody knows.
    """
    _refuse_unknown(policy, where, rule, _RULE)
    if rule.get("ipVersion", _IPV4) != _IPV4 or not _protocol_fits(policy, where, rule, connection):
        return False
    ends = (("source", connection.source), ("destination", connection.target))
    for side, end in ends:
        entity = rule.get(side) or {}
        place = f"{where}.{side}"
        _refuse_unknown(policy, place, entity, _ENTITY)
        if not _ports_fit(policy, place, entity, rule, connection):
            return False
        if not _labels_fit(policy, place, entity, end):
            return False
    return all(
        _nets_fit(policy, f"{where}.{side}", rule.get(side) or {}, end) for side, end in ends
    )


def selector(policy: Object, where: str, text: str) -> Selector:
    """Return a selector of a policy.

    Raises:
        Unsupported: Calico would refuse it there.
    """
    try:
        found = _parsed(text)
    except ValueError as error:
        raise Unsupported(policy, where, str(error)) from None
    if "global(" in text and not (where.endswith(".namespaceSelector") and _alone(found)):
        raise Unsupported(
            policy, where, "global() stands alone, in a rule's namespaceSelector; write all()"
        )
    return found


def _alone(found: Selector) -> bool:
    return isinstance(found, OutsideNamespaces)


def _refuse_unknown(policy: Object, where: str, part: Rule, known: set[str]) -> None:
    if unknown := sorted(key for key in part if key not in known and part[key]):
        raise Unsupported(policy, f"{where}.{unknown[0]}", "it is not evaluated; leave it out")


def _protocol(value: Any) -> str:
    return _PROTOCOLS.get(str(value), str(value).upper())


def _protocol_fits(policy: Object, where: str, rule: Rule, connection: Connection) -> bool:
    found = _protocol(connection.protocol)
    if found not in _WITH_PORTS:
        raise Unsupported(policy, where, f"{connection} has no port; ask for TCP, UDP or SCTP")
    wanted, refused = rule.get("protocol"), rule.get("notProtocol")
    return (wanted is None or _protocol(wanted) == found) and (
        refused is None or _protocol(refused) != found
    )


def _ports_fit(
    policy: Object, where: str, entity: Rule, rule: Rule, connection: Connection
) -> bool:
    wanted, refused = entity.get("ports"), entity.get("notPorts")
    if not wanted and not refused:
        return True
    if where.endswith(".source"):
        raise Unsupported(policy, where, "nobody knows a caller's own port; match target ports")
    if _protocol(rule.get("protocol")) not in _WITH_PORTS:
        raise Unsupported(policy, where, "ports need a protocol that has ports, such as TCP")
    port = connection.port
    return (not wanted or _any_port(policy, where, wanted, port)) and not (
        refused and _any_port(policy, where, refused, port)
    )


def _any_port(policy: Object, where: str, ports: Iterable[Any], port: int) -> bool:
    return any(_port_fits(policy, where, each, port) for each in ports)


def _port_fits(policy: Object, where: str, wanted: Any, port: int) -> bool:
    first, _, last = str(wanted).partition(":")
    if not first.isdecimal() or (last and not last.isdecimal()):
        raise Unsupported(policy, where, f"port {wanted!r} has a name; write its number")
    low, high = int(first), int(last or first)
    if low > high or high > _HIGHEST_PORT:
        raise Unsupported(policy, where, f"{wanted!r} is no range of ports; write it as '80:90'")
    return low <= port <= high


def _labels_fit(policy: Object, where: str, entity: Rule, end: Endpoint) -> bool:
    wanted = list(_wanted(policy, where, entity))
    refused = entity.get("notSelector")
    if not wanted:
        # Alone, what is refused leaves everything else in, addresses outside the cluster too.
        return not refused or end.labels is None or not _says(policy, where, refused, end.labels)
    if end.labels is None or (refused and _says(policy, where, refused, end.labels)):
        return False
    labels = end.labels
    return all(not _alone(found) and found.matches(labels, prefix) for found, prefix in wanted)


def _says(policy: Object, where: str, text: str, labels: Mapping[str, str]) -> bool:
    return selector(policy, f"{where}.notSelector", text).matches(labels)


def _wanted(policy: Object, where: str, entity: Rule) -> Iterable[tuple[Selector, str]]:
    """Yield the selectors that a pod must fit, each with the prefix of its labels."""
    own = policy["metadata"].get("namespace")
    accounts = entity.get("serviceAccounts") or {}
    if text := entity.get("namespaceSelector"):
        yield selector(policy, f"{where}.namespaceSelector", text), OF_NAMESPACE
    elif own and any(entity.get(key) for key in _SELECTORS):
        yield Comparison(NAMESPACE, "==", (own,)), ""
    if text := accounts.get("selector"):
        yield selector(policy, f"{where}.serviceAccounts", text), OF_SERVICE_ACCOUNT
    if names := accounts.get("names"):
        yield Comparison(SERVICE_ACCOUNT, "in", tuple(names)), ""
    if text := entity.get("selector"):
        yield selector(policy, f"{where}.selector", text), ""


def _nets_fit(policy: Object, where: str, entity: Rule, end: Endpoint) -> bool:
    wanted, refused = entity.get("nets"), entity.get("notNets")
    return (not wanted or _lies_in(policy, f"{where}.nets", wanted, end)) and not (
        refused and _lies_in(policy, f"{where}.notNets", refused, end)
    )


def _lies_in(policy: Object, where: str, nets: Iterable[str], end: Endpoint) -> bool:
    try:
        found = [ip_network(net, strict=False) for net in nets]
    except ValueError as error:
        raise Unsupported(policy, where, str(error)) from None
    if end.addresses is None:
        raise Unsupported(policy, where, f"the address of {end.name} is not known; give it")
    networks = [net for net in found if isinstance(net, IPv4Network)]
    if any(end.addresses.subnet_of(net) for net in networks):
        return True
    if any(end.addresses.overlaps(net) for net in networks):
        raise Unsupported(
            policy, where, f"{end.name} may or may not lie in it; give its one address"
        )
    return False
