"""Service: everything a team says about one of its services; all its objects come from this."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from .config import Config, named_once
from .context import Name, Text
from .delivery import Canary, Strategy
from .hosts import OutsideDomain
from .identity import Claim
from .networks import PrivateNetwork
from .rates import Key, Rate
from .secrets import Secret
from .service_words import (
    Cpu,
    HostLabel,
    Image,
    Memory,
    NamespaceName,
    PathPattern,
    PathPrefix,
    ServiceName,
    ServiceRef,
)

# Source: Istio documentation, "Ports used by Istio".
PROXY_PORTS = range(15_000, 15_091)


class Protocol(StrEnum):
    """What the container speaks, without TLS: the mesh adds that."""

    HTTP = "http"
    GRPC = "grpc"


class Method(StrEnum):
    """HTTP methods."""

    GET = "GET"
    HEAD = "HEAD"
    OPTIONS = "OPTIONS"
    POST = "POST"
    PUT = "PUT"
    PATCH = "PATCH"
    DELETE = "DELETE"


class Route(Config):
    """Where users meet the service."""

    host: HostLabel
    """A host of an NGINX shard leads over that shard, every other over the Istio gateway."""
    path: PathPrefix = "/"
    """A path and all under it."""


class AccessRule(Config):
    """What reaching some paths takes, beside a valid token; the rule alone opens them."""

    paths: tuple[PathPattern, ...] = Field(min_length=1)
    """Paths that it is about."""
    methods: tuple[Method, ...] = ()
    """None: any."""
    groups: tuple[Text, ...] = ()
    """Any of these in the groups claim; of Entra ID they are object ids. None: no group asked."""
    claims: Mapping[Claim, Annotated[tuple[Text, ...], Field(min_length=1)]] = Field(
        default_factory=dict
    )
    """Each claim with the values that will do."""
    mfa: bool = False
    """Asks for proof of a second factor, for administrative paths."""


class Access(Config):
    """What a user must prove. Without any rule: a valid token of any issuer, for every path."""

    issuers: tuple[Name, ...] = ()
    """Of the environment's ``identity.issuers``; none: all of them."""
    public: tuple[PathPattern, ...] = ()
    """Open to everyone, token or not."""
    rules: tuple[AccessRule, ...] = ()
    """What some paths take beside a token: groups, claims, a second factor."""

    @model_validator(mode="after")
    def a_path_is_guarded_once(self) -> Self:
        """Refuse a path that stands twice: the weaker of two rules would open it."""
        for methods in _method_sets(self.rules):
            paths = [p for rule in self.rules if _covers(rule, methods) for p in rule.paths]
            named_once("access.rules", paths)
        if both := sorted({p for r in self.rules for p in r.paths} & set(self.public)):
            raise ValueError(
                f"access: {', '.join(both)} is both public and in a rule; remove it from one"
            )
        return self


def _method_sets(rules: tuple[AccessRule, ...]) -> list[str]:
    return sorted({method for rule in rules for method in rule.methods}) or [""]


def _covers(rule: AccessRule, method: str) -> bool:
    return not rule.methods or method in rule.methods


class Caller(Config):
    """A service that may call this one, proven by its certificate in the mesh."""

    service: ServiceRef
    """As ``namespace/name``."""
    paths: tuple[PathPattern, ...] = ()
    """None: any."""
    methods: tuple[Method, ...] = ()
    """None: any."""


class External(Config):
    """A host outside the cluster that the service may call, by TLS from the first byte on."""

    host: OutsideDomain
    """Its name in DNS."""
    port: int = Field(default=443, ge=1, le=65_535)
    """TCP port."""
    networks: tuple[PrivateNetwork, ...] = ()
    """Private networks in which the host has its addresses, such as the VPC's own for an AWS
    service with an interface endpoint; none: it has public ones."""


class Slo(Config):
    """What users can rely on; its alerts and the canary's analysis ask for the same."""

    availability_percent: float = Field(default=99.9, ge=90, lt=100)
    """Requests that are not answered by an error of the service, over 30 days."""
    p99_milliseconds: int = Field(default=500, ge=10, le=60_000)
    """What 99 of 100 requests are answered within."""


