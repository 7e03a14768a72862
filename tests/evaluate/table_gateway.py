"""What users get through the Istio gateway: checkout and its rules, and hosts of others."""

from functools import partial
from typing import Any

from ekp.evaluate.request import Token

from .variants import Variant
from .zero_trust_cases import (
    ANN,
    EXPIRED,
    FOREIGN,
    FORGED,
    MERCHANT,
    NO_ANSWER,
    OK,
    OTHER_AUDIENCE,
    OVERAGE,
    PARTNER,
    SPOOFED,
    Case,
)

SHOP, BILLING = "shop.prod.ekp.example", "billing.prod.ekp.example"
PODS = "AuthorizationPolicy shop/checkout"
AT_GATEWAY = "AuthorizationPolicy istio-ingress/shop-checkout"
OTHERS_PODS = "AuthorizationPolicy billing/invoices"
AT_OTHERS = "AuthorizationPolicy istio-ingress/billing-invoices"
TOKENS = "RequestAuthentication istio-ingress/tokens"
LEFT_OUT = "EnvoyFilter istio-system/group-overage"
PARAMETERS = "EnvoyFilter istio-system/path-parameters"
DENIED = "GlobalNetworkPolicy platform-default-deny"
PREFLIGHT = {"Origin": "https://x.example", "Access-Control-Request-Method": "PUT", **SPOOFED}
# Base64 of the JSON list of ann's groups, as Envoy writes lists.
GROUPS = "WyIwMDAwMDAwMC0wMDAwLTAwMDAtMDAwMC0wMDAwMDAwMDAwZmYiXQ=="


def user(
    what: str,
    asked: str,
    token: Token | None,
    expected: int | str | None,
    by: str,
    *,
    way: str = "gateway",
    **more: Any,
) -> Case:
    return Case(
        what=what,
        sender="user",
        way=way,
        asked=asked,
        token=token,
        expected=expected,
        by=by,
        **more,
    )


opened = partial(user, variant=Variant.GATEWAY)
partners = partial(user, variant=Variant.PARTNERS)

