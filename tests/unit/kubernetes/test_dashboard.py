"""Grafana finds a service's dashboard by itself, and it shows what is measured."""

import json
import re
from pathlib import Path
from typing import Any

from modules.core.services import Service
from modules.kubernetes.workload.alerts import budget_alerts
from modules.kubernetes.workload.dashboard import dashboard
from modules.kubernetes.workload.monitoring import scraped
from modules.kubernetes.workload.panels import PROMETHEUS

import pytest
import yaml

from tests.support.chart_values import CHARTS

IMAGE = "registry.example.org/shop/catalog:1.4.2"
CATALOG = Service(name="catalog", namespace="shop", image=IMAGE)
# Beside what the rules record: Istio's, Argo Rollouts' and the kubelet's own names.
METRICS = {
    "istio_requests_total",
    "istio_request_duration_milliseconds_bucket",
    "rollout_info_replicas_desired",
    "rollout_info_replicas_available",
    "rollout_info_replicas_updated",
    "container_cpu_usage_seconds_total",
}


def shown(service: Service = CATALOG) -> dict[str, Any]:
    (text,) = dashboard(service).fields["data"].values()
    found: dict[str, Any] = json.loads(text)
    return found


def queries() -> list[str]:
    return [target["expr"] for panel in shown()["panels"] for target in panel["targets"]]


@pytest.mark.requirement("R24")
def test_the_chart_looks_for_the_label_in_every_namespace() -> None:
    file = CHARTS / "kube-prometheus-stack" / "values.yaml"
    if not Path(file).is_file():
        pytest.skip(f"the charts are not at hand: {file} is missing")
    sidecar = yaml.safe_load(file.read_text(encoding="utf-8"))["grafana"]["sidecar"]

    wanted = {sidecar["dashboards"]["label"]: sidecar["dashboards"]["labelValue"]}
    assert wanted.items() <= dict(dashboard(CATALOG).labels).items()
    assert sidecar["dashboards"]["searchNamespace"] == "ALL"
    assert sidecar["datasources"]["uid"] == PROMETHEUS["uid"]


@pytest.mark.requirement("R39")
def test_every_metric_shown_is_one_that_is_there() -> None:
    groups = budget_alerts(CATALOG).fields["spec"]["groups"]
    recorded = {rule["record"] for group in groups for rule in group["rules"] if "record" in rule}

    for query in queries():
        names = set(re.findall(r"([a-z_:0-9]+)\{(?=[a-z_]+(?:=|!))", query))
        assert names
        assert names <= METRICS | recorded


@pytest.mark.requirement("R39")
@pytest.mark.parametrize("of", ["Requests", "Errors", "p99"])
def test_old_and_new_version_stand_side_by_side(of: str) -> None:
    (panel,) = [p for p in shown()["panels"] if p["title"].startswith(f"{of} by version")]

    (label,) = scraped(CATALOG).fields["spec"]["podTargetLabels"]
    on_samples = label.replace("-", "_")
    (target,) = panel["targets"]
    assert re.search(rf"by \((le, )?{on_samples}\)", target["expr"])
    assert target["legendFormat"] == f"{{{{{on_samples}}}}}"


def test_durations_are_shown_as_quantiles_against_the_promise() -> None:
    (panel,) = [p for p in shown()["panels"] if p["title"].startswith("Duration")]

    assert [target["legendFormat"] for target in panel["targets"]] == ["p50", "p95", "p99"]
    steps = panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
    assert steps[-1]["value"] == CATALOG.slo.p99_milliseconds


def test_the_budget_left_is_what_errors_did_not_use_up() -> None:
    (panel,) = [p for p in shown()["panels"] if p["title"].startswith("Error budget left")]

    (target,) = panel["targets"]
    assert target["expr"].startswith("1 - (sum_over_time(service:istio_requests_failed:rate5m{")
    assert "[30d]" in target["expr"]
    assert target["expr"].endswith("/ 0.001")


def test_cpu_is_that_of_the_services_own_pods() -> None:
    (query,) = [query for query in queries() if "container_cpu" in query]
    (pattern,) = re.findall(r'pod=~"([^"]+)"', query)

    assert re.fullmatch(pattern, "catalog-6dc78b855c-x2x7k")
    assert not re.fullmatch(pattern, "catalog-search-6dc78b855c-x2x7k")


def test_panels_overlap_nowhere_and_are_told_apart() -> None:
    panels = shown()["panels"]

    places = [(p["gridPos"]["x"], p["gridPos"]["y"]) for p in panels]
    assert len(set(places)) == len({p["id"] for p in panels}) == len(panels)
    assert all(p["gridPos"]["x"] + p["gridPos"]["w"] <= 24 for p in panels)


def test_every_query_goes_to_prometheus() -> None:
    found = [target["datasource"] for panel in shown()["panels"] for target in panel["targets"]]

    assert found
    assert all(source == PROMETHEUS for source in found)


def test_a_dashboard_keeps_its_address_and_its_text() -> None:
    assert dashboard(CATALOG) == dashboard(CATALOG)
    (text,) = dashboard(CATALOG).fields["data"].values()
    assert text == json.dumps(json.loads(text), indent=2, sort_keys=True)


def test_services_of_one_name_have_dashboards_of_their_own() -> None:
    other = Service(name="catalog", namespace="sales", image=IMAGE)

    assert shown(other)["uid"] != shown()["uid"]
    assert set(dashboard(other).fields["data"]) != set(dashboard(CATALOG).fields["data"])


def test_the_longest_names_leave_an_address_that_grafana_takes() -> None:
    longest = Service(name="n" * 40, namespace="m" * 63, image=IMAGE)

    # Source: Grafana documentation, "Dashboard JSON model", uid.
    assert len(shown(longest)["uid"]) <= 40


def test_services_of_a_namespace_stand_in_its_folder() -> None:
    assert dashboard(CATALOG).annotations == {"grafana_folder": "shop"}
