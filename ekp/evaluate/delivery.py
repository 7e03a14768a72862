"""What becomes of a request that a proxy, or a caller itself, sends to hosts of the cluster."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from .arrival import UNAVAILABLE, Arrived, arrive
from .calico.endpoints import address
from .istio.destinations import Destination
from .istio.hosts import covers, written_name
from .istio.routing import Routed
from .request import Decision, Object, Request, Unsupported, Workload, named, of_kind
from .stage import Stage
from .workloads import is_gateway
from .world import World

_MUTUAL = "ISTIO_MUTUAL"


@dataclass(frozen=True, slots=True)
class Call:
    """What becomes of a request, from its sender to the application."""

    hops: tuple[Decision, ...]
    """All decisions on the way, in their order; after a refusal none follows."""
    target: Workload | None = None
    """Whose pods it came to, refused there or not; None: it came to none."""
    seen_headers: Mapping[str, str] | None = None
    """What the application sees; None: it sees nothing of the request."""
    routed: Routed | None = None
    """The route that it took; None: it came to no proxy that routes."""

    @property
    def allowed(self) -> bool:
        """Whether the application gets the request."""
        return all(hop.allowed for hop in self.hops)

    @property
    def deciding(self) -> Decision:
        """The refusal, or the last decision on the way."""
        return self.hops[-1]

    @property
    def by(self) -> str:
        """What decided: the object that refused, or the last one that let it through."""
        return self.deciding.by

    @property
    def status(self) -> int | None:
        """What the sender is answered instead; None: allowed, or the connection just fails."""
        return None if self.allowed else self.deciding.status

    def after(self, *hops: Decision) -> "Call":
        """Return the call with what was decided before it."""
        return replace(self, hops=(*hops, *self.hops))


def reached(arrived: Arrived, target: Workload) -> Call:
    """Return the call that ends at a workload's proxy."""
    seen = dict(arrived.request.headers) if arrived.allowed else None
    return Call(arrived.hops, target, seen)


def deliver(
    world: World,
    sender: Workload,
    request: Request,
    destinations: Iterable[Destination],
    resolves_to: str | None = None,
) -> Call:
    """Return what becomes of a request at the pods that may get it.

    All of them are asked, of every destination with a weight: they have to agree.

    Args:
        world: The cluster.
        sender: Whose pod connects to them.
        request: As it is sent.
        destinations: Where a route leads.
        resolves_to: The IPv4 address of a host outside the cluster.

    Raises:
        Unsupported: the pods disagree, or a host's pods or address are not known.
    """
    calls = [
        call
        for destination in destinations
        if destination.weight
        for call in _to_host(world, sender, request, destination.host, resolves_to)
    ]
    first = calls[0]
    for other in calls[1:]:
        if (other.allowed, other.status, other.seen_headers) != (
            first.allowed,
            first.status,
            first.seen_headers,
        ):
            raise Unsupported(
                f"request for {request.host}", "pods", f"{first.by} and {other.by} disagree"
            )
    return first


def _to_host(
    world: World, sender: Workload, request: Request, host: str, resolves_to: str | None
) -> list[Call]:
    service = world.service(host)
    if service is None:
        if resolves_to is None:
            raise Unsupported(f"request for {host}", "host", "give the address that it resolves to")
        network = world.network(sender, address(resolves_to), request.port).at(Stage.NETWORK)
        return [Call((network,), seen_headers=request.headers if network.allowed else None)]
    port = _port(service, request, sender)
    if port is None:
        return [_unanswered(sender, service, f"there is no port {request.port}")]
    backend = world.backend(service, port)
    if not backend.workloads:
        return [_unanswered(sender, service, "selects no pods that are known")]
    if sender.in_mesh:
        _check_tls(world.objects, host, backend.workloads)
    return [
        reached(arrive(world, sender, target, backend.port, request), target)
        for target in backend.workloads
    ]


def _unanswered(sender: Workload, service: Object, why: str) -> Call:
    """Return the call that no pod takes; where the sender has a proxy, that one answers."""
    status = UNAVAILABLE if sender.in_mesh else None
    return Call((Decision(False, named(service), why, status, Stage.SERVICE),))


def _port(service: Object, request: Request, sender: Workload) -> int | None:
    """Return the Service's port that a route leads to; None: it has no such port."""
    ports = [int(entry["port"]) for entry in (service.get("spec") or {}).get("ports") or ()]
    if not is_gateway(sender):
        return request.port if request.port in ports else None
    if len(ports) != 1:
        raise Unsupported(service, "spec.ports", "with several a gateway's route has to name one")
    return ports[0]


def _check_tls(objects: Iterable[Object], host: str, targets: Iterable[Workload]) -> None:
    """Refuse a DestinationRule that chooses other TLS than Istio itself would.

    Without one Istio chooses mutual TLS for pods that have a sidecar, and none for others.
    """
    without = [f"{each.namespace}/{each.name}" for each in targets if not each.in_mesh]
    for rule in of_kind(objects, "networking.istio.io", "DestinationRule"):
        spec = rule.get("spec") or {}
        subsets = spec.get("subsets") or ()
        named_host = written_name(str(spec.get("host")), rule["metadata"]["namespace"])
        if not covers(named_host, host):
            continue
        for policy in (spec.get("trafficPolicy"), *(each.get("trafficPolicy") for each in subsets)):
            settings = policy or {}
            for part in (settings, *(settings.get("portLevelSettings") or ())):
                mode = (part.get("tls") or {}).get("mode")
                if mode not in (None, _MUTUAL):
                    raise Unsupported(rule, "spec.trafficPolicy.tls", "is not evaluated")
                if mode and without:
                    why = f"asks {without[0]} for mutual TLS, which has no sidecar"
                    raise Unsupported(rule, "spec.trafficPolicy.tls", why)
