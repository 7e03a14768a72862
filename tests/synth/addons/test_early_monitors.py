"""Services that stand before Prometheus are scraped by monitors that come after it."""

from pathlib import Path

from modules.addons.charts import CLUSTER_AUTOSCALER, KARPENTER, LOAD_BALANCER_CONTROLLER
from modules.addons.early_monitors import early_monitors
from modules.core.charts import Chart
from modules.kubernetes.helm import values_of

import pytest

from tests.support.custom_resources import mistakes


@pytest.mark.parametrize("chart", [LOAD_BALANCER_CONTROLLER, CLUSTER_AUTOSCALER, KARPENTER])
def test_no_release_before_prometheus_brings_a_monitor(chart: Chart) -> None:
    assert values_of(chart)["serviceMonitor"] == {"enabled": False}


@pytest.mark.parametrize(
    ("with_karpenter", "monitored"),
    [
        (False, ("ServiceMonitor", "cluster-autoscaler", "http")),
        (True, ("PodMonitor", "karpenter", "http-metrics")),
    ],
)
def test_the_autoscaler_in_use_is_scraped_and_the_controller(
    tmp_path: Path, *, with_karpenter: bool, monitored: tuple[str, str, str]
) -> None:
    found = [monitor.as_dict() for monitor in early_monitors(with_karpenter=with_karpenter)]
    ports = {
        (one["kind"], one["metadata"]["name"], endpoint["port"])
        for one in found
        for key in ("endpoints", "podMetricsEndpoints")
        for endpoint in one["spec"].get(key, ())
    }

    assert ports == {("PodMonitor", "aws-load-balancer-controller", "metrics-server"), monitored}
    assert mistakes(found, tmp_path) == []
