"""Checks across services: hosts that two would answer, calls that only one side knows of.

Each service is judged once it is valid by itself; what is not has its error already.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from modules.core.hosts import ORIGIN_LABEL
from modules.core.identity import Identity
from modules.core.kubernetes_versions import Finding, Level
from modules.core.services import Route, Service, host_of
from modules.core.site import Site
from modules.core.tenants import Tenant
from modules.kubernetes.istio.access_paths import grants, patterns_under
from modules.kubernetes.istio.gateway import LONGEST_NAME
from modules.kubernetes.nginx.virtual_server import shard_conflicts
from modules.stacks.edge import EdgeConfig
from modules.stacks.platform_config import PlatformConfig

from .delivery_checks import delivery_problems, regions_of
from .known_tenants import Knows
from .schema import Environment
from .validity import valid


@dataclass(frozen=True)
class _Services:
    """The services of one environment, as far as its settings are valid."""

    name: str
    edge: EdgeConfig
    identity: Identity
    services: Sequence[Service]
    refs: frozenset[str]
    """Of all services, of those too that are wrong."""
    tenants: Mapping[str, str]
    """Names of tenants by their services' refs."""
    admin_hosts: Sequence[str]

    @property
    def site(self) -> Site:
        """What of the environment the checks across hosts need."""
        return Site(domain=self.edge.domain, shards=self.edge.shards, rates=self.edge.rates)


def check_services(environments: Sequence[Environment], known: Knows) -> list[Finding]:
    """Return everything wrong, each with the path of the setting."""
    written = [found for e in environments if (found := _services(e, known))]
    messages = [
        *(text for one in written for check in _CHECKS for text in check(one)),
        *(text for e in environments for text in delivery_problems(e, environments)),
    ]
    return [Finding(Level.ERROR, message) for message in messages]


def _objects(one: _Services) -> Iterator[str]:
    """Find services whose objects would be called as another's."""
    at_gateway: dict[str, str] = {}
    for service in one.services:
        name = service.long_name
        if len(name) > LONGEST_NAME:
            yield (
                f"{_path(one, service)}: its objects at the gateway would be called {name}, "
                f"{len(name)} characters of at most {LONGEST_NAME}; shorten its name"
            )
        other = at_gateway.setdefault(name, service.ref)
        if other != service.ref:
            yield (
                f"{one.name}.services: objects of {other} and {service.ref} at the gateway would "
                f"both be called {name}; rename one"
            )
    refs = {service.ref for service in one.services}
    for service in one.services:
        for suffix in ("-preview", "-versions"):
            if (other := f"{service.ref}{suffix}") in refs:
                yield (
                    f"{one.name}.services[{other}].name: an object of {service.ref} is called so; "
                    f"use a name that does not end in {suffix}"
                )


def _issuers(one: _Services) -> Iterator[str]:
    known = one.identity.issuers
    has, remedy = (
        (", ".join(known), "use one of these or add it") if known else ("none", "add it there")
    )
    for service in one.services:
        named = service.access.issuers
        for issuer in named:
            if issuer not in known:
                yield (
                    f"{_path(one, service)}.access.issuers: {issuer!r} is no issuer of the "
                    f"environment, whose identity.issuers has {has}; {remedy}"
                )
        if not (known or named) and _asks_for_a_token(service):
            yield (
                f"{_path(one, service)}.routes: nobody could sign in, since identity.issuers of "
                f"{one.name} is empty; add an issuer, or let access.public open all paths"
            )


def _asks_for_a_token(service: Service) -> bool:
    """Tell whether some path that users reach is not open to everyone."""
    within = patterns_under(route.path for route in service.routes)
    return any(grant.token for grant in grants(service.access, within))


def _hosts(one: _Services) -> Iterator[str]:
    domain = one.edge.domain
    for service in one.services:
        for route in service.routes:
            host = host_of(route, domain)
            if route.host == ORIGIN_LABEL or host in one.admin_hosts:
                yield (
                    f"{_path(one, service)}.routes: {host} is taken by the platform; use another "
                    "host"
                )