class Scaling(Config):
    """How many pods there are."""

    min_replicas: int = Field(default=3, ge=1, le=500)
    """Three: one a zone."""
    max_replicas: int = Field(default=10, ge=1, le=500)
    """Pods that it never goes above."""
    cpu_percent: int = Field(default=70, ge=10, le=95)
    """Of the CPU requested, which more pods keep it at."""

    @model_validator(mode="after")
    def there_is_room_to_grow(self) -> Self:
        """Refuse a ceiling below the floor."""
        if self.max_replicas < self.min_replicas:
            raise ValueError(
                f"max_replicas = {self.max_replicas} is below min_replicas = {self.min_replicas}; "
                "raise it"
            )
        return self


class Resources(Config):
    """What a pod's container asks for; memory is also its limit."""

    cpu: Cpu = "100m"
    """Asked for; ``250m`` is a quarter of a CPU. There is no limit."""
    memory: Memory = "256Mi"
    """Asked for, and the limit."""


class Probes(Config):
    """Where the container says how it is, on the service's port."""

    readiness: PathPrefix = "/readyz"
    """A pod that fails it gets no requests."""
    liveness: PathPrefix = "/livez"
    """A container that fails it is started anew."""
    startup_seconds: int = Field(default=60, ge=10, le=900)
    """How long it may take to start."""


class Resilience(Config):
    """How callers are kept from waiting, and a sick pod from being called."""

    timeout_seconds: int = Field(default=15, ge=1, le=300)
    """Seconds for the whole answer, retries included."""
    retries: int = Field(default=2, ge=0, le=5)
    """For GET, HEAD and OPTIONS alone: what changes something is never sent twice."""
    max_connections: int = Field(default=200, ge=1, le=100_000)
    """Of each caller's proxy, to all pods of a version together; for HTTP/2, requests at once."""
    max_waiting_requests: int = Field(default=100, ge=1, le=100_000)
    """Requests that wait for a connection at one caller's proxy; more fail at once."""
    errors_before_ejection: int = Field(default=5, ge=1, le=1000)
    """5xx in a row after which a pod is left alone for a while."""


