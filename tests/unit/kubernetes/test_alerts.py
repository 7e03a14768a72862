"""Alerts say that a promise is being broken, as fast as it is, and nothing that is not measured."""

import re
from typing import Any

from modules.core.alerts import Severity
from modules.core.rates import Key, Rate
from modules.core.services import Protocol, Service, Slo
from modules.kubernetes.workload.alerts import budget_alerts
from modules.kubernetes.workload.elsewhere import measured_elsewhere
from modules.kubernetes.workload.objectives import latency_bound

import pytest

IMAGE = "registry.example.org/shop/catalog:1.4.2"
CATALOG = Service(
    name="catalog", namespace="shop", image=IMAGE, capacity=Rate(requests=6000, key=Key.POD)
)
(ELSEWHERE,) = measured_elsewhere(rollouts_namespace="argo-rollouts")
# Source: Istio documentation, "Istio Standard Metrics".
METRICS = {
    "istio_requests_total",
    "istio_request_duration_milliseconds_bucket",
    "istio_request_duration_milliseconds_count",
    *(rule["record"] for rule in ELSEWHERE["rules"]),
}
LABELS = {
    "reporter",
    "response_code",
    "response_flags",
    "grpc_response_status",
    "destination_workload_namespace",
    "destination_canonical_service",
    "le",
    # The monitor's own, and those of recorded series.
    "namespace",
    "service",
    "phase",
}


def rules(service: Service = CATALOG) -> list[dict[str, Any]]:
    return [
        rule for group in budget_alerts(service).fields["spec"]["groups"] for rule in group["rules"]
    ]


def alerts(name: str, service: Service = CATALOG) -> list[dict[str, Any]]:
    return [rule for rule in rules(service) if rule.get("alert") == name]


def expression(record: str, service: Service = CATALOG) -> str:
    (found,) = [rule["expr"] for rule in rules(service) if rule.get("record") == record]
    return str(found)


def thresholds(rule: dict[str, Any]) -> set[float]:
    return {float(found) for found in re.findall(r"> ([\d.e-]+)", rule["expr"])}


def with_slo(**slo: Any) -> Service:
    return Service(name="catalog", namespace="shop", image=IMAGE, slo=Slo(**slo))


@pytest.mark.requirement("R24")
@pytest.mark.requirement("R39")
def test_every_metric_and_label_asked_for_is_one_that_is_there() -> None:
    recorded = {rule["record"] for rule in rules() if "record" in rule}

    for rule in rules():
        assert set(re.findall(r"([a-z_:0-9]+)\{", rule["expr"])) <= METRICS | recorded
        for inside in re.findall(r"\{([^}]*)\}", rule["expr"]):
            assert set(re.findall(r"([a-z_]+)(?:=~|!~|!=|=)", inside)) <= LABELS


@pytest.mark.parametrize("name", ["ServiceFailsRequests", "ServiceIsSlow"])
def test_each_promise_is_watched_over_four_pairs_of_windows(name: str) -> None:
    found = [
        (
            re.findall(r":ratio_(\w+)\{", rule["expr"]),
            rule["labels"]["severity"],
            rule["labels"]["window"],
        )
        for rule in alerts(name)
    ]

    assert found == [
        (["1h", "5m"], "critical", "1h"),
        (["6h", "30m"], "critical", "6h"),
        (["1d", "2h"], "warning", "1d"),
        (["3d", "6h"], "warning", "3d"),
    ]


def test_errors_alert_at_the_rates_that_use_the_budget_up() -> None:
    found = [thresholds(rule) for rule in alerts("ServiceFailsRequests")]

    # 99.9% promised: 0.1% may fail.
    assert found == [{0.0144}, {0.006}, {0.003}, {0.001}]


def test_slow_requests_alert_by_the_budget_of_one_in_a_hundred() -> None:
    found = [thresholds(rule) for rule in alerts("ServiceIsSlow")]

    assert found == [{0.144}, {0.06}, {0.03}, {0.01}]


@pytest.mark.parametrize("percent", [90, 95, 99, 99.9, 99.99])
def test_a_service_that_fails_every_request_pages_within_the_hour(percent: float) -> None:
    page, *_ = alerts("ServiceFailsRequests", with_slo(availability_percent=percent))

    assert max(thresholds(page)) <= 0.5


def test_a_narrow_promise_has_a_threshold_of_its_own() -> None:
    (page, *_) = alerts("ServiceFailsRequests", with_slo(availability_percent=99.99))

    assert thresholds(page) == {0.00144}


