"""Every pod of a service is scraped once, with its version on every sample."""

import re
from pathlib import Path
from typing import Any

from modules.core.services import Service, labels, selector
from modules.kubernetes.workload.monitoring import monitoring, scraped

import pytest

from tests.support.core_kinds import core_mistakes
from tests.support.custom_resources import mistakes

CATALOG = Service(name="catalog", namespace="shop", image="registry.example.org/shop/catalog:1.4.2")


def endpoint() -> dict[str, Any]:
    (found,) = scraped(CATALOG).fields["spec"]["podMetricsEndpoints"]
    result: dict[str, Any] = found
    return result


@pytest.mark.requirement("R24")
@pytest.mark.requirement("R39")
def test_a_service_has_its_metrics_its_alerts_and_its_dashboard() -> None:
    found = monitoring(CATALOG)

    assert [manifest.kind for manifest in found] == ["PodMonitor", "PrometheusRule", "ConfigMap"]
    for manifest in found:
        assert manifest.namespace == "shop"
        assert labels(CATALOG).items() <= dict(manifest.labels).items()


def test_the_definitions_of_prometheus_accept_every_object(tmp_path: Path) -> None:
    found = [manifest.as_dict() for manifest in monitoring(CATALOG)]

    custom = [one for one in found if one["apiVersion"] != "v1"]
    assert mistakes(custom, tmp_path) == []
    assert core_mistakes(found) == []


def test_the_pods_of_the_service_are_scraped_on_the_port_of_the_merged_metrics() -> None:
    address = [r for r in endpoint()["relabelings"] if r.get("targetLabel") == "__address__"]

    assert scraped(CATALOG).fields["spec"]["selector"] == {"matchLabels": selector(CATALOG)}
    assert endpoint()["path"] == "/stats/prometheus"
    assert [one["replacement"] for one in address] == ["$1:15020"]


def test_a_pod_is_one_target_whatever_ports_its_containers_name() -> None:
    keeps = [rule for rule in endpoint()["relabelings"] if rule["action"] == "keep"]

    # Ports of a pod as Prometheus finds them: one target each.
    ports = ["http", "metrics", "http-envoy-prom"]
    assert [port for port in ports if all(re.fullmatch(k["regex"], port) for k in keeps)] == [
        "http-envoy-prom"
    ]
    assert all(k["sourceLabels"] == ["__meta_kubernetes_pod_container_port_name"] for k in keeps)


def test_samples_carry_the_service_and_the_version_of_the_pod() -> None:
    service = [r for r in endpoint()["relabelings"] if r.get("targetLabel") == "service"]

    assert [one["replacement"] for one in service] == ["catalog"]
    assert scraped(CATALOG).fields["spec"]["podTargetLabels"] == ["rollouts-pod-template-hash"]
