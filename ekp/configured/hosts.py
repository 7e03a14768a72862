"""Names by which users ask for services: at a gateway of the mesh, or at an NGINX shard."""

from collections.abc import Sequence

from ekp.evaluate.request import Object

_WITHIN = ".svc.cluster.local"


def hosts_of(source: Object) -> Sequence[str]:
    """Return the hosts that an object takes users' requests for; wildcards are among them."""
    spec = source.get("spec") or {}
    match source.get("kind"):
        # Without a gateway its routes are the sidecars' alone.
        case "VirtualService" if {*(spec.get("gateways") or ())} - {"mesh"}:
            found = [str(host) for host in spec.get("hosts") or ()]
            return [host for host in found if not host.endswith(_WITHIN)]
        case "VirtualServer":
            return [str(spec["host"])]
    return []
