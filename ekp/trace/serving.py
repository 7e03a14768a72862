"""Hops from a route to the pods: weights, DestinationRule, Service, and the workload itself."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ekp.evaluate.delivery import Call
from ekp.evaluate.hop import Hop, Verdict
from ekp.evaluate.istio.destinations import Destination, rules_for
from ekp.evaluate.request import Object, Request, named
from ekp.evaluate.stage import Stage
from ekp.evaluate.world import World

from .application import told
from .figures import share
from .rollouts import scaling, steps, workload_object

RENDER = (
    "Render the service's objects with `ekp services render {environment}` and commit them; "
    "Argo CD applies what Git holds."
)
_TEMPLATED = "Argo Rollouts writes the weights while a canary runs"


def to_service(
    world: World, region: str, call: Call, *, environment: str, namespace: str
) -> Iterator[Hop]:
    """Yield what stands between a route and the pods.

    Args:
        world: The region's.
        region: Its name.
        call: What became of the request; it has a route.
        environment: For remedies.
        namespace: Of the proxy that sends it.
    """
    if call.routed is None or not call.routed.decision.allowed:
        return
    destinations = call.routed.destinations
    service = world.service(destinations[0].host)
    rollout = workload_object(world, call.target)
    if len(destinations) > 1:
        yield _weights(region, call, destinations, rollout)
    yield _rule(world, region, destinations, environment=environment, namespace=namespace)
    if service is not None:
        yield _service(region, service)


def _weights(
    region: str,
    call: Call,
    destinations: Sequence[Destination],
    rollout: Object | None,
) -> Hop:
    whole = sum(each.weight for each in destinations)
    parts = ", ".join(
        f"{each.subset or each.host} {share(each.weight, whole)}" for each in destinations
    )
    routing = _canary(rollout).get("trafficRouting") or {}
    virtual = ((routing.get("istio") or {}).get("virtualService") or {}).get("name")
    by = str(call.routed.virtual_service if call.routed else "")
    why = parts
    if rollout is not None and virtual:
        by = f"VirtualService {rollout['metadata']['namespace']}/{virtual}"
        why = f"{parts}: {_TEMPLATED}"
    return _hop(Stage.ROUTE, region, "canary weights", by, why)


def _rule(
    world: World,
    region: str,
    destinations: Sequence[Destination],
    *,
    environment: str,
    namespace: str,
) -> Hop:
    host = destinations[0].host
    rules = rules_for(world.objects, host, namespace)
    if not rules:
        return Hop(
            stage=Stage.DESTINATION,
            region=region,
            name=host,
            verdict=Verdict.MISSING,
            by="no DestinationRule",
            why="nothing takes out pods that fail, and nothing bounds what waits for them",
            remedy=RENDER.format(environment=environment),
        )
    policy = (rules[0].get("spec") or {}).get("trafficPolicy") or {}
    subset = next((each.subset for each in destinations if each.weight), None)
    said = [
        *([f"subset {subset}"] if subset else []),
        f"TLS {(policy.get('tls') or {}).get('mode', 'as Istio chooses')}",
        *_outliers(policy.get("outlierDetection") or {}),
        *_pool(policy.get("connectionPool") or {}),
    ]
    return _hop(Stage.DESTINATION, region, host, named(rules[0]), "; ".join(said))


def _outliers(found: Mapping[str, Any]) -> Iterator[str]:
    if found:
        yield (
            f"a pod is left out for {found.get('baseEjectionTime', '30s')} after"
            f" {found.get('consecutive5xxErrors', 5)} failures in a row, at most"
            f" {found.get('maxEjectionPercent', 10)} % of them"
        )


def _pool(found: Mapping[str, Any]) -> Iterator[str]:
    tcp, http = found.get("tcp") or {}, found.get("http") or {}
    words = {
        "connections": tcp.get("maxConnections"),
        "waiting": http.get("http1MaxPendingRequests"),
        "requests": http.get("http2MaxRequests"),
        "retries": http.get("maxRetries"),
    }
    told = [f"{value} {word}" for word, value in words.items() if value is not None]
    if told:
        yield f"a proxy has at most {', '.join(told)} open"


def _service(region: str, service: Object) -> Hop:
    spec = service.get("spec") or {}
    ports = ", ".join(
        f"port {entry['port']} is {entry.get('targetPort', entry['port'])} of its pods"
        for entry in spec.get("ports") or ()
    )
    selector = ", ".join(f"{key}={value}" for key, value in (spec.get("selector") or {}).items())
    name = f"{service['metadata']['namespace']}/{service['metadata']['name']}"
    return _hop(
        Stage.SERVICE, region, name, f"{named(service)} spec.ports", f"{ports} ({selector})"
    )


def seen_by_pods(world: World, call: Call, request: Request) -> Request:
    """Return the request as it comes to the pods' port."""
    if call.routed is None:
        return request
    sent = call.routed.request
    service = world.service(call.routed.destinations[0].host)
    if service is None:
        return sent
    ports = [int(entry["port"]) for entry in service["spec"].get("ports") or ()]
    port = sent.port if sent.port in ports else ports[0]
    return replace(sent, port=world.backend(service, port).port)


def workload(world: World, region: str, call: Call, request_headers: Mapping[str, str]) -> Hop:
    """Return the last hop: who answers, how many there are, and what they are told."""
    target = call.target
    if target is None:
        raise ValueError("the request came to no pods")
    found = workload_object(world, target)
    name = named(found) if found else f"{target.namespace}/{target.name}"
    said = [scaling(world, target), *steps(_canary(found), request_headers)]
    said += [told(world, target, call.seen_headers or {})]
    return _hop(Stage.WORKLOAD, region, name, name, "; ".join(filter(None, said)))


def _canary(found: Object | None) -> Mapping[str, Any]:
    strategy = ((found or {}).get("spec") or {}).get("strategy") or {}
    canary: Mapping[str, Any] = strategy.get("canary") or {}
    return canary


def _hop(stage: Stage, region: str, name: str, by: str, why: str) -> Hop:
    return Hop(stage=stage, region=region, name=name, verdict=Verdict.PASSES, by=by, why=why)
