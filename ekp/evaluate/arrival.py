"""What a request meets at pods: the network, mutual TLS, refused paths, the token, policies."""

from dataclasses import dataclass, replace

from modules.core.mesh import ENVOY_METRICS_PORT, GATEWAY_HEALTH_PORT, METRICS_PORT, NGINX_NAMESPACE

from .calico.endpoints import Endpoint
from .istio.authentication import authenticate, forwarded
from .istio.authorization import authorize
from .istio.headers import cleaned
from .istio.peer import connect
from .istio.refusals import refused_by
from .request import Decision, Identity, Request, Workload
from .stage import Stage
from .workloads import is_gateway
from .world import World

# A proxy that cannot connect answers it. Source: Envoy, "Response flags", UF.
UNAVAILABLE = 503
# istio-cni leaves them out of what it sends to the proxy: mesh policies do not hold there. Nor do
# they at a shard, whose NGINX takes callers itself (includeInboundPorts is empty).
_NOT_REDIRECTED = (METRICS_PORT, GATEWAY_HEALTH_PORT, ENVOY_METRICS_PORT)


@dataclass(frozen=True, slots=True)
class Arrived:
    """What became of a request at a proxy."""

    hops: tuple[Decision, ...]
    request: Request
    """As the proxy leaves it: what it sends on, or gives to the application."""

    @property
    def allowed(self) -> bool:
        """Whether it went through."""
        return all(hop.allowed for hop in self.hops)


def arrive(
    world: World,
    sender: Workload | Endpoint,
    target: Workload,
    port: int,
    request: Request,
    *,
    plaintext: bool = False,
) -> Arrived:
    """Return what becomes of a request that is sent to a pod.

    Args:
        world: The cluster.
        sender: Whose connection it is: the pod with the last proxy on the way, or the caller.
        target: Whose pod it is.
        port: The pod's port.
        request: As it is sent.
        plaintext: Whether the sender goes around its own sidecar, and so proves nothing.
    """
    peer = sender if isinstance(sender, Workload) and sender.in_mesh and not plaintext else None
    network = _connected(world.network(sender, target, port), by_proxy=peer is not None).at(
        Stage.NETWORK
    )
    if not network.allowed:
        return Arrived((network,), request)
    if port in _NOT_REDIRECTED or target.namespace == NGINX_NAMESPACE:
        why = f"the proxy does not guard port {port}"
        return Arrived((network, Decision(True, f"{target.namespace}/{target.name}", why)), request)
    answer, proven = connect(world.objects, target, peer, port, gateway=is_gateway(target))
    mutual_tls = answer.at(Stage.MUTUAL_TLS)
    if not mutual_tls.allowed:
        return Arrived((network, mutual_tls), request)
    through = _through_proxy(world, target, proven, port, request)
    return Arrived((network, mutual_tls, *through.hops), through.request)


def _connected(network: Decision, *, by_proxy: bool) -> Decision:
    """Return a decision of the network; where a proxy wanted to connect, it answers."""
    return network if network.allowed or not by_proxy else replace(network, status=UNAVAILABLE)


def _through_proxy(
    world: World, target: Workload, peer: Workload | None, port: int, request: Request
) -> Arrived:
    objects = world.objects
    if refused := refused_by(objects, target, request, gateway=is_gateway(target)):
        return Arrived((refused.at(Stage.PATHS),), request)
    clean = cleaned(objects, target, request, gateway=is_gateway(target))
    answer, identity = authenticate(objects, target, clean)
    authentication = answer.at(Stage.TOKEN)
    if not authentication.allowed:
        return Arrived((authentication,), clean)
    seen = forwarded(objects, target, clean, identity)
    answer = _authorize(world, target, peer, replace(seen, port=port), identity)
    authorization = answer.at(Stage.AUTHORIZATION)
    return Arrived((authentication, authorization), seen)


def _authorize(
    world: World,
    target: Workload,
    peer: Workload | None,
    request: Request,
    identity: Identity | None,
) -> Decision:
    return authorize(
        world.objects, target, peer, request, identity, trust_domain=world.trust_domain
    )
