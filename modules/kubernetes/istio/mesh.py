"""What holds in the whole mesh: mTLS, no access and little reach until a service's object says."""

from typing import Any

from ...core.mesh import MESH_ROOT, NGINX_NAMESPACE
from ..manifest import Manifest
from .path_parameters import refuse_path_parameters

# Proxies send spans through a cluster of their own, which a Sidecar leaves out like any other:
# without it nothing is traced, and nobody is told. Source: istio/istio#53701.
TRACING_HOST = "observability/jaeger.observability.svc.cluster.local"
"""The tracing provider's service, as a Sidecar's ``hosts`` name it."""
CONTROL_PLANE_HOSTS = f"{MESH_ROOT}/*"


def mesh_defaults() -> list[Manifest]:
    """Return the objects that refuse every call in the mesh which no service's object names.

    Paths with parameters are refused whatever any object names.

    Without a selector and in the root namespace they hold for each proxy, the gateway's too, whose
    callers come without mTLS: it has no inbound listener of a sidecar, so that STRICT is not asked
    of them. Out of reach of them all are the ports 15020 (merged metrics, probes), 15021 (health)
    and 15090 (the proxy's metrics): istio-cni leaves them out of what it redirects, and what
    answers there is the agent or a listener of Envoy's bootstrap, which policies do not shape.
    Source: istio 1.30.3, ``cni/pkg/plugin/sidecar_redirect.go`` and ``pkg/bootstrap``.
    """
    return [
        Manifest(
            api_version="security.istio.io/v1",
            kind="PeerAuthentication",
            name="default",
            namespace=MESH_ROOT,
            fields={"spec": {"mtls": {"mode": "STRICT"}}},
        ),
        Manifest(
            api_version="security.istio.io/v1",
            kind="AuthorizationPolicy",
            name="allow-nothing",
            namespace=MESH_ROOT,
            # Without rules it allows nothing, and as soon as one ALLOW is there the rest is denied.
            fields={"spec": {}},
        ),
        Manifest(
            api_version="networking.istio.io/v1",
            kind="Sidecar",
            name="default",
            namespace=MESH_ROOT,
            fields={"spec": egress_scope(["./*", CONTROL_PLANE_HOSTS, TRACING_HOST])},
        ),
        *refuse_path_parameters(),
    ]


def nginx_scope() -> Manifest:
    """Return the Sidecar of the NGINX shards: they know every service of the mesh."""
    return Manifest(
        api_version="networking.istio.io/v1",
        kind="Sidecar",
        name="default",
        namespace=NGINX_NAMESPACE,
        # A shard serves whichever namespace carries its label, and must not change when one does.
        # Knowing a service is not being let in: each workload names the shards it takes.
        fields={"spec": egress_scope(["*/*"])},
    )


def egress_scope(hosts: list[str]) -> dict[str, Any]:
    """Return a Sidecar's ``spec``: its proxies know these hosts, and send to no other.

    The mode is said here too, so that a change of the mesh's own opens nothing.
    """
    return {"egress": [{"hosts": hosts}], "outboundTrafficPolicy": {"mode": "REGISTRY_ONLY"}}
