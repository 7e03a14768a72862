"""A shop of two services behind both entrances, each object in the fewest words."""

from collections.abc import Iterable
from ipaddress import IPv4Network
from typing import Any

from ekp.evaluate.calico.endpoints import address
from ekp.evaluate.request import Request, Token, Workload
from ekp.evaluate.world import World

Made = dict[str, Any]
HOST, SHARD_HOST = "www.example.org", "fast.example.org"
ORDERS = "orders.shop.svc.cluster.local"
ISSUER = "https://login.example.org/v2.0"
BALANCER = address("10.0.0.10")
VISITOR = Token(ISSUER, ("shop",), {"sub": "ann"})


def made(group: str, kind: str, place: str, spec: Made, **labels: str) -> Made:
    namespace, _, name = place.rpartition("/")
    metadata: Made = {"name": name, **({"namespace": namespace} if namespace else {})}
    if labels:
        metadata["labels"] = labels
    return {"apiVersion": group, "kind": kind, "metadata": metadata, "spec": spec}


def namespace(name: str, **labels: str) -> Made:
    return made("v1", "Namespace", name, {}) | {"metadata": {"name": name, "labels": labels}}


def service(name: str) -> list[Made]:
    """Return a Rollout, its Service and a policy of the network that lets any pod of it call."""
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": {"serviceAccountName": name}}
    ports = [{"port": 80, "targetPort": 8080}]
    return [
        made("argoproj.io/v1alpha1", "Rollout", f"shop/{name}", {"template": template}),
        made("v1", "Service", f"shop/{name}", {"selector": labels, "ports": ports}),
    ]


def authentication(place: str, context: str, **labels: str) -> list[Made]:
    """Return the two objects that verify tokens and take forged headers away."""
    rule = {
        "issuer": ISSUER,
        "audiences": ["shop"],
        "jwksUri": f"{ISSUER}/keys",
        "forwardOriginalToken": True,
        "outputClaimToHeaders": [{"header": "x-auth-subject", "claim": "sub"}],
    }
    mutation = {
        "@type": "type.googleapis.com/"
        "envoy.extensions.filters.http.header_mutation.v3.HeaderMutation",
        "mutations": {
            "request_mutations": [{"remove": "x-auth-subject"}, {"remove": "x-auth-mfa"}]
        },
    }
    patch = {
        "applyTo": "HTTP_FILTER",
        "match": {"context": context},
        "patch": {
            "operation": "INSERT_FIRST",
            "value": {"name": "mutation", "typed_config": mutation},
        },
    }
    selected, filtered = {"matchLabels": labels}, {"labels": labels}
    return [
        made(
            "security.istio.io/v1",
            "RequestAuthentication",
            place,
            {"selector": selected, "jwtRules": [rule]},
        ),
        made(
            "networking.istio.io/v1alpha3",
            "EnvoyFilter",
            place,
            {"workloadSelector": filtered, "configPatches": [patch]},
        ),
    ]


def allow(place: str, rules: list[Made], **labels: str) -> Made:
    spec: Made = {"rules": rules} | ({"selector": {"matchLabels": labels}} if labels else {})
    return made("security.istio.io/v1", "AuthorizationPolicy", place, spec)


def users(*, sources: list[str] | None = None) -> list[Made]:
    """Return rules for a valid token anywhere, and for anybody on the public path."""
    ways = {"serviceAccounts": sources} if sources else {}
    token = {"source": {**ways, "requestPrincipals": [f"{ISSUER}/*"]}}
    public: Made = {"to": [{"operation": {"paths": ["/public"]}}]}
    return [{"from": [token]}, public | ({"from": [{"source": ways}]} if ways else {})]


def opened(place: str, selector: str, **sides: list[Made]) -> Made:
    kind = "NetworkPolicy" if "/" in place else "GlobalNetworkPolicy"
    spec = {"order": 500, "selector": selector, "types": ["Ingress", "Egress"], **sides}
    return made("projectcalico.org/v3", kind, place, spec)


def pods(namespace: str, selector: str = "all()") -> Made:
    return {"namespaceSelector": f"projectcalico.org/name == '{namespace}'", "selector": selector}


def to(target: Made) -> Made:
    return {"action": "Allow", "destination": target}


def on_8080(source: Made) -> Made:
    ports = {"ports": [8080]}
    return {"action": "Allow", "protocol": "TCP", "source": source, "destination": ports}


