"""What proxies decide by AuthorizationPolicies, after Istio's own translation of them.

Source: istio 1.30.3, ``pilot/pkg/security/authz/model`` and ``matcher``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from modules.kubernetes.manifest import Manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request as the proxy's policies see it; ``token`` holds the claims of a verified one."""

    path: str
    host: str = "shop.example.org"
    method: str = "GET"
    account: str | None = None
    """``<namespace>/<service account>`` of the caller's certificate."""
    port: int = 8080
    token: Mapping[str, Any] = field(default_factory=dict)


def admits(policies: Sequence[Manifest], request: Request) -> bool:
    """Tell whether a request passes, where everything is denied unless a policy allows it."""
    decided = {
        action: any(
            _matches(rule, request)
            for policy in policies
            if policy.kind == "AuthorizationPolicy" and policy.fields["spec"]["action"] == action
            for rule in policy.fields["spec"]["rules"]
        )
        for action in ("DENY", "ALLOW")
    }
    return decided["ALLOW"] and not decided["DENY"]


def _matches(rule: Mapping[str, Any], request: Request) -> bool:
    sources = [entry["source"] for entry in rule.get("from", [])]
    operations = [entry["operation"] for entry in rule.get("to", [])]
    return (
        (not sources or any(_from(source, request) for source in sources))
        and (not operations or any(_to(operation, request) for operation in operations))
        and all(_when(condition, request) for condition in rule.get("when", []))
    )


def _from(source: Mapping[str, Any], request: Request) -> bool:
    assert set(source) <= {"serviceAccounts", "requestPrincipals"}
    accounts, principals = source.get("serviceAccounts"), source.get("requestPrincipals")
    token = request.token
    return (accounts is None or request.account in accounts) and (
        principals is None
        or any(
            token.get("iss") == issuer and token.get("sub") and subject in ("*", token["sub"])
            for issuer, _, subject in (principal.rpartition("/") for principal in principals)
        )
    )


def _to(operation: Mapping[str, Any], request: Request) -> bool:
    assert set(operation) <= {"hosts", "paths", "notPaths", "methods", "ports"}
    host = request.host.lower()
    return (
        _one_of(operation.get("hosts"), host)
        and _one_of(operation.get("paths"), request.path)
        and _one_of(operation.get("methods"), request.method)
        and _one_of(operation.get("ports"), str(request.port))
        and not any(_is(pattern, request.path) for pattern in operation.get("notPaths", []))
    )


def _when(condition: Mapping[str, Any], request: Request) -> bool:
    claim = condition["key"].removeprefix("request.auth.claims[").removesuffix("]")
    found = request.token.get(claim, [])
    values = [found] if isinstance(found, str) else found
    holds = any(
        _is(pattern, value)
        for pattern in condition.get("values", condition.get("notValues"))
        for value in values
    )
    return holds if "values" in condition else not holds


def _one_of(patterns: Sequence[str] | None, value: str) -> bool:
    return patterns is None or any(_is(pattern, value) for pattern in patterns)


def _is(pattern: str, value: str) -> bool:
    if pattern == "*":
        return bool(value)
    if pattern.startswith("*"):
        return value.endswith(pattern[1:])
    if pattern.endswith("*"):
        return value.startswith(pattern[:-1])
    return value == pattern
