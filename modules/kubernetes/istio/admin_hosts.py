"""How people meet the platform's tools: their hosts at the gateway, and the way on from there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...core.hosts import AdminTool, Domain
from ...core.mesh import GATEWAY_LABELS, GATEWAY_NAMESPACE
from ...core.site import Site
from .. import vault_config
from ..manifest import Manifest
from .gateway import gateway_port, listening
from .rate_limits import CLIENT_FILTER

VAULT_TRUST = "vault-trust"
"""Secret of the gateway's namespace whose ``ca.crt`` signs Vault's certificate."""
_JWT_PER_ROUTE = "envoy.extensions.filters.http.jwt_authn.v3.PerRouteConfig"
_FILTER_CONFIG = "envoy.config.route.v3.FilterConfig"


@dataclass(frozen=True, slots=True, kw_only=True)
class InCluster:
    """Where a tool serves inside the cluster."""

    namespace: str
    service: str
    port: int = 80

    @property
    def address(self) -> str:
        """The name of its Service."""
        return f"{self.service}.{self.namespace}.svc.cluster.local"


TOOLS: Mapping[AdminTool, InCluster] = {
    AdminTool.ARGO_CD: InCluster(namespace="argocd", service="argocd-server"),
    AdminTool.GRAFANA: InCluster(
        namespace="observability", service="kube-prometheus-stack-grafana"
    ),
    AdminTool.KUBECOST: InCluster(namespace="kubecost", service="kubecost-frontend", port=9090),
    AdminTool.RANCHER: InCluster(namespace="cattle-system", service="rancher"),
    AdminTool.VAULT: InCluster(
        namespace=vault_config.NAMESPACE, service=vault_config.SERVER, port=vault_config.PORT
    ),
}
"""Every tool; the names are those of the releases and of the charts' templates."""


def exposed(tool: AdminTool, host: Domain, site: Site) -> list[Manifest]:
    """Return the objects that lead a host over the gateway to a tool.

    The tool asks for a sign-in itself and hands out tokens of its own, which the environment's
    issuers know nothing of: the gateway leaves them alone on this host. Nor does it count clients
    there, since people who look after the platform often share one address.
    """
    name = tool_name(tool)
    return [
        listening(name, hosts=[host], bound_from=GATEWAY_NAMESPACE, site=site),
        _route(tool, name, host),
        _connection(tool, name),
        _open(name, host),
        _exempt(name, host, site),
    ]


def trusted(tool: AdminTool, cluster_issuer: str) -> list[Manifest]:
    """Return what the gateway needs to believe a tool that speaks TLS, which Vault alone does.

    Args:
        tool: the tool.
        cluster_issuer: the ClusterIssuer that signs the tool's own certificate too.
    """
    if tool is not AdminTool.VAULT:
        return []
    return [vault_config.trust_certificate(VAULT_TRUST, GATEWAY_NAMESPACE, issuer=cluster_issuer)]


def tool_name(tool: AdminTool) -> str:
    """Return the name of a tool's objects at the gateway: one word, so no service's."""
    return tool.value.replace("-", "")


def _route(tool: AdminTool, name: str, host: str) -> Manifest:
    to = TOOLS[tool]
    route: dict[str, Any] = {
        "name": name,
        # No timeout, which is what Istio does unless told, and "0s" is refused: websockets and
        # streams stay. Source: CRD of VirtualService; istio 1.30.3, setTimeout.
        "retries": {"attempts": 0},
        "route": [{"destination": {"host": to.address, "port": {"number": to.port}}}],
    }
    if tool is AdminTool.RANCHER:
        # Source: Rancher manual, "TLS termination on an external load balancer".
        route["headers"] = {"request": {"set": {"x-forwarded-proto": "https"}}}
    return _networking(
        "VirtualService",
        name,
        {
            "hosts": [host],
            "gateways": [f"{GATEWAY_NAMESPACE}/{name}"],
            "exportTo": ["."],
            "http": [route],
        },
    )


def _connection(tool: AdminTool, name: str) -> Manifest:
    policy: dict[str, Any] = {"tls": {"mode": "DISABLE"}}
    if tool is AdminTool.VAULT:
        # A name that its certificate carries.
        server = f"{vault_config.SERVER}.{vault_config.NAMESPACE}.svc"
        policy["tls"] = {
            "mode": "SIMPLE",
            "credentialName": VAULT_TRUST,
            "sni": server,
            "subjectAltNames": [server],
        }
    if tool is AdminTool.KUBECOST:
        # A sign-in lasts at the copy that took it. Source: values of the chart kubecost 3.2.1,
        # frontend.service.sessionAffinity, which the gateway passes by: it calls pods.
        cookie = {"name": "ekp-kubecost", "path": "/", "ttl": "0s"}
        policy["loadBalancer"] = {"consistentHash": {"httpCookie": cookie}}
    spec = {"host": TOOLS[tool].address, "exportTo": ["."], "trafficPolicy": policy}
    return _networking("DestinationRule", name, spec)


def _open(name: str, host: str) -> Manifest:
    # Clients may name the port. Source: Istio, "Security Best Practices", host match policies.
    rule = {"to": [{"operation": {"hosts": [host, f"{host}:*"]}}]}
    return Manifest(
        api_version="security.istio.io/v1",
        kind="AuthorizationPolicy",
        name=name,
        namespace=GATEWAY_NAMESPACE,
        fields={
            "spec": {
                "selector": {"matchLabels": dict(GATEWAY_LABELS)},
                "action": "ALLOW",
                "rules": [rule],
            }
        },
    )


def _exempt(name: str, host: str, site: Site) -> Manifest:
    """Return the filter by which the gateway verifies no token on a tool's host, nor counts it.

    It would answer 401 to each Bearer token that is none of the environment's issuers: Argo CD's,
    Grafana's, Rancher's with all its agents. RequestAuthentication knows no hosts.
    Source: istio/istio#27432; istio 1.30.3, ``util.DomainName``.

    It would also count an office behind one address, with every panel of a dashboard that is open
    there, as one client: 429 for all. What the region's web ACL allows an address still holds. Any
    filter can be switched off so, by its own name rather than its type's; one that is not there is
    passed over. Source: Envoy, ``config.route.v3.FilterConfig`` and
    ``VirtualHost.typed_per_filter_config``; ``source/common/router/per_filter_config.cc``.
    """
    unverified = {"@type": f"type.googleapis.com/{_JWT_PER_ROUTE}", "disabled": True}
    uncounted = {"@type": f"type.googleapis.com/{_FILTER_CONFIG}", "disabled": True}
    filters = {
        # Where nothing verifies tokens, the gateway has no such filter.
        **({"envoy.filters.http.jwt_authn": unverified} if site.identity.issuers else {}),
        CLIENT_FILTER: uncounted,
    }
    patch = {"operation": "MERGE", "value": {"typed_per_filter_config": filters}}
    vhost = {"name": f"{host}:{gateway_port(site)}"}
    match = {"context": "GATEWAY", "routeConfiguration": {"vhost": vhost}}
    spec = {
        "workloadSelector": {"labels": dict(GATEWAY_LABELS)},
        "configPatches": [{"applyTo": "VIRTUAL_HOST", "match": match, "patch": patch}],
    }
    return _networking("EnvoyFilter", name, spec, version="v1alpha3")


def _networking(kind: str, name: str, spec: Mapping[str, Any], *, version: str = "v1") -> Manifest:
    return Manifest(
        api_version=f"networking.istio.io/{version}",
        kind=kind,
        name=name,
        namespace=GATEWAY_NAMESPACE,
        fields={"spec": spec},
    )