WAYS_IN = ["istio-ingress/istio-ingressgateway", "nginx-ingress/nginx-ingress-fast"]
MESH = [
    namespace("istio-ingress", **{"istio-injection": "enabled"}),
    namespace("nginx-ingress", **{"istio-injection": "enabled"}),
    namespace("shop", **{"istio-injection": "enabled", "nginx-shard.ekp/fast": "true"}),
    namespace("tools"),
    made(
        "security.istio.io/v1",
        "PeerAuthentication",
        "istio-system/default",
        {"mtls": {"mode": "STRICT"}},
    ),
    allow("istio-system/allow-nothing", []) | {"spec": {}},
    made(
        "networking.istio.io/v1",
        "Sidecar",
        "istio-system/default",
        {"egress": [{"hosts": ["istio-system/*"]}], "outboundTrafficPolicy": {}},
    ),
    made(
        "networking.istio.io/v1",
        "Sidecar",
        "nginx-ingress/default",
        {"egress": [{"hosts": ["*/*"]}]},
    ),
]
NETWORK = [
    made(
        "projectcalico.org/v3",
        "GlobalNetworkPolicy",
        "deny",
        {"order": 900, "types": ["Ingress", "Egress"]},
    ),
    opened(
        "entrances",
        "projectcalico.org/namespace in {'istio-ingress', 'nginx-ingress'}",
        ingress=[{"action": "Allow", "source": {"nets": ["10.0.0.0/24"]}}],
        egress=[to(pods("shop"))],
    ),
    opened("prometheus", "app == 'prometheus'", egress=[to(pods("shop"))]),
    opened(
        "shop/orders",
        "app == 'orders'",
        ingress=[
            on_8080(pods("istio-ingress")),
            on_8080(pods("nginx-ingress")),
            on_8080({"selector": "app == 'cart'"}),
        ],
    ),
    opened("shop/cart", "app == 'cart'", egress=[to({"selector": "app == 'orders'"})]),
]
ENTRANCES = [
    made(
        "networking.istio.io/v1",
        "Gateway",
        "istio-ingress/shop-orders",
        {
            "selector": {"app": "istio-ingressgateway"},
            "servers": [
                {
                    "port": {"number": 80, "name": "http", "protocol": "HTTP"},
                    "hosts": [f"shop/{HOST}"],
                }
            ],
        },
    ),
    *authentication("istio-ingress/tokens", "GATEWAY", app="istio-ingressgateway"),
    allow("istio-ingress/shop-orders", users(), app="istio-ingressgateway"),
    made(
        "k8s.nginx.org/v1",
        "VirtualServer",
        "shop/orders-fast",
        {
            "ingressClassName": "nginx-fast",
            "host": SHARD_HOST,
            "policies": [{"name": "rate"}],
            "upstreams": [{"name": "up", "service": "orders", "port": 80, "use-cluster-ip": True}],
            "routes": [
                {
                    "path": path,
                    "action": {
                        "proxy": {
                            "upstream": "up",
                            "requestHeaders": {"set": [{"name": "Host", "value": ORDERS}]},
                        }
                    },
                }
                for path in ("=/public", "=/orders", "/orders/")
            ],
        },
    ),
    made("k8s.nginx.org/v1", "Policy", "shop/rate", {"rateLimit": {"rate": "1r/s"}}),
]
SERVICES = [
    *service("orders"),
    *service("cart"),
    made(
        "networking.istio.io/v1",
        "VirtualService",
        "shop/orders",
        {
            "hosts": [HOST, ORDERS],
            "gateways": ["istio-ingress/shop-orders", "mesh"],
            "http": [{"name": "all", "route": [{"destination": {"host": ORDERS}}]}],
        },
    ),
    *authentication("shop/orders", "SIDECAR_INBOUND", app="orders"),
    allow(
        "shop/orders",
        [
            *users(sources=WAYS_IN),
            {
                "from": [{"source": {"serviceAccounts": ["shop/cart"]}}],
                "to": [{"operation": {"methods": ["GET"], "paths": ["/orders/*"]}}],
            },
        ],
        app="orders",
    ),
    made(
        "networking.istio.io/v1",
        "Sidecar",
        "shop/cart",
        {
            "workloadSelector": {"labels": {"app": "cart"}},
            "egress": [{"hosts": [f"shop/{ORDERS}", "./*.example.com"]}],
        },
    ),
]
PLATFORM = [
    Workload(
        "istio-ingress",
        "gateway",
        {"app": "istio-ingressgateway"},
        "istio-ingressgateway",
    ),
    Workload(
        "nginx-ingress",
        "fast",
        {"app.kubernetes.io/instance": "nginx-ingress-fast"},
        "nginx-ingress-fast",
    ),
    Workload("tools", "prometheus", {"app": "prometheus"}, "prometheus", in_mesh=False),
]


def shop(*more: Made, without: Iterable[tuple[str, str]] = ()) -> World:
    """Return the shop with more objects, and without some, named by kind and name."""
    left_out = set(without)
    found = [*MESH, *NETWORK, *ENTRANCES, *SERVICES]
    kept = [each for each in found if (each["kind"], each["metadata"]["name"]) not in left_out]
    assert len(kept) == len(found) - len(left_out), f"no such objects: {left_out}"
    kept += more
    return World.of(
        kept, PLATFORM, pod_network=IPv4Network("10.0.64.0/18"), outbound="REGISTRY_ONLY"
    )


def asked(path: str = "/orders/7", *, host: str = HOST, user: bool = True, **more: Any) -> Request:
    return Request(host, path, token=VISITOR if user else None, **more)
