"""Requests by who asks: tokens, groups, a second factor, other tenants, headers of one's own."""

from ekp.evaluate.stage import Stage

from .table import (
    ALICE,
    API,
    BILLING,
    CATALOG,
    INVOICES,
    KEEPER,
    KEEPER_WITH_MFA,
    SHOP,
    TWO_TENANTS,
    claims,
    missing,
    reaches,
    refused,
)

_TOKENS = "RequestAuthentication istio-ingress/tokens"
_GATEWAY = "AuthorizationPolicy istio-ingress/shop-checkout"
_CATALOG = "AuthorizationPolicy shop/catalog"
_SPOOFED = {"headers": ["x-auth-subject: admin", "X-Auth-Groups: admin"]}
_PREFLIGHT = {
    "method": "OPTIONS",
    "headers": ["Origin: https://other.example", "Access-Control-Request-Method: POST"],
}
_STRANGER = claims(iss="https://login.example.org", aud="anything")

ROWS = (
    refused("nobody enters without a token", f"{SHOP}/cart", 403, Stage.AUTHORIZATION, _GATEWAY),
    refused(
        "an expired token is refused",
        f"{SHOP}/cart",
        401,
        Stage.TOKEN,
        _TOKENS,
        **claims(exp=1_600_000_000),
    ),
    refused(
        "one that is not yet valid is, too",
        f"{SHOP}/cart",
        401,
        Stage.TOKEN,
        _TOKENS,
        **claims(nbf=4_000_000_000),
    ),
    reaches("one that ends later is good", f"{SHOP}/cart", **claims(exp=4_000_000_000)),
    refused(
        "a stranger's issuer is not believed",
        f"{SHOP}/cart",
        401,
        Stage.TOKEN,
        _TOKENS,
        **_STRANGER,
    ),
    refused(
        "a token for somebody else is refused",
        f"{SHOP}/cart",
        403,
        Stage.TOKEN,
        _TOKENS,
        **claims(aud="another-application"),
    ),
    refused(
        "a token without its groups is told so",
        f"{SHOP}/cart",
        403,
        Stage.TOKEN,
        "EnvoyFilter istio-system/group-overage",
        **claims(hasgroups=True),
    ),
    refused(
        "a token without a subject names nobody",
        f"{SHOP}/cart",
        403,
        Stage.AUTHORIZATION,
        _GATEWAY,
        claims='{"name": "alice"}',
    ),
    reaches("a keeper pays back", f"{SHOP}/refunds", method="POST", **KEEPER),
    reaches("a keeper pays one back", f"{SHOP}/refunds/7", method="POST", **KEEPER),
    refused(
        "others do not",
        f"{SHOP}/refunds",
        403,
        Stage.AUTHORIZATION,
        _GATEWAY,
        method="POST",
        **ALICE,
    ),
    refused(
        "nobody reads refunds", f"{SHOP}/refunds", 403, Stage.AUTHORIZATION, _GATEWAY, **KEEPER
    ),
    refused(
        "a preflight is nobody's", f"{SHOP}/cart", 403, Stage.AUTHORIZATION, _GATEWAY, **_PREFLIGHT
    ),
    reaches(
        "a preflight of a public path passes", f"{API}/catalog/products", CATALOG, **_PREFLIGHT
    ),
    refused(
        "headers of claims are no token",
        f"{SHOP}/cart",
        403,
        Stage.AUTHORIZATION,
        _GATEWAY,
        **_SPOOFED,
    ),
    reaches("beside a token they are overwritten", f"{SHOP}/cart", **ALICE, **_SPOOFED),
    reaches("products are public", f"{API}/catalog/products", CATALOG),
    reaches("each of them is", f"{API}/catalog/products/7", CATALOG),
    reaches(
        "and no header makes their reader somebody",
        f"{API}/catalog/products/7",
        CATALOG,
        **_SPOOFED,
    ),
    refused(
        "a bad token is refused on a public path",
        f"{API}/catalog/products",
        401,
        Stage.TOKEN,
        "RequestAuthentication shop/catalog",
        **_STRANGER,
    ),
    refused(
        "an expired one is, at the pods behind a shard",
        f"{API}/catalog/products",
        401,
        Stage.TOKEN,
        "RequestAuthentication shop/catalog",
        **claims(exp=1_600_000_000),
    ),
    refused(
        "what is not public takes a token",
        f"{API}/catalog/stock",
        403,
        Stage.AUTHORIZATION,
        _CATALOG,
    ),
    reaches("with one it is served", f"{API}/catalog/stock", CATALOG, **ALICE),
    refused(
        "keeping the catalog takes a group",
        f"{API}/catalog/admin",
        403,
        Stage.AUTHORIZATION,
        _CATALOG,
        **claims(acrs=["c1"]),
    ),
    refused(
        "and a second factor",
        f"{API}/catalog/admin",
        403,
        Stage.AUTHORIZATION,
        f"{_CATALOG}.mfa rules[0]",
        **KEEPER,
    ),
    reaches("with both it is open", f"{API}/catalog/admin", CATALOG, **KEEPER_WITH_MFA),
    reaches(
        "a second tenant's public path is served",
        f"{BILLING}/status",
        INVOICES,
        environment=TWO_TENANTS,
    ),
    refused(
        "its other paths take a token",
        f"{BILLING}/invoices",
        403,
        Stage.AUTHORIZATION,
        "AuthorizationPolicy istio-ingress/billing-invoices",
        environment=TWO_TENANTS,
    ),
    reaches(
        "with a token they are served",
        f"{BILLING}/invoices",
        INVOICES,
        environment=TWO_TENANTS,
        **ALICE,
    ),
    reaches(
        "one tenant's rules are none of another's",
        f"{BILLING}/refunds",
        INVOICES,
        method="POST",
        environment=TWO_TENANTS,
        **ALICE,
    ),
    refused(
        "one tenant's public path is not another's",
        f"{SHOP}/status",
        403,
        Stage.AUTHORIZATION,
        _GATEWAY,
        environment=TWO_TENANTS,
    ),
    refused(
        "nor is it on the shard",
        f"{API}/status",
        404,
        Stage.SHARD,
        "VirtualServer shop/catalog-api",
        environment=TWO_TENANTS,
        **ALICE,
    ),
    missing(
        "a service without a host is not met",
        "https://ledger.prod.ekp.example/entries/1",
        403,
        Stage.ROUTE,
        "AuthorizationPolicy istio-system/allow-nothing",
        environment=TWO_TENANTS,
        **ALICE,
    ),
)
