"""Who of many tenants reaches whom, one layer at a time: each layer has to hold by itself."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

from modules.core.entra import GROUP_PREFIX
from modules.core.mesh import MESH_ROOT
from modules.core.services import Service
from modules.core.site import Site
from modules.core.tenants import Tenancy
from modules.kubernetes.calico.default_deny import default_deny
from modules.kubernetes.guardrails import tenant_guardrails
from modules.kubernetes.istio.mesh import mesh_defaults
from modules.kubernetes.service_objects import service_objects

from ekp.evaluate import rbac
from ekp.evaluate.arrival import arrive
from ekp.evaluate.istio.scope import may_see
from ekp.evaluate.request import Object, Request, Workload
from ekp.evaluate.world import World
from environments.organisation import IDENTITY
from tests.support.random_tenants import random_tenants
from tests.support.tenants import tenancy

Pair = tuple[str, str]
"""Who, and whom: services by ``<namespace>/<name>``, groups by their ids."""
STRAY = "stray"
ASKED = (
    ("get", "", "pods"),
    ("list", "argoproj.io", "rollouts"),
    ("patch", "argoproj.io", "rollouts"),
    ("delete", "", "pods"),
    ("get", "", "secrets"),
    ("create", "rbac.authorization.k8s.io", "rolebindings"),
)
_SITE = Site(domain="prod.ekp.example", identity=IDENTITY)
_NETWORK = IPv4Network("10.40.0.0/16")


@dataclass(frozen=True, slots=True)
class Tenants:
    """Tenants of one cluster and all its objects."""

    tenancies: tuple[Tenancy, ...]
    objects: tuple[Object, ...]

    @property
    def owners(self) -> Mapping[str, str]:
        """Tenants by what is theirs: services, namespaces and groups."""
        return {
            thing: one.name
            for one in self.tenancies
            for thing in (
                *(service.ref for service in one.services),
                *one.namespaces,
                *(f"{space}/{STRAY}" for space in one.namespaces),
                *one.tenant.groups.everyone,
            )
        }

    @property
    def calls(self) -> set[Pair]:
        """Return the calls that services are meant to make."""
        return {
            (service.ref, called)
            for one in self.tenancies
            for service in one.services
            for called in service.calls
        }

    def foreign(self, pairs: Iterable[Pair]) -> list[Pair]:
        """Return the pairs whose ends are of two tenants."""
        owners = self.owners
        return sorted(pair for pair in pairs if owners[pair[0]] != owners[pair[1]])

    def without(self, gone: Callable[[Object], bool]) -> "Tenants":
        """Return the same tenants where some objects are missing."""
        return Tenants(self.tenancies, tuple(one for one in self.objects if not gone(one)))


def made(count: int, *, seed: int) -> Tenants:
    """Return a cluster of random tenants, with what Terraform and Git bring."""
    tenancies = tuple(tenancy(one) for one in random_tenants(count, seed=seed))
    manifests = [
        *mesh_defaults(),
        *default_deny(),
        *(m for one in tenancies for m in tenant_guardrails(one, _SITE)),
        *(m for one in tenancies for s in one.services for m in service_objects(s, _SITE)),
    ]
    return Tenants(tenancies, tuple(manifest.as_dict() for manifest in manifests))


def by_network(tenants: Tenants) -> set[Pair]:
    """Return who opens a connection to whose port, whatever the mesh says of it.

    In each namespace is a pod besides that somebody started by hand.
    """
    strays = [
        Workload(space, STRAY, {"run": STRAY}, "default")
        for one in tenants.tenancies
        for space in one.namespaces
    ]
    world = _world(tenants.objects, strays)
    ends = [
        *((s.ref, s.port, world.endpoint(pod)) for s, pod in _pods(tenants, world)),
        *((f"{pod.namespace}/{STRAY}", 8080, world.endpoint(pod)) for pod in strays),
    ]
    return {
        (caller, called)
        for caller, _, source in ends
        for called, port, target in ends
        if caller != called and world.policies.network(source, target, port).allowed
    }


def by_mesh(tenants: Tenants) -> set[Pair]:
    """Return whose requests with a certificate and no token each service answers."""
    own = _by_namespace(tenants, lambda one: "NetworkPolicy" not in one["kind"])
    everyone = _pods(tenants, _world(tenants.objects))
    found = set()
    for one in tenants.tenancies:
        for space in one.namespaces:
            world = _world(own[space])
            for called in one.services_of(space):
                target = world.workload(space, called.name)
                request = Request(host=called.address, path="/", port=called.port)
                found |= {
                    (caller.ref, called.ref)
                    for caller, source in everyone
                    if caller is not called
                    and arrive(world, source, target, called.port, request).allowed
                }
    return found


def by_sidecar(tenants: Tenants) -> set[Pair]:
    """Return whom each service's own proxy sends to."""
    own = _by_namespace(tenants, lambda one: one["kind"] == "Sidecar")
    registry = {
        f"{one['metadata']['namespace']}/{one['metadata']['name']}": one
        for one in tenants.objects
        if one["kind"] == "Service"
    }
    hosts = [
        (service.ref, service.address) for one in tenants.tenancies for service in one.services
    ]
    return {
        (caller.ref, ref)
        for caller, source in _pods(tenants, _world(tenants.objects))
        for ref, host in hosts
        if ref != caller.ref
        and may_see(
            [*own[source.namespace], registry[ref]], source, host, mesh="REGISTRY_ONLY"
        ).allowed
    }


def _pods(tenants: Tenants, world: World) -> list[tuple[Service, Workload]]:
    return [
        (service, world.workload(service.namespace, service.name))
        for one in tenants.tenancies
        for service in one.services
    ]


def _by_namespace(
    tenants: Tenants, wanted: Callable[[Object], bool]
) -> Mapping[str, Sequence[Object]]:
    """Return the objects that hold in each namespace: its own, and those of the whole mesh."""
    found: dict[str, list[Object]] = {
        space: [] for one in tenants.tenancies for space in one.namespaces
    }
    everywhere = []
    for one in filter(wanted, tenants.objects):
        home = one["metadata"].get("namespace")
        if one["kind"] == "Namespace" or home == MESH_ROOT:
            everywhere.append(one)
        elif home in found:
            found[home].append(one)
    return {space: [*own, *everywhere] for space, own in found.items()}


def _world(objects: Iterable[Object], started: Iterable[Workload] = ()) -> World:
    return World.of(
        objects,
        started,
        pod_network=_NETWORK,
        trust_domain="cluster.local",
        outbound="REGISTRY_ONLY",
    )


def by_rights(tenants: Tenants) -> set[Pair]:
    """Return in whose namespaces each group of people may do something that is asked."""
    rights = filter(_is_right, tenants.objects)
    own = _by_namespace(tenants, _is_right)
    # What is bound for the whole cluster holds in every namespace alike.
    everywhere = [one for one in rights if not one["metadata"].get("namespace")]
    groups = [group for one in tenants.tenancies for group in one.tenant.groups.everyone]
    wide = {group for group in groups if _may_anything(everywhere, group, "anywhere")}
    return {
        (group, space)
        for group in groups
        for space, objects in own.items()
        if group in wide or _may_anything(objects, group, space)
    }


def _is_right(one: Object) -> bool:
    return str(one["apiVersion"]).startswith(f"{rbac.GROUP}/")


def _may_anything(objects: Iterable[Object], group: str, space: str) -> bool:
    subject = rbac.Group(f"{GROUP_PREFIX}{group}")
    return any(
        rbac.may(objects, subject, verb, resource, api_group=api_group, namespace=space).allowed
        for verb, api_group, resource in ASKED
    )
