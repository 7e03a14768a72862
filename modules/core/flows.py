"""Flow: who may call whom inside a cluster, as one fact that policies and evaluators share."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import IPv4Network


class Place(StrEnum):
    """Ends of a flow that are no pods of one service."""

    BALANCERS = "balancers"
    """The subnets from which the region's load balancer calls."""
    CONTROL_PLANE = "control-plane"
    """The subnets of the Kubernetes API: it serves there, and calls webhooks from there."""
    VPC = "vpc"
    """The VPC's own addresses: its interface endpoints to AWS."""
    INTERNET = "internet"
    """Every address that is not private, AWS's public ones among them."""
    PEERED = "peered"
    """The organisation's own networks, other clusters' among them, met over its own routes."""
    POD_IDENTITY = "pod-identity"
    """The agent of EKS Pod Identity on the node, 169.254.170.23."""
    OWN_NODE = "own-node"
    """The pod's own node: Calico never keeps a kubelet from its pods, so no policy says it."""
    EVERY_POD = "every-pod"
    """Every pod that a policy selects: all outside the namespaces of the system."""
    MESH = "mesh"
    """Every pod with a sidecar, and the gateway."""


@dataclass(frozen=True, slots=True)
class Pods:
    """Pods of one namespace that carry labels; without labels all of it."""

    namespace: str
    labels: Mapping[str, str] = field(default_factory=dict)


End = Pods | Place


class Transport(StrEnum):
    """Protocols of ports, as Calico names them."""

    TCP = "TCP"
    UDP = "UDP"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """Something the platform itself needs; what no flow names is refused."""

    name: str
    """Lower case, told apart from all others: policies are called so."""
    source: End
    target: End
    ports: tuple[int, ...]
    """None at all: any port."""
    transport: Transport = Transport.TCP
    reason: str
    """Why, for whoever reviews the policies."""


def flow(name: str, source: End, target: End, port: int, reason: str) -> Flow:
    """Return the commonest flow: TCP, to one port."""
    return Flow(name=name, source=source, target=target, ports=(port,), reason=reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionNetworks:
    """Addresses of one region that flows name by place."""

    vpc: IPv4Network
    balancers: tuple[IPv4Network, ...]
    control_plane: tuple[IPv4Network, ...]
    peered: tuple[IPv4Network, ...] = ()
    """None: no flow to or from them is allowed."""
