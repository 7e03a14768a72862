"""Faults that open a cluster: ways in, callers and rights that name nobody."""

from typing import Any

from .seeded import Change, Fault, gone_from, put_in

TENANTS = "prod-eu-west-1-tenants"
DENIAL = "default-deny/Resource"
DENY = "GlobalNetworkPolicy/platform-default-deny"
MESH = "mesh/Resource"
SHOP = "tenant-shop/Resource"
RIGHTS = "rancher-agent/rights/Resource"
PEOPLE = "people/Resource"
CATALOG = "shop/catalog.yaml"
ANALYSIS = "AnalysisTemplate/shop/catalog"
VIEW = "ClusterRoleBinding/platform-viewers-view"


def _added(place: str, api: str, kind: str, spec: Any, namespace: str | None = None) -> Change:
    """Add an object by the name ``seeded``."""
    metadata = {"name": "seeded", **({"namespace": namespace} if namespace else {})}
    one = {"apiVersion": api, "kind": kind, "metadata": metadata, "spec": spec}
    return lambda seeded: seeded.objects(place).append(one)


def _opened(end: Any = None, **selectors: str) -> Change:
    """Add a policy before all others that lets through what its rules' ends name."""
    rule = {"action": "Allow", "protocol": "TCP"}
    spec = {
        "order": 0,
        **selectors,
        "types": ["Ingress", "Egress"],
        "ingress": [{**rule, "source": end or {}}],
        "egress": [{**rule, "destination": end or {}}],
    }
    return _added(DENIAL, "projectcalico.org/v3", "GlobalNetworkPolicy", spec)


def _allowed(namespace: str, rule: Any, **spec: Any) -> Change:
    whole = {"action": "ALLOW", "rules": [rule], **spec}
    return _added(MESH, "security.istio.io/v1", "AuthorizationPolicy", whole, namespace)


OPENED = {
    "pods without a label that none has": _opened(selector="!has(nothing)"),
    "both halves of all addresses": _opened({"nets": ["0.0.0.0/1", "128.0.0.0/1"]}),
}

FAULTS = (
    Fault(
        "the platform's namespaces do not deny by default",
        TENANTS,
        gone_from(DENIAL, DENY),
        "EKP_NETPOL_2",
        (f"{RIGHTS}:Namespace/cattle-system",),
    ),
    *(
        Fault(
            f"the network is open to {name}",
            TENANTS,
            change,
            "EKP_NETPOL_1",
            (f"{SHOP}:Namespace/shop",),
        )
        for name, change in OPENED.items()
    ),
    Fault(
        "the mesh lets every caller in",
        TENANTS,
        _allowed("istio-system", {"from": [{"source": {"principals": ["*"]}}]}),
        "EKP_MESH_2",
        (f"{SHOP}:Namespace/shop",),
    ),
    Fault(
        "the mesh lets callers in on every path",
        TENANTS,
        _allowed("istio-system", {"to": [{"operation": {"paths": ["*"]}}]}),
        "EKP_MESH_2",
        (f"{SHOP}:Namespace/shop",),
    ),
    Fault(
        "everyone may call a service",
        TENANTS,
        _allowed("shop", {}, selector={"matchLabels": {"app.kubernetes.io/name": "catalog"}}),
        "EKP_MESH_2",
        (f"{MESH}:AuthorizationPolicy/shop/seeded",),
    ),
    Fault(
        "whoever asks may look at the cluster",
        TENANTS,
        put_in(PEOPLE, VIEW, "subjects", 0, to={"kind": "User", "name": "system:anonymous"}),
        "EKP_RBAC_2",
        (f"{PEOPLE}:{VIEW}",),
    ),
    Fault(
        "people who look at a cluster may do everything",
        TENANTS,
        put_in(PEOPLE, VIEW, "roleRef", "name", to="cluster-admin"),
        "EKP_RBAC_2",
        (f"{PEOPLE}:{VIEW}",),
    ),
    Fault(
        "Rancher's agent has a role that nobody reads here",
        TENANTS,
        put_in(
            RIGHTS, "ClusterRoleBinding/cattle-admin-binding", "roleRef", "name", to="cluster-admin"
        ),
        "EKP_RBAC_2",
        (f"{RIGHTS}:ClusterRoleBinding/cattle-admin-binding",),
    ),
    Fault(
        "an analysis runs a job that is not bounded",
        TENANTS,
        put_in(
            CATALOG,
            ANALYSIS,
            "spec",
            "metrics",
            0,
            "provider",
            to={"job": {"spec": {"template": {"spec": {"containers": [{"name": "job"}]}}}}},
        ),
        "EKP_POD_2",
        (f"{CATALOG}:{ANALYSIS}",),
    ),
    Fault(
        "a service is met past the platform's load balancer",
        TENANTS,
        put_in(CATALOG, "Service/shop/catalog", "spec", "type", to="LoadBalancer"),
        "EKP_INGRESS_2",
        (f"{CATALOG}:Service/shop/catalog",),
    ),
)
