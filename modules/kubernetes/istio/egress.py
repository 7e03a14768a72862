"""What a service may call: the services it names, and hosts outside the cluster."""

from ...core.services import Service, labels, selector
from ..manifest import Manifest
from .mesh import CONTROL_PLANE_HOSTS, TRACING_HOST, egress_scope

# Source: Kubernetes documentation, "Object Names and IDs": DNS subdomain names.
_LONGEST_NAME = 253


def scope(service: Service) -> Manifest:
    """Return the Sidecar of a service's pods: they reach what the service names, and no other.

    It keeps calls by mistake in and proxies small; an attacker in the container can send past the
    proxy, which the network policies of its namespace stop.
    """
    called = [_host(ref) for ref in service.calls]
    hosts = dict.fromkeys(f"./{external.host}" for external in service.external)
    return Manifest(
        api_version="networking.istio.io/v1",
        kind="Sidecar",
        name=service.name,
        namespace=service.namespace,
        labels=labels(service),
        fields={
            "spec": {
                "workloadSelector": {"labels": selector(service)},
                **egress_scope([CONTROL_PLANE_HOSTS, TRACING_HOST, *called, *hosts]),
            }
        },
    )


def externals(service: Service) -> list[Manifest]:
    """Return a ServiceEntry for each host outside the cluster that a service calls.

    The service begins TLS itself and says the host in it (SNI), which the proxy goes by. Others
    of the namespace see the entry, but their own Sidecars leave it out.

    Raises:
        ValueError: a host is too long for the name of an object.
    """
    # A host may stand twice with one port: reached in other networks, or granted as well.
    ports: dict[str, dict[int, None]] = {}
    for external in service.external:
        ports.setdefault(external.host, {})[external.port] = None
    return [_entry(service, host, list(numbers)) for host, numbers in ports.items()]


def _entry(service: Service, host: str, ports: list[int]) -> Manifest:
    # Dots stay: with dashes, cart to api.example.org and cart-api to example.org would be one.
    name = f"{service.name}.{host}"
    if len(name) > _LONGEST_NAME:
        raise ValueError(
            f"{service.ref}: external names {host}, the object {name} would have {len(name)} "
            f"characters of at most {_LONGEST_NAME}; shorten the service's name"
        )
    own = selector(service)
    return Manifest(
        api_version="networking.istio.io/v1",
        kind="ServiceEntry",
        name=name,
        namespace=service.namespace,
        # Where two services of a namespace name one host, Istio joins the ports of their entries if
        # the labels are the same, and otherwise takes the older one's alone: no service's name.
        # Source: istio 1.30.3, pilot/pkg/model/sidecar.go, canMergeServices.
        labels={key: value for key, value in labels(service).items() if key not in own},
        fields={
            "spec": {
                "hosts": [host],
                "ports": [
                    {"number": port, "name": f"tls-{port}", "protocol": "TLS"} for port in ports
                ],
                "location": "MESH_EXTERNAL",
                "resolution": "DNS",
                "exportTo": ["."],
            }
        },
    )


def _host(ref: str) -> str:
    namespace, _, name = ref.partition("/")
    return f"{namespace}/{name}.{namespace}.svc.cluster.local"
