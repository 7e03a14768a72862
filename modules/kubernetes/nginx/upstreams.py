"""How NGINX calls a service: through the mesh, under its own name, with nothing forged."""

from typing import Any

from ...core.mesh import shard_class
from ...core.services import Service
from ...core.site import Site

PORT = 80
"""Of every service of the mesh."""
# NGINX's own default of 1 MiB surprises; more than this belongs into an object store.
LARGEST_BODY = "10m"
# The mesh gives up first, so that its answer and its metrics tell why.
LONGER_THAN_THE_MESH_SECONDS = 5

# What the Istio gateway throws away of what a client sends: an identity, and orders to a proxy.
# Source: Envoy documentation, "HTTP header manipulation" and "Router", HTTP headers (consumed).
_NOBODY_SENDS = (
    "x-envoy-decorator-operation",
    "x-envoy-max-retries",
    "x-envoy-retry-grpc-on",
    "x-envoy-retry-on",
    "x-envoy-upstream-rq-per-try-timeout-ms",
    "x-envoy-upstream-rq-timeout-ms",
    "x-forwarded-client-cert",
)


def object_name(service: Service, host: str) -> str:
    """Name an object by the host's first label, so that a host added later renames nothing."""
    return f"{service.name}-{host.partition('.')[0]}"


def host_served(host: str, shard: str) -> dict[str, Any]:
    """Return whom a host belongs to, and its TLS."""
    return {
        # Without a class every shard that watches the namespace would serve it.
        "ingressClassName": shard_class(shard),
        "host": host,
        # No name: the shard's own certificate. The load balancer ends users' TLS and redirects; it
        # calls port 80, where a redirect would never end.
        "tls": {"secret": "", "redirect": {"enable": False}},
    }


def locations(path: str) -> tuple[str, ...]:
    """Return the locations of a path and all under it: NGINX's prefixes end inside words."""
    return ("/",) if path == "/" else (f"={path}", f"{path}/")


def upstream(service: Service, name: str, target: str) -> dict[str, Any]:
    """Return an upstream by a name of its own; ``target`` is the Kubernetes Service it calls."""
    seconds = service.resilience.timeout_seconds + LONGER_THAN_THE_MESH_SECONDS
    return {
        "name": name,
        "service": target,
        "port": PORT,
        # Pods' own addresses would lead around the mesh's routes.
        "use-cluster-ip": True,
        "connect-timeout": "5s",
        "read-timeout": f"{seconds}s",
        "send-timeout": f"{seconds}s",
        # The mesh sends again, and only what changes nothing.
        "next-upstream": "off",
        "client-max-body-size": LARGEST_BODY,
    }


def proxied(service: Service, name: str, site: Site, host: str) -> dict[str, Any]:
    """Return an action that passes requests on to the upstream of that name."""
    told = {
        # The sidecar chooses the route by it.
        "Host": service.address,
        "X-Forwarded-Host": host,
        "X-Forwarded-Port": "443",
        "X-Forwarded-Proto": "https",
        # NGINX passes on no header whose value is empty. The workload throws claims away as well.
        **dict.fromkeys(sorted({*site.identity.claim_headers, *_NOBODY_SENDS}), ""),
    }
    return {
        "proxy": {
            "upstream": name,
            "requestHeaders": {
                "set": [{"name": header, "value": value} for header, value in told.items()]
            },
        }
    }
