"""A shop to ask who gets in: an environment, its users, and a service with rules for them."""

from typing import Any

from modules.core.hosts import Shard
from modules.core.identity import Identity, Issuer
from modules.core.services import Access, AccessRule, Method, Route, Service
from modules.core.site import Site

GATEWAY = "istio-ingress/istio-ingressgateway"
SHARD = "nginx-ingress/nginx-ingress-media"
ENTRA = Issuer(
    issuer="https://login.microsoftonline.com/0f1e/v2.0",
    jwks_uri="https://login.microsoftonline.com/0f1e/discovery/v2.0/keys",
    audiences=("api://shop",),
)
# Its name ends in a slash, as Auth0 writes it.
PARTNERS = Issuer(
    issuer="https://partners.eu.auth0.com/",
    jwks_uri="https://partners.eu.auth0.com/.well-known/jwks.json",
    audiences=("shop",),
)
SITE = Site(
    domain="example.org",
    shards={"media": Shard(hosts=("media.example.org",), slot=1)},
    identity=Identity(issuers={"entra": ENTRA, "partners": PARTNERS}),
)
STAFF = {"iss": ENTRA.issuer, "sub": "ada", "groups": ["staff"]}
ADMIN = {"iss": ENTRA.issuer, "sub": "eve", "groups": ["staff", "admins"], "acrs": ["c1"]}
PARTNER = {"iss": PARTNERS.issuer, "sub": "bob"}
ACCESS = Access(
    public=("/status", "/docs/*"),
    rules=(
        AccessRule(paths=("/orders/*",), methods=(Method.GET,), groups=("staff",)),
        AccessRule(paths=("/orders/export",), claims={"scope": ("export",)}),
        AccessRule(paths=("/admin/*",), groups=("admins",), mfa=True),
        AccessRule(paths=("/admin/health",)),
    ),
)


def service(name: str = "cart", **settings: Any) -> Service:
    return Service(
        name=name,
        namespace="shop",
        image="registry.example.org/shop/cart:1.0.0",
        **{"routes": (Route(host="shop"),), **settings},
    )


GUARDED = service(access=ACCESS)
