"""Dashboards and monitors from Git stay with their namespace."""

import copy
from collections.abc import Callable
from typing import Any

from modules.core.services import Service
from modules.kubernetes.admission.telemetry import dashboards, monitors
from modules.kubernetes.tenancy.overview import overview
from modules.kubernetes.workload.dashboard import dashboard
from modules.kubernetes.workload.monitoring import scraped

import pytest

from tests.support.cel import Admission
from tests.support.core_kinds import core_mistakes
from tests.support.tenants import tenancy, tenant

CATALOG = Service(name="catalog", namespace="shop", image="registry.example.org/shop/catalog:1.4.2")
POLICIES = [one.as_dict() for policy in (dashboards(), monitors()) for one in policy.manifests()]
ADMISSION = Admission(POLICIES)
DASHBOARD = dashboard(CATALOG).as_dict()
MONITOR = scraped(CATALOG).as_dict()
Change = Callable[[dict[str, Any]], object]


def refused(found: dict[str, Any], change: Change) -> bool:
    changed = copy.deepcopy(found)
    change(changed)
    resource = "configmaps" if found["kind"] == "ConfigMap" else "podmonitors"
    return bool(ADMISSION.refusals(changed, resource))


def endpoint(found: dict[str, Any]) -> dict[str, Any]:
    (only,) = found["spec"]["podMetricsEndpoints"]
    return dict(only)


def with_rule(rule: dict[str, Any]) -> Change:
    def change(found: dict[str, Any]) -> None:
        (only,) = found["spec"]["podMetricsEndpoints"]
        only["relabelings"].append(rule)

    return change


def test_the_policies_are_valid() -> None:
    assert core_mistakes(POLICIES) == []


def test_what_is_rendered_and_what_guards_is_admitted() -> None:
    board = overview(tenancy(tenant("shop"))).as_dict()

    assert ADMISSION.refusals(DASHBOARD, "configmaps") == []
    assert ADMISSION.refusals(board, "configmaps") == []
    assert ADMISSION.refusals(MONITOR, "podmonitors") == []


@pytest.mark.parametrize("folder", ["billing", "../billing", "/etc/grafana", "shop/../billing", ""])
def test_a_dashboard_in_anothers_folder_is_refused(folder: str) -> None:
    def change(found: dict[str, Any]) -> None:
        found["metadata"]["annotations"]["grafana_folder"] = folder

    assert refused(DASHBOARD, change)


def test_a_dashboard_without_a_folder_is_refused() -> None:
    assert refused(DASHBOARD, lambda found: found["metadata"]["annotations"].clear())
    assert refused(DASHBOARD, lambda found: found["metadata"].pop("annotations"))


def test_a_dashboard_that_grafana_would_fetch_is_refused() -> None:
    assert refused(DASHBOARD, lambda found: found["data"].update({"board.json.url": "http://x"}))
    assert refused(DASHBOARD, lambda found: found.update({"binaryData": {"board.json": "eA=="}}))


def test_other_config_maps_are_let_through() -> None:
    plain = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "settings", "namespace": "shop"},
        "data": {"settings.url": "http://x"},
    }

    assert ADMISSION.refusals(plain, "configmaps") == []


@pytest.mark.parametrize("selector", [{"any": True}, {"matchNames": ["billing"]}])
def test_a_monitor_of_other_namespaces_is_refused(selector: dict[str, Any]) -> None:
    assert refused(MONITOR, lambda found: found["spec"].update({"namespaceSelector": selector}))


@pytest.mark.parametrize(
    "rule",
    [
        {"action": "replace", "targetLabel": "__address__", "replacement": "ledger.billing:8080"},
        {
            "action": "replace",
            "sourceLabels": ["__meta_kubernetes_pod_ip"],
            "regex": "(.+)",
            "replacement": "$1:8200",
            "targetLabel": "__address__",
        },
        {
            "action": "replace",
            "sourceLabels": ["__meta_kubernetes_pod_annotation_target"],
            "regex": "(.+)",
            "replacement": "$1:15020",
            "targetLabel": "__address__",
        },
        {"action": "replace", "targetLabel": "__scheme__", "replacement": "https"},
        {"action": "labelmap", "regex": "__meta_kubernetes_pod_label_(.+)"},
        {"sourceLabels": ["x"], "targetLabel": "__address__"},
    ],
    ids=["host", "port", "annotation", "scheme", "labelmap", "unsaid"],
)
def test_a_monitor_that_leads_prometheus_elsewhere_is_refused(rule: dict[str, Any]) -> None:
    assert refused(MONITOR, with_rule(rule))


def test_a_monitor_by_way_of_a_proxy_is_refused() -> None:
    def change(found: dict[str, Any]) -> None:
        found["spec"]["podMetricsEndpoints"] = [{**endpoint(found), "proxyUrl": "http://x"}]

    assert refused(MONITOR, change)


def test_a_monitor_may_label_its_samples() -> None:
    rule = {"action": "replace", "targetLabel": "team", "replacement": "web"}

    assert not refused(MONITOR, with_rule(rule))
