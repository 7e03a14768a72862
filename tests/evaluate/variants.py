"""Production with one layer of defence taken away, so that the next one has to decide."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from enum import StrEnum

from modules.core.identity import Issuer
from modules.kubernetes.guardrails import service_guardrails
from modules.kubernetes.istio.tokens import verify_at_gateway

from ekp.evaluate.request import Object, named
from ekp.evaluate.world import World
from tests.support.mesh_world import Cluster
from tests.support.two_tenants import INVOICES

PARTNERS = Issuer(
    issuer="https://partners.example.net/",
    jwks_uri="https://partners.example.net/keys",
    audiences=("partner-api",),
)


class Variant(StrEnum):
    """What of production is as it is not."""

    NOTHING = "production as it is"
    NETWORK = "no network policies"
    REACH = "no Sidecar limits whom proxies know"
    MESH_ALONE = "no network policies, and no Sidecars"
    GATEWAY = "somebody opened the gateway to everyone by hand"
    WORKLOADS = "somebody opened the services' pods to everyone by hand"
    PROXIES_ALONE = "no network policies, no Sidecars, and pods opened to everyone by hand"
    TEAM = "the shop's team wrote a NetworkPolicy that opens everything"
    HIJACK = "the second tenant wrote a VirtualService for the shop's host"
    PARTNERS = "a second issuer, whose tokens some services take"


def changed(cluster: Cluster, variant: Variant, without: Collection[str] = ()) -> World:
    """Return the cluster in a variant, and without some objects beside, by kind and name."""
    objects, gone = _CHANGES[variant](cluster)
    kept = [one for one in objects if named(one) not in without]
    return cluster.world(*kept, without={*gone, *without})


def _network(cluster: Cluster) -> set[str]:
    return {named(o) for o in cluster.objects if o["apiVersion"].startswith("projectcalico.org/")}


def _sidecars(cluster: Cluster) -> set[str]:
    return {named(o) for o in cluster.objects if o["kind"] == "Sidecar"}


def _opened(namespace: str) -> Object:
    return {
        "apiVersion": "security.istio.io/v1",
        "kind": "AuthorizationPolicy",
        "metadata": {"name": "by-hand", "namespace": namespace},
        "spec": {"action": "ALLOW", "rules": [{}]},
    }


def _partners(cluster: Cluster) -> list[Object]:
    """Return the guardrails that are others where the environment has a second issuer."""
    issuers = {**cluster.site.identity.issuers, "partners": PARTNERS}
    identity = cluster.site.identity.model_copy(update={"issuers": issuers})
    site = replace(cluster.site, identity=identity)
    made = [
        *verify_at_gateway(site),
        *(m for service in cluster.services for m in service_guardrails(service, site)),
    ]
    return [manifest.as_dict() for manifest in made]


_OPENED = [_opened("shop"), _opened("billing")]
_TEAM: Object = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "NetworkPolicy",
    "metadata": {"name": "open", "namespace": "shop"},
    "spec": {
        "podSelector": {},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [{}],
        "egress": [{}],
    },
}
_HIJACK: Object = {
    "apiVersion": "networking.istio.io/v1",
    "kind": "VirtualService",
    "metadata": {"name": "hijack", "namespace": "billing"},
    "spec": {
        "hosts": ["shop.prod.ekp.example"],
        "gateways": ["istio-ingress/shop-checkout", "istio-ingress/billing-invoices"],
        "http": [
            {
                "match": [{"uri": {"prefix": "/cart"}}],
                "route": [{"destination": {"host": INVOICES.address}}],
            }
        ],
    },
}
_CHANGES: Mapping[Variant, Callable[[Cluster], tuple[list[Object], set[str]]]] = {
    Variant.NOTHING: lambda _: ([], set()),
    Variant.NETWORK: lambda cluster: ([], _network(cluster)),
    Variant.REACH: lambda cluster: ([], _sidecars(cluster)),
    Variant.MESH_ALONE: lambda cluster: ([], _network(cluster) | _sidecars(cluster)),
    Variant.GATEWAY: lambda _: ([_opened("istio-ingress")], set()),
    Variant.WORKLOADS: lambda _: (_OPENED, set()),
    Variant.PROXIES_ALONE: lambda cluster: (_OPENED, _network(cluster) | _sidecars(cluster)),
    Variant.TEAM: lambda _: ([_TEAM], set()),
    Variant.HIJACK: lambda _: ([_HIJACK], set()),
    Variant.PARTNERS: lambda cluster: (_partners(cluster), set()),
}
