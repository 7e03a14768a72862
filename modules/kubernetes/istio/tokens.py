"""Tokens verified by proxies, and handed to services as headers that no client can forge."""

from collections.abc import Iterable, Mapping
from typing import Any

from ...core.identity import Issuer
from ...core.mesh import GATEWAY_LABELS, GATEWAY_NAMESPACE
from ...core.services import Service, labels, selector
from ...core.site import Site
from ..manifest import Manifest
from .http_filters import put_first

# Objects of services are called <namespace>-<name> there, so that one word is nobody's.
GATEWAY_TOKENS = "tokens"
"""Name of the gateway's own objects for tokens."""

_HEADER_MUTATION = "envoy.extensions.filters.http.header_mutation.v3.HeaderMutation"


def verify_at_gateway(site: Site) -> list[Manifest]:
    """Return the objects by which the gateway verifies tokens, for all services at once.

    A request with a token that is expired, forged or of another issuer is answered 401, on public
    paths too; one without a token goes on, and the services' policies decide about it.
    """
    return _verification(
        GATEWAY_TOKENS,
        namespace=GATEWAY_NAMESPACE,
        pods=GATEWAY_LABELS,
        context="GATEWAY",
        issuers=site.identity.issuers.values(),
        claim_headers=site.identity.claim_headers,
    )


def verify_at_workload(service: Service, site: Site) -> list[Manifest]:
    """Return the objects by which a service's pods verify tokens once more, whatever the way in.

    They take the service's own issuers alone. Callers in the mesh without a token get none of the
    headers through: who they are, their certificate says.

    Raises:
        ValueError: the service names an issuer that the environment does not have.
    """
    return _verification(
        service.name,
        namespace=service.namespace,
        pods=selector(service),
        context="SIDECAR_INBOUND",
        issuers=issuers_of(service, site),
        claim_headers=site.identity.claim_headers,
        own_labels=labels(service),
    )


def issuers_of(service: Service, site: Site) -> tuple[Issuer, ...]:
    """Return the issuers whose tokens a service takes, in the environment's order.

    Raises:
        ValueError: the service names an issuer that the environment does not have.
    """
    known, chosen = site.identity.issuers, service.access.issuers
    if unknown := [name for name in chosen if name not in known]:
        raise ValueError(
            f"{service.ref}: access.issuers names {', '.join(unknown)}, identity.issuers of the "
            f"environment has {', '.join(known) or 'none'}; use one of these or add it there"
        )
    return tuple(issuer for name, issuer in known.items() if name in chosen or not chosen)


def _verification(
    name: str,
    *,
    namespace: str,
    pods: Mapping[str, str],
    context: str,
    issuers: Iterable[Issuer],
    claim_headers: Mapping[str, str],
    own_labels: Mapping[str, str] | None = None,
) -> list[Manifest]:
    rules = [_rule(issuer, claim_headers) for issuer in issuers]
    verified = Manifest(
        api_version="security.istio.io/v1",
        kind="RequestAuthentication",
        name=name,
        namespace=namespace,
        labels=own_labels or {},
        fields={"spec": {"selector": {"matchLabels": dict(pods)}, "jwtRules": rules}},
    )
    # Envoy's filter for tokens drops what clients send under these names, but not where it is
    # skipped: on a CORS preflight, on hosts it is switched off for, where there is no issuer. There
    # a client's header would go on as if it were verified.
    # Source: envoy, source/extensions/filters/http/jwt_authn, filter.cc and extractor.cc.
    unforged = Manifest(
        api_version="networking.istio.io/v1alpha3",
        kind="EnvoyFilter",
        name=name,
        namespace=namespace,
        labels=own_labels or {},
        fields={
            "spec": {
                "workloadSelector": {"labels": dict(pods)},
                "configPatches": [_removal(claim_headers, context)],
            }
        },
    )
    return [*([verified] if rules else []), *([unforged] if claim_headers else [])]


def _rule(issuer: Issuer, claim_headers: Mapping[str, str]) -> dict[str, Any]:
    # Strings, numbers and booleans come as they are; Istio's documentation promises no more. Lists,
    # such as groups, come as base64 of their JSON: Envoy's changelogs/1.29.0.yaml, and Istio 1.30
    # is built against the API of 1.37. A dot in a claim's name leads into a nested claim.
    headers = [{"header": header, "claim": claim} for header, claim in claim_headers.items()]
    return {
        "issuer": issuer.issuer,
        "audiences": list(issuer.audiences),
        "jwksUri": issuer.jwks_uri,
        # Workloads verify it again, and may call on in the user's name.
        "forwardOriginalToken": True,
        **({"outputClaimToHeaders": headers} if headers else {}),
    }


def _removal(headers: Iterable[str], context: str) -> dict[str, Any]:
    config = {
        "@type": f"type.googleapis.com/{_HEADER_MUTATION}",
        "mutations": {"request_mutations": [{"remove": name} for name in headers]},
    }
    return put_first(context, "envoy.filters.http.header_mutation", config)
