"""Check of quotas: pods that are always there have room, and a new version beside them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from modules.core.service_words import mebibytes, millis
from modules.core.services import Service
from modules.core.tenants import Tenancy

from .settings_document import Loc

# What Istio's proxy takes of a quota in every pod: helm-values/istiod.yaml.
PROXY_CPU, PROXY_MEMORY_LIMIT = "50m", "512Mi"


@dataclass(frozen=True, slots=True)
class _Demand:
    """Thousandths of a CPU, MiB that a limit counts, and pods."""

    cpu: int
    memory: int
    pods: int


def room(here: Tenancy) -> Iterator[tuple[Loc, str]]:
    """Yield what a namespace's quota has too little of.

    The least pods of all services fit, and once more those of the largest: a new version stands
    beside the old one until it has all the traffic. Services that get one at the same time may
    have to wait for each other.
    """
    quota = here.settings.quota
    for space in here.namespaces:
        services = here.services_of(space)
        if not services:
            continue
        for setting, has, unit in (
            ("cpu", millis(quota.cpu), "m"),
            ("memory", mebibytes(quota.memory), "Mi"),
            ("pods", quota.pods, ""),
        ):
            needs = _least(services, setting)
            if needs > has:
                yield (
                    ("environments", here.environment, "quota", setting),
                    (
                        f" = {getattr(quota, setting)}: namespace {space} needs at least "
                        f"{needs}{unit}: {_sum(services, setting, unit)}; raise it, or lower "
                        "min_replicas"
                    ),
                )


def demand(service: Service) -> _Demand:
    """Return what the least pods of a service take, each with its proxy."""
    pods = service.scaling.min_replicas
    return _Demand(
        cpu=pods * (millis(service.resources.cpu) + millis(PROXY_CPU)),
        # A container's memory is also its limit; the proxy's limit is more than it asks for.
        memory=pods * (mebibytes(service.resources.memory) + mebibytes(PROXY_MEMORY_LIMIT)),
        pods=pods,
    )


def _least(services: Sequence[Service], setting: str) -> int:
    found = [int(getattr(demand(service), setting)) for service in services]
    return sum(found) + max(found)


def _sum(services: Sequence[Service], setting: str, unit: str) -> str:
    shown = [f"{s.name} {getattr(demand(s), setting)}{unit}" for s in services]
    largest = max(services, key=lambda s: int(getattr(demand(s), setting)))
    what = "" if setting == "pods" else " with their proxies"
    return (
        f"{', '.join(shown)}{what}, and {largest.name} once more for a new version beside the old"
    )
