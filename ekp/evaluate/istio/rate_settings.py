"""Settings of Envoy's local rate limit, read or refused.

Source: Envoy, ``envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit``.
"""

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from ..request import Object, Unsupported
from .buckets import Bucket
from .matching import check_keys

LOCAL = "type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit"
REMEMBERED = 20
"""Clients that a filter tells apart where ``max_dynamic_descriptors`` is not set."""
_KNOWN = {
    "@type",
    "always_consume_default_token_bucket",
    "descriptors",
    "enable_x_ratelimit_headers",
    "filter_enabled",
    "filter_enforced",
    "max_dynamic_descriptors",
    "rate_limited_as_resource_exhausted",
    "rate_limits",
    "response_headers_to_add",
    "stat_prefix",
    "status",
    "token_bucket",
}
_PARTS = {"HUNDRED": 100, "TEN_THOUSAND": 10_000, "MILLION": 1_000_000}
_CODES = {"TooManyRequests": 429, "ServiceUnavailable": 503, "Forbidden": 403}
_TOO_MANY = 429
# Envoy takes no shorter one.
_SHORTEST = Fraction(50, 1000)
_OVERWRITES = "OVERWRITE_IF_EXISTS_OR_ADD"


def check(source: Object, where: str, settings: Mapping[str, Any]) -> None:
    """Refuse settings of another type, and those that are not understood."""
    if settings.get("@type") != LOCAL:
        raise Unsupported(source, where, f"{settings.get('@type')} is not understood")
    check_keys(source, where, settings, _KNOWN)


def bucket(source: Object, where: str, found: Mapping[str, Any]) -> Bucket:
    """Return a token bucket.

    Raises:
        Unsupported: Envoy would not take it.
    """
    check_keys(source, where, found, {"fill_interval", "max_tokens", "tokens_per_fill"})
    most, fill = found.get("max_tokens"), found.get("tokens_per_fill", 1)
    written = re.fullmatch(r"(\d+(?:\.\d+)?)s", str(found.get("fill_interval")))
    seconds = Fraction(written[1]) if written else Fraction(0)
    if seconds < _SHORTEST or not all(isinstance(n, int) and n > 0 for n in (most, fill)):
        raise Unsupported(source, where, f"{dict(found)} is no bucket that Envoy takes")
    return Bucket(int(str(most)), int(fill), seconds)


def part(source: Object, where: str, found: object) -> Fraction:
    """Return a part of all requests; nothing written is none of them."""
    if found is None:
        return Fraction(0)
    match found:
        case {"default_value": {"numerator": int(number), **rest}, **more} if not more and not (
            set(rest) - {"denominator"}
        ):
            whole = _PARTS.get(str(rest.get("denominator", "HUNDRED")))
            if whole:
                return min(Fraction(1), Fraction(number, whole))
    raise Unsupported(source, where, f"{found!r} is no fixed part of the requests")


def status(source: Object, where: str, found: object) -> int:
    """Return the HTTP status of a refusal: 429 unless another one is written."""
    match found:
        case None:
            return _TOO_MANY
        case {"code": code, **rest} if not rest and code in _CODES:
            return _CODES[str(code)]
    raise Unsupported(source, where, f"{found!r} is not understood")


def headers(source: Object, where: str, found: object) -> tuple[tuple[str, str], ...]:
    """Return the headers that a refusal has."""
    told = []
    for one in found or () if isinstance(found, list | tuple | None) else (found,):
        match one:
            case {"header": {"key": str(key), "value": str(value)}, **rest} if rest in (
                {},
                {"append_action": _OVERWRITES},
            ):
                told.append((key.lower(), value))
            case _:
                raise Unsupported(source, where, f"{one!r} is not understood")
    return tuple(told)