def _shared_paths(one: _Services) -> Iterator[str]:
    """Find paths of a host that the gateway would send to either of two services."""
    by_host: dict[str, list[tuple[Service, Route]]] = {}
    for service in one.services:
        for route in one.site.through_gateway(service):
            by_host.setdefault(one.site.host(route), []).append((service, route))
    for host, met in by_host.items():
        for (first, mine), (second, other) in combinations(met, 2):
            # Of two tenants the host itself is told.
            same = one.tenants[first.ref] == one.tenants[second.ref]
            if same and first.ref != second.ref and _overlap(mine, other):
                this, that = first.ref, second.ref
                yield (
                    f"{one.name}.services: {this} has {host}{mine.path} and {that} has "
                    f"{host}{other.path}, one inside the other; Istio asks the older one first, so "
                    "give one of them another path or host"
                )


def _hosts_of_tenants(one: _Services) -> Iterator[str]:
    """Find hosts of two tenants: a VirtualService of either may take any path of its hosts."""
    owners: dict[str, Service] = {}
    for service in one.services:
        for route in one.site.through_gateway(service):
            host = one.site.host(route)
            first = owners.setdefault(host, service)
            if one.tenants[first.ref] != one.tenants[service.ref]:
                this, that = _named(one, first, service)
                yield (
                    f"{one.name}.services: {this} and {that} both have {host}, and a host is of "
                    "one tenant, whose routes may take any of its paths; give one of them another"
                )


def _named(one: _Services, *services: Service) -> tuple[str, ...]:
    """Return how services are called in a message: with their tenants where they are of several."""
    if len({one.tenants[service.ref] for service in services}) == 1:
        return tuple(service.ref for service in services)
    return tuple(f"{service.ref} of tenant {one.tenants[service.ref]}" for service in services)


def _shards(one: _Services) -> Iterator[str]:
    for conflict in shard_conflicts(one.services, one.site):
        yield f"{one.name}.services: {conflict}"


def _overlap(one: Route, other: Route) -> bool:
    first, second = (f"{route.path.rstrip('/')}/" for route in (one, other))
    return first.startswith(second) or second.startswith(first)


def _calls(one: _Services) -> Iterator[str]:
    admitted = {s.ref: [caller.service for caller in s.callers] for s in one.services}
    for service in one.services:
        for ref in service.calls:
            if ref not in one.refs:
                yield (
                    f"{_path(one, service)}.calls: {ref} is no service of {one.name}; correct it "
                    "or add the service"
                )
            elif service.ref not in admitted.get(ref, [service.ref]):
                yield (
                    f"{_path(one, service)}.calls: {ref} does not admit {service.ref}; add it to "
                    f"callers of {ref}, whose team decides"
                )
        for caller in service.callers:
            if caller.service not in one.refs:
                yield (
                    f"{_path(one, service)}.callers: {caller.service} is no service of "
                    f"{one.name}; correct it or remove it"
                )


def _rates(one: _Services) -> Iterator[str]:
    gateway = one.edge.rates.gateway
    for service in one.services:
        rate = service.client_rate
        if rate is not None and rate.per_second > gateway.per_second:
            yield (
                f"{_path(one, service)}.client_rate = {rate}: the gateway's own is {gateway}, so "
                "it would never act; lower it, or raise edge.rates.gateway"
            )


_CHECKS = (_objects, _issuers, _hosts, _hosts_of_tenants, _shared_paths, _shards, _calls, _rates)


def _path(one: _Services, service: Service) -> str:
    return f"{one.name}.services[{service.ref}]"


def _services(environment: Environment, known: Knows) -> _Services | None:
    edge = valid(EdgeConfig, getattr(environment, "edge", None))
    identity = valid(Identity, getattr(environment, "identity", Identity()))
    written = getattr(environment, "tenants", ())
    if edge is None or identity is None or not isinstance(written, tuple | list):
        return None
    name = str(getattr(environment, "name", "environment"))
    tenants = [known(one) for one in written if isinstance(one, Tenant)]
    tenancies = [h for one in tenants if (h := one.tenant.in_environment(name)) is not None]
    platforms = [
        valid(PlatformConfig, getattr(settings, "platform", PlatformConfig()))
        for settings in regions_of(environment).values()
    ]
    return _Services(
        name=name,
        edge=edge,
        identity=identity,
        services=[service for here in tenancies for service in here.services],
        refs=frozenset(ref for one in tenants for ref in one.refs),
        tenants={service.ref: here.name for here in tenancies for service in here.services},
        admin_hosts=[host for p in platforms if p for host in p.admin_hosts.values()],
    )
