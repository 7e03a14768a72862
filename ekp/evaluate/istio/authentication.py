"""RequestAuthentications: whether a workload's proxy believes a token, and whom it then names.

Sources: Istio, "RequestAuthentication" reference; istio/istio 1.30, ``authn/policy_applier.go``;
Envoy's JWT authentication filter.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ..request import Decision, Identity, Object, Request, Token, Unsupported, Workload, named
from .claims import claim_of, written
from .exemptions import exempted_by
from .matching import check_keys, selecting, spec_of, strings
from .overage import token_refused

_RULE = {
    "audiences",
    "forwardOriginalToken",
    "fromHeaders",
    "issuer",
    "jwks",
    "jwksUri",
    "outputClaimToHeaders",
    "spaceDelimitedClaims",
    "timeout",
}
_DEFAULT_PLACE = [{"name": "Authorization", "prefix": "Bearer "}]
_SPACE_DELIMITED = ("permission", "scope")
"""Claims that Istio always reads as lists of words."""
_IN_QUERY = re.compile(r"(?:^|&)access_token=[^&]")
_UNAUTHORIZED, _FORBIDDEN = 401, 403
_UNKNOWN, _WRONG_AUDIENCE = "unknown issuer", "wrong audience"

Rule = tuple[Object, str, Mapping[str, Any]]
"""The object, the place in it, and the rule for the tokens of one issuer."""


def authenticate(
    objects: Iterable[Object], workload: Workload, request: Request
) -> tuple[Decision, Identity | None]:
    """Return whether a workload's proxy takes a request's token, and the identity it proves.

    A request without a token passes without an identity, and so does a CORS preflight, whose token
    is not even looked at. A token that no rule accepts is refused, however public the path; so is
    one that an EnvoyFilter refuses for a claim it carries.

    Args:
        objects: Objects of the cluster, of any kind.
        workload: Whose proxy decides.
        request: As it reaches the proxy.

    Raises:
        Unsupported: a RequestAuthentication that selects the workload is not understood.
    """
    every = list(objects)
    rules = _rules(every, workload) if workload.in_mesh else []
    if rules and (exempting := exempted_by(every, workload, request)):
        return Decision(True, exempting, "no token is looked at on this host"), None
    if not rules:
        return Decision(True, "no RequestAuthentication", "no token is looked at"), None
    objects_named = ", ".join(dict.fromkeys(named(source) for source, _, _ in rules))
    if is_preflight(request):
        return Decision(True, objects_named, "a CORS preflight is asked for no token"), None
    _check_query(rules, request)
    if request.token is None:
        return Decision(True, objects_named, "has no token, so it has no identity"), None
    for source, where, rule in rules:
        if _mistake(rule, request.token) is None:
            identity = _identity(rule, request.token)
            refused = token_refused(every, workload, identity)
            by = f"{named(source)} {where.removeprefix('spec.')}"
            decision = refused or Decision(True, by, "the token is valid")
            return decision, None if refused else identity
    return _refused(rules, request.token, objects_named), None


def forwarded(
    objects: Iterable[Object], workload: Workload, request: Request, identity: Identity | None
) -> Request:
    """Return a request as authentication leaves it: its claim headers are the proxy's own.

    What the sender wrote under the name of a claim header is dropped, except from a CORS preflight
    and on a host without authentication: these the filter does not touch at all.

    Args:
        objects: Objects of the cluster, of any kind.
        workload: Whose proxy it is.
        request: As it reached the filter.
        identity: What ``authenticate`` made of it.
    """
    every = list(objects)
    if not workload.in_mesh or is_preflight(request) or exempted_by(every, workload, request):
        return request
    rules = _rules(every, workload)
    own = {name for rule in rules for name, _ in _claim_headers(rule[2])}
    kept = {name: value for name, value in request.headers.items() if name.lower() not in own}
    return replace(request, headers={**kept, **(identity.headers if identity else {})})


def is_preflight(request: Request) -> bool:
    """Return whether a request is a browser's question before a cross-origin one."""
    return request.method == "OPTIONS" and all(
        request.header(name) for name in ("origin", "access-control-request-method")
    )