TABLE = (
    user("a valid token opens a path without a rule", f"GET {SHOP}/cart", ANN, OK, PODS),
    user("a token is missing", f"GET {SHOP}/cart", None, 403, AT_GATEWAY),
    user("a token has expired", f"GET {SHOP}/cart", EXPIRED, 401, TOKENS),
    user("a token is forged", f"GET {SHOP}/cart", FORGED, 401, TOKENS),
    user("a token is of a foreign issuer", f"GET {SHOP}/cart", FOREIGN, 401, TOKENS),
    user("a token is for another audience", f"GET {SHOP}/cart", OTHER_AUDIENCE, 403, TOKENS),
    user("a token left its groups out", f"GET {SHOP}/cart", OVERAGE, 403, LEFT_OUT),
    # POST to /refunds takes the group of merchants.
    user("the group of a rule opens its path", f"POST {SHOP}/refunds", MERCHANT, OK, PODS),
    user("and all paths under it", f"POST {SHOP}/refunds/7", MERCHANT, OK, PODS),
    user("without the group it stays shut", f"POST {SHOP}/refunds", ANN, 403, AT_GATEWAY),
    user("so do paths under it", f"POST {SHOP}/refunds/7", ANN, 403, AT_GATEWAY),
    user("without a token as well", f"POST {SHOP}/refunds", None, 403, AT_GATEWAY),
    user("it is shut for other methods", f"GET {SHOP}/refunds", MERCHANT, 403, AT_GATEWAY),
    user("whatever the method is called", f"PURGE {SHOP}/refunds/7", MERCHANT, 403, AT_GATEWAY),
    user("a slash at its end is the same path", f"POST {SHOP}/refunds/", ANN, 403, AT_GATEWAY),
    user("a query is no part of it", f"POST {SHOP}/refunds?a=/cart", ANN, 403, AT_GATEWAY),
    user("a longer word is another path", f"GET {SHOP}/refundsheet", ANN, OK, PODS),
    user("dots lead nowhere else", f"POST {SHOP}/cart/../refunds/7", ANN, 403, AT_GATEWAY),
    user("nor encoded dots", f"POST {SHOP}/cart/%2e%2E/refunds/7", ANN, 403, AT_GATEWAY),
    user("nor encoded slashes", f"POST {SHOP}/cart%2f..%2Frefunds%2f7", ANN, 403, AT_GATEWAY),
    user("nor backslashes", f"POST {SHOP}/cart/..%5crefunds%5C7", ANN, 403, AT_GATEWAY),
    user("nor parameters", f"POST {SHOP}/refunds;x", ANN, 403, PARAMETERS),
    user("in whatever form", f"POST {SHOP}/cart/..%3Bx/refunds/7", ANN, 403, PARAMETERS),
    user("nor two slashes", f"POST {SHOP}//refunds//7", ANN, 403, AT_GATEWAY),
    user("nor encoded letters", f"POST {SHOP}/%72efunds/7", ANN, 403, AT_GATEWAY),
    user("a null byte is refused", f"GET {SHOP}/cart%00", ANN, 400, "path norm"),
    user("a host may be written in capitals", "GET SHOP.prod.ekp.example:443/cart", ANN, OK, PODS),
    user("which holds for its rules", "POST SHOP.prod.ekp.example:443/refunds", MERCHANT, OK, PODS),
    user("which opens nothing", "POST SHOP.prod.ekp.example:443/refunds", ANN, 403, AT_GATEWAY),
    user("an unknown host is refused", "GET x.prod.ekp.example/", ANN, 403, AT_GATEWAY),
    user("for merchants' paths too", "POST x.prod.ekp.example/refunds", MERCHANT, 403, AT_GATEWAY),
    user("and for public ones of others", "GET x.prod.ekp.example/status", None, 403, AT_GATEWAY),
    user("so is a shard's host", "GET api.prod.ekp.example/catalog/products", ANN, 403, AT_GATEWAY),
    user("and a service's name in the cluster",
         "GET checkout.shop.svc.cluster.local/cart", ANN, 403, AT_GATEWAY),
    user("a service without routes has no host", "GET ledger.prod.ekp.example/entries/7", ANN, 403,
         AT_GATEWAY),
    user("even where somebody opened the gateway", "GET ledger.billing.svc.cluster.local/entries/7",
         ANN, 404, "Gateway istio-ingress/billing-invoices", variant=Variant.GATEWAY),
    # What the gateway lets through by mistake, the pods refuse.
    opened("pods ask for a token themselves", f"GET {SHOP}/cart", None, 403, PODS),
    opened("and for the group", f"POST {SHOP}/refunds", ANN, 403, PODS),
    opened("on all paths of the rule", f"POST {SHOP}/refunds/7", ANN, 403, PODS),
    opened("every tenant's do", f"GET {BILLING}/7", None, 403, OTHERS_PODS),
    opened("and for the method", f"GET {SHOP}/refunds", MERCHANT, 403, PODS),
    # Another tenant's host: its own rules hold, and none of the shop's.
    user("a public path asks for no token", f"GET {BILLING}/status", None, OK, OTHERS_PODS),
    user("by a host with a port too", f"GET {BILLING}:443/status", None, OK, OTHERS_PODS),
    user("a bad one is refused all the same", f"GET {BILLING}/status", EXPIRED, 401, TOKENS),
    user("what is not public asks for one", f"GET {BILLING}/7", None, 403, AT_OTHERS),
    user("dots lead nowhere from it", f"GET {BILLING}/status/..%2f7", None, 403, AT_OTHERS),
    user("a valid token opens it", f"GET {BILLING}/7", ANN, OK, OTHERS_PODS),
    user("as it does there", f"GET {BILLING}:443/7", ANN, OK, OTHERS_PODS,
         sees={"x-auth-subject": "ann", "x-auth-groups": GROUPS}),
    user("nobody else's VirtualService takes a host over", f"GET {SHOP}/cart", ANN, OK, PODS,
         variant=Variant.HIJACK),
    # Claim headers are the proxies' own.
    user("spoofed claims give way to the token's", f"GET {SHOP}/cart", ANN, OK, PODS,
         headers=SPOOFED, sees={"x-auth-subject": "ann", "x-auth-groups": GROUPS}),
    user("spoofed claims without a token are gone", f"GET {BILLING}/status", None, OK,
         OTHERS_PODS, headers=SPOOFED, sees={}),
    user("before a cross-origin request as well", f"OPTIONS {BILLING}/status", None, OK,
         OTHERS_PODS, headers=PREFLIGHT, sees={}),
    # An issuer that billing takes, and checkout does not.
    partners("an issuer's token opens who takes it", f"GET {BILLING}/7", PARTNER, OK,
             OTHERS_PODS),
    partners("and not who does not", f"GET {SHOP}/cart", PARTNER, 403, AT_GATEWAY),
    partners("nor for another audience", f"GET {BILLING}/7", OTHER_AUDIENCE, 403, TOKENS),
    Case(what="the gateway answers nobody on the internet", sender="203.0.113.9", way="gateway",
         asked=f"GET {SHOP}/cart", token=ANN, expected=NO_ANSWER, by=DENIED),
    Case(what="nor a node of the cluster", sender="10.40.0.9", way="gateway",
         asked=f"GET {SHOP}/cart", token=ANN, expected=NO_ANSWER, by=DENIED),
    Case(what="nor a pod of a service", sender="billing/invoices", way="gateway",
         asked=f"GET {SHOP}/cart", token=ANN, expected=NO_ANSWER, by=DENIED),
)  # fmt: skip
