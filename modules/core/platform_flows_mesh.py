"""Flows of the ways in and of the mesh: from the load balancer to services, and to istiod."""

from collections.abc import Sequence

from .flows import Flow, Place
from .mesh import GATEWAY_HEALTH_PORT, XDS_PORT
from .platform_flows_pods import GATEWAY, ISTIOD, shard


def ways_in(shards: Sequence[str]) -> tuple[Flow, ...]:
    """Return the flows of the load balancer to the gateway and to each shard."""
    return (
        Flow(
            name="balancers-to-gateway",
            source=Place.BALANCERS,
            target=GATEWAY,
            ports=(80, 443, GATEWAY_HEALTH_PORT),
            reason="Users' requests, and the load balancer's question whether a gateway is ready.",
        ),
        *(
            Flow(
                name=f"balancers-to-nginx-{name}",
                source=Place.BALANCERS,
                target=shard(name),
                ports=(80, 8081),
                reason="Users' requests to the shard's hosts, and the load balancer's question "
                "whether a pod is ready.",
            )
            for name in sorted(shards)
        ),
    )


def mesh_flows(shards: Sequence[str]) -> tuple[Flow, ...]:
    """Return the flows of proxies to istiod, and of the ways in to services."""
    tried = "What it reaches is what the services' own policies let in."
    return (
        Flow(
            name="mesh-to-istiod",
            source=Place.MESH,
            target=ISTIOD,
            ports=(XDS_PORT,),
            reason="Proxies get their configuration and certificates from istiod.",
        ),
        Flow(
            name="istiod-to-issuers",
            source=ISTIOD,
            target=Place.INTERNET,
            ports=(443,),
            reason="istiod fetches the keys that issuers sign tokens with.",
        ),
        Flow(
            name="istiod-to-issuers-nearby",
            source=ISTIOD,
            target=Place.PEERED,
            ports=(443,),
            reason="istiod fetches the keys of issuers inside the organisation's own networks.",
        ),
        Flow(
            name="gateway-to-services",
            source=GATEWAY,
            target=Place.MESH,
            ports=(),
            reason=f"The gateway passes requests on to services. {tried}",
        ),
        *(
            Flow(
                name=f"nginx-{name}-to-services",
                source=shard(name),
                target=Place.MESH,
                ports=(),
                reason=f"The shard passes requests on to services. {tried}",
            )
            for name in sorted(shards)
        ),
    )
