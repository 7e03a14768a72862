"""What CloudFront does with a path: where it leads, and whether the answer is kept."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ekp.runner.stacks import Stack

from .resources import block, blocks, label, of_kind, path, referred

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
            name=label(body),
            hosts=list(body.get("aliases") or ()),
            web_acl=_web_acl(stack, body.get("web_acl_id")),
            behaviors=list(_behaviors(stack, body)),
            last_resort=[
                int(one["error_code"])
                for one in blocks(body, "custom_error_response")
                if one.get("response_page_path")
            ],
            construct=path(body),
        )
        for _, body in of_kind(stack, "aws_cloudfront_distribution")
    ]


def ordered_behaviors(
    distribution: Mapping[str, Any],
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield a distribution's behaviours with the field that has each; the first match counts."""
    for number, one in enumerate(blocks(distribution, "ordered_cache_behavior")):
        yield f"ordered_cache_behavior[{number}]", one
    yield "default_cache_behavior", block(distribution, "default_cache_behavior") or {}


def _behaviors(stack: Stack, body: Mapping[str, Any]) -> Iterator[Behavior]:
    origins = {one["origin_id"]: _origin(stack, one) for one in blocks(body, "origin")}
    for _, one in ordered_behaviors(body):
        yield Behavior(
            paths=one.get("path_pattern", "*"),
            origin=origins.get(one.get("target_origin_id"), ""),
            cached=one.get("cache_policy_id") != CACHING_DISABLED,
        )


def _origin(stack: Stack, origin: Mapping[str, Any]) -> str:
    domain = str(origin.get("domain_name", ""))
    found = referred(stack, domain)
    if found is None:
        return domain
    kind, body = found
    if kind == "aws_s3_bucket":
        return f"bucket {body.get('bucket') or label(body)}"
    return label(body)


def _web_acl(stack: Stack, text: object) -> str | None:
    if not text:
        return None
    found = referred(stack, text)
    # Where ingress makes the distribution its web ACL is the edge's.
    return label(found[1]) if found else "the edge's"
