"""Ends of flows in Calico's words: which pods a policy selects, whom a rule names."""

from collections.abc import Mapping
from ipaddress import IPv4Network
from typing import Any

from ...core.flows import End, Place, Pods, RegionNetworks
from ...core.networks import PRIVATE
from ...core.platform_flows import SYSTEM_NAMESPACES

API = "projectcalico.org/v3"
# Calico asks policies by rising order and the first rule that matches decides. Kubernetes' own
# NetworkPolicies have 1000: behind the denial, so that whoever may write one opens nothing.
# Source: projectcalico/calico v3.32.1, k8s/conversion/conversion.go.
ALLOW_ORDER = 500
DENY_ORDER = 900

# Every namespace has it, by Calico's doing.
NAMESPACE = "projectcalico.org/name"
# The injector's templates of sidecars and of gateways both give pods this label.
# Source: istio/istio 1.30.3, istio-discovery/files.
_IN_MESH = "has(service.istio.io/canonical-name)"
_MESH_NAMESPACES = "istio-injection == 'enabled'"
_SYSTEM = ", ".join(f"'{name}'" for name in SYSTEM_NAMESPACES)
# Pods have addresses of the VPC: a rule that means a network must not mean them.
_ANY_POD = "has(projectcalico.org/namespace)"
_POD_IDENTITY = IPv4Network("169.254.170.23/32")
# Link-local holds the instances' metadata, loopback the pod itself.
_NOT_INTERNET = (*PRIVATE, IPv4Network("169.254.0.0/16"), IPv4Network("127.0.0.0/8"))

Entity = Mapping[str, Any]


def pods_of(end: End) -> Entity | None:
    """Return the selectors of pods; None: the end is no pods, or pods that no policy selects."""
    if isinstance(end, Pods) and end.namespace in SYSTEM_NAMESPACES:
        return None
    return _selectors(end)


def entity(end: End, networks: RegionNetworks) -> Entity:
    """Return what a rule says of the other end.

    Raises:
        ValueError: a pod's own node, which no rule can name.
    """
    if (found := _selectors(end)) is not None:
        return found
    if end is Place.INTERNET:
        return internet()
    addresses = {
        Place.BALANCERS: networks.balancers,
        Place.CONTROL_PLANE: networks.control_plane,
        Place.VPC: (networks.vpc,),
        Place.PEERED: networks.peered,
        Place.POD_IDENTITY: (_POD_IDENTITY,),
    }
    for place, found_at in addresses.items():
        if end is place:
            return network(found_at)
    raise ValueError(f"{end}: Calico never keeps a node from its own pods; render no policy for it")


def internet() -> Entity:
    """Return every address that is not private, link-local or loopback."""
    return {"nets": ["0.0.0.0/0"], "notNets": [str(net) for net in _NOT_INTERNET]}


def network(nets: tuple[IPv4Network, ...]) -> Entity:
    """Return addresses that are no pods', though they may lie among theirs."""
    return {"nets": [str(net) for net in nets], "notSelector": _ANY_POD}


def pods(namespace: str, labels: Mapping[str, str]) -> Entity:
    """Return the selectors of a namespace's pods with the labels; without labels all of it."""
    found = {"namespaceSelector": f"{NAMESPACE} == '{namespace}'"}
    return {**found, "selector": selector(labels)} if labels else found


def selector(labels: Mapping[str, str]) -> str:
    """Return the expression that all of the labels meet."""
    return " && ".join(f"{key} == '{value}'" for key, value in sorted(labels.items()))


def _selectors(end: End) -> Entity | None:
    match end:
        case Pods(namespace, labels):
            return pods(namespace, labels)
        case Place.MESH:
            return {"namespaceSelector": _MESH_NAMESPACES, "selector": _IN_MESH}
        case Place.EVERY_POD:
            return {"namespaceSelector": f"has({NAMESPACE}) && {NAMESPACE} not in {{{_SYSTEM}}}"}
    return None
