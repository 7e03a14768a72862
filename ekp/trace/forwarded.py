"""What CloudFront sends on to an origin of what a viewer sent, by a behaviour's policies.

Sources: CloudFront developer guide, "Use managed origin request policies", "Use managed cache
policies", "Understand origin request policies", "Add custom headers to origin requests" (a custom
header replaces the viewer's; ``Authorization`` goes on with all viewer headers or with the cache
key), and "Request and response behavior for custom origins", "HTTP request headers and CloudFront
behavior" (``Host``, ``User-Agent``, ``Via``, ``X-Amz-Cf-Id``, ``X-Forwarded-For``,
``Authorization`` by method, and what no policy lets through).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from modules.core.cloudfront import ALL_VIEWER, CACHING_DISABLED, CACHING_OPTIMIZED

from ekp.configured.reading import Reader, Resource
from ekp.evaluate.blocks import block, blocks
from ekp.evaluate.request import Request, Unsupported

from .headers import with_headers, with_hop

Body = Mapping[str, Any]
_KEY = "parameters_in_cache_key_and_forwarded_to_origin"
_ALL: Body = {
    "headers_config": {"header_behavior": "allViewer"},
    "cookies_config": {"cookie_behavior": "all"},
    "query_strings_config": {"query_string_behavior": "all"},
}
# Source: "Use managed cache policies": CachingOptimized keeps a year at most.
_OPTIMIZED_MAX = 31_536_000
_READ = ("GET", "HEAD")
_REMOVED = re.compile(
    r"x-edge-.*|x-forwarded-proto|x-real-ip|proxy-(authenticate|authorization|connection)|te|trailer"
)
"""Headers of a viewer that CloudFront always takes out."""


@dataclass(frozen=True)
class Policies:
    """What a behaviour keeps, and what it sends on."""

    cache: Body
    origin: Body
    name: str
    """Of the origin request policy."""
    kept_seconds: int
    """At most; 0: nothing is kept."""

    @classmethod
    def of(cls, reader: Reader, distribution: Resource, behavior: Body) -> "Policies":
        """Return the policies of a behaviour.

        Raises:
            Unsupported: a policy is not there, or one of AWS's that is not known here.
        """
        if "forwarded_values" in behavior:
            raise Unsupported(distribution.path, "forwarded_values", "only policies are read")
        cache_id = behavior.get("cache_policy_id")
        origin_id = behavior.get("origin_request_policy_id")
        cache: Body = {}
        seconds = _OPTIMIZED_MAX if cache_id == CACHING_OPTIMIZED else 0
        if cache_id not in (CACHING_DISABLED, CACHING_OPTIMIZED):
            own = _own(reader, distribution, cache_id, "cache_policy_id")
            cache = block(own.body, _KEY) or {}
            seconds = int(own.body.get("max_ttl", _OPTIMIZED_MAX))
        if origin_id is None:
            return cls(cache, {}, "no origin request policy", seconds)
        if origin_id == ALL_VIEWER:
            return cls(cache, _ALL, "policy AllViewer", seconds)
        own = _own(reader, distribution, origin_id, "origin_request_policy_id")
        return cls(cache, own.body, f"policy {own.label}", seconds)

    def passes(self, header: str) -> bool:
        """Return whether a viewer's header goes on."""
        name = header.lower()
        if _REMOVED.fullmatch(name):
            return False
        return any(_passes(policy, name) for policy in (self.cache, self.origin))


def _own(reader: Reader, distribution: Resource, expression: object, field: str) -> Resource:
    found = reader.referred(distribution.stack, expression)
    if found is None:
        raise Unsupported(distribution.path, field, f"policy {expression} is not known here")
    return found


def _passes(policy: Body, header: str) -> bool:
    if header == "cookie":
        how = (block(policy, "cookies_config") or {}).get("cookie_behavior", "none")
        if how not in ("none", "all"):
            raise Unsupported(str(policy.get("name")), "cookie_behavior", f"{how} is not evaluated")
        return bool(how == "all")
    config = block(policy, "headers_config") or {}
    listed = {
        str(item).lower() for one in blocks(config, "headers") for item in one.get("items", ())
    }
    match config.get("header_behavior", "none"):
        case "none":
            return False
        case "whitelist":
            return header in listed
        case "allViewer" | "allViewerAndWhitelistCloudFront":
            return True
        case "allExcept":
            return header not in listed
        case other:
            raise Unsupported(str(policy.get("name")), "header_behavior", f"{other} is not known")


def _query_passes(policy: Body) -> bool:
    how = (block(policy, "query_strings_config") or {}).get("query_string_behavior", "none")
    if how not in ("none", "all"):
        raise Unsupported(
            str(policy.get("name")), "query_string_behavior", f"{how} is not evaluated"
        )
    return bool(how == "all")


def forwarded(
    policies: Policies, request: Request, origin: Body, *, cached: bool, address: str
) -> Request:
    """Return a request as CloudFront sends it to an origin.

    Args:
        policies: Of its behaviour.
        request: After the functions of the behaviour.
        origin: The origin's block, with its custom headers.
        cached: Whether answers to the request's method are kept.
        address: The viewer's.
    """
    own = not cached and request.method not in _READ

    def goes_on(name: str) -> bool:
        return policies.passes(name) or (name.lower() == "authorization" and own)

    headers = {name: value for name, value in request.headers.items() if goes_on(name)}
    host = request.host if policies.passes("host") else str(origin.get("domain_name"))
    path_, mark, _ = request.path.partition("?")
    if mark and any(map(_query_passes, (policies.cache, policies.origin))):
        path_ = request.path
    token = request.token if goes_on("authorization") else None
    sent = replace(request, headers=headers, host=host, path=path_, token=token)
    if before := request.header("x-forwarded-for"):
        sent = with_headers(sent, {"x-forwarded-for": before})
    sent = with_hop(sent, address)
    written = {"via": "1.1 cloudfront.net (CloudFront)", "x-amz-cf-id": "(set by CloudFront)"}
    if not policies.passes("user-agent"):
        written["user-agent"] = "Amazon CloudFront"
    custom = {str(one["name"]): str(one["value"]) for one in blocks(origin, "custom_header")}
    return with_headers(sent, {**written, **custom})
