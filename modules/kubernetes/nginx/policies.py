"""What one client may ask of a service over an NGINX shard."""

from ...core.mesh import shard_class
from ...core.rates import Rate
from ...core.services import Service, labels
from ...core.site import Site
from ..istio.rate_buckets import BURST
from ..manifest import Manifest

API = "k8s.nginx.org/v1"
TOO_MANY_REQUESTS = 429
# Each host has a zone of its own in each pod. A state takes 128 bytes on 64-bit machines, 8,000 a
# megabyte: 80,000 addresses at a time. Of more, NGINX forgets who was silent longest, and who was
# forgotten starts anew. Source: NGINX documentation, ngx_http_limit_req_module.
ZONE = "10m"
# A controller divides the rate by its pods and drops the fraction; at nothing NGINX would refuse
# its whole configuration. A shard has at most this many pods.
# Source: F5 NGINX Ingress Controller 5.5.4, internal/configs/ingress.go, scaleRatelimit.
MOST_PODS = 100
# The burst is each pod's own, never divided; a shard has one pod a zone at least. Together they let
# in at once what the gateways do: of a whole window's requests one client would fill a service.
FEWEST_PODS = 3


def client_policy(service: Service, shard: str) -> str:
    """Return the name of a service's rate limit at a shard."""
    return f"{service.name}-rate-{shard}"


def limited_per_client(service: Service, site: Site, shard: str) -> Manifest:
    """Return a Policy that answers 429 to a client that asks for more than its rate.

    The rate is the lower one of the service's own and the gateway's, as at the Istio gateway. It is
    counted by the client's address (the shard reads it from the load balancer's header), for each
    host, and shared out over the shard's pods. A rate below 100 a minute is too small to be shared
    out: each pod allows it in full.

    Source: F5 NGINX Ingress Controller, "Policy resources", RateLimit.
    """
    rate = _narrowest(service, site)
    # NGINX counts by the second or by the minute; no rate comes to less than one a minute.
    a_minute = rate.requests * 60 // rate.window
    return Manifest(
        api_version=API,
        kind="Policy",
        name=client_policy(service, shard),
        namespace=service.namespace,
        labels=labels(service),
        fields={
            "spec": {
                "ingressClassName": shard_class(shard),
                "rateLimit": {
                    "key": "${binary_remote_addr}",
                    "rate": f"{a_minute}r/m",
                    "scale": a_minute >= MOST_PODS,
                    "burst": max(1, rate.requests // (FEWEST_PODS * BURST)),
                    "noDelay": True,
                    "zoneSize": ZONE,
                    "rejectCode": TOO_MANY_REQUESTS,
                    "logLevel": "warn",
                },
            }
        },
    )


def _narrowest(service: Service, site: Site) -> Rate:
    rates = [rate for rate in (service.client_rate, site.rates.gateway) if rate is not None]
    return min(rates, key=lambda rate: rate.per_second)
