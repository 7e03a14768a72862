"""PeerAuthentications: whether a workload's proxy takes a connection, and whom it then knows.

Sources: Istio, "PeerAuthentication" reference; istio/istio 1.30, ``ComposePeerAuthentication``.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from modules.core.mesh import MESH_ROOT

from ..request import Decision, Object, Unsupported, Workload, named
from .matching import check_keys, namespace_of, selecting, spec_of

_SPEC = {"mtls", "portLevelMtls", "selector"}
_MODES = ("DISABLE", "PERMISSIVE", "STRICT")


def connect(
    objects: Iterable[Object],
    workload: Workload,
    peer: Workload | None,
    port: int,
    *,
    gateway: bool = False,
) -> tuple[Decision, Workload | None]:
    """Return whether a workload's proxy takes a connection, and the peer it has proof of.

    The narrowest policy counts: the workload's, else its namespace's, else the mesh's; without any
    the mode is PERMISSIVE. A peer in the mesh offers its certificate unless the mode is DISABLE.

    Args:
        objects: Objects of the cluster, of any kind.
        workload: Whose proxy decides.
        peer: Who connects; None: somebody outside the mesh.
        port: The container's port.
        gateway: Whether the proxy is a gateway's, whose Gateway objects say which TLS it asks for.

    Raises:
        Unsupported: two policies claim the same scope, where Istio takes the older one, which
            objects do not tell; or a part is not understood.
    """
    if not workload.in_mesh:
        by = f"{workload.namespace}/{workload.name}"
        return Decision(True, by, "has no sidecar, so it knows nobody"), None
    if gateway:
        by = f"{workload.namespace}/{workload.name}"
        return Decision(True, by, "is a gateway, of which no PeerAuthentication holds"), None
    mode, by = _mode(objects, workload, port)
    if mode == "DISABLE":
        return Decision(True, by, "mutual TLS is off, so the peer proves nothing"), None
    if peer is not None and peer.in_mesh:
        why = f"{peer.namespace}/{peer.service_account} proves itself by mutual TLS"
        return Decision(True, by, why), peer
    if mode == "STRICT":
        return Decision(False, by, "asks for mutual TLS, and the peer is not in the mesh"), None
    return Decision(True, by, "takes plaintext as well, from which nobody is known"), None


def _mode(objects: Iterable[Object], workload: Workload, port: int) -> tuple[str, str]:
    scopes: dict[str, Object] = {}
    for policy in selecting(objects, "PeerAuthentication", workload):
        scope = _scope(policy)
        if scope in scopes:
            raise Unsupported(
                policy, "spec.selector", f"has the same workloads as {named(scopes[scope])}"
            )
        scopes[scope] = policy
    mode, by = "PERMISSIVE", "no PeerAuthentication"
    for scope in ("mesh", "namespace", "workload"):
        if holding := scopes.get(scope):
            found = _read(holding, "spec.mtls", spec_of(holding, _SPEC).get("mtls"))
            mode, by = (found, named(holding)) if found else (mode, by)
    if narrowest := scopes.get("workload"):
        ports = spec_of(narrowest, _SPEC).get("portLevelMtls") or {}
        for number, settings in ports.items():
            found = _read(narrowest, f"spec.portLevelMtls[{number}]", settings)
            if int(number) == port and found:
                mode, by = found, f"{named(narrowest)} portLevelMtls[{number}]"
    return mode, by


def _scope(policy: Object) -> str:
    spec = spec_of(policy, _SPEC)
    labels = (spec.get("selector") or {}).get("matchLabels")
    at_root = namespace_of(policy) == MESH_ROOT
    if labels and at_root:
        raise Unsupported(policy, "spec.selector", "does nothing in the mesh's root namespace")
    if spec.get("portLevelMtls") and not labels:
        raise Unsupported(policy, "spec.portLevelMtls", "takes a selector")
    if labels:
        return "workload"
    return "mesh" if at_root else "namespace"


def _read(policy: Object, where: str, settings: Mapping[str, Any] | None) -> str | None:
    """Return the mode that settings have of their own; None: they inherit it."""
    if settings is None:
        return None
    check_keys(policy, where, settings, {"mode"})
    mode = settings.get("mode", "UNSET")
    if mode == "UNSET":
        return None
    if mode not in _MODES:
        raise Unsupported(policy, f"{where}.mode", f"{mode!r} is not understood")
    return str(mode)