class Service(Config):
    """A service of a team: where it runs, who may call it, and how a new version comes in."""

    name: ServiceName
    """Also the name of its service account, by which others name it."""
    namespace: NamespaceName
    """One of its tenant's."""
    image: Image
    """With a tag other than ``latest``, or better a digest."""
    port: int = Field(default=8080, ge=1024, le=65_535)
    """1024 and above: the container is not root. 15000 to 15090 are the proxy's."""
    protocol: Protocol = Protocol.HTTP
    """What the container speaks, without TLS; ``grpc``: for calls from inside alone."""
    variables: Mapping[Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")], str] = Field(
        default_factory=dict
    )
    """Environment variables; no secrets."""
    secrets: tuple[Secret, ...] = ()
    """What Vault brings it, as files."""
    routes: tuple[Route, ...] = ()
    """None: it is called from inside alone."""
    access: Access = Field(default_factory=Access)
    """What a user must prove on its routes."""
    callers: tuple[Caller, ...] = ()
    """Services that may call it. Each also lists it in its ``calls``: both sides agree."""
    calls: tuple[ServiceRef, ...] = ()
    """Services that it calls, as ``namespace/name``; each lists it in its ``callers``."""
    external: tuple[External, ...] = ()
    """Hosts outside the cluster that it calls."""
    capacity: Rate | None = None
    """What one pod takes; more is answered 429, so that it lives on under load. None: it takes what
    comes. A load test tells the number: pods that refuse too early have CPU to spare, and no more
    of them are started."""
    client_rate: Rate | None = None
    """What one client may ask of the service's routes; None: the gateway's own rate alone."""
    strategy: Strategy = Field(default_factory=Canary)
    """How a new version comes in."""
    slo: Slo = Field(default_factory=Slo)
    """What it promises; alerts and canaries are measured by it."""
    scaling: Scaling = Field(default_factory=Scaling)
    """How many pods there are."""
    resources: Resources = Field(default_factory=Resources)
    """What a pod asks for."""
    probes: Probes = Field(default_factory=Probes)
    """Where the container says how it is."""
    resilience: Resilience = Field(default_factory=Resilience)
    """How long callers wait, and when a pod is left alone."""

    @model_validator(mode="after")
    def rates_count_what_they_are_for(self) -> Self:
        """Refuse a pod's capacity that counts clients, and a client's rate that counts pods."""
        if self.capacity and self.capacity.key is not Key.POD:
            raise ValueError("capacity counts by client, it is what one pod takes; write key pod")
        if self.client_rate and self.client_rate.key is not Key.CLIENT:
            raise ValueError("client_rate counts by pod, it is a client's; leave key out")
        return self

    @model_validator(mode="after")
    def the_port_is_its_own(self) -> Self:
        """Refuse a port that the proxy beside it listens on."""
        if self.port in PROXY_PORTS:
            raise ValueError(
                f"port = {self.port}: Istio's proxy has {PROXY_PORTS.start} to "
                f"{PROXY_PORTS.stop - 1}; use another, such as 8080"
            )
        return self

    @model_validator(mode="after")
    def access_is_of_paths_that_users_reach(self) -> Self:
        """Refuse a path that no route leads to: its rule would guard nothing."""
        guarded = [*self.access.public, *(p for rule in self.access.rules for p in rule.paths)]
        prefixes = [route.path.rstrip("/") + "/" for route in self.routes]
        for pattern in guarded:
            path = pattern.removesuffix("*").rstrip("/") + "/"
            wide = pattern.endswith("*")
            if not any(path.startswith(p) or (wide and p.startswith(path)) for p in prefixes):
                led = ", ".join(route.path for route in self.routes) or "no path at all"
                raise ValueError(
                    f"access names {pattern}, users are led to {led}; correct the path, or add a "
                    "route for it"
                )
        return self

    @model_validator(mode="after")
    def users_are_met_by_http(self) -> Self:
        """Refuse routes to gRPC: load balancers reach gateway and shards by HTTP/1.1."""
        if self.routes and self.protocol is Protocol.GRPC:
            raise ValueError(
                "routes: gRPC is for calls from inside alone, since users come by HTTP/1.1; remove "
                "the routes, or put a service that speaks HTTP before it"
            )
        return self

    @model_validator(mode="after")
    def each_is_named_once(self) -> Self:
        """Refuse what stands twice, and a service that calls itself through the mesh."""
        named_once("routes", [f"{route.host}{route.path}" for route in self.routes])
        named_once("callers", [caller.service for caller in self.callers])
        named_once("calls", self.calls)
        named_once("secrets", [secret.name for secret in self.secrets])
        named_once("external", [f"{to.host}:{to.port}" for to in self.external])
        if self.ref in (*self.calls, *(caller.service for caller in self.callers)):
            raise ValueError(f"{self.ref} is its own caller; remove it from calls and callers")
        return self

    @property
    def ref(self) -> str:
        """How others name it: ``<namespace>/<name>``."""
        return f"{self.namespace}/{self.name}"

    @property
    def address(self) -> str:
        """The name it has inside the cluster."""
        return f"{self.name}.{self.namespace}.svc.cluster.local"

    @property
    def long_name(self) -> str:
        """What its objects are called where those of other namespaces stand beside them."""
        return f"{self.namespace}-{self.name}"

    def hosts(self, domain: str) -> tuple[str, ...]:
        """Return the hosts of its routes in an environment with that domain, each once."""
        return tuple(dict.fromkeys(host_of(route, domain) for route in self.routes))


def host_of(route: Route, domain: str) -> str:
    """Return the host of a route in an environment with that domain."""
    return domain if route.host == "@" else f"{route.host}.{domain}"


def selector(service: Service) -> dict[str, str]:
    """Return the labels that select a service's pods, old and new version alike."""
    return {"app.kubernetes.io/name": service.name}


def labels(service: Service) -> dict[str, str]:
    """Return the labels of everything that belongs to a service."""
    return {
        **selector(service),
        "app.kubernetes.io/part-of": service.namespace,
        "app.kubernetes.io/managed-by": "ekp",
    }
