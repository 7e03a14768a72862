"""Whether Argo Rollouts can ask Prometheus, in each region's cluster."""

from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from ekp.charts.releases import Release
from ekp.configured.environment import Configured
from ekp.drill.report import Check, failed, holds, passed
from ekp.evaluate.request import Unsupported, Workload

from .analysis import Metric

_STACK, _ROLLOUTS = "kube-prometheus-stack", "argo-rollouts"
_NAME = "app.kubernetes.io/name"
# The chart's own limit for the names that it makes.
_LONGEST = 26
_PORT = 9090


def reach(configured: Configured, metrics: Iterable[Metric]) -> Iterator[Check]:
    """Yield for each region whether its analyses find Prometheus, and may ask it."""
    addresses = sorted({metric.address for metric in metrics})
    for region in configured.regions:
        charts = configured.releases(region)
        for address in addresses:
            yield _asks(configured, region, charts, address)


def _asks(configured: Configured, region: str, charts: list[Release], address: str) -> Check:
    must = f"Argo Rollouts may ask Prometheus in {region}."
    stack = next((one for one in charts if one.chart == _STACK), None)
    asking = next((one for one in charts if one.chart == _ROLLOUTS), None)
    if stack is None or asking is None:
        missing = _STACK if stack is None else _ROLLOUTS
        why = f"no release of {missing} is in the region"
        return failed(must, why, region, remedy=f"add {missing} to the platform layer")
    wanted = urlsplit(address)
    given = f"{_service(stack)}.{stack.namespace}.svc"
    port = _port(stack)
    if (wanted.hostname, wanted.port) != (given, port):
        why = f"it asks {address}; the chart makes {given}:{port}"
        remedy = "write the Service's address into the AnalysisTemplate"
        return failed(must, why, f"{stack.stack} release {stack.name}", remedy=remedy)
    spec = (stack.values.get("prometheus") or {}).get("prometheusSpec") or {}
    if spec.get("podMonitorSelectorNilUsesHelmValues", True) and "podMonitorSelector" not in spec:
        why = "Prometheus takes the chart's own PodMonitors alone, none of a service"
        remedy = "set podMonitorSelectorNilUsesHelmValues to false"
        return failed(must, why, f"{stack.stack} release {stack.name}", remedy=remedy)
    source = Workload(asking.namespace, asking.name, {_NAME: _ROLLOUTS}, asking.name, in_mesh=False)
    labels = {_NAME: "prometheus"}
    target = Workload(stack.namespace, "prometheus", labels, _service(stack), in_mesh=False)
    try:
        decision = configured.world(region).network(source, target, port)
    except Unsupported as error:
        return failed(must, f"it cannot be told: {error}", region, remedy="")
    observed = f"{address} is a Service of the cluster; {decision.why}"
    if decision.allowed:
        return passed(must, observed, decision.by)
    remedy = "let the flow argo-rollouts-to-prometheus through"
    return holds(decision.allowed, must, observed, (decision.by,), remedy=remedy)


def _service(stack: Release) -> str:
    """Return the name that the chart gives Prometheus's Service."""
    own = stack.values.get("fullnameOverride")
    name = str(stack.values.get("nameOverride") or stack.chart)
    full = own or (stack.name if name in stack.name else f"{stack.name}-{name}")
    return f"{str(full)[:_LONGEST].rstrip('-')}-prometheus"


def _port(stack: Release) -> int:
    service = (stack.values.get("prometheus") or {}).get("service") or {}
    return int(service.get("port", _PORT))
