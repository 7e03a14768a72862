"""Rates that web ACLs allow a client before the entrances: the edge's, and each region's."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ekp.configured.environment import GLOBAL, Configured
from ekp.configured.reading import Resource, resources
from ekp.evaluate.blocks import block, blocks
from ekp.evaluate.waf import rates
from ekp.evaluate.waf.actions import status


@dataclass(frozen=True, slots=True, kw_only=True)
class Outer:
    """The lowest rate of a web ACL that counts all requests of a client and refuses the rest."""

    by: str
    """The construct's path, with the rule."""
    requests: int
    seconds: int
    status: int
    header: str | None
    """What tells the client; None: the connection's address."""

    @property
    def per_second(self) -> Fraction:
        """The same a second."""
        return Fraction(self.requests, self.seconds)


@dataclass(frozen=True, slots=True)
class Outers:
    """The web ACLs' rates of an environment."""

    edge: Outer | None
    regions: Mapping[str, Outer | None]

    @property
    def all(self) -> tuple[Outer, ...]:
        """All that there are."""
        return tuple(each for each in (self.edge, *self.regions.values()) if each)

    def before(self, region: str) -> Outer | None:
        """Return the rate that a client of a region's entrances meets last; None: none."""
        return self.regions.get(region) or self.edge


def outers(configured: Configured) -> Outers:
    """Return the rates of the web ACLs that stand before the distribution and the regions."""
    regions = {region: _of_region(configured, region) for region in configured.regions}
    return Outers(_of_edge(configured), regions)


def _of_edge(configured: Configured) -> Outer | None:
    for stack in configured.of_region(GLOBAL):
        for found in resources(stack, "aws_cloudfront_distribution"):
            acl = configured.reader.referred(stack, found.body.get("web_acl_id") or "")
            if acl is not None:
                return _lowest(acl)
    return None


def _of_region(configured: Configured, region: str) -> Outer | None:
    for stack in configured.of_region(region):
        for found in resources(stack, "aws_wafv2_web_acl_association"):
            acl = configured.reader.referred(stack, found.body.get("web_acl_arn"))
            if acl is not None:
                return _lowest(acl)
    return None


def _lowest(acl: Resource) -> Outer | None:
    found = []
    for rule in blocks(acl.body, "rule"):
        block = _block(rule)
        limit = rates.limit_of(rule)
        if block is None or limit is None or limit.narrowed:
            continue
        found.append(
            Outer(
                by=f"{acl.stack.construct_path(acl.address)}: rule {limit.rule}",
                requests=limit.requests,
                seconds=limit.window,
                status=status(block),
                header=limit.header,
            )
        )
    return min(found, key=lambda each: each.per_second, default=None)


def _block(rule: Mapping[str, Any]) -> Mapping[str, Any] | None:
    return block(block(rule, "action") or {}, "block")
