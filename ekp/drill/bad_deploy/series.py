"""Series that Prometheus would have of a deploy, as OpenMetrics text.

Counters are whole numbers, and a series is there from its first request on, as Envoy exposes them.
Source: Envoy, "Statistics" (default histogram buckets); OpenMetrics 1.0, text format.
"""

from collections.abc import Callable, Iterator, Mapping

from .deploy import Deploy
from .labels import DURATION, REQUESTS
from .scenarios import Up
from .traffic import Answers, Traffic, traffic

BEFORE = 330.0
"""Seconds for which the old version has been measured when a deploy begins."""
_BOUNDS = (
    *(0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000),
    *(300_000, 600_000, 1_800_000, 3_600_000),
)
_FAST, _SLOW = 0.25, 2.0
"""How long requests take, as parts of the bound."""
# Two of the new version: a query that sums nothing up is found out.
_PODS = ("x7k2p", "b9q4d")
_GATEWAY = {
    "namespace": "istio-ingress",
    "source_workload": "istio-ingressgateway",
    "source_workload_namespace": "istio-ingress",
}


def lines(deploy: Deploy) -> Iterator[str]:
    """Yield the samples of a deploy, one series after the other."""
    step = deploy.measured.interval
    times = [place * step for place in range(-int(BEFORE // step), int(deploy.plan.length // step))]
    flows = [_flow(deploy, at) for at in times]
    stamps = [f" {deploy.begins + at:.3f}\n" for at in times]

    def counter(labels: Mapping[str, str], name: str, value: Callable[[Traffic], float]) -> str:
        series = f"{name}{_written(labels)} "
        return "".join(
            f"{series}{count}{stamp}"
            for flow, stamp in zip(flows, stamps, strict=True)
            if (count := int(value(flow))) > 0
        )

    if deploy.measured.scraped is not None:
        new, old = f"new{deploy.number:02d}", f"old{deploy.number:02d}"
        later = [at for at in times if at >= 0]
        for pod in _PODS:
            if deploy.scenario.up is not Up.ABSENT:
                yield from _up(deploy, (new, pod), deploy.scenario.up, later)
            if deploy.scenario.up is Up.YES:
                yield from _pod(deploy, (new, pod), lambda flow: flow.canary / len(_PODS), counter)
        yield from _up(deploy, (old, _PODS[0]), Up.YES, times)
        yield from _pod(deploy, (old, _PODS[0]), lambda flow: flow.stable, counter)
    yield from _callers(deploy, counter)


Counter = Callable[[Mapping[str, str], str, Callable[[Traffic], float]], str]


def _flow(deploy: Deploy, at: float) -> Traffic:
    """Return what became of requests since well before the deploy."""
    found = traffic(deploy.plan, deploy.scenario, at)
    earlier = deploy.scenario.rate * (BEFORE + min(at, 0.0))
    before = Answers.of(deploy.scenario.stable, earlier)
    return Traffic(canary=found.canary, users=found.users, stable=found.stable + before)


Name = tuple[str, str]
"""A pod's: its version's hash, and what tells it from others of that version."""


def _target(deploy: Deploy, name: Name) -> dict[str, str]:
    hash_label, (version, pod) = deploy.measured.hash_label, name
    return {
        **(deploy.measured.scraped or {}),
        "pod": f"{deploy.name}-{version}-{pod}",
        **({hash_label: version} if hash_label else {}),
    }


def _up(deploy: Deploy, name: Name, up: Up, times: list[float]) -> Iterator[str]:
    series = f"up{_written(_target(deploy, name))}"
    yield "".join(f"{series} {up.value} {deploy.begins + at:.3f}\n" for at in times)


def _pod(
    deploy: Deploy, name: Name, answers: Callable[[Traffic], Answers], counter: Counter
) -> Iterator[str]:
    """Yield what a pod's proxy says of the requests that it took in."""
    base = {
        **_target(deploy, name),
        "reporter": "destination",
        **deploy.measured.subject,
        "response_flags": "-",
        "connection_security_policy": "mutual_tls",
    }
    yield from _codes(deploy, base, answers, counter)
    for bound in (*_BOUNDS, float("inf")):
        labels = {**base, **_good(deploy), "le": "+Inf" if bound == float("inf") else f"{bound:g}"}
        fast, slow = (deploy.bound * part <= bound for part in (_FAST, _SLOW))

        def within(flow: Traffic, *, fast: bool = fast, slow: bool = slow) -> float:
            found = answers(flow)
            quick = int(found.answered) - int(found.slow)
            return quick * fast + int(found.slow) * slow

        yield counter(labels, f"{DURATION}_bucket", within)


def _callers(deploy: Deploy, counter: Counter) -> Iterator[str]:
    """Yield what the gateway says of the requests that it sent, to whichever version."""
    base = {
        **_GATEWAY,
        "pod": f"istio-ingressgateway-{deploy.number:02d}",
        "reporter": "source",
        **deploy.measured.subject,
        "connection_security_policy": "unknown",
    }
    yield from _codes(
        deploy,
        {**base, "response_flags": "-"},
        lambda flow: flow.canary + flow.stable,
        counter,
        lambda flow: _failed(deploy, flow, tried_again=False),
    )
    status = {"grpc_response_status": "14"} if deploy.measured.grpc else {}
    lost = {**base, **_protocol(deploy), "response_code": "503", **status}
    # No connection to a pod; and as often tried again as the route allows.
    # Source: Envoy, "Access logging" (%RESPONSE_FLAGS%).
    yield counter(
        {**lost, "response_flags": "UF"},
        REQUESTS,
        lambda flow: flow.canary.unreached + flow.stable.unreached,
    )
    yield counter(
        {**lost, "response_flags": "URX"},
        REQUESTS,
        lambda flow: _failed(deploy, flow, tried_again=True),
    )


def _failed(deploy: Deploy, flow: Traffic, *, tried_again: bool) -> float:
    """Return the errors of the versions whose errors callers try again, or of the others."""
    scenario = deploy.scenario
    return sum(
        answers.failed
        for version, answers in ((scenario.canary, flow.canary), (scenario.stable, flow.stable))
        if version.tried_again is tried_again
    )


def _codes(
    deploy: Deploy,
    base: Mapping[str, str],
    answers: Callable[[Traffic], Answers],
    counter: Counter,
    failed: Callable[[Traffic], float] | None = None,
) -> Iterator[str]:
    """Yield good answers and errors; of the errors another count, where one is given."""
    yield counter(
        {**base, **_good(deploy)},
        REQUESTS,
        lambda flow: int(answers(flow).answered) - int(answers(flow).failed),
    )
    bad = {"response_code": "200", "grpc_response_status": "13"}
    error = bad if deploy.measured.grpc else {"response_code": "500"}
    count = failed or (lambda flow: answers(flow).failed)
    yield counter({**base, **_protocol(deploy), **error}, REQUESTS, count)


def _good(deploy: Deploy) -> dict[str, str]:
    status = {"grpc_response_status": "0"} if deploy.measured.grpc else {}
    return {**_protocol(deploy), "response_code": "200", **status}


def _protocol(deploy: Deploy) -> dict[str, str]:
    return {"request_protocol": "grpc" if deploy.measured.grpc else "http"}


def _written(labels: Mapping[str, str]) -> str:
    return "{" + ",".join(f'{key}="{text}"' for key, text in labels.items()) + "}"
