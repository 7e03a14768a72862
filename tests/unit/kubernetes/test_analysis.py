"""An analysis asks for what the service promises, and says what it makes of having no requests."""

import math
from typing import Any

from modules.addons.charts import KUBE_PROMETHEUS_STACK
from modules.addons.observability import STORES
from modules.core.delivery import BlueGreen
from modules.core.prometheus import PROMETHEUS
from modules.core.services import Protocol, Service, Slo
from modules.kubernetes.rollouts.analysis import (
    MESH_ERRORS,
    P99_LATENCY,
    PODS_MEASURED,
    SUCCESS_RATE,
    analysis,
    queries,
)
from modules.kubernetes.workload.objectives import error_budget, failed, latency_bound

import pytest

REQUESTS = (SUCCESS_RATE, P99_LATENCY, MESH_ERRORS)


def orders(**settings: Any) -> Service:
    return Service(
        name="orders",
        namespace="shop",
        image="registry.example.org/shop/orders:1.4.2",
        **settings,
    )


def metrics(service: Service) -> dict[str, dict[str, Any]]:
    return {found["name"]: found for found in analysis(service).fields["spec"]["metrics"]}


def holds(condition: str, result: list[float]) -> bool:
    """Evaluate a condition as Rollouts does: in its language, with ``result`` as a list."""
    python = condition.replace("&&", " and ").replace("!(", " not (").replace("!is", " not is")
    names = {"len": len, "isNaN": math.isnan, "result": result}
    return bool(eval(python, {"__builtins__": {}}, names))  # noqa: S307 - the project's own text


def judged(metric: dict[str, Any], result: list[float]) -> str:
    """Return the phase of a measurement, by the rules of ``utils/evaluate`` of Argo Rollouts."""
    good = holds(metric["successCondition"], result)
    bad = holds(metric["failureCondition"], result) if "failureCondition" in metric else not good
    return "failed" if bad else "successful" if good else "inconclusive"


@pytest.mark.requirement("R19")
def test_a_version_is_judged_by_what_the_service_promises() -> None:
    found = metrics(orders(slo=Slo(availability_percent=99.5, p99_milliseconds=250)))

    assert judged(found[SUCCESS_RATE], [0.995]) == "successful"
    assert judged(found[SUCCESS_RATE], [0.9949]) == "failed"
    assert judged(found[P99_LATENCY], [250.0]) == "successful"
    assert judged(found[P99_LATENCY], [251.0]) == "failed"
    assert judged(found[MESH_ERRORS], [0.005]) == "successful"
    assert judged(found[MESH_ERRORS], [0.0051]) == "failed"


@pytest.mark.parametrize("percent", [90, 99, 99.9, 99.95, 99.999, 99.99999999999])
def test_every_promise_becomes_a_plain_number(percent: float) -> None:
    service = orders(slo=Slo(availability_percent=percent))
    found = metrics(service)[SUCCESS_RATE]

    assert judged(found, [1.0]) == "successful"
    assert judged(found, [0.89]) == "failed"
    assert "e-" not in found["successCondition"] + found["provider"]["prometheus"]["query"]


def test_a_promise_between_two_bounds_of_the_histogram_is_asked_for_at_the_upper_one() -> None:
    service = orders(slo=Slo(p99_milliseconds=300))

    assert latency_bound(service) == 500
    assert judged(metrics(service)[P99_LATENCY], [375.0]) == "successful"


@pytest.mark.parametrize("name", REQUESTS)
@pytest.mark.parametrize("result", [[], [math.nan]])
def test_no_requests_prove_nothing_and_hold_nothing_up(name: str, result: list[float]) -> None:
    found = metrics(orders())[name]

    assert judged(found, result) == "inconclusive"
    # Of 20 steps of a day each, measured every minute.
    assert found["inconclusiveLimit"] > 20 * 86_400 / 60


@pytest.mark.requirement("R19")
def test_a_version_that_nobody_measures_fails() -> None:
    found = metrics(orders())[PODS_MEASURED]

    assert judged(found, []) == "failed"
    assert judged(found, [0.0]) == "failed"
    assert judged(found, [1.0]) == "successful"


@pytest.mark.requirement("R19")
def test_one_bad_minute_passes_and_a_second_does_not() -> None:
    assert {found["failureLimit"] for found in metrics(orders()).values()} == {1}
    assert {found["interval"] for found in metrics(orders()).values()} == {"60s"}


def test_a_canary_is_measured_to_its_end_and_blue_green_as_long_as_it_is_watched() -> None:
    watched = metrics(orders(strategy=BlueGreen(watched_seconds=600)))

    assert {found["count"] for found in watched.values()} == {10}
    assert not any("count" in found for found in metrics(orders()).values())


@pytest.mark.parametrize("name", [SUCCESS_RATE, P99_LATENCY, PODS_MEASURED])
def test_the_new_versions_pods_are_measured_and_no_others(name: str) -> None:
    query = queries(orders())[name]

    selectors = [part.partition("}[")[0].partition("})")[0] for part in query.split("{rep")[1:]]
    assert all('pod=~"orders-{{args.hash}}-.*"' in found for found in selectors)
    assert 'pod=~"orders-{{args.hash}}-.*"' in query


def test_requests_that_reach_no_pod_are_counted_where_they_came_from() -> None:
    query = queries(orders())[MESH_ERRORS]

    assert query.count('reporter="source"') == 2
    assert query.count('destination_service_name="orders"') == 2
    assert query.count('destination_service_namespace="shop"') == 2
    assert 'response_code=~"5..",response_flags!="-"' in query


@pytest.mark.parametrize("protocol", list(Protocol))
def test_an_error_is_what_the_services_alerts_call_one(protocol: Protocol) -> None:
    service = orders(protocol=protocol)

    assert failed(service) in queries(service)[SUCCESS_RATE]


@pytest.mark.parametrize(("percent", "enough"), [(99.9, 3000), (99.0, 300), (90.0, 30)])
def test_a_stray_error_of_a_quiet_service_ends_no_rollout(percent: float, enough: int) -> None:
    service = orders(slo=Slo(availability_percent=percent))

    assert f"> 0, {enough})" in queries(service)[SUCCESS_RATE]
    # Two errors, as if there had been that many requests.
    assert judged(metrics(service)[SUCCESS_RATE], [1 - 2 / enough]) == "successful"
    assert judged(metrics(service)[SUCCESS_RATE], [1 - 4 / enough]) == "failed"
    assert error_budget(service) == pytest.approx(3 / enough)


@pytest.mark.parametrize("name", [SUCCESS_RATE, P99_LATENCY, MESH_ERRORS, PODS_MEASURED])
def test_brackets_of_queries_close(name: str) -> None:
    query = queries(orders())[name]

    for opening, closing in ("()", "{}", "[]"):
        assert query.count(opening) == query.count(closing)


def test_metrics_are_asked_for_where_the_chart_puts_prometheus() -> None:
    expected = f"http://{KUBE_PROMETHEUS_STACK.name}-prometheus.{STORES.name}.svc:9090"

    assert expected == PROMETHEUS
    for found in metrics(orders()).values():
        assert found["provider"]["prometheus"]["address"] == PROMETHEUS