def _rules(objects: Iterable[Object], workload: Workload) -> list[Rule]:
    """Return all rules for a workload, sorted by issuer as Istio sorts them."""
    rules: list[Rule] = []
    for source in selecting(objects, "RequestAuthentication", workload):
        found = spec_of(source, {"jwtRules", "selector"}).get("jwtRules") or []
        for index, rule in enumerate(found):
            where = f"spec.jwtRules[{index}]"
            _check(source, where, rule)
            rules.append((source, where, rule))
    return sorted(rules, key=lambda each: str(each[2]["issuer"]))


def _check(source: Object, where: str, rule: Mapping[str, Any]) -> None:
    check_keys(source, where, rule, _RULE)
    if not isinstance(rule.get("issuer"), str) or not rule["issuer"]:
        raise Unsupported(source, f"{where}.issuer", "is missing")
    if "audiences" in rule:
        strings(source, f"{where}.audiences", rule["audiences"])
    if "fromHeaders" in rule and list(rule["fromHeaders"]) != _DEFAULT_PLACE:
        raise Unsupported(source, f"{where}.fromHeaders", "is not understood; tokens are bearers'")
    for index, entry in enumerate(rule.get("outputClaimToHeaders") or []):
        place = f"{where}.outputClaimToHeaders[{index}]"
        check_keys(source, place, entry, {"header", "claim"})
        if not entry.get("header") or not entry.get("claim"):
            raise Unsupported(source, place, "needs a header and a claim")


def _check_query(rules: list[Rule], request: Request) -> None:
    """Refuse a token in the query: Envoy looks there, too, where a rule names no place.

    Source: Envoy, ``jwt_authn.v3.JwtProvider``, ``from_headers`` and ``from_params``.
    """
    for source, where, rule in rules:
        if "fromHeaders" not in rule and _IN_QUERY.search(request.path.partition("?")[2]):
            why = "access_token of the query is a token to Envoy; it is not read here"
            raise Unsupported(source, where, why)


def _mistake(rule: Mapping[str, Any], token: Token) -> str | None:
    """Return why a rule does not accept a token, in the order in which Envoy looks."""
    if token.issuer != rule["issuer"]:
        return _UNKNOWN
    if token.expired:
        return "expired"
    if "audiences" in rule and not set(token.audiences) & set(rule["audiences"]):
        return _WRONG_AUDIENCE
    return None if token.verifiable else "bad signature"


def _refused(rules: list[Rule], token: Token, by: str) -> Decision:
    """Return the refusal of a token that no rule accepts.

    Envoy tells the last mistake that is not merely another issuer; it asks each rule, then the
    first one again. A wrong audience is answered 403, all else 401.
    """
    mistakes = [_mistake(rule, token) for _, _, rule in rules]
    telling = [each for each in (*mistakes, mistakes[0]) if each != _UNKNOWN]
    mistake = telling[-1] if telling else _UNKNOWN
    status = _FORBIDDEN if mistake == _WRONG_AUDIENCE else _UNAUTHORIZED
    return Decision(
        False, by, f"the token of {token.issuer or 'no issuer'} is refused: {mistake}", status
    )


def _identity(rule: Mapping[str, Any], token: Token) -> Identity:
    claims = {**token.claims, "iss": token.issuer, "aud": list(token.audiences)}
    headers: dict[str, str] = {}
    for name, claim in _claim_headers(rule):
        if text := written(claim_of(claims, claim)):
            headers[name] = f"{headers[name]},{text}" if name in headers else text
    for claim in (*_SPACE_DELIMITED, *(rule.get("spaceDelimitedClaims") or ())):
        if isinstance(words := claims.get(claim), str):
            claims[claim] = [word for word in words.split(" ") if word]
    subject = claims.get("sub")
    return Identity(
        principal=f"{token.issuer}/{subject}" if subject else "",
        audiences=token.audiences,
        claims=claims,
        headers=headers,
    )


def _claim_headers(rule: Mapping[str, Any]) -> list[tuple[str, str]]:
    entries = rule.get("outputClaimToHeaders") or []
    return [(str(entry["header"]).lower(), str(entry["claim"])) for entry in entries]
