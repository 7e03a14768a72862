"""The service mesh: its control plane, the plugin on nodes and the gateway behind the ALB."""

import json
from collections.abc import Sequence
from typing import Any

from cdktf import ITerraformDependable
from constructs import Construct
from pydantic import Field

from ..core.availability import Availability
from ..core.config import Config
from ..core.context import Context
from ..core.mesh import (
    GATEWAY,
    GATEWAY_LABELS,
    GATEWAY_NAMESPACE,
    MESH_ROOT,
    TRACING_PROVIDER,
)
from ..core.placement import Placement
from ..kubernetes.apply import Manifests
from ..kubernetes.helm import HelmRelease
from ..kubernetes.istio.rate_buckets import STAT_PREFIX
from ..kubernetes.namespaces import Namespace, PodSecurity
from ..kubernetes.scheduling import spread
from .charts import ISTIO_BASE, ISTIO_CNI, ISTIO_GATEWAY, ISTIOD
from .istio_monitors import istio_monitors

SYSTEM = Namespace(name=MESH_ROOT, pod_security=PodSecurity.RESTRICTED)
# The plugin writes to folders of the node, which kube-system alone would let it do otherwise.
CNI = Namespace(name="istio-cni", pod_security=PodSecurity.PRIVILEGED)
INGRESS = Namespace(name=GATEWAY_NAMESPACE, pod_security=PodSecurity.RESTRICTED, injection=True)
NAMESPACES = (SYSTEM, CNI, INGRESS)

OTLP_PORT = 4317
# One a zone.
GATEWAY_REPLICAS = 3
# Longer than target groups take to let go of a pod (60 s); the pod's own end is later still.
DRAIN_SECONDS = 65


class IstioConfig(Config):
    """Settings of the mesh."""

    trace_sampling: float = Field(default=1, gt=0, le=100)
    """Percent of requests that are traced."""
    gateway_max_replicas: int = Field(default=10, ge=GATEWAY_REPLICAS, le=100)
    """How far the gateway grows under load, where it is highly available."""
    gateway_placement: Placement | None = None
    """Nodes kept for the gateway; None: any."""


class Istio(Construct):
    """Istio in sidecar mode; one mesh a cluster, its trust domain the cluster's name.

    ``control_plane`` is what pods of the mesh come after, ``ready`` what uses the gateway does.
    """

    control_plane: list[ITerraformDependable]
    ready: list[ITerraformDependable]

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        ctx: Context,
        config: IstioConfig,
        availability: Availability,
        trusted_proxies: int,
        tracing_service: str,
        after: Sequence[ITerraformDependable] = (),
    ) -> None:
        """Install the mesh.

        Args:
            scope: the construct it belongs to.
            id_: its id there.
            ctx: the cluster's name.
            config: settings.
            availability: how many copies run.
            trusted_proxies: how many proxies before the gateway tell the truth about who called
                them: 2 behind CloudFront and an ALB, 1 behind an ALB alone.
            tracing_service: host of the service that takes spans by OTLP over gRPC; until it is
                there, spans are dropped.
            after: what stands before it.
        """
        super().__init__(scope, id_)
        base = HelmRelease(
            self,
            "base",
            chart=ISTIO_BASE,
            name="istio-base",
            namespace=SYSTEM.name,
            after=after,
        )
        # A pod that comes before its node's plugin is held by its own check and mended by the
        # plugin, so nobody waits for the DaemonSet.
        cni = HelmRelease(
            self,
            "cni",
            chart=ISTIO_CNI,
            name="istio-cni",
            namespace=CNI.name,
            after=[base.resource],
        )
        istiod = HelmRelease(
            self,
            "istiod",
            chart=ISTIOD,
            namespace=SYSTEM.name,
            overrides=_control_plane(ctx, availability, tracing_service),
            after=[base.resource, cni.resource],
        )
        Manifests(
            self,
            "monitors",
            name="istio-monitors",
            namespace=SYSTEM.name,
            manifests=istio_monitors(SYSTEM.name),
            after=[istiod.resource],
        )
        gateway = HelmRelease(
            self,
            "gateway",
            chart=ISTIO_GATEWAY,
            name=GATEWAY,
            namespace=INGRESS.name,
            overrides=_gateway(config, availability, trusted_proxies),
            after=[istiod.resource],
        )
        self.control_plane = [istiod.resource]
        self.ready = [gateway.resource]


def trust_domain(ctx: Context) -> str:
    """Return what the identities of the cluster's workloads begin with."""
    return ctx.cluster_name


def _control_plane(
    ctx: Context, availability: Availability, tracing_service: str
) -> dict[str, Any]:
    return {
        "meshConfig": {
            "trustDomain": trust_domain(ctx),
            "extensionProviders": [
                {
                    "name": TRACING_PROVIDER,
                    "opentelemetry": {"service": tracing_service, "port": OTLP_PORT},
                }
            ],
            "defaultProviders": {"tracing": [TRACING_PROVIDER]},
        },
        "global": {
            "meshID": ctx.cluster_name,
            "multiCluster": {"clusterName": ctx.cluster_name},
        },
        # The chart makes the disruption budget for two and more.
        **(
            {"autoscaleEnabled": True, "autoscaleMin": 2}
            if availability.high
            else {"autoscaleEnabled": False, "replicaCount": 1}
        ),
        "topologySpreadConstraints": spread({"app": "istiod"}),
    }


def _gateway(
    config: IstioConfig, availability: Availability, trusted_proxies: int
) -> dict[str, Any]:
    proxy = {
        # On the gateway's pods, not in the mesh's defaults, so that a change restarts them.
        "gatewayTopology": {"numTrustedProxies": trusted_proxies},
        "terminationDrainDuration": f"{DRAIN_SECONDS}s",
        # A proxy keeps what its rate limits refuse to itself unless told.
        "proxyStatsMatcher": {"inclusionPrefixes": [STAT_PREFIX]},
    }
    place = config.gateway_placement
    high = {
        "autoscaling": {
            "enabled": True,
            "minReplicas": GATEWAY_REPLICAS,
            "maxReplicas": config.gateway_max_replicas,
        },
        "podDisruptionBudget": {"maxUnavailable": 1},
    }
    return {
        "podAnnotations": {"proxy.istio.io/config": json.dumps(proxy)},
        **(high if availability.high else {"autoscaling": {"enabled": False}, "replicaCount": 1}),
        "topologySpreadConstraints": spread(GATEWAY_LABELS),
        **(
            {"nodeSelector": place.node_selector, "tolerations": place.tolerations} if place else {}
        ),
    }
