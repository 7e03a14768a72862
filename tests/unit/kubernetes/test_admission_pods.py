"""A pod that is admitted is behind the mesh's proxy, and runs as the service that it says it is."""

from pathlib import Path
from typing import Any

from modules.kubernetes.admission.injection import FIXED

import pytest
import yaml

from tests.support.admitted import ADMISSION, changed, one, refusals

INJECT = "sidecar.istio.io/inject"
CONFIG = "proxy.istio.io/config"
CONTEXT = "spec.containers[0].securityContext"


def annotated(key: str, value: str) -> dict[str, Any]:
    pod = one("Pod")
    pod["metadata"]["annotations"][key] = value
    return pod


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (INJECT, "false"),
        (INJECT, "False"),
        ("sidecar.istio.io/interceptionMode", "NONE"),
        ("sidecar.istio.io/proxyImage", "evil.example.com/proxy"),
        ("sidecar.istio.io/bootstrapOverride", "mine"),
        ("sidecar.istio.io/userVolumeMount", "{}"),
        ("sidecar.istio.io/nativeSidecar", "false"),
        ("traffic.sidecar.istio.io/excludeInboundPorts", "8080"),
        ("traffic.sidecar.istio.io/excludeOutboundPorts", "443"),
        ("traffic.sidecar.istio.io/excludeOutboundIPRanges", "0.0.0.0/0"),
        ("traffic.sidecar.istio.io/includeInboundPorts", ""),
        ("traffic.sidecar.istio.io/includeOutboundIPRanges", ""),
        ("traffic.sidecar.istio.io/excludeInterfaces", "eth0"),
        ("status.sidecar.istio.io/port", "8080"),
        ("istio.io/reroute-virtual-interfaces", "eth0"),
        ("inject.istio.io/templates", "gateway"),
        ("proxy.istio.io/overrides", "{}"),
        (CONFIG, '{"proxyMetadata": {"DISABLE_ENVOY": "true"}}'),
        (CONFIG, '{"interceptionMode": "NONE"}'),
        (CONFIG, '{"proxyStatsMatcher": {"inclusionPrefixes": ["a"]}}\ninterceptionMode: NONE'),
        (CONFIG, '{"proxyStatsMatcher": {"inclusionPrefixes": ["a"]}}\n'),
        (CONFIG, '{"proxyStatsMatcher": {"inclusionPrefixes": ["a"]}, "concurrency": 1}'),
    ],
)
def test_no_annotation_leads_traffic_past_the_proxy(key: str, value: str) -> None:
    assert len(refusals(annotated(key, value))) == 1


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (INJECT, "true"),
        ("sidecar.istio.io/proxyCPU", "200m"),
        ("sidecar.istio.io/proxyMemoryLimit", "1Gi"),
        (CONFIG, '{"proxyStatsMatcher": {"inclusionPrefixes": ["ekp_rate", "later"]}}'),
        ("example.com/sidecar.istio.io", "another's"),
    ],
)
def test_an_annotation_that_leaves_the_proxy_in_charge_is_admitted(key: str, value: str) -> None:
    assert refusals(annotated(key, value)) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("metadata.labels", {"app.kubernetes.io/name": "orders", INJECT: "false"}),
        ("metadata.annotations", {}),
        ("spec.initContainers", []),
        ("spec.initContainers[1].securityContext.runAsUser", 65532),
        ("spec.initContainers[1].securityContext.runAsGroup", 65532),
        ("spec.initContainers[1].securityContext", {}),
        ("spec.initContainers[1].env", [{"name": "DISABLE_ENVOY", "value": "true"}]),
        (f"{CONTEXT}.runAsUser", 1337),
        (f"{CONTEXT}.runAsGroup", 1337),
        ("spec.securityContext.runAsUser", 1337),
        ("spec.securityContext.runAsGroup", 1337),
        ("spec.securityContext", {"runAsNonRoot": True}),
        (
            "spec.ephemeralContainers",
            [{"name": "istio-validation", "securityContext": {"runAsUser": 1337}}],
        ),
        ("spec.serviceAccountName", "checkout"),
        ("spec.serviceAccountName", "default"),
        ("metadata.labels", {"app.kubernetes.io/name": "checkout"}),
        ("metadata.labels", {}),
    ],
)
def test_a_pod_is_behind_its_proxy_and_itself(path: str, value: object) -> None:
    assert len(refusals(changed(one("Pod"), path, value))) == 1


def test_an_init_container_for_traffic_of_the_pods_own_is_refused() -> None:
    pod = one("Pod")
    pod["spec"]["initContainers"].append({"name": "istio-init"})

    assert len(refusals(pod)) == 1


def test_a_container_that_names_its_own_user_needs_none_of_the_pod() -> None:
    pod = changed(one("Pod"), "spec.securityContext", {})
    changed(pod, CONTEXT, {"runAsUser": 65532, "runAsGroup": 65532})

    assert refusals(pod) == []


def test_a_debugging_container_is_asked_for_its_user_as_well() -> None:
    pod = changed(one("Pod"), "spec.ephemeralContainers", [{"name": "debug"}])
    assert ADMISSION.refusals(pod, "pods/ephemeralcontainers", "UPDATE") == []

    changed(pod, "spec.ephemeralContainers[0].securityContext", {"runAsUser": 1337})
    assert len(ADMISSION.refusals(pod, "pods/ephemeralcontainers", "UPDATE")) == 1


def test_the_proxy_leaves_out_what_the_charts_values_say() -> None:
    file = Path(__file__).resolve().parents[3] / "helm-values" / "istiod.yaml"
    values = yaml.safe_load(file.read_text(encoding="utf-8"))

    excluded = FIXED["traffic.sidecar.istio.io/excludeOutboundIPRanges"]
    assert excluded == values["global"]["proxy"]["excludeIPRanges"]
