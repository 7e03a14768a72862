"""May this caller have this path of that service? The answer, and the object that decided."""

from dataclasses import replace

from .arrival import arrive
from .calico.endpoints import Endpoint
from .delivery import Call, deliver, reached
from .istio.destinations import Destination
from .istio.gateways import gateways_of
from .istio.hosts import asked_names
from .istio.routing import route
from .istio.scope import may_see
from .nginx import send
from .request import Decision, Request, Workload
from .stage import Stage
from .workloads import is_gateway, is_shard
from .world import World

GATEWAY = "gateway"
"""The entrance that is the Istio gateway; no shard may be called so (modules/core/hosts.py)."""
_BAD_GATEWAY = 502
_WHOLE = 100


def may_call(
    world: World,
    source: Workload | Endpoint,
    request: Request,
    *,
    entrance: str | None = None,
    straight_to: Workload | None = None,
    resolves_to: str | None = None,
) -> Call:
    """Return what becomes of a request.

    A user comes from the load balancer's addresses through an entrance. A workload calls a host of
    the cluster or of a ServiceEntry, or goes straight to a pod, around its own sidecar. The network
    is asked with the addresses and labels of whoever opens each connection.

    Args:
        world: The cluster.
        source: Who sends it: a workload, or an address.
        request: As it is sent. Its ``port`` is the entrance's own, the Service's, or for
            ``straight_to`` the pod's.
        entrance: ``GATEWAY`` or a shard's name.
        straight_to: The workload whose pod is called by its address.
        resolves_to: The IPv4 address of a host outside the cluster.

    Raises:
        Unsupported: the answer hangs on something that is not evaluated.
        ValueError: the arguments name no way that a request can take.
    """
    if straight_to is not None and is_gateway(straight_to):
        raise ValueError("the gateway's pods are an entrance; write entrance=GATEWAY")
    if straight_to is not None:
        found = arrive(world, source, straight_to, request.port, request, plaintext=True)
        return reached(found, straight_to)
    if entrance == GATEWAY:
        return _through_gateway(world, source, request)
    if entrance is not None:
        return _through_shard(world, source, request, entrance)
    if isinstance(source, Workload):
        ways = _through_sidecar if source.in_mesh else _plain
        return ways(world, source, request, resolves_to)
    raise ValueError(f"{source.name} is no workload; name the entrance that it comes by")


def _through_gateway(world: World, source: Workload | Endpoint, request: Request) -> Call:
    gateway = _only([each.workload for each in world.pods if is_gateway(each.workload)], GATEWAY)
    entered = arrive(world, source, gateway, request.port, request, plaintext=True)
    if not entered.allowed:
        return Call(entered.hops)
    routed = route(
        world.objects,
        entered.request,
        gateway=gateways_of(world.objects, gateway, request.port),
        namespace=gateway.namespace,
    )
    hops = (*entered.hops, routed.decision.at(Stage.ROUTE))
    if not routed.decision.allowed:
        return Call(hops, routed=routed)
    call = deliver(world, gateway, entered.request, routed.destinations)
    return replace(call.after(*hops), routed=routed)


def _through_shard(world: World, source: Workload | Endpoint, request: Request, shard: str) -> Call:
    pods = [each.workload for each in world.pods if is_shard(each.workload, shard)]
    nginx = _only(pods, f"shard {shard}")
    network = world.network(source, nginx, request.port).at(Stage.NETWORK)
    if not network.allowed:
        return Call((network,))
    sent = send(world.objects, world.namespaces, shard, request)
    answer = sent.decision.at(Stage.SHARD)
    if sent.request is None or sent.upstream is None:
        return Call((network, answer))
    namespace, name = sent.upstream
    if world.service(f"{name}.{namespace}.svc.cluster.local") is None:
        why = f"there is no Service {namespace}/{name}"
        lost = Decision(False, answer.by, why, _BAD_GATEWAY, Stage.SHARD)
        return Call((network, lost))
    return _through_sidecar(world, nginx, sent.request, None).after(network, answer)


def _through_sidecar(
    world: World, source: Workload, request: Request, resolves_to: str | None
) -> Call:
    scope = may_see(world.objects, source, request.host, mesh=world.outbound).at(Stage.SCOPE)
    if not scope.allowed:
        return Call((scope,))
    routed = route(world.objects, request, gateway=None, namespace=source.namespace)
    hops = (scope, routed.decision.at(Stage.ROUTE))
    if not routed.decision.allowed:
        return Call(hops, routed=routed)
    call = deliver(world, source, request, routed.destinations, resolves_to)
    return replace(call.after(*hops), routed=routed)


def _plain(world: World, source: Workload, request: Request, resolves_to: str | None) -> Call:
    """Return what becomes of a call without a sidecar: no route of the mesh holds for it."""
    names = asked_names(request.host, source.namespace)
    host = next((name for name in names if world.service(name)), names[-1])
    return deliver(world, source, request, [Destination(host, None, _WHOLE)], resolves_to)


def _only(found: list[Workload], what: str) -> Workload:
    if len(found) != 1:
        raise ValueError(f"{len(found)} workloads are the {what}; pass one to World.of")
    return found[0]
