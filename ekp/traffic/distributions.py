"""What CloudFront does with a path: where it leads, and whether the answer is kept."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ekp.configured.reading import Resource, own, resources
from ekp.evaluate.blocks import block, blocks
from ekp.runner.stacks import Stack

# AWS's own cache policy that keeps nothing. Source: CloudFront developer guide, "Use managed cache
# policies".
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"


@dataclass(frozen=True, slots=True)
class Behavior:
    """What becomes of the paths that match; the first that matches counts."""

    paths: str
    """A pattern, or ``*`` for all that are left."""
    origin: str
    """Where requests go on to."""
    cached: bool


@dataclass(frozen=True, slots=True)
class Distribution:
    """A CloudFront distribution."""

    region: str
    """Of the stack that makes it; ``global`` for the edge."""
    name: str
    hosts: Sequence[str]
    web_acl: str | None
    behaviors: Sequence[Behavior]
    last_resort: Sequence[int]
    """Answers of origins that users see a page of ours for."""
    construct: str


def distributions(stack: Stack) -> Sequence[Distribution]:
    """Return the distributions of a stack."""
    return [
        Distribution(
            region=stack.region,
            name=found.label,
            hosts=list(found.body.get("aliases") or ()),
            web_acl=_web_acl(stack, found.body.get("web_acl_id")),
            behaviors=list(_behaviors(found)),
            last_resort=[
                int(one["error_code"])
                for one in blocks(found.body, "custom_error_response")
                if one.get("response_page_path")
            ],
            construct=found.path,
        )
        for found in resources(stack, "aws_cloudfront_distribution")
    ]


def ordered_behaviors(
    distribution: Mapping[str, Any],
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield a distribution's behaviours with the field that has each; the first match counts."""
    for number, one in enumerate(blocks(distribution, "ordered_cache_behavior")):
        yield f"ordered_cache_behavior[{number}]", one
    yield "default_cache_behavior", block(distribution, "default_cache_behavior") or {}


def _behaviors(found: Resource) -> Iterator[Behavior]:
    origins = {one["origin_id"]: _origin(found.stack, one) for one in blocks(found.body, "origin")}
    for _, one in ordered_behaviors(found.body):
        yield Behavior(
            paths=one.get("path_pattern", "*"),
            origin=origins.get(one.get("target_origin_id"), ""),
            cached=one.get("cache_policy_id") != CACHING_DISABLED,
        )


def _origin(stack: Stack, origin: Mapping[str, Any]) -> str:
    domain = str(origin.get("domain_name", ""))
    found = own(stack, domain)
    if found is None:
        return domain
    if found.kind == "aws_s3_bucket":
        return f"bucket {found.body.get('bucket') or found.label}"
    return found.label


def _web_acl(stack: Stack, text: object) -> str | None:
    if not text:
        return None
    found = own(stack, text)
    # Where ingress makes the distribution its web ACL is the edge's.
    return found.label if found else "the edge's"
