"""What pods get of each other and of the world outside: named callers, and nobody else."""

from typing import Any

from .table_gateway import DENIED, PARAMETERS, PREFLIGHT
from .variants import Variant
from .zero_trust_cases import (
    ANN,
    EXPIRED,
    MERCHANT,
    MERCHANT_TWICE_PROVEN,
    NO_ANSWER,
    OK,
    OTHER_AUDIENCE,
    SPOOFED,
    Case,
)

CATALOG, CHECKOUT = "catalog.shop.svc.cluster.local", "checkout.shop.svc.cluster.local"
LEDGER, INVOICES = "ledger.billing.svc.cluster.local", "invoices.billing.svc.cluster.local"
PAIRS = (
    ("shop/checkout", CATALOG),
    ("shop/catalog", CHECKOUT),
    ("billing/invoices", LEDGER),
    ("billing/ledger", INVOICES),
)
PAYMENTS = "payments.example.com"
PODS = "AuthorizationPolicy shop/catalog"
STRICT = "PeerAuthentication istio-system/default"
OUTSIDE = "203.0.113.10"
CLOSED = "AuthorizationPolicy istio-system/allow-nothing"


def call(
    what: str, sender: str, asked: str, expected: int | str | None, by: str, **more: Any
) -> Case:
    return Case(what=what, sender=sender, way="mesh", asked=asked, expected=expected, by=by, **more)


def straight(
    what: str, sender: str, target: str, expected: int | str | None, by: str, **more: Any
) -> Case:
    """A connection in the clear to a pod's own address, around the sender's proxy."""
    return Case(
        what=what,
        sender=sender,
        way=target,
        asked="GET pod/catalog/products/7",
        token=ANN,
        expected=expected,
        by=by,
        **more,
    )


