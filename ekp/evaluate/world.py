"""World: one cluster's objects with the workloads that run there, indexed for questions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network

from .calico.endpoints import Endpoint, Inherited, pod
from .calico.policies import Policies
from .request import Decision, Object, Unsupported, Workload, named, of_kind
from .workloads import Pods, as_injected, from_templates

_DOMAIN = ".svc.cluster.local"
# They are in every cluster, without labels of ours.
_ALWAYS_THERE = ("default", "kube-system", "kube-public", "kube-node-lease")


@dataclass(frozen=True, slots=True)
class Backend:
    """Where a port of a Kubernetes Service leads."""

    service: Object
    workloads: tuple[Workload, ...]
    """Whom the Service selects: none where its pods are in no object that was given."""
    port: int
    """The pods' own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What a cluster holds; made by ``World.of``."""

    objects: tuple[Object, ...]
    pods: tuple[Pods, ...]
    policies: Policies
    namespaces: Mapping[str, Mapping[str, str]]
    accounts: Mapping[tuple[str, str], Mapping[str, str]]
    """Labels of service accounts, by namespace and name."""
    pod_network: IPv4Network | None = None
    trust_domain: str | None = None
    outbound: str | None = None
    """The mesh's ``outboundTrafficPolicy``, where a workload's Sidecar says none."""
    _services: Mapping[tuple[str, str], Object] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        objects: Iterable[Object],
        workloads: Iterable[Workload] = (),
        *,
        pod_network: IPv4Network | None = None,
        trust_domain: str | None = None,
        outbound: str | None = None,
    ) -> "World":
        """Index objects, and derive workloads from the templates among them.

        Args:
            objects: Everything that the cluster holds, from Terraform and from Git.
            workloads: What charts bring: the gateway, NGINX shards, Prometheus and the like.
            pod_network: Where pods have their addresses: the VPC.
            trust_domain: The mesh's.
            outbound: The mesh's ``outboundTrafficPolicy``: ``REGISTRY_ONLY`` or ``ALLOW_ANY``.

        Raises:
            Unsupported: an object would change an answer and is not evaluated.
            ValueError: two workloads have one name.
        """
        found = tuple(objects)
        namespaces: dict[str, Mapping[str, str]] = {name: {} for name in _ALWAYS_THERE}
        for each in of_kind(found, "", "Namespace"):
            namespaces[each["metadata"]["name"]] = each["metadata"].get("labels") or {}
        pods = (
            *from_templates(found, namespaces),
            *(Pods(as_injected(each)) for each in workloads),
        )
        _check_names(pods)
        return cls(
            objects=found,
            pods=pods,
            policies=Policies.of(found),
            namespaces=namespaces,
            accounts={
                _key(each): each["metadata"].get("labels") or {}
                for each in of_kind(found, "", "ServiceAccount")
            },
            pod_network=pod_network,
            trust_domain=trust_domain,
            outbound=outbound,
            _services={_key(each): each for each in of_kind(found, "", "Service")},
        )

    def workload(self, namespace: str, name: str) -> Workload:
        """Return a workload by its name.

        Raises:
            KeyError: there is none.
        """
        for each in self.pods:
            if (each.workload.namespace, each.workload.name) == (namespace, name):
                return each.workload
        raise KeyError(f"no workload {namespace}/{name} among objects and workloads")

    def endpoint(self, workload: Workload) -> Endpoint:
        """Return a pod of a workload as Calico sees it.

        Raises:
            Unsupported: nobody knows the labels of its namespace.
        """
        if workload.namespace not in self.namespaces:
            raise Unsupported(
                f"workload {workload.namespace}/{workload.name}",
                "namespace",
                f"there is no object Namespace {workload.namespace}; add it",
            )
        account = (workload.namespace, workload.service_account)
        inherited = Inherited(
            namespace=self.namespaces[workload.namespace],
            service_account=self.accounts.get(account, {}),
        )
        return pod(workload, inherited, self.pod_network)

    def network(
        self, source: Workload | Endpoint, target: Workload | Endpoint, port: int
    ) -> Decision:
        """Decide whether the network lets a TCP connection to a pod's port through."""
        return self.policies.network(self._end(source), self._end(target), port)

    def _end(self, found: Workload | Endpoint) -> Endpoint:
        return self.endpoint(found) if isinstance(found, Workload) else found

    def service(self, host: str) -> Object | None:
        """Return the Kubernetes Service with a full address, such as ``a.b.svc.cluster.local``."""
        name, _, namespace = host.lower().removesuffix(_DOMAIN).partition(".")
        if not host.lower().endswith(_DOMAIN) or "." in namespace:
            return None
        return self._services.get((namespace, name))

    def backend(
        self, service: Object, port: int, subset: Mapping[str, str] | None = None
    ) -> Backend:
        """Return where a Service's port leads.

        Args:
            service: The Service.
            port: Its own port.
            subset: Labels that pods need beside the Service's own selector.

        Raises:
            Unsupported: it has no such port, no selector, or its pods' port is a name that no
                template explains.
        """
        spec = service.get("spec") or {}
        if not spec.get("selector"):
            raise Unsupported(service, "spec.selector", "without one its pods are not known")
        ports = [entry for entry in spec.get("ports") or () if entry.get("port") == port]
        if not ports:
            raise Unsupported(service, "spec.ports", f"there is no port {port}")
        wanted = {**spec["selector"], **(subset or {})}
        chosen = [
            each
            for each in self.pods
            if each.workload.namespace == service["metadata"]["namespace"]
            and wanted.items() <= each.workload.labels.items()
        ]
        number = _number(service, ports[0].get("targetPort", port), chosen)
        return Backend(service, tuple(each.workload for each in chosen), number)


def _number(service: Object, target: int | str, pods: Iterable[Pods]) -> int:
    if isinstance(target, int):
        return target
    numbers = {each.ports.get(target) for each in pods}
    number = numbers.pop() if len(numbers) == 1 else None
    if number is None:
        raise Unsupported(
            service, "spec.ports", f"its pods give no one number to the port {target!r}"
        )
    return number


def _key(source: Object) -> tuple[str, str]:
    metadata = source["metadata"]
    if not metadata.get("namespace"):
        raise Unsupported(source, "metadata.namespace", f"{named(source)} is in no namespace")
    return metadata["namespace"], metadata["name"]


def _check_names(pods: Iterable[Pods]) -> None:
    seen: set[tuple[str, str]] = set()
    for each in pods:
        key = (each.workload.namespace, each.workload.name)
        if key in seen:
            raise ValueError(f"two workloads are called {'/'.join(key)}; leave one out")
        seen.add(key)
