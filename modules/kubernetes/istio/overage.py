"""Tokens without their groups (too many of them): refused, with an answer that says what to do."""

from typing import Any

from ...core.mesh import MESH_ROOT
from ...core.site import Site
from ..manifest import Manifest
from .http_filters import CONNECTION_MANAGER

OVERAGE = "group-overage"
"""Name of the object, and of the policy that stands in logs beside the refusal."""
ANSWER = (
    "The token names no groups: its holder is in more of them than Entra ID (Azure AD) writes into "
    "a token. Have the application emit groups assigned to the application alone, then sign in "
    "again.\n"
)
"""Body of the 403."""
# Source: Microsoft identity platform, "Access token claims reference", groups overage claim. The
# second stands in tokens of the implicit flow.
_POINTER, _FLAG = "_claim_names", "hasgroups"
_JWT = "envoy.filters.http.jwt_authn"
_EXTENSIONS = "type.googleapis.com/envoy.extensions.filters"
_FORBIDDEN = 403


def refuse_group_overage(site: Site) -> list[Manifest]:
    """Return the filter by which every proxy refuses a verified token that left its groups out.

    Entra ID leaves ``groups`` out beyond 200 groups and points to Microsoft Graph instead, which no
    proxy asks. Rules that name a group would refuse such a person without a reason, and a service
    that reads the groups itself would take them for a person in none. So the token is refused where
    it is verified, at the gateway and at pods, on public paths too, as an expired one is; a request
    without a token keeps those open. A tool's host, where no token is verified, is left alone.

    An AuthorizationPolicy cannot say it: it compares no booleans, and one for the whole mesh whose
    condition is a claim denies every TCP connection, since istiod drops from DENY what TCP does not
    have. Source: istio 1.30.3, ``pilot/pkg/security/authz/model/model.go``, ``checkError``.

    The answer is put in place of any 403 that a proxy itself gives to such a token; a 403 of an
    application keeps its own. Source: Envoy, ``http_connection_manager.v3.LocalReplyConfig``.
    """
    if not site.identity.issuers:
        return []
    claims = ((_POINTER, site.identity.groups_claim), (_FLAG,))
    patches = [
        patch
        for context in ("GATEWAY", "SIDECAR_INBOUND")
        for patch in (_refusal(context, claims), _reply(context, claims))
    ]
    return [
        Manifest(
            api_version="networking.istio.io/v1alpha3",
            kind="EnvoyFilter",
            name=OVERAGE,
            namespace=MESH_ROOT,
            fields={"spec": {"configPatches": patches}},
        )
    ]


def _refusal(context: str, claims: tuple[tuple[str, ...], ...]) -> dict[str, Any]:
    """Return the patch that refuses; a proxy that verifies no tokens has no place for it."""
    principals = [{"metadata": _present(*claim)} for claim in claims]
    policy = {"permissions": [{"any": True}], "principals": principals}
    config = {
        "@type": f"{_EXTENSIONS}.http.rbac.v3.RBAC",
        "rules": {"action": "DENY", "policies": {OVERAGE: policy}},
    }
    chain = {"filter": {"name": CONNECTION_MANAGER, "subFilter": {"name": _JWT}}}
    return {
        "applyTo": "HTTP_FILTER",
        "match": {"context": context, "listener": {"filterChain": chain}},
        "patch": {
            "operation": "INSERT_AFTER",
            "value": {"name": "ekp.group_overage", "typed_config": config},
        },
    }


def _reply(context: str, claims: tuple[tuple[str, ...], ...]) -> dict[str, Any]:
    status = {"default_value": _FORBIDDEN, "runtime_key": "ekp.group_overage.status"}
    refused = {"status_code_filter": {"comparison": {"op": "EQ", "value": status}}}
    left_out = [
        {"metadata_filter": {"matcher": _present(*claim), "match_if_key_not_found": False}}
        for claim in claims
    ]
    both = {"and_filter": {"filters": [refused, {"or_filter": {"filters": left_out}}]}}
    mapper = {"filter": both, "body": {"inline_string": ANSWER}}
    config = {
        "@type": f"{_EXTENSIONS}.network.http_connection_manager.v3.HttpConnectionManager",
        "local_reply_config": {"mappers": [mapper]},
    }
    chain = {"filter": {"name": CONNECTION_MANAGER}}
    return {
        "applyTo": "NETWORK_FILTER",
        "match": {"context": context, "listener": {"filterChain": chain}},
        "patch": {
            "operation": "MERGE",
            "value": {"name": CONNECTION_MANAGER, "typed_config": config},
        },
    }


def _present(*claim: str) -> dict[str, Any]:
    # Istio has the claims of a verified token kept under "payload". Of a claim that is an object or
    # a list nothing is present; both of these are text or a boolean.
    # Source: istio 1.30.3, authn/policy_applier.go; Envoy, type.matcher.v3.ValueMatcher.
    path = [{"key": "payload"}, *({"key": name} for name in claim)]
    return {"filter": _JWT, "path": path, "value": {"present_match": True}}
