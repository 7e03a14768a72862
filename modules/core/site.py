"""Site: what the services of one environment have in common."""

from dataclasses import dataclass, field

from .hosts import Shards
from .identity import Identity
from .rates import Rates
from .services import Route, Service, host_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The ways into an environment, as the objects of its services name them."""

    domain: str
    shards: Shards = field(default_factory=dict)
    identity: Identity = field(default_factory=Identity)
    rates: Rates = field(default_factory=Rates)
    client_header: str | None = None
    """Header that carries the caller's address; None: the load balancer's X-Forwarded-For tells."""
    gateway_tls: bool = False
    """Whether the load balancer meets the gateway on TLS."""
    gateway_replicas: int = 1
    """The fewest gateways that share out a client's requests."""

    def shard_of(self, host: str) -> str | None:
        """Return the shard that serves a host; None: the Istio gateway does."""
        return next((name for name, shard in self.shards.items() if host in shard.hosts), None)

    def host(self, route: Route) -> str:
        """Return the host of a route."""
        return host_of(route, self.domain)

    def through_gateway(self, service: Service) -> tuple[Route, ...]:
        """Return the routes of a service that lead over the Istio gateway."""
        return tuple(r for r in service.routes if self.shard_of(self.host(r)) is None)

    def through_shards(self, service: Service) -> dict[str, tuple[Route, ...]]:
        """Return the routes of a service that lead over each NGINX shard."""
        found: dict[str, list[Route]] = {}
        for route in service.routes:
            if (shard := self.shard_of(self.host(route))) is not None:
                found.setdefault(shard, []).append(route)
        return {shard: tuple(routes) for shard, routes in found.items()}
