"""Vault's policies: what a token may do, and which policies a login gives it.

Of the rules for one path those of all policies are joined, and "deny" takes all others away. A path
is decided by one rule alone, the most specific that matches: one without a wildcard first; of the
others the one whose first wildcard comes later, then one that does not end in ``*``, then the one
with fewer ``+``, then the longer, then the last in the alphabet.
Source: Vault documentation, "Policies", priority matching; hashicorp/vault, ``vault/acl.go``,
``AllowOperation`` and ``CheckAllowedFromNonExactPaths``.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .request import Decision, Unsupported

Policy = Mapping[str, Any]
"""A policy in JSON: ``{"path": {<path>: {"capabilities": [...]}}}``."""
CAPABILITIES = frozenset(("create", "read", "update", "patch", "delete", "list", "sudo", "deny"))
_WRITES = ("create", "read", "update", "patch")
_RULE = {"capabilities", "allowed_parameters"}


@dataclass(slots=True)
class _Rule:
    """What all policies together say of one path."""

    capabilities: set[str] = field(default_factory=set)
    parameters: set[str] = field(default_factory=set)
    """Those that a write may name; none: any."""
    policies: list[str] = field(default_factory=list)


def may(
    policies: Mapping[str, Policy],
    names: Iterable[str],
    capability: str,
    path: str,
    *,
    parameters: Collection[str] = (),
) -> Decision:
    """Return whether a token with some policies may do something at a path.

    Args:
        policies: All policies of Vault; a name without one gives nothing, as in Vault.
        names: The token's policies.
        capability: What is done, such as ``read``; with ``sudo`` whether it counts as root there.
        path: Without ``v1/`` and without a slash at the front, such as ``tenants/data/shop/key``.
        parameters: Names of what is written; Vault asks for them when it creates, updates,
            patches or reads.

    Raises:
        Unsupported: A policy has a part that is not understood.
    """
    if capability not in CAPABILITIES - {"deny"}:
        raise Unsupported("Vault", "capability", f"{capability} is none")
    rules = _joined(policies, names)
    looked = path.strip("/")
    if capability == "list":
        # Vault puts a slash behind what is listed, and looks for a rule with it and without it.
        found = _exact(rules, f"{looked}/", looked) or _wide(rules, looked, f"{looked}/")
    else:
        found = _exact(rules, looked) or _wide(rules, looked)
    if found is None:
        return Decision(allowed=False, by="Vault", why=f"no rule for {looked}")
    rule = rules[found]
    by = f"Policy {', '.join(rule.policies)} {found}"
    if "deny" in rule.capabilities:
        return Decision(allowed=False, by=by, why="the rule denies it")
    if capability not in rule.capabilities:
        return Decision(allowed=False, by=by, why=f"the rule does not allow {capability}")
    writes = capability in _WRITES and rule.parameters
    if writes and (more := sorted(set(parameters) - rule.parameters)):
        return Decision(allowed=False, by=by, why=f"the rule does not allow {', '.join(more)}")
    return Decision(allowed=True, by=by, why=f"the rule allows {capability}")


def login(
    roles: Mapping[str, Mapping[str, Any]],
    service_account: str,
    namespace: str,
    *,
    audience: str = "vault",
) -> tuple[str, ...]:
    """Return the policies that pods of a service account can get, whichever role they ask for.

    Args:
        roles: Roles of ``auth/kubernetes``, by name.
        service_account: Its name.
        namespace: Its namespace.
        audience: Of the token that it shows.
    """
    return _granted(
        role
        for role in roles.values()
        if _bound(role["bound_service_account_names"], service_account)
        and _bound(role["bound_service_account_namespaces"], namespace)
        and role.get("audience", audience) == audience
    )


def sign_in(roles: Mapping[str, Mapping[str, Any]], groups: Iterable[str]) -> tuple[str, ...]:
    """Return the policies that a person in these groups can get, whichever role is asked for.

    Args:
        roles: Roles of ``auth/oidc``, by name.
        groups: Object ids of groups.
    """
    known = set(groups)
    return _granted(
        role
        for role in roles.values()
        if all(
            claim == "groups" and known & set(wanted)
            for claim, wanted in role.get("bound_claims", {}).items()
        )
    )


def _granted(roles: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for role in roles for name in role["token_policies"]))


def _bound(wanted: Collection[str], name: str) -> bool:
    return "*" in wanted or name in wanted


def _joined(policies: Mapping[str, Policy], names: Iterable[str]) -> dict[str, _Rule]:
    """Return the rules of all these policies, by path."""
    found: dict[str, _Rule] = {}
    for name in dict.fromkeys(names):
        for path, rule in policies.get(name, {}).get("path", {}).items():
            if unknown := set(rule) - _RULE:
                raise Unsupported(f"Policy {name}", path, f"{', '.join(sorted(unknown))}")
            if odd := set(rule["capabilities"]) - CAPABILITIES:
                raise Unsupported(f"Policy {name}", path, f"no capabilities: {sorted(odd)}")
            if "+*" in path:
                raise Unsupported(f"Policy {name}", path, "+* is no wildcard")
            if any(rule.get("allowed_parameters", {}).values()):
                raise Unsupported(f"Policy {name}", path, "allowed_parameters with values")
            # A slash at the front is not counted.
            joined = found.setdefault(path.removeprefix("/"), _Rule())
            joined.capabilities.update(rule["capabilities"])
            joined.parameters.update(rule.get("allowed_parameters", {}))
            joined.policies.append(name)
    return found


def _exact(rules: Mapping[str, _Rule], *paths: str) -> str | None:
    return next((path for path in paths if path in rules and not _wild(path)), None)


def _wide(rules: Mapping[str, _Rule], *paths: str) -> str | None:
    for path in paths:
        if found := [pattern for pattern in rules if _wild(pattern) and _matches(pattern, path)]:
            return max(found, key=_priority)
    return None


def _segments(pattern: str) -> bool:
    return pattern == "+" or "/+" in pattern or pattern.startswith("+/")


def _wild(pattern: str) -> bool:
    return pattern.endswith("*") or _segments(pattern)


def _matches(pattern: str, path: str) -> bool:
    prefix = pattern.endswith("*")
    text = pattern.removesuffix("*")
    if not _segments(pattern):
        return path.startswith(text)
    wanted, parts = text.split("/"), path.split("/")
    if len(parts) < len(wanted) or (not prefix and len(parts) != len(wanted)):
        return False
    *whole, last = zip(wanted, parts, strict=False)
    fits = all(want in ("+", part) for want, part in whole)
    return fits and (last[0] in ("+", last[1]) or (prefix and last[1].startswith(last[0])))


def _priority(pattern: str) -> tuple[int, bool, int, int, str]:
    text = pattern.removesuffix("*")
    prefix = text != pattern
    first = text.index("+") if _segments(pattern) else len(text)
    plus = text.split("/").count("+") if _segments(pattern) else 0
    return (first, not prefix, -plus, len(text), text)
