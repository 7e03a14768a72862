"""What the Istio gateway grants one client, by its local rate limit."""

from ekp.configured.environment import Configured
from ekp.configured.replicas import of_way_in
from ekp.evaluate.istio.rate_limit import CLIENT
from ekp.evaluate.istio.rate_limits import limits_of
from ekp.evaluate.request import Request
from ekp.evaluate.workloads import is_gateway

# No object says anything of it, so that what counts its requests counts all clients.
_ANY = Request("any.invalid", "/", port=443)


def client_rate(configured: Configured, region: str) -> float | None:
    """Return the requests a second that a client has over all gateways that always run.

    Each gateway counts for itself; while more than the fewest run, a client may have more.
    None: nothing limits clients there.

    Raises:
        Unsupported: a limit is not understood.
    """
    world, releases = configured.world(region), configured.releases(region)
    found = [
        limit.per_second * of_way_in(releases, each.workload).fewest
        for each in world.pods
        if is_gateway(each.workload)
        for limit in limits_of(world.objects, each.workload, _ANY, gateway=True)
        if limit.binds and limit.per == CLIENT
    ]
    return min(found, default=None)
