"""NGINX ingress controllers in shards, for hosts with much traffic."""

import json
from collections.abc import Sequence
from ipaddress import IPv4Network
from typing import Any

from cdktf import ITerraformDependable
from constructs import Construct
from pydantic import Field

from ..core.availability import Availability
from ..core.cloudfront import CLIENT_ADDRESS_HEADER
from ..core.config import Config
from ..core.hosts import Shard, Shards
from ..core.mesh import (
    NGINX_NAMESPACE,
    shard_class,
    shard_labels,
    shard_release,
    shard_service,
    shard_watch_label,
)
from ..core.placement import Placement
from ..kubernetes.apply import Manifests
from ..kubernetes.certificates import issued_by
from ..kubernetes.helm import HelmRelease
from ..kubernetes.manifest import Manifest
from ..kubernetes.namespaces import Namespace, PodSecurity
from ..kubernetes.scheduling import spread
from .cert_manager import INTERNAL_ISSUER
from .charts import NGINX_INGRESS

NAMESPACE = Namespace(name=NGINX_NAMESPACE, pod_security=PodSecurity.RESTRICTED, injection=True)
# One a zone.
REPLICAS = 3
# Longer than target groups take to let go of a pod (60 s); the pod's own end is later still.
DRAIN_SECONDS = 65


class NginxConfig(Config):
    """Settings of every shard."""

    max_replicas: int = Field(default=20, ge=REPLICAS, le=100)
    """How far a shard grows under load, where it is highly available."""
    placement: Placement | None = None
    """Nodes kept for the shards; None: any."""


class Nginx(Construct):
    """One release and one ingress class a shard; one shard brings the definitions they share.

    That is the shard with the lowest slot, and the others come after it. When it is removed Helm
    leaves the definitions, and the next one is told to bring what is already there. Helm upgrades
    none of them: a new chart's are applied by hand before its pin changes.
    """

    ready: list[ITerraformDependable]

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        config: NginxConfig,
        availability: Availability,
        shards: Shards,
        trusted_proxies: int,
        balancer_networks: Sequence[IPv4Network],
        after: Sequence[ITerraformDependable],
    ) -> None:
        """Install the shards.

        Args:
            scope: the construct it belongs to.
            id_: its id there.
            config: settings of every shard.
            availability: how many copies of each run.
            shards: the environment's shards.
            trusted_proxies: 2 behind CloudFront and an ALB, 1 behind an ALB alone.
            balancer_networks: the subnets that the load balancer calls from.
            after: what stands before them, cert-manager's issuer and istiod among it.
        """
        super().__init__(scope, id_)
        self.ready = []
        for name, shard in sorted(shards.items(), key=lambda entry: entry[1].slot):
            first = not self.ready
            certificate = Manifests(
                self,
                f"certificate-{name}",
                name=f"{shard_release(name)}-certificate",
                namespace=NAMESPACE.name,
                manifests=[_certificate(name, shard)],
                after=after,
            )
            release = HelmRelease(
                self,
                f"shard-{name}",
                chart=NGINX_INGRESS,
                name=shard_release(name),
                namespace=NAMESPACE.name,
                overrides={
                    "controller": _controller(
                        name, config, availability, _real_ip(trusted_proxies, balancer_networks)
                    )
                },
                skip_crds=not first,
                after=[certificate.resource, *self.ready[:1]],
            )
            self.ready.append(release.resource)


def _secret(shard: str) -> str:
    return f"{shard_release(shard)}-tls"


def _certificate(name: str, shard: Shard) -> Manifest:
    """Return the certificate for calls that come by TLS, under the shard's hosts and service."""
    return Manifest(
        api_version="cert-manager.io/v1",
        kind="Certificate",
        name=shard_release(name),
        namespace=NAMESPACE.name,
        fields={
            "spec": {
                "secretName": _secret(name),
                "dnsNames": [*shard.hosts, f"{shard_service(name)}.{NAMESPACE.name}.svc"],
                "privateKey": {"algorithm": "ECDSA", "size": 256, "rotationPolicy": "Always"},
                "usages": ["digital signature", "server auth"],
                "issuerRef": issued_by(INTERNAL_ISSUER),
            }
        },
    )


def _real_ip(trusted_proxies: int, networks: Sequence[IPv4Network]) -> dict[str, str]:
    """Return where NGINX reads the client's address; it believes the load balancer alone."""
    # CloudFront's own addresses stand between, so the distribution writes a header of ours.
    header = CLIENT_ADDRESS_HEADER if trusted_proxies > 1 else "X-Forwarded-For"
    return {
        "real-ip-header": header,
        "set-real-ip-from": ",".join(str(network) for network in networks),
        "real-ip-recursive": "true",
    }


def _controller(
    name: str, config: NginxConfig, availability: Availability, real_ip: dict[str, str]
) -> dict[str, Any]:
    key, value = shard_watch_label(name)
    tls = {"secret": f"{NAMESPACE.name}/{_secret(name)}"}
    place = config.placement
    high = {
        "autoscaling": {
            "enabled": True,
            "minReplicas": REPLICAS,
            "maxReplicas": config.max_replicas,
        },
        "podDisruptionBudget": {"enabled": True, "maxUnavailable": 1},
    }
    return {
        "ingressClass": {"name": shard_class(name)},
        "watchNamespaceLabel": f"{key}={value}",
        "config": {"entries": real_ip},
        "defaultTLS": tls,
        # For hosts whose objects say TLS and name no secret of their own.
        "wildcardTLS": tls,
        "pod": {
            "annotations": {
                # Callers from outside come to NGINX itself; its own calls go through the mesh.
                "traffic.sidecar.istio.io/includeInboundPorts": "",
                "proxy.istio.io/config": json.dumps(
                    {"terminationDrainDuration": f"{DRAIN_SECONDS}s"}
                ),
            }
        },
        "lifecycle": {"preStop": {"sleep": {"seconds": DRAIN_SECONDS}}},
        **(high if availability.high else {"replicaCount": 1}),
        "topologySpreadConstraints": spread(shard_labels(name)),
        **(
            {"nodeSelector": place.node_selector, "tolerations": place.tolerations} if place else {}
        ),
    }
