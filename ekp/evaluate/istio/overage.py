"""EnvoyFilters by which a proxy refuses verified tokens for a claim, and the answer they give.

Sources: Envoy, ``type.matcher.v3.MetadataMatcher`` and ``ValueMatcher``,
``http_connection_manager.v3.LocalReplyConfig``.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..request import Decision, Identity, Object, Unsupported, Workload, named
from ..workloads import is_gateway
from .denials import RBAC, denials
from .filters import GATEWAY, SIDECAR, HttpFilter, filters_of, http_filters
from .matching import check_keys, spec_of

_MANAGER = "envoy.filters.network.http_connection_manager"
_MANAGER_TYPE = (
    "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3"
    ".HttpConnectionManager"
)
_JWT = "envoy.filters.http.jwt_authn"
_AFTER_TOKENS = {"filterChain": {"filter": {"name": _MANAGER, "subFilter": {"name": _JWT}}}}
_ALL_HTTP = {"filterChain": {"filter": {"name": _MANAGER}}}
_ANYTHING = [{"any": True}]
_FORBIDDEN = 403

Claim = tuple[str, ...]
"""A claim's name, with the names inside it."""


def is_for_tokens(found: HttpFilter) -> bool:
    """Tell whether a filter refuses after tokens are verified, rather than before."""
    after = found.patch.get("operation") == "INSERT_AFTER"
    return found.kind == RBAC and after and found.match.get("listener") == _AFTER_TOKENS


def token_refused(
    objects: Iterable[Object], workload: Workload, identity: Identity
) -> Decision | None:
    """Return the refusal of a verified token for a claim that it carries, or None.

    ``why`` ends in the answer's body, where the proxy has one for it.

    Raises:
        Unsupported: such a filter does something else, in any particular.
    """
    every, gateway = list(objects), is_gateway(workload)
    filters = [f for f in http_filters(every, workload, gateway=gateway) if is_for_tokens(f)]
    refused = [(each.source, claim) for each in filters for claim in refused_claims(each)]
    answers = list(_answers(every, workload, GATEWAY if gateway else SIDECAR))
    for source, claim in refused:
        if _has(identity, claim):
            told = next((body for claims, body in answers if _any_has(identity, claims)), None)
            why = f"the token has the claim {'.'.join(claim)}"
            why += f" and is told: {told.strip()}" if told else ""
            return Decision(False, named(source), why, _FORBIDDEN)
    return None


def refused_claims(found: HttpFilter) -> list[Claim]:
    """Return the claims whose tokens a filter refuses, each by its name and those inside it.

    Raises:
        Unsupported: it is not such a refusal, in every particular.
    """
    source = found.source
    claims: list[Claim] = []
    for where, policy in denials(found):
        if policy.get("permissions") != _ANYTHING:
            raise Unsupported(source, f"{where}.permissions", "is not every request")
        for principal in policy.get("principals") or [{}]:
            check_keys(source, f"{where}.principals", principal, {"metadata"})
            claims.append(_claim(source, f"{where}.principals", principal.get("metadata")))
    return claims


def _answers(
    objects: Iterable[Object], workload: Workload, context: str
) -> Iterator[tuple[list[Claim], str]]:
    """Yield what a proxy says in place of its own 403, with the claims that ask for it."""
    for source in filters_of(objects, workload):
        for index, entry in enumerate(spec_of(source, source["spec"]).get("configPatches") or []):
            patch, match = entry.get("patch") or {}, entry.get("match") or {}
            config = (patch.get("value") or {}).get("typed_config") or {}
            if entry.get("applyTo") != "NETWORK_FILTER" or match.get("context") != context:
                continue
            where = f"spec.configPatches[{index}]"
            whole = patch.get("operation") == "MERGE" and match.get("listener") == _ALL_HTTP
            if not whole or set(config) != {"@type", "local_reply_config"}:
                raise Unsupported(source, where, "is no answer of a proxy's own")
            if config["@type"] != _MANAGER_TYPE:
                raise Unsupported(source, where, f"is of {config['@type']!r}")
            place = f"{where}.patch.value.typed_config.local_reply_config"
            check_keys(source, place, config["local_reply_config"], {"mappers"})
            for mapper in config["local_reply_config"]["mappers"]:
                yield _mapped(source, f"{place}.mappers", mapper)


def _mapped(source: Object, where: str, mapper: Mapping[str, Any]) -> tuple[list[Claim], str]:
    match mapper:
        case {
            "filter": {
                "and_filter": {
                    "filters": [
                        {"status_code_filter": {"comparison": {"op": "EQ", "value": status}}},
                        {"or_filter": {"filters": [*claims]}},
                    ]
                }
            },
            "body": {"inline_string": str(body)},
            **rest,
        } if not rest and status.get("default_value") == _FORBIDDEN:
            return [_asked(source, where, each) for each in claims], body
    raise Unsupported(source, where, f"{mapper!r} is no text for a 403 and a claim")


def _asked(source: Object, where: str, asked: Mapping[str, Any]) -> Claim:
    match asked:
        case {"metadata_filter": {"matcher": found, "match_if_key_not_found": False, **rest}} if (
            not rest and len(asked) == 1
        ):
            return _claim(source, where, found)
    raise Unsupported(source, where, f"{asked!r} does not ask for a claim")


def _claim(source: Object, where: str, matcher: object) -> Claim:
    match matcher:
        case {
            "filter": filter_name,
            "path": [{"key": "payload"}, *names],
            "value": {"present_match": True, **others},
            **rest,
        } if filter_name == _JWT and names and not rest and not others:
            return tuple(str(name["key"]) for name in names)
    raise Unsupported(source, where, f"{matcher!r} is not the presence of a token's claim")


def _any_has(identity: Identity, claims: Iterable[Claim]) -> bool:
    return any(_has(identity, claim) for claim in claims)


def _has(identity: Identity, claim: Claim) -> bool:
    """Tell whether a claim is there and no object or list, which Envoy counts as absent."""
    found: object = identity.claims
    for name in claim:
        found = found.get(name) if isinstance(found, Mapping) else None
    return isinstance(found, str | int | float | bool)
