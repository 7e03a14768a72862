"""The header between CloudFront and load balancers: who sends it, and who asks for it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ekp.configured.environment import Configured
from ekp.configured.reading import Resource, every
from ekp.evaluate.blocks import entries
from ekp.evaluate.request import Unsupported
from ekp.traffic.balancers import association, listener_rules, listeners

_VARIABLE = re.compile(r"\$\{var\.([A-Za-z0-9_-]+)\}")

Values = Mapping[str, str]
"""What variables hold, by name."""


@dataclass(frozen=True, slots=True)
class Way:
    """A region's load balancer, and what stands before it."""

    region: str
    balancer: Resource
    listener: Resource
    rules: tuple[Resource, ...]
    """In their order."""
    acl: Resource | None
    groups: tuple[Resource, ...]
    """Rule groups of the web ACL, which are resources of their own."""

    @property
    def parties(self) -> tuple[Resource, ...]:
        """Whatever a deploy changes one after the other when a value changes."""
        own = (*self.groups, *((self.acl,) if self.acl else ()), *self.rules)
        return tuple(one for one in own if variables(one.body))

    @property
    def hosts(self) -> tuple[str, ...]:
        """A host for each rule that names some."""
        names = (
            str(value)
            for rule in self.rules
            for condition in entries(rule.body.get("condition"))
            for found in entries(condition.get("host_header"))
            for value in found.get("values", ())
        )
        return tuple(dict.fromkeys(name.replace("*", "shop") for name in names))


@dataclass(frozen=True, slots=True)
class Header:
    """The header of an environment."""

    name: str
    """In small letters."""
    senders: tuple[Resource, ...]
    """Distributions that send it."""
    ways: tuple[Way, ...]

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables that senders and those who ask for it are made of."""
        found = {
            name
            for one in (*self.senders, *(party for way in self.ways for party in way.parties))
            for name in variables(one.body)
        }
        return tuple(sorted(found))

    @property
    def written_out(self) -> tuple[Resource, ...]:
        """Distributions whose value is no variable, but stands in their stack."""
        return tuple(
            one for one in self.senders if not _VARIABLE.search(dict(_sent(one.body))[self.name])
        )

    @property
    def waits(self) -> bool:
        """Whether Terraform waits until all of CloudFront has a change, as it does by itself."""
        waiting = (one.body.get("wait_for_deployment", True) for one in self.senders)
        return all(one is not False for one in waiting)


def header(configured: Configured) -> Header | None:
    """Return the header by which load balancers know CloudFront; None: there is none.

    Raises:
        Unsupported: there are several headers with secrets.
    """
    found = tuple(ways(configured))
    distributions = every(configured.stacks, "aws_cloudfront_distribution")
    sent = {name for one in distributions for name, _ in _sent(one.body)}
    names = {
        name for one in distributions for name, value in _sent(one.body) if _VARIABLE.search(value)
    } | {
        name
        for way in found
        for rule in way.rules
        for name, secret in _wanted(rule.body)
        # Written out at both ends it is no less the header.
        if secret or name in sent
    }
    if not names:
        return None
    if len(names) > 1:
        raise Unsupported(configured.environment, "custom_header", f"several: {sorted(names)}")
    (name,) = names
    senders = tuple(one for one in distributions if name in dict(_sent(one.body)))
    return Header(name, senders, found)


def ways(configured: Configured) -> Iterator[Way]:
    """Yield the regions' load balancers that listen for HTTPS."""
    for region in configured.regions:
        for balancer in every(configured.of_region(region), "aws_lb"):
            for listener in listeners(balancer):
                if listener.body.get("protocol") == "HTTPS":
                    yield _way(configured, region, balancer, listener)


def _way(configured: Configured, region: str, balancer: Resource, listener: Resource) -> Way:
    found = association(balancer)
    acl = configured.reader.referred(found.stack, found.body.get("web_acl_arn")) if found else None
    groups = tuple(_groups(configured, acl)) if acl else ()
    return Way(region, balancer, listener, tuple(listener_rules(listener)), acl, groups)


def _groups(configured: Configured, acl: Resource) -> Iterator[Resource]:
    for rule in entries(acl.body.get("rule")):
        statement = rule.get("statement") or {}
        for one in entries(statement.get("rule_group_reference_statement")):
            if group := configured.reader.referred(acl.stack, one.get("arn")):
                yield group


def variables(value: Any) -> set[str]:
    """Return the names of the variables that a resource's arguments refer to."""
    if isinstance(value, Mapping):
        return {name for inner in value.values() for name in variables(inner)}
    if isinstance(value, list):
        return {name for inner in value for name in variables(inner)}
    return set(_VARIABLE.findall(value)) if isinstance(value, str) else set()


def filled(value: Any, values: Values) -> Any:
    """Return arguments with values in place of variables; unknown ones stay as they are."""
    if isinstance(value, Mapping):
        return {key: filled(inner, values) for key, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner, values) for inner in value]
    if isinstance(value, str):
        return _VARIABLE.sub(lambda found: values.get(found[1], found[0]), value)
    return value


def _sent(distribution: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield name and value of each header that a distribution adds."""
    for origin in entries(distribution.get("origin")):
        for one in entries(origin.get("custom_header")):
            yield str(one["name"]).lower(), str(one["value"])


def _wanted(rule: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    """Yield the headers that a listener's rule asks for, and whether for a variable's value."""
    for condition in entries(rule.get("condition")):
        for one in entries(condition.get("http_header")):
            yield str(one["http_header_name"]).lower(), bool(variables(one))