@pytest.mark.parametrize(
    ("promised", "bound"), [(10, 10), (300, 500), (500, 500), (60_000, 60_000)]
)
def test_a_request_is_slow_above_the_first_bound_that_keeps_the_promise(
    promised: int, bound: int
) -> None:
    service = with_slo(p99_milliseconds=promised)

    assert latency_bound(service) == bound
    assert f'le=~"{bound}([.]0)?"' in expression("service:istio_requests_slow:rate5m", service)


@pytest.mark.parametrize("written", ["500", "500.0"])
def test_the_bound_is_found_as_either_prometheus_writes_it(written: str) -> None:
    (pattern,) = re.findall(r'le=~"([^"]+)"', expression("service:istio_requests_slow:rate5m"))

    assert re.fullmatch(pattern, written)
    assert not re.fullmatch(pattern, f"2{written}")


def test_a_service_without_errors_has_none_instead_of_no_data() -> None:
    found = expression("service:istio_requests_failed:rate5m")

    assert " or 0 * sum(rate(istio_requests_total{" in found


def test_errors_of_grpc_are_told_by_its_own_status() -> None:
    grpc = Service(name="catalog", namespace="shop", image=IMAGE, protocol=Protocol.GRPC)

    assert "grpc_response_status" in expression("service:istio_requests_failed:rate5m", grpc)
    assert 'response_code=~"5.."' in expression("service:istio_requests_failed:rate5m")


def test_requests_that_get_to_no_pod_call_somebody() -> None:
    (found,) = alerts("ServiceGivesNoAnswer")

    assert found["expr"].startswith("service:istio_requests_unanswered:ratio_5m{")
    assert found["labels"]["severity"] == "critical"


@pytest.mark.parametrize("phase", ["Abort", "Error", "InvalidSpec", "Timeout"])
def test_a_rollout_that_does_not_come_in_is_told(phase: str) -> None:
    (found,) = alerts("RolloutFailed")
    (pattern,) = re.findall(r'phase=~"([^"]+)"', found["expr"])

    assert re.fullmatch(pattern, phase)
    assert not any(re.fullmatch(pattern, fine) for fine in ("Completed", "Progressing", "Paused"))


def test_requests_refused_at_capacity_are_told_apart_from_the_applications_own() -> None:
    (found,) = alerts("ServiceRefusesAtCapacity")

    assert 'response_flags=~".*RL.*"' in found["expr"]


def test_a_service_without_a_capacity_has_no_alert_on_it() -> None:
    unlimited = CATALOG.model_copy(update={"capacity": None})

    assert alerts("ServiceFailsRequests", unlimited)
    assert alerts("ServiceRefusesAtCapacity", unlimited) == []


@pytest.mark.requirement("R24")
def test_every_alert_goes_to_somebody_and_says_what_to_do() -> None:
    found = [rule for rule in rules() if "alert" in rule]

    for rule in found:
        assert rule["labels"]["severity"] in set(Severity)
        assert (rule["labels"]["namespace"], rule["labels"]["service"]) == ("shop", "catalog")
        assert "shop/catalog" in rule["annotations"]["summary"]
        assert rule["annotations"]["description"]


def test_records_name_their_level_metric_and_operation_and_their_service() -> None:
    found = [rule for rule in rules() if "record" in rule]

    for rule in found:
        assert re.fullmatch(r"service:istio_requests(_\w+)?:(rate|ratio_)\w+", rule["record"])
        assert rule["labels"] == {"namespace": "shop", "service": "catalog"}


def test_no_two_rules_of_a_service_give_the_same_series() -> None:
    found = [
        (rule.get("alert") or rule["record"], rule["labels"].get("window")) for rule in rules()
    ]

    assert len(found) == len(set(found))


def test_a_services_rules_ask_for_series_of_its_own_namespace_alone() -> None:
    # Prometheus adds the namespace to every selector: one that others measured would find nothing.
    for rule in rules():
        assert 'reporter="source"' not in rule["expr"]
        for inside in re.findall(r"\{([^}]*)\}", rule["expr"]):
            assert re.search(r'(^|,)(destination_workload_)?namespace="shop"', inside)


def test_one_services_rules_ask_for_no_other_service() -> None:
    other = Service(name="cart", namespace="sales", image=IMAGE)

    for rule in rules(other):
        assert "catalog" not in rule["expr"]
        assert "cart" in rule["expr"]
        assert "sales" in rule["expr"]
