"""Rules of AuthorizationPolicies: what a service's access says, as Istio compares it.

In a rule, sources are alternatives and so are operations and the values of a field; the fields of
one operation or source, and all conditions, hold together. A value that begins or ends in ``*``
stands for all that end or begin so; claims that are no strings, or lists of them, match nothing.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ...core.services import AccessRule, Caller
from ...core.site import Site
from .access_paths import Grant

Rule = dict[str, Any]
Limits = Mapping[str, list[str]]
"""Further fields that every operation carries, such as ``hosts`` or ``ports``."""


def allowing(
    grant: Grant, site: Site, *, sources: Sequence[Mapping[str, Any]], limits: Limits
) -> Rule:
    """Return a rule of an ALLOW policy; without sources it holds for everyone."""
    when = _conditions(grant.rule, site) if grant.rule else []
    return _rule(sources, _operations(grant, limits), when)


def denying_without_mfa(grant: Grant, site: Site, *, limits: Limits) -> list[Rule]:
    """Return the rule of a DENY policy for whoever lacks the second factor, token or not.

    DENY comes before every ALLOW, also before one that somebody writes by hand.
    """
    if grant.rule is None or not grant.rule.mfa:
        return []
    mfa = site.identity.mfa
    missing = {"key": _claim(mfa.claim), "notValues": list(mfa.values)}
    return [_rule([], _operations(grant, limits), [missing])]


def allowing_caller(caller: Caller, *, limits: Limits) -> Rule:
    """Return a rule of an ALLOW policy for a service of the mesh; it needs no token."""
    operation = {
        **limits,
        **({"methods": [str(method) for method in caller.methods]} if caller.methods else {}),
        **({"paths": list(caller.paths)} if caller.paths else {}),
    }
    return _rule([{"serviceAccounts": [caller.service]}], [operation], [])


def _operations(grant: Grant, limits: Limits) -> list[dict[str, Any]]:
    """Return the paths of a grant; those without an exception stand in one operation."""
    methods = grant.rule.methods if grant.rule else ()
    limited = {**limits, **({"methods": [str(m) for m in methods]} if methods else {})}
    whole = [part.pattern for part in grant.paths if not part.without]
    parts = [part for part in grant.paths if part.without]
    return [
        *([{**limited, "paths": whole}] if whole else []),
        *({**limited, "paths": [p.pattern], "notPaths": list(p.without)} for p in parts),
    ]


def _conditions(rule: AccessRule, site: Site) -> list[dict[str, Any]]:
    identity = site.identity
    asked = [
        *([(identity.groups_claim, rule.groups)] if rule.groups else []),
        *rule.claims.items(),
        *([(identity.mfa.claim, identity.mfa.values)] if rule.mfa else []),
    ]
    return [{"key": _claim(claim), "values": list(values)} for claim, values in asked]


def _claim(name: str) -> str:
    return f"request.auth.claims[{name}]"


def _rule(
    sources: Sequence[Mapping[str, Any]],
    operations: Sequence[Mapping[str, Any]],
    conditions: Sequence[Mapping[str, Any]],
) -> Rule:
    return {
        **({"from": [{"source": dict(source)} for source in sources]} if sources else {}),
        "to": [{"operation": dict(operation)} for operation in operations],
        **({"when": [dict(condition) for condition in conditions]} if conditions else {}),
    }
