"""What users get through the NGINX shard that serves catalog's host: the same as at the gateway."""

from functools import partial

from .table_gateway import DENIED, GROUPS, PARAMETERS, PREFLIGHT
from .table_gateway import user as at_gateway
from .variants import Variant
from .zero_trust_cases import (
    ANN,
    ANN_TWICE_PROVEN,
    EXPIRED,
    FOREIGN,
    FORGED,
    MERCHANT,
    MERCHANT_OTHERWISE_PROVEN,
    MERCHANT_TWICE_PROVEN,
    NO_ANSWER,
    OK,
    OTHER_AUDIENCE,
    PARTNER,
    SPOOFED,
    Case,
)

API = "api.prod.ekp.example"
PODS = "AuthorizationPolicy shop/catalog"
MFA = "AuthorizationPolicy shop/catalog.mfa"
TOKENS = "RequestAuthentication shop/catalog"
SERVER = "VirtualServer shop/catalog-api"


user = partial(at_gateway, way="shard")

TABLE = (
    user("a public path asks for no token", f"GET {API}/catalog/products", None, OK, PODS),
    user("nor do paths under it", f"GET {API}/catalog/products/7", None, OK, PODS),
    user("a token is let through there too", f"GET {API}/catalog/products/7", ANN, OK, PODS),
    user("a bad one is not", f"GET {API}/catalog/products/7", EXPIRED, 401, TOKENS),
    user("a valid token opens a path without a rule", f"GET {API}/catalog/search", ANN, OK, PODS),
    user("the first of its paths as well", f"GET {API}/catalog", ANN, OK, PODS),
    user("a token is missing", f"GET {API}/catalog/search", None, 403, PODS),
    user("a token has expired", f"GET {API}/catalog/search", EXPIRED, 401, TOKENS),
    user("a token is forged", f"GET {API}/catalog/search", FORGED, 401, TOKENS),
    user("a token is of a foreign issuer", f"GET {API}/catalog/search", FOREIGN, 401, TOKENS),
    user("a token is for another audience", f"GET {API}/catalog/search", OTHER_AUDIENCE, 403,
         TOKENS),
    user("an issuer that is added is taken", f"GET {API}/catalog/search", PARTNER, OK, PODS,
         variant=Variant.PARTNERS),
    # Administrators: merchants with a second factor.
    user("group and second factor open what administrators do",
         f"PUT {API}/catalog/admin/prices", MERCHANT_TWICE_PROVEN, OK, PODS),
    user("on its first path too", f"PUT {API}/catalog/admin", MERCHANT_TWICE_PROVEN, OK, PODS),
    user("without the second factor it is shut", f"PUT {API}/catalog/admin", MERCHANT, 403, MFA),
    user("another proof is none", f"PUT {API}/catalog/admin", MERCHANT_OTHERWISE_PROVEN, 403, MFA),
    user("without the group it is shut", f"PUT {API}/catalog/admin", ANN_TWICE_PROVEN, 403, PODS),
    user("on no path", f"PUT {API}/catalog/admin/prices", ANN_TWICE_PROVEN, 403, PODS),
    user("without either", f"GET {API}/catalog/admin/prices", ANN, 403, MFA),
    user("without a token", f"GET {API}/catalog/admin/prices", None, 403, MFA),
    user("with a slash at the end as well", f"GET {API}/catalog/admin/", MERCHANT, 403, MFA),
    user("somebody's rule by hand opens none of it", f"PUT {API}/catalog/admin", MERCHANT, 403, MFA,
         variant=Variant.WORKLOADS),
    # From a public path there is no way to one that is not.
    user("dots lead nowhere", f"GET {API}/catalog/products/../admin/prices", None, 403, MFA),
    user("nor encoded slashes", f"GET {API}/catalog/products/..%2fadmin", None, 403, MFA),
    user("nor in capitals", f"GET {API}/catalog/products%2F..%2Fadmin", None, 403, MFA),
    user("nor backslashes", f"GET {API}/catalog/products/..%5cadmin", None, 403, MFA),
    user("nor encoded dots", f"GET {API}/catalog/products/%2e%2e/admin/", None, 403, MFA),
    user("nor parameters", f"GET {API}/catalog/products/..;/admin", None, 403, PARAMETERS),
    user("at the end either", f"GET {API}/catalog/admin;x", ANN, 403, PARAMETERS),
    user("nor two slashes", f"GET {API}/catalog//admin", None, 403, MFA),
    user("nor encoded letters", f"GET {API}/catalog/%61dmin/prices", None, 403, MFA),
    user("nor a query", f"GET {API}/catalog/admin?x=/catalog/products/7", None, 403, MFA),
    user("nor to a path that takes a token", f"GET {API}/catalog/products/..%2fsearch", None, 403,
         PODS),
    user("twice encoded it is a name", f"GET {API}/catalog/products/..%252fadmin", None, OK, PODS),
    user("no way leads out of its paths", f"GET {API}/catalog/../metrics", ANN, 404, SERVER),
    user("nor above the host", f"GET {API}/../../etc", ANN, 400, "NGINX shard api"),
    user("a path of no route is not there", f"GET {API}/metrics", ANN, 404, SERVER),
    user("a longer word is another path", f"GET {API}/catalogue", ANN, 404, SERVER),
    user("the gateway's hosts are not there", "GET shop.prod.ekp.example/cart", ANN, 404,
         "NGINX shard api"),
    user("nor are services' names in the cluster", "GET checkout.shop.svc.cluster.local/cart", ANN,
         404, "NGINX shard api"),
    user("nor is a service without routes", "GET ledger.prod.ekp.example/entries/7", ANN, 404,
         "NGINX shard api"),
    user("spoofed claims give way to the token's", f"GET {API}/catalog/search", ANN, OK, PODS,
         headers=SPOOFED, sees={"x-auth-subject": "ann", "x-auth-groups": GROUPS}),
    user("spoofed claims without a token are gone", f"GET {API}/catalog/products", None, OK, PODS,
         headers=SPOOFED, sees={}),
    user("before a cross-origin request as well", f"OPTIONS {API}/catalog/products", None, OK, PODS,
         headers=PREFLIGHT, sees={}),
    Case(what="the shard answers nobody on the internet", sender="203.0.113.9", way="shard",
         asked=f"GET {API}/catalog/products", expected=NO_ANSWER, by=DENIED),
    Case(what="nor a pod of a service", sender="billing/invoices", way="shard",
         asked=f"GET {API}/catalog/products", expected=NO_ANSWER, by=DENIED),
)  # fmt: skip
