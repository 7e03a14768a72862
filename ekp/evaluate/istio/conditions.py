"""Attributes of a request that an AuthorizationPolicy compares, and how each is compared.

Sources: Istio, "Authorization Policy Conditions"; istio/istio 1.30, ``authz/model/generator.go``.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..paths import normalized
from ..request import Identity, Object, Request, Unsupported, Workload
from .matching import matches_text, namespace_of
from .templates import is_template, matches_template

_HEADER = re.compile(r"request\.headers\[([^\[\]:]+)\]")
_CLAIM = re.compile(r"request\.auth\.claims((?:\[[^\[\]]+\])+)")
_HIGHEST_PORT = 65_535


@dataclass(frozen=True, slots=True)
class Attributes:
    """What is known of a request when its policies are evaluated."""

    peer: Workload | None
    request: Request
    identity: Identity | None
    trust_domain: str | None


def matches_attribute(
    policy: Object, where: str, key: str, pattern: str, attributes: Attributes
) -> bool:
    """Return whether an attribute of a request is as one value of a policy asks.

    An attribute that the request lacks matches nothing; so does anything of the peer without
    mutual TLS.

    Raises:
        Unsupported: the attribute is unknown, or the request's model has nothing to compare.
    """
    if key.startswith("source."):
        return _of_peer(policy, where, key, pattern, attributes)
    if key.startswith("request.auth."):
        return _of_token(policy, where, key, pattern, attributes.identity)
    return _of_request(policy, where, key, pattern, attributes.request)


def _of_request(policy: Object, where: str, key: str, pattern: str, request: Request) -> bool:
    match key:
        case "host":
            return matches_text(pattern.lower(), request.host.lower())
        case "method":
            return matches_text(pattern, request.method)
        case "path":
            return _path(policy, where, pattern, request)
        case "destination.port":
            if not pattern.isascii() or not pattern.isdigit() or int(pattern) > _HIGHEST_PORT:
                raise Unsupported(policy, where, f"{pattern!r} is no port")
            return int(pattern) == request.port
    if not (header := _HEADER.fullmatch(key)):
        raise Unsupported(policy, where, f"the attribute {key} is not understood")
    value = request.header(header[1])
    return value is not None and (pattern == "*" or matches_text(pattern, value))


def _path(policy: Object, where: str, pattern: str, request: Request) -> bool:
    path = normalized(request.path)
    if is_template(pattern):
        return matches_template(policy, where, pattern, path)
    if "{" in pattern or "}" in pattern:
        raise Unsupported(policy, where, f"{pattern!r} has a brace outside {{*}} and {{**}}")
    return matches_text(pattern, path)


def _of_peer(policy: Object, where: str, key: str, pattern: str, attributes: Attributes) -> bool:
    peer = attributes.peer
    match key:
        case "source.serviceAccount":
            account = _account(policy, where, pattern)
            return peer is not None and account == (peer.namespace, peer.service_account)
        case "source.namespace":
            expression = ".*".join(re.escape(part) for part in pattern.split("*"))
            return peer is not None and re.fullmatch(expression, peer.namespace) is not None
        case "source.principal" | "source.trustDomain":
            if peer is not None and attributes.trust_domain is None:
                raise Unsupported(policy, where, "compares trust domains; pass the mesh's")
            domain = attributes.trust_domain or ""
            if key == "source.principal":
                return peer is not None and _is_principal(pattern, peer, domain)
            if "/" in pattern or "*" in pattern[1:-1] or pattern.count("*") > 1:
                raise Unsupported(policy, where, f"{pattern!r} is no trust domain")
            return peer is not None and matches_text(pattern, domain)
    raise Unsupported(policy, where, f"the attribute {key} is not understood")


def _account(policy: Object, where: str, pattern: str) -> tuple[str, str]:
    namespace, slash, name = pattern.rpartition("/")
    if "*" in pattern or "/" in namespace or not name or (slash and not namespace):
        raise Unsupported(policy, where, f"{pattern!r} is no service account; write ns/name")
    return (namespace or namespace_of(policy), name)


def _is_principal(pattern: str, peer: Workload, trust_domain: str) -> bool:
    # "cluster.local" stands for the mesh's own trust domain, whatever that is.
    written, slash, rest = pattern.partition("/")
    if slash and written == "cluster.local":
        pattern = f"{trust_domain}/{rest}"
    return matches_text(pattern, f"{trust_domain}/ns/{peer.namespace}/sa/{peer.service_account}")


def _of_token(
    policy: Object, where: str, key: str, pattern: str, identity: Identity | None
) -> bool:
    claims = identity.claims if identity else {}
    match key:
        case "request.auth.principal":
            return _principal(pattern, claims)
        case "request.auth.audiences":
            return _any_value(claims.get("aud"), pattern)
        case "request.auth.presenter":
            return _any_value(claims.get("azp"), pattern)
    if not (found := _CLAIM.fullmatch(key)):
        raise Unsupported(policy, where, f"the attribute {key} is not understood")
    value: object = claims
    for name in found[1][1:-1].split("]["):
        value = value.get(name) if isinstance(value, Mapping) else None
    return _any_value(value, pattern)


def _any_value(value: object, pattern: str) -> bool:
    """Return whether a claim, or one entry of a list, is a text that a pattern describes."""
    entries = value if isinstance(value, list | tuple) else [value]
    return any(isinstance(each, str) and matches_text(pattern, each) for each in entries)


def _principal(pattern: str, claims: Mapping[str, Any]) -> bool:
    """Compare issuer and subject apart, as Istio does: an issuer may have slashes itself.

    An asterisk counts at the very start or the very end of the pattern alone.
    """
    issuer, subject = claims.get("iss"), claims.get("sub")
    if not isinstance(issuer, str) or not isinstance(subject, str):
        return False
    of_issuer, slash, of_subject = pattern.rpartition("/")
    if pattern.startswith("*"):
        found = of_subject == subject if slash else subject.endswith(pattern[1:])
        found = found and (not slash or matches_text(of_issuer, issuer))
    elif pattern.endswith("*"):
        found = of_issuer == issuer if slash else issuer.startswith(pattern[:-1])
        found = found and (not slash or matches_text(of_subject, subject))
    else:
        found = (of_issuer, of_subject) == (issuer, subject)
    return found and bool(issuer and subject)