TABLE = (
    # Checkout may GET what is under catalog's products.
    call("a caller gets its path by its method",
         "shop/checkout", f"GET {CATALOG}/catalog/products/7", OK, PODS),
    call("by a short name too", "shop/checkout", "GET catalog/catalog/products/7", OK, PODS),
    call("by no other method",
         "shop/checkout", f"POST {CATALOG}/catalog/products/7", 403, PODS),
    call("no other path", "shop/checkout", f"GET {CATALOG}/catalog/search", 403, PODS),
    call("not with a user's token either",
         "shop/checkout", f"GET {CATALOG}/catalog/search", 403, PODS, token=ANN),
    call("nothing of administrators", "shop/checkout", f"GET {CATALOG}/catalog/admin/prices", 403,
         "AuthorizationPolicy shop/catalog.mfa"),
    call("nothing around its path",
         "shop/checkout", f"GET {CATALOG}/catalog/products/..%2fsearch", 403, PODS),
    call("nor by parameters", "shop/checkout", f"GET {CATALOG}/catalog/products/..;/admin", 403,
         PARAMETERS),
    call("its spoofed claims are gone", "shop/checkout", f"GET {CATALOG}/catalog/products/7", OK,
         PODS, headers=SPOOFED, sees={}),
    call("a caller of the second tenant has its own", "billing/invoices", f"GET {LEDGER}/entries/7",
         OK, "AuthorizationPolicy billing/ledger"),
    call("on its paths alone", "billing/invoices", f"GET {LEDGER}/", 403,
         "AuthorizationPolicy billing/ledger"),
    call("a token that it passes on has to be valid", "billing/invoices", f"GET {LEDGER}/entries/7",
         401, "RequestAuthentication billing/ledger", token=EXPIRED),
    # Who is no caller: three layers refuse, each by itself.
    call("a callee knows no way back", "shop/catalog", f"GET {CHECKOUT}/cart", 502,
         "Sidecar shop/catalog"),
    call("with a way the network is shut", "shop/catalog", f"GET {CHECKOUT}/cart", 503, DENIED,
         variant=Variant.REACH),
    call("with both the mesh refuses", "shop/catalog", f"GET {CHECKOUT}/cart", 403,
         "AuthorizationPolicy shop/checkout", variant=Variant.MESH_ALONE),
    call("nor does a user's token help", "shop/catalog", f"GET {CHECKOUT}/cart", 403,
         "AuthorizationPolicy shop/checkout", token=ANN, variant=Variant.MESH_ALONE),
    call("nor a merchant's", "billing/invoices", f"POST {CHECKOUT}/refunds", 403,
         "AuthorizationPolicy shop/checkout", token=MERCHANT, variant=Variant.MESH_ALONE),
    call("nor an administrator's", "shop/checkout", f"PUT {CATALOG}/catalog/admin", 403, PODS,
         token=MERCHANT_TWICE_PROVEN),
    call("what is public is for users", "shop/catalog", f"GET {INVOICES}/status", 403,
         "AuthorizationPolicy billing/invoices", variant=Variant.MESH_ALONE),
    call("and what takes a token too", "shop/catalog", f"GET {INVOICES}/7", 403,
         "AuthorizationPolicy billing/invoices", token=ANN, variant=Variant.MESH_ALONE),
    call("another tenant knows no way",
         "billing/invoices", f"GET {CATALOG}/catalog/products/7", 502, "Sidecar billing/invoices"),
    call("to another tenant the network is shut",
         "billing/invoices", f"GET {CATALOG}/catalog/products/7", 503, DENIED,
         variant=Variant.REACH),
    call("the mesh refuses another tenant",
         "billing/invoices", f"GET {CATALOG}/catalog/products/7", 403, PODS,
         variant=Variant.MESH_ALONE),
    call("nor by labels and accounts of the shop's",
         "billing/impostor", f"GET {CATALOG}/catalog/products/7", 403, PODS,
         variant=Variant.MESH_ALONE),
    straight("nor does the network believe them", "billing/impostor", "shop/catalog", NO_ANSWER,
             DENIED),
    call("with a user's token as well",
         "billing/invoices", f"GET {CATALOG}/catalog/search", 403, PODS, token=ANN,
         variant=Variant.MESH_ALONE),
    call("the other way round too", "shop/checkout", f"GET {LEDGER}/entries/7", 403,
         "AuthorizationPolicy billing/ledger", variant=Variant.MESH_ALONE),
    call("a pod that nobody knows sees its namespace", "shop/curl",
         f"GET {CATALOG}/catalog/products/7", 503, DENIED),
    call("where the mesh refuses it", "shop/curl", f"GET {CATALOG}/catalog/products/7", 403, PODS,
         variant=Variant.NETWORK),
    call("another namespace it does not see", "shop/curl", f"GET {LEDGER}/entries/7", 502,
         "Sidecar istio-system/default"),
    call("a service does not see what it does not call", "shop/checkout", "GET curl/", 502,
         "Sidecar shop/checkout"),
    call("whichever it is", "shop/catalog", "GET curl/", 502, "Sidecar shop/catalog"),
    call("of whichever tenant", "billing/invoices", "GET curl/", 502, "Sidecar billing/invoices"),
    call("called itself or not", "billing/ledger", "GET curl/", 502, "Sidecar billing/ledger"),
    call("pods that no policy names take nobody", "shop/checkout", "GET curl.shop/", 403, CLOSED,
         variant=Variant.MESH_ALONE),
    # Whoever is let in by mistake brings no claims along.
    *(
        call(f"{sender} forges no claims for {host}", sender, f"OPTIONS {host}/entries/7", OK,
             "AuthorizationPolicy", headers=PREFLIGHT, sees={}, variant=Variant.PROXIES_ALONE)
        for sender, host in PAIRS
    ),
    *(
        call(f"{sender} brings {host} no token for somebody else", sender, f"GET {host}/7", 403,
             "RequestAuthentication", token=OTHER_AUDIENCE, variant=Variant.PROXIES_ALONE)
        for sender, host in PAIRS
    ),
    # Around a proxy: nothing takes plain text, and the network lets callers alone come near.
    straight("a caller around its proxy proves nothing", "shop/checkout", "shop/catalog", NO_ANSWER,
             STRICT),
    straight("whatever else is open", "shop/checkout", "shop/catalog", NO_ANSWER, STRICT,
             variant=Variant.PROXIES_ALONE),
    straight("a caller comes to no other port", "shop/checkout", "shop/catalog", NO_ANSWER, DENIED,
             port=9229),
    straight("a pod without a proxy does not come near", "shop/bare", "shop/catalog", NO_ANSWER,
             DENIED),
    straight("nor would its plain text be taken", "shop/bare", "shop/catalog", NO_ANSWER, STRICT,
             variant=Variant.NETWORK),
    straight("another tenant does not come near", "billing/invoices", "shop/catalog", NO_ANSWER,
             DENIED),
    straight("nor a pod to another beside it", "shop/curl", "shop/bare", NO_ANSWER, DENIED),
    straight("not by a NetworkPolicy of the team", "shop/curl", "shop/bare", NO_ANSWER, DENIED,
             variant=Variant.TEAM),
    straight("nor a node to a pod unnamed", "10.40.0.9", "default/curl", NO_ANSWER, DENIED),
    straight("a shard comes to its services alone", "shard", "shop/checkout", NO_ANSWER, DENIED),
    straight("the gateway too", "gateway", "shop/catalog", NO_ANSWER, DENIED),
    straight("a load balancer comes to no service", "user", "shop/checkout", NO_ANSWER, DENIED),
    straight("Prometheus comes to no service", "observability/prometheus", "shop/catalog",
             NO_ANSWER, DENIED),
    straight("it reads a proxy's metrics", "observability/prometheus", "shop/catalog", OK,
             "shop/catalog", port=15020),
    straight("nobody else does", "billing/invoices", "shop/catalog", NO_ANSWER, DENIED, port=15020),
    call("a shard lets nobody in by itself", "shard", f"GET {CATALOG}/catalog/search", 403, PODS),
    # The world outside. Callers begin TLS themselves, so that a proxy can drop a connection alone.
    call("an external host is called", "shop/checkout", f"GET {PAYMENTS}/", OK,
         "NetworkPolicy shop/checkout", port=443, at=OUTSIDE),
    call("on its own port", "shop/checkout", f"GET {PAYMENTS}/", NO_ANSWER, DENIED, port=8443,
         at=OUTSIDE),
    call("not where its name leads inside", "shop/checkout", f"GET {PAYMENTS}/", NO_ANSWER, DENIED,
         port=443, at="10.40.0.7"),
    call("nor to a node's credentials", "shop/checkout", f"GET {PAYMENTS}/", NO_ANSWER, DENIED,
         port=443, at="169.254.169.254"),
    call("no other host is called", "shop/checkout", "GET evil.example.net/", 502,
         "Sidecar shop/checkout", at=OUTSIDE),
    call("nor the same by who does not name it", "shop/catalog", f"GET {PAYMENTS}/", 502,
         "Sidecar shop/catalog", at=OUTSIDE),
    call("where the network is shut as well", "shop/catalog", f"GET {PAYMENTS}/", NO_ANSWER, DENIED,
         port=443, at=OUTSIDE, variant=Variant.REACH),
    call("nor by another tenant", "billing/invoices", f"GET {PAYMENTS}/", 502,
         "Sidecar billing/invoices", at=OUTSIDE),
    call("which would not know it either", "billing/invoices", f"GET {PAYMENTS}/", 502,
         "no Sidecar", at=OUTSIDE, variant=Variant.REACH),
    call("nor around the mesh", "shop/bare", f"GET {PAYMENTS}/", NO_ANSWER, DENIED, port=443,
         at=OUTSIDE),
)  # fmt: skip
