"""EKP_EDGE_3: what stands behind CloudFront answers CloudFront alone.

A load balancer without an address (a VPC origin), a bucket that asks for CloudFront's signature, or
a server that asks for a header whose value nobody can read in the configuration.
"""

from collections.abc import Mapping
from typing import Any

from policies.checks import Entity, Everything, Verdict, listed, stack_check
from policies.links import blocks
from policies.references import is_open, planned, targets

MODERN = frozenset(("TLSv1.2", "TLSv1.3"))


@stack_check(
    "EKP_EDGE_3",
    "Ensure an origin answers CloudFront alone, over TLS 1.2",
    "aws_cloudfront_distribution",
    "aws_cloudfront_vpc_origin",
)
def origin_is_locked_down(one: Entity, everything: Everything) -> Verdict:
    """Judge all origins of a distribution, and the way to a VPC origin."""
    if one.kind == "aws_cloudfront_vpc_origin":
        return all(_is_tls(way) for way in blocks(one.body.get("vpc_origin_endpoint_config")))
    origins = blocks(one.body.get("origin"))
    if not origins:
        return None
    return all(_is_locked(origin, one, everything) for origin in origins)


def _is_locked(origin: Mapping[str, Any], one: Entity, everything: Everything) -> bool:
    if not all(_is_tls(way) for way in blocks(origin.get("custom_origin_config"))):
        return False
    if listed(origin.get("vpc_origin_config")) or _is_signed(origin, one, everything):
        return True
    return bool(listed(origin.get("custom_origin_config"))) and any(
        not is_open(header.get("value"), one, everything)
        for header in blocks(origin.get("custom_header"))
    )


def _is_signed(origin: Mapping[str, Any], one: Entity, everything: Everything) -> bool:
    """Tell whether CloudFront signs its requests, for a bucket to ask for that."""
    later = planned(one) and "origin_access_control_id" not in origin
    control = origin.get("origin_access_control_id")
    found = targets(control, everything, "aws_cloudfront_origin_access_control")
    return (later or bool(control)) and all(
        access.body.get("signing_behavior") != "never" for access in found
    )


def _is_tls(way: Mapping[str, Any]) -> bool:
    protocols = way.get("origin_ssl_protocols")
    # A VPC origin has them one level deeper.
    names = [
        name
        for entry in listed(protocols)
        for name in (listed(entry.get("items")) if isinstance(entry, Mapping) else [entry])
    ]
    return (
        way.get("origin_protocol_policy") == "https-only" and bool(names) and set(names) <= MODERN
    )
