"""Example settings of edge and ingress, valid as they stand; a test changes what it is about."""

from typing import Any

from modules.core.context import Context
from modules.core.hosts import Hosts, Shard
from modules.stacks.cluster import ClusterConfig, ClusterStack
from modules.stacks.edge import EdgeConfig, EdgeStack
from modules.stacks.ingress import IngressConfig, IngressStack
from modules.stacks.network import NetworkConfig, NetworkStack

from constructs import Construct

from . import settings

DOMAIN = "prod.ekp.example"


def edge_context(**changes: Any) -> Context:
    """Return the context of production's edge."""
    return settings.context(**{"region": "us-east-1", "is_global": True} | changes)


def hosts(*names: str) -> Hosts:
    """Return production's hosts, with one shard for the names where there are any."""
    under = tuple(f"{name}.{DOMAIN}" for name in names)
    return Hosts(domain=DOMAIN, shards={"api": Shard(hosts=under, slot=1)} if under else {})


def edge(**changes: Any) -> EdgeConfig:
    """Return settings of an edge."""
    return EdgeConfig(**{"domain": DOMAIN} | changes)


def ingress_stack(
    scope: Construct,
    entrance: EdgeConfig | None = None,
    config: IngressConfig | None = None,
    **changes: Any,
) -> IngressStack:
    """Make an ingress layer with the layers that it reads; ``changes`` are of its context."""
    ctx = settings.context(**changes)
    above = entrance or edge()
    network = NetworkStack(scope, ctx, NetworkConfig(vpc=settings.vpc()))
    cluster: ClusterConfig = settings.cluster()
    return IngressStack(
        scope,
        ctx,
        config or IngressConfig(),
        entrance=above,
        edge=EdgeStack(scope, edge_context(), above),
        network=network,
        cluster=ClusterStack(scope, ctx, cluster, network=network),
    )
