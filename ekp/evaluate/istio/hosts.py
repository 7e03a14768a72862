"""Host names in the mesh: short names, wildcards, and which services there are.

Source: istio/istio 1.30, ``pkg/config/host/name.go``.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..request import Object, named, of_kind
from .matching import NETWORKING, exported, namespace_of, spec_of, strings

_CLUSTER = "svc.cluster.local"
_EXPORT_TO = "networking.istio.io/exportTo"
_SERVICE_ENTRY = {
    "addresses",
    "endpoints",
    "exportTo",
    "hosts",
    "location",
    "ports",
    "resolution",
    "subjectAltNames",
    "workloadSelector",
}


@dataclass(frozen=True, slots=True)
class Host:
    """A name of the mesh's registry; it may be a wildcard."""

    name: str
    namespace: str
    by: str
    """The object that it comes from."""


def full_name(host: str, namespace: str) -> str:
    """Return the name that a Kubernetes resolver makes of one, without a port, in small letters.

    Args:
        host: A full name, or a service's short one: ``orders``, ``orders.shop``,
            ``orders.shop.svc``.
        namespace: Whose short names are meant.
    """
    name = without_port(host)
    match name.split("."):
        case [service] if "*" not in service:
            return f"{service}.{namespace}.{_CLUSTER}"
        case [service, of, "svc"]:
            return f"{service}.{of}.{_CLUSTER}"
    return name


def without_port(host: str) -> str:
    """Return a request's host in small letters without its port."""
    name, colon, port = host.lower().rpartition(":")
    return name if colon and port.isdigit() else host.lower()


def written_name(host: str, namespace: str) -> str:
    """Return the host that an object means: one without a dot is a service of its namespace."""
    plain = "." not in host and "*" not in host
    return f"{host}.{namespace}.{_CLUSTER}" if plain else host.lower()


def covers(pattern: str, host: str) -> bool:
    """Return whether a host, or all that a wildcard stands for, is within a pattern."""
    if not pattern.startswith("*"):
        return pattern == host
    if host.startswith("*"):
        return len(pattern) <= len(host) and host[1:].endswith(pattern[1:])
    return host.endswith(pattern[1:])


def most_specific(patterns: Iterable[str], host: str) -> str | None:
    """Return the pattern that counts for a host: the name itself, else the longest wildcard."""
    found = [each for each in patterns if covers(each, host)]
    return max(found, key=lambda each: (not each.startswith("*"), len(each), each), default=None)


def known_hosts(objects: Iterable[Object], namespace: str) -> Iterator[Host]:
    """Yield the hosts that a namespace may use: services and ServiceEntries exported to it."""
    every = list(objects)
    for service in of_kind(every, "", "Service"):
        metadata = service["metadata"]
        export_to = (metadata.get("annotations") or {}).get(_EXPORT_TO)
        entries = export_to.split(",") if export_to else None
        if exported(service, entries, f"metadata.annotations[{_EXPORT_TO}]", namespace):
            home = namespace_of(service)
            yield Host(f"{metadata['name']}.{home}.{_CLUSTER}", home, named(service))
    for entry in of_kind(every, NETWORKING, "ServiceEntry"):
        spec = spec_of(entry, _SERVICE_ENTRY)
        if exported(entry, spec.get("exportTo"), "spec.exportTo", namespace):
            for name in strings(entry, "spec.hosts", spec.get("hosts")):
                yield Host(name.lower(), namespace_of(entry), named(entry))


def asked_names(host: str, namespace: str) -> tuple[str, ...]:
    """Return the names that a caller in a namespace may mean by a host, the likelier one first.

    Two labels are a service with its namespace, or a domain: ``orders.shop``, ``example.org``.
    """
    name = full_name(host, namespace)
    return (f"{name}.{_CLUSTER}", name) if name.count(".") == 1 else (name,)
