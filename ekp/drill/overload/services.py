"""Services of a cluster: who answers for them, how many pods, what one of these takes."""

from ekp.configured.replicas import Replicas, of_workload
from ekp.evaluate.istio.rate_limits import limits_of
from ekp.evaluate.request import Request, Workload
from ekp.evaluate.world import World

from .guards import of_limit
from .ways import Guard


def host_of(service: str) -> str:
    """Return the full address of a Service, ``<namespace>/<name>``."""
    namespace, _, name = service.partition("/")
    return f"{name}.{namespace}.svc.cluster.local"


def backends(world: World, service: str) -> list[tuple[Workload, int]]:
    """Return the workloads of a Service's first port, with the port that they take it on."""
    found = world.service(host_of(service))
    if found is None:
        return []
    backend = world.backend(found, int(found["spec"]["ports"][0]["port"]))
    return [(each, backend.port) for each in backend.workloads]


def pods_of(world: World, service: str) -> Replicas:
    """Return how many pods answer for a service."""
    found = [of_workload(world.objects, each) for each, _ in backends(world, service)]
    return Replicas(sum(one.fewest for one in found), sum(one.most for one in found))


def capacity_of(world: World, service: str) -> tuple[Guard | None, tuple[str, ...]]:
    """Return what a pod takes of everybody, the least of several, and limits that do not bind."""
    found = []
    loose: list[str] = []
    for workload, port in backends(world, service):
        request = Request(workload.name, "/", port=port)
        limits = limits_of(world.objects, workload, request, gateway=False)
        everybody = [one for one in limits if one.per == "pod"]
        loose += [f"{one.by} {one.where}" for one in everybody if not one.binds]
        found.append([of_limit(one) for one in everybody if one.binds])
    if not found or not all(found):
        return None, tuple(loose)
    least = [min(each, key=lambda one: one.bucket.per_second) for each in found]
    # Of several workloads the one that takes the most stands for what a pod may meet.
    return max(least, key=lambda one: one.bucket.per_second), tuple(loose)
