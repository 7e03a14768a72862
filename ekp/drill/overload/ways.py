"""Ways to a service, with all that counts requests on them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction

from ekp.configured.replicas import Replicas
from ekp.evaluate.istio.buckets import Bucket

LIMITED_BY = "x-ekp-limited-by"
"""Header by which Envoy's refusals say who refuses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """A limit of a client at an entrance, or of a service's pod. Each pod counts for itself."""

    name: str
    """Who refuses: ``gateway``, ``service``, ``pod`` or a shard."""
    by: str
    """The object, with the field that holds it."""
    bucket: Bucket
    """What one pod allows while the fewest run."""
    widest: Bucket
    """What one pod allows while the most run."""
    status: int
    told: str | None = None
    """What ``LIMITED_BY`` says in a refusal; None: nothing."""
    whole: bool = True
    """Whether it counts all requests of a client at its entrance, and not one service's alone."""
    remembered: int | None = None
    """Clients that a pod knows at a time; None: all of them, or it tells none apart."""

    def rate(self, pods: Replicas) -> Fraction:
        """Return what a client has a second over the fewest pods."""
        return self.bucket.per_second * pods.fewest

    def widest_rate(self, pods: Replicas) -> Fraction:
        """Return what a client has a second over the most pods."""
        return self.widest.per_second * pods.most

    def at_once(self, pods: Replicas) -> int:
        """Return what a client may have at once over the fewest pods."""
        return self.bucket.max_tokens * pods.fewest

    def widest_at_once(self, pods: Replicas) -> int:
        """Return what a client may have at once over the most pods."""
        return self.widest.max_tokens * pods.most


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way from the internet to a service."""

    service: str
    """``<namespace>/<name>`` of its Service."""
    entrance: str
    """``gateway`` or ``shard <name>``."""
    urls: tuple[str, ...]
    """What users ask for, hosts with paths; said where only requests without the client's header
    come so."""
    door: Replicas
    """The entrance's."""
    pods: Replicas
    """The service's."""
    guards: tuple[Guard, ...]
    """Limits of clients at the entrance, in the order in which requests meet them."""
    capacity: Guard | None
    """What one pod of the service takes; None: whatever comes."""
    loose: tuple[str, ...] = ()
    """Limits that are there and refuse nobody, or not all that is too much."""
    versions: int = 1
    """Versions of the service that its routes name; each has a limit of one service of its own."""

    @property
    def name(self) -> str:
        """What it is called in tables: ``shop/checkout by the gateway``."""
        by = "the gateway" if self.entrance == "gateway" else self.entrance
        return f"{self.service} by {by}"

    @property
    def tightest(self) -> Guard | None:
        """The guard that allows a client the least; None: there is none."""
        return min(self.guards, key=lambda one: one.rate(self.door), default=None)


@dataclass(frozen=True, slots=True)
class Ways:
    """The ways into one region."""

    region: str
    services: tuple[Way, ...]
    tools: tuple[tuple[str, str], ...]
    """Hosts at the gateway that lead to no service, and what counts clients there, "" nothing."""


def joined(found: Iterable[Way]) -> tuple[Way, ...]:
    """Return ways with those made one that differ in nothing but their addresses."""
    urls: dict[Way, list[str]] = {}
    for each in found:
        urls.setdefault(replace(each, urls=()), []).extend(each.urls)
    return tuple(
        replace(
            each,
            urls=tuple(dict.fromkeys(one for one in of if one.partition(" ")[0] == one))
            or tuple(dict.fromkeys(of)),
        )
        for each, of in urls.items()
    )
