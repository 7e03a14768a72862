"""What the mesh tells of its calls: logs, spans and metrics."""

from ...core.mesh import GATEWAY_NAMESPACE, MESH_ROOT, TRACING_PROVIDER
from ..manifest import Manifest

# Built into istiod: standard output, in the mesh's encoding. Source: istio 1.30.3, "envoy" in
# pkg/config/mesh/mesh.go and pilot/pkg/model/telemetry_logging.go.
LOG_PROVIDER = "envoy"
METRICS_PROVIDER = "prometheus"
GATEWAY_TELEMETRY = "gateway"
# Answers that say an error, gRPC's own among them, and whatever Envoy had trouble with: no route,
# no healthy pod, a caller that went away. A call without a code, such as plain TCP, is judged by
# the last. Source: Envoy documentation, "Attributes", response.
TROUBLE = "response.code >= 400 || response.grpc_status > 0 || response.flags != 0"


def mesh_telemetry(*, sampling_percent: float) -> list[Manifest]:
    """Return what all proxies report, and what the gateway's report beyond that.

    The gateway logs every request: who asked for what from outside is asked long after, and it
    sees each request once. A sidecar logs trouble alone, or one request would be written at each
    end of each hop; how many went well, and how fast, is in the metrics.

    Istio takes one Telemetry without a selector in a namespace, the oldest, so nobody makes
    another one in these two. Source: istio 1.30.3, ``namespaceWideTelemetryConfig``.

    Args:
        sampling_percent: requests of which spans are sent, 0 to 100; it goes before istiod's own
            ``traceSampling``.

    Raises:
        ValueError: it is no percentage.
    """
    if not 0 <= sampling_percent <= 100:  # noqa: PLR2004 - percent
        raise ValueError(
            f"sampling_percent = {sampling_percent:g} is no share of requests; use 0 to 100"
        )
    log = {"providers": [{"name": LOG_PROVIDER}]}
    return [
        Manifest(
            api_version="telemetry.istio.io/v1",
            kind="Telemetry",
            name="mesh",
            namespace=MESH_ROOT,
            fields={
                "spec": {
                    "accessLogging": [{**log, "filter": {"expression": TROUBLE}}],
                    "tracing": [
                        {
                            "providers": [{"name": TRACING_PROVIDER}],
                            "randomSamplingPercentage": sampling_percent,
                        }
                    ],
                    "metrics": [{"providers": [{"name": METRICS_PROVIDER}]}],
                }
            },
        ),
        Manifest(
            api_version="telemetry.istio.io/v1",
            kind="Telemetry",
            name=GATEWAY_TELEMETRY,
            namespace=GATEWAY_NAMESPACE,
            # Without a filter of its own it takes the mesh's away; spans and metrics stay.
            # Source: istio 1.30.3, mergeLogs.
            fields={"spec": {"accessLogging": [log]}},
        ),
    ]
