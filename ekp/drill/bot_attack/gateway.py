"""What the Istio gateway grants one client, by its local rate limit."""

from collections.abc import Iterator, Mapping
from typing import Any

from modules.core.mesh import GATEWAY, GATEWAY_LABELS, GATEWAY_NAMESPACE

from ekp.charts import releases
from ekp.configured.environment import Configured
from ekp.configured.reading import of_kind

_FILTER = "envoy.extensions.filters.http.local_ratelimit."


def client_rate(configured: Configured, region: str) -> float | None:
    """Return the requests a second that a client has over all gateways that always run.

    Each gateway counts for itself; while more than the fewest run, a client may have more.
    None: nothing limits clients there.
    """
    stacks = [stack for stack in configured.stacks if stack.region == region]
    gateways = 1
    for release in releases.of(stacks):
        if (release.namespace, release.name) == (GATEWAY_NAMESPACE, GATEWAY):
            scaling = release.values.get("autoscaling") or {}
            fewest = scaling.get("minReplicas") if scaling.get("enabled") else None
            gateways = int(fewest or release.values.get("replicaCount") or 1)
    objects = [one for stack in stacks for one in configured.reader.objects(stack)]
    found = [rate for each in of_kind(objects, "EnvoyFilter") for rate in _of(each)]
    return min(found) * gateways if found else None


def _of(found: Mapping[str, Any]) -> Iterator[float]:
    """Yield the rates of a filter that counts every client at the gateway, over all services."""
    spec = found["spec"]
    if (spec.get("workloadSelector") or {}).get("labels") != dict(GATEWAY_LABELS):
        return
    for patch in spec.get("configPatches") or ():
        value = (patch.get("patch") or {}).get("value") or {}
        config = value.get("typed_config") or {}
        if _FILTER not in str(config.get("@type")):
            continue
        for one in config.get("descriptors") or ():
            if all(entry["key"] != "destination_cluster" for entry in one["entries"]):
                bucket = one["token_bucket"]
                seconds = float(str(bucket["fill_interval"]).removesuffix("s"))
                yield bucket["tokens_per_fill"] / seconds
