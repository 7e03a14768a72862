"""What the ingress gateway listens for: the hosts of each service, in the clear or by TLS."""

from collections.abc import Sequence
from typing import Any

from ...core.mesh import GATEWAY_LABELS, GATEWAY_NAMESPACE
from ...core.services import Service, labels
from ...core.site import Site
from ..certificates import issued_by
from ..manifest import Manifest

HTTP_PORT = 80
TLS_PORT = 443
# A VirtualService names a Gateway by it. Source: istio 1.30.3,
# pkg/config/validation/validation.go, validateGatewayNames.
LONGEST_NAME = 63
# Services' objects are called <namespace>-<name> there, so that one word is nobody's.
CERTIFICATE = "gateway"
TLS_SECRET = "gateway-tls"  # noqa: S105 - name of a Secret
TLS_FILTER = "tls"
_DOWNSTREAM_TLS = "envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext"


def gateway_name(service: Service) -> str:
    """Return the name of a service's objects in the gateway's namespace.

    Raises:
        ValueError: it is longer than the name of a Gateway may be.
    """
    name = service.long_name
    if len(name) > LONGEST_NAME:
        raise ValueError(
            f"{service.ref}: its Gateway would be called {name}, {len(name)} characters of at most "
            f"{LONGEST_NAME}; shorten the service's name"
        )
    return name


def gateway_port(site: Site) -> int:
    """Return the port of the gateway that the load balancer calls."""
    return TLS_PORT if site.gateway_tls else HTTP_PORT


def service_gateway(service: Service, site: Site) -> list[Manifest]:
    """Return the Gateway for a service's hosts; none where no route leads over the gateway.

    VirtualServices of the service's own namespace alone may bind to it: another team's would take
    over its users. Several Gateways share the port, also with a host in common: Istio merges what
    speaks plain HTTP into one listener and one table of routes.
    Source: istio 1.30.3, ``pilot/pkg/model/gateway.go``, ``mergeGateways``.

    Raises:
        ValueError: its name is too long.
    """
    hosts = tuple(dict.fromkeys(site.host(route) for route in site.through_gateway(service)))
    if not hosts:
        return []
    return [
        listening(
            gateway_name(service),
            hosts=hosts,
            bound_from=service.namespace,
            site=site,
            own_labels=labels(service),
        )
    ]


def listening(
    name: str,
    *,
    hosts: Sequence[str],
    bound_from: str,
    site: Site,
    own_labels: dict[str, str] | None = None,
) -> Manifest:
    """Return a Gateway for hosts, open to the VirtualServices of one namespace.

    It speaks plain HTTP even on the port for TLS, which ``gateway_certificate`` wraps as a whole.
    """
    server: dict[str, Any] = {
        "port": {"number": gateway_port(site), "name": f"http-{name}", "protocol": "HTTP"},
        "hosts": [f"{bound_from}/{host}" for host in hosts],
    }
    return Manifest(
        api_version="networking.istio.io/v1",
        kind="Gateway",
        name=name,
        namespace=GATEWAY_NAMESPACE,
        labels=own_labels or {},
        fields={"spec": {"selector": dict(GATEWAY_LABELS), "servers": [server]}},
    )


def gateway_certificate(site: Site, cluster_issuer: str) -> list[Manifest]:
    """Return the gateway's certificate and the filter that listens by it; none without TLS.

    One certificate for all hosts, on the listener as a whole. HTTPS servers of Gateways would not
    do behind an Application Load Balancer: Istio tells them apart by the name in the TLS handshake
    (SNI), which the load balancer does not send, and drops the second one with the same host.
    Where the filter is missing nothing comes through: the load balancer finds no TLS.
    Source: istio/istio#35420, aws-samples/eks-alb-istio-with-tls#9; istio 1.30.3, CheckDuplicates.

    Args:
        site: the environment's domain, and whether the load balancer comes by TLS.
        cluster_issuer: name of the ClusterIssuer; the load balancer believes any certificate.
    """
    if not site.gateway_tls:
        return []
    certificate = Manifest(
        api_version="cert-manager.io/v1",
        kind="Certificate",
        name=CERTIFICATE,
        namespace=GATEWAY_NAMESPACE,
        fields={
            "spec": {
                "secretName": TLS_SECRET,
                "dnsNames": [site.domain, f"*.{site.domain}"],
                "privateKey": {"algorithm": "ECDSA", "size": 256, "rotationPolicy": "Always"},
                "usages": ["digital signature", "server auth"],
                "issuerRef": issued_by(cluster_issuer),
            }
        },
    )
    return [certificate, _tls_on_the_listener()]


def _tls_on_the_listener() -> Manifest:
    # What Istio itself writes for an HTTPS server with credentialName. The gateway gets the Secret
    # by its service account's right to read those of its namespace, which the chart gives it.
    # Source: istio 1.30.3, BuildListenerTLSContext, SDSAdsConfig, filterAuthorizedResources.
    context = {
        "@type": f"type.googleapis.com/{_DOWNSTREAM_TLS}",
        "require_client_certificate": False,
        "common_tls_context": {
            "alpn_protocols": ["h2", "http/1.1"],
            "tls_params": {"tls_minimum_protocol_version": "TLSv1_2"},
            "tls_certificate_sds_secret_configs": [
                {
                    "name": f"kubernetes://{TLS_SECRET}",
                    "sds_config": {"ads": {}, "resource_api_version": "V3"},
                }
            ],
        },
    }
    return Manifest(
        api_version="networking.istio.io/v1alpha3",
        kind="EnvoyFilter",
        name=TLS_FILTER,
        namespace=GATEWAY_NAMESPACE,
        fields={
            "spec": {
                "workloadSelector": {"labels": dict(GATEWAY_LABELS)},
                "configPatches": [
                    {
                        "applyTo": "FILTER_CHAIN",
                        "match": {"context": "GATEWAY", "listener": {"portNumber": TLS_PORT}},
                        "patch": {
                            "operation": "MERGE",
                            "value": {
                                "transport_socket": {
                                    "name": "envoy.transport_sockets.tls",
                                    "typed_config": context,
                                }
                            },
                        },
                    }
                ],
            }
        },
    )
