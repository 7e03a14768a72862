"""Where web ACLs stand: before the distribution, and before each region's load balancer."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from ekp.configured.environment import Configured
from ekp.configured.reading import Reader, Resource, every, resources
from ekp.evaluate.blocks import entries
from ekp.evaluate.waf import rates
from ekp.evaluate.waf.acl import Inspected, Judgement, judge
from ekp.traffic import balancers

_VIEWER = re.compile(
    r"request\.headers\['(?P<name>[^']+)'\]\s*=\s*\{\s*value:\s*event\.viewer\.ip\s*\}"
)


@dataclass(frozen=True)
class Guard:
    """A web ACL where it stands."""

    place: str
    """``CloudFront`` or a region."""
    reader: Reader
    found: Resource

    @property
    def by(self) -> str:
        """The construct's path."""
        return self.found.path

    def rule(self, name: str) -> str:
        """Return how a check names a rule of it."""
        return f"{self.by}: rule {name}"

    @property
    def rules(self) -> Sequence[Mapping[str, Any]]:
        """The rules' bodies."""
        return entries(self.found.body.get("rule"))

    @cached_property
    def limits(self) -> tuple[rates.Limit, ...]:
        """The limits of its rate-based rules."""
        return rates.limits(self.found.body)

    @property
    def limit(self) -> rates.Limit | None:
        """The lowest limit that counts all requests of a client; None: nothing does."""
        whole = [each for each in self.limits if not each.narrowed]
        return min(whole, key=lambda each: each.per_second, default=None)

    def lookup(self, arn: str) -> Mapping[str, Any] | None:
        """Return the IP set or rule group that an expression names."""
        found = self.reader.referred(self.found.stack, arn)
        return found.body if found else None

    def judge(self, request: Inspected) -> Judgement:
        """Return what it does with a request."""
        return judge(self.found.body, self.lookup, request)

    def alone(self, rule: str) -> "Guard":
        """Return it with one of its rules alone."""
        kept = [each for each in self.rules if each["name"] == rule]
        body = {**self.found.body, "rule": kept, "default_action": {"allow": {}}}
        return Guard(self.place, self.reader, replace(self.found, body=body))


@dataclass(frozen=True, kw_only=True)
class Door:
    """A region's load balancer."""

    region: str
    by: str
    guard: Guard | None
    open_to: Sequence[str]
    """Who may connect at all."""
    asks_for: Sequence[str]
    """Headers that each of its listener's rules asks for; the rest is refused there too."""


@dataclass(frozen=True, kw_only=True)
class Front:
    """The ways in of an environment."""

    distribution: Resource | None
    edge: Guard | None
    """The web ACL before the distribution."""
    doors: tuple[Door, ...]
    adds: Mapping[str, str]
    """Headers that the distribution sends on, whatever a client sends under these names."""
    tells: tuple[str | None, ...]
    """By behavior that leads to the regions: the header that it writes the client's address to."""

    @property
    def outer(self) -> tuple[Guard, ...]:
        """The web ACLs that clients meet first."""
        if self.distribution is None:
            return self.inner
        return (self.edge,) if self.edge else ()

    @property
    def setting(self) -> str:
        """The setting of these web ACLs."""
        return "edge.web_acl" if self.distribution else "regions[R].ingress.web_acl"

    @property
    def inner(self) -> tuple[Guard, ...]:
        """The regions' web ACLs."""
        return tuple(door.guard for door in self.doors if door.guard)

    @property
    def guards(self) -> tuple[Guard, ...]:
        """All of them."""
        return ((self.edge,) if self.edge else ()) + self.inner

    @property
    def header(self) -> str | None:
        """The header that tells every request's client; None: not every behavior writes one."""
        return self.tells[0] if len(set(self.tells)) == 1 else None


def front(configured: Configured) -> Front:
    """Return the ways in of an environment, as far as there are any."""
    reader = configured.reader
    found = every(configured.stacks, "aws_cloudfront_distribution")
    distribution = found[0] if found else None
    behaviors = _behaviors(distribution)
    return Front(
        distribution=distribution,
        edge=_guard(reader, distribution, "web_acl_id", "CloudFront") if distribution else None,
        doors=tuple(
            door
            for region in configured.regions
            for stack in configured.of_region(region)
            for door in _doors(reader, resources(stack, "aws_lb"))
        ),
        adds={
            str(header["name"]): str(header["value"])
            for origin in _origins(distribution)
            for header in entries(origin.get("custom_header"))
        },
        tells=tuple(_told(reader, distribution, each) for each in behaviors if distribution),
    )


def _guard(reader: Reader, holder: Resource, field: str, place: str) -> Guard | None:
    found = reader.referred(holder.stack, holder.body.get(field) or "")
    return Guard(place, reader, found) if found else None


def _doors(reader: Reader, found: Sequence[Resource]) -> list[Door]:
    doors = []
    for balancer in found:
        stack, joined = balancer.stack, balancers.association(balancer)
        seen = next(each for each in balancers.balancers(stack) if each.name == balancer.label)
        forwarding = [rule for rule in seen.rules if rule.priority is not None]
        asked = [set(rule.headers) for rule in forwarding]
        doors.append(
            Door(
                region=stack.region,
                by=balancer.path,
                guard=_guard(reader, joined, "web_acl_arn", stack.region) if joined else None,
                open_to=seen.open_to,
                asks_for=sorted(set.intersection(*asked)) if asked else (),
            )
        )
    return doors


def _origins(distribution: Resource | None) -> list[Mapping[str, Any]]:
    """Return the origins that are a region's load balancer: those that are told a secret."""
    found = entries(distribution.body.get("origin")) if distribution else []
    return [each for each in found if each.get("custom_header")]


def _behaviors(distribution: Resource | None) -> list[Mapping[str, Any]]:
    if distribution is None:
        return []
    regions = {each["origin_id"] for each in _origins(distribution)}
    body = distribution.body
    found = [*entries(body.get("ordered_cache_behavior")), *entries(body["default_cache_behavior"])]
    return [each for each in found if each["target_origin_id"] in regions]


def _told(reader: Reader, distribution: Resource | None, behavior: Mapping[str, Any]) -> str | None:
    for each in entries(behavior.get("function_association")):
        if distribution is None or each["event_type"] != "viewer-request":
            continue
        function = reader.referred(distribution.stack, each["function_arn"])
        if function and (written := _VIEWER.search(str(function.body.get("code")))):
            return written["name"]
    return None
