"""Sidecars: which hosts a workload's proxy knows, and what becomes of a call to any other.

Source: Istio, "Sidecar" reference; istio/istio 1.30, ``pilot/pkg/model/sidecar.go``.
"""

from collections.abc import Iterable

from modules.core.mesh import MESH_ROOT

from ..request import Decision, Object, Unsupported, Workload, named, of_kind
from .hosts import Host, asked_names, covers, known_hosts
from .matching import NETWORKING, check_keys, has_labels, namespace_of, spec_of, strings

_SPEC = {"egress", "outboundTrafficPolicy", "workloadSelector"}
_BAD_GATEWAY = 502
REGISTRY_ONLY, ALLOW_ANY = "REGISTRY_ONLY", "ALLOW_ANY"


def may_see(
    objects: Iterable[Object], caller: Workload, host: str, *, mesh: str | None = None
) -> Decision:
    """Return whether a workload's proxy sends to a host.

    The Sidecar that selects the workload counts, else its namespace's, else the root namespace's;
    without any the proxy knows every host that is exported to it.

    Args:
        objects: Objects of the cluster, of any kind; Services and ServiceEntries are the registry.
        caller: Who calls.
        host: Whom: a full name, or one that is short as the caller's resolver takes it.
        mesh: The mesh's ``outboundTrafficPolicy``, for hosts that the proxy does not know while its
            Sidecar says nothing of them.

    Raises:
        Unsupported: a Sidecar is not understood, or ``mesh`` is needed.
    """
    if not caller.in_mesh:
        by = f"{caller.namespace}/{caller.name}"
        return Decision(True, by, "has no sidecar, so none holds it back")
    every = list(objects)
    sidecar = _sidecar(every, caller)
    by = named(sidecar) if sidecar else "no Sidecar"
    registry = list(known_hosts(every, caller.namespace))
    names = asked_names(host, caller.namespace)
    known = [each for each in registry if any(covers(each.name, name) for name in names)]
    for each in known:
        entry = _entry(sidecar, caller, each) if sidecar else "knows all that is exported to it"
        if entry is not None:
            return Decision(True, by, f"{each.by}: {entry}")
    what = f"is not let see {known[0].by}" if known else f"nothing exported to it is called {host}"
    if _policy(sidecar, mesh, host) == ALLOW_ANY:
        return Decision(True, by, f"{what}, but it may send to anybody")
    return Decision(False, by, what, _BAD_GATEWAY)


def _sidecar(objects: Iterable[Object], caller: Workload) -> Object | None:
    scopes: dict[str, list[Object]] = {"workload": [], "namespace": [], "mesh": []}
    for source in of_kind(objects, NETWORKING, "Sidecar"):
        home = namespace_of(source)
        if home not in (caller.namespace, MESH_ROOT):
            continue
        selector = spec_of(source, _SPEC).get("workloadSelector")
        if selector and home == MESH_ROOT != caller.namespace:
            raise Unsupported(source, "spec.workloadSelector", "has no place in the root namespace")
        if has_labels(source, "spec.workloadSelector", "labels", selector, caller):
            own = "namespace" if home == caller.namespace else "mesh"
            scopes["workload" if selector else own].append(source)
    for found in scopes.values():
        if len(found) > 1:
            raise Unsupported(found[1], "spec", f"has the same workloads as {named(found[0])}")
        if found:
            return found[0]
    return None


def _entry(sidecar: Object, caller: Workload, host: Host) -> str | None:
    """Return the entry of a Sidecar's egress that lets a proxy know a host."""
    listeners = spec_of(sidecar, _SPEC).get("egress")
    if not listeners:
        raise Unsupported(sidecar, "spec.egress", "is missing; write the hosts")
    found = None
    for index, listener in enumerate(listeners):
        where = f"spec.egress[{index}]"
        check_keys(sidecar, where, listener, {"hosts"})
        for entry in strings(sidecar, f"{where}.hosts", listener.get("hosts")):
            namespace, slash, name = entry.partition("/")
            if not slash or not namespace or not name or "/" in name:
                raise Unsupported(sidecar, f"{where}.hosts", f"{entry!r} is not namespace/host")
            home = caller.namespace if namespace == "." else namespace
            if found is None and home in ("*", host.namespace) and covers(name.lower(), host.name):
                found = f"egress host {entry}"
    return found


def _policy(sidecar: Object | None, mesh: str | None, host: str) -> str:
    settings = spec_of(sidecar, _SPEC).get("outboundTrafficPolicy") if sidecar else None
    if settings is not None and sidecar is not None:
        check_keys(sidecar, "spec.outboundTrafficPolicy", settings, {"mode"})
    # Without a mode the API's first value holds.
    mode = settings.get("mode", REGISTRY_ONLY) if settings is not None else mesh
    if mode not in (REGISTRY_ONLY, ALLOW_ANY):
        source = sidecar or f"call of {host}"
        raise Unsupported(source, "outboundTrafficPolicy.mode", f"is {mode!r}; pass the mesh's")
    return str(mode)
