"""The mesh tells of errors everywhere, of every request at the gateway, and of a share in spans."""

from pathlib import Path

from modules.core.mesh import TRACING_PROVIDER
from modules.kubernetes.istio.telemetry import mesh_telemetry

import pytest

from ...support.custom_resources import mistakes


@pytest.mark.requirement("R39")
def test_sidecars_log_trouble_alone() -> None:
    mesh, _ = mesh_telemetry(sampling_percent=1)
    (log,) = mesh.fields["spec"]["accessLogging"]

    assert mesh.namespace == "istio-system"
    assert log["providers"] == [{"name": "envoy"}]
    terms = log["filter"]["expression"].split(" || ")
    assert terms == ["response.code >= 400", "response.grpc_status > 0", "response.flags != 0"]


@pytest.mark.requirement("R39")
def test_the_gateway_logs_every_request() -> None:
    mesh, gateway = mesh_telemetry(sampling_percent=1)
    (log,) = gateway.fields["spec"]["accessLogging"]

    assert gateway.namespace == "istio-ingress"
    # The same provider without a filter replaces the mesh's entry; another one would stand beside.
    assert log == {"providers": mesh.fields["spec"]["accessLogging"][0]["providers"]}


@pytest.mark.requirement("R39")
@pytest.mark.parametrize("percent", [0, 0.5, 100])
def test_a_share_of_requests_is_traced(percent: float) -> None:
    mesh, gateway = mesh_telemetry(sampling_percent=percent)
    (tracing,) = mesh.fields["spec"]["tracing"]

    assert tracing["providers"] == [{"name": TRACING_PROVIDER}]
    assert tracing["randomSamplingPercentage"] == percent
    # What the gateway's own object does not mention it takes from the mesh's.
    assert "tracing" not in gateway.fields["spec"]


@pytest.mark.parametrize("percent", [-0.1, 100.5])
def test_a_share_that_is_none_is_refused(percent: float) -> None:
    with pytest.raises(ValueError, match=r"sampling_percent = .* use 0 to 100"):
        mesh_telemetry(sampling_percent=percent)


@pytest.mark.requirement("R39")
def test_prometheus_gets_the_metrics_of_every_proxy() -> None:
    mesh, _ = mesh_telemetry(sampling_percent=1)

    assert mesh.fields["spec"]["metrics"] == [{"providers": [{"name": "prometheus"}]}]


def test_each_namespace_has_one_object_for_all_its_proxies() -> None:
    found = mesh_telemetry(sampling_percent=1)

    assert len({one.namespace for one in found}) == len(found)
    assert all("selector" not in one.fields["spec"] for one in found)


def test_the_definitions_of_the_charts_take_all_of_it(tmp_path: Path) -> None:
    found = mesh_telemetry(sampling_percent=0.5)

    assert mistakes([one.as_dict() for one in found], tmp_path) == []
