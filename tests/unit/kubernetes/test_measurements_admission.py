"""What measures and tells of services asks in its own name, and pods read their own Secrets."""

import copy
from collections.abc import Callable
from functools import partial
from typing import Any

from modules.core.secrets import Secret
from modules.kubernetes.admission.measurements import analyses, rules
from modules.kubernetes.admission.pod_secrets import pod_secrets

import pytest

from tests.support.admitted import RESOURCES, SERVICE, objects
from tests.support.cel import Admission
from tests.support.core_kinds import core_mistakes

POLICIES = [
    one.as_dict() for policy in (analyses(), rules(), pod_secrets()) for one in policy.manifests()
]
ADMISSION = Admission(POLICIES)
WITH_SECRET = SERVICE.model_copy(update={"secrets": (Secret(name="payments"),)})
RENDERED = {one["kind"]: one for one in objects(WITH_SECRET)}
Change = Callable[[dict[str, Any]], object]


def refusals(kind: str, change: Change = lambda _: None) -> list[str]:
    found = copy.deepcopy(RENDERED[kind])
    change(found)
    return list(ADMISSION.refusals(found, RESOURCES[kind]))


def mounted(volume: dict[str, Any]) -> Change:
    return lambda pod: pod["spec"]["volumes"].append({"name": "more", **volume})


def rule(**settings: Any) -> Change:
    def change(found: dict[str, Any]) -> None:
        found["spec"]["groups"] = [{"name": "own", "rules": [settings]}]

    return change


def asks(provider: dict[str, Any]) -> Change:
    def change(found: dict[str, Any]) -> None:
        found["spec"]["metrics"][0]["provider"] = provider

    return change


def test_the_policies_are_valid() -> None:
    assert core_mistakes(POLICIES) == []


@pytest.mark.parametrize("kind", ["Pod", "AnalysisTemplate", "PrometheusRule"])
def test_what_is_rendered_is_admitted(kind: str) -> None:
    assert refusals(kind) == []


@pytest.mark.requirement("R36")
@pytest.mark.parametrize(
    "change",
    [
        mounted({"secret": {"secretName": "alert-receivers.urls"}}),
        mounted({"projected": {"sources": [{"secret": {"name": "checkout.payments"}}]}}),
        mounted({"csi": {"driver": "secrets-store.csi.k8s.io"}}),
    ],
)
def test_a_pod_that_mounts_another_service_s_secret_is_refused(change: Change) -> None:
    assert any("Secret of another service" in text for text in refusals("Pod", change))


def test_a_pod_with_a_secret_in_its_environment_is_refused() -> None:
    def one(pod: dict[str, Any]) -> None:
        value = {"valueFrom": {"secretKeyRef": {"name": "shop.key", "key": "k"}}}
        pod["spec"]["containers"][0]["env"] = [{"name": "KEY", **value}]

    def every(pod: dict[str, Any]) -> None:
        pod["spec"]["containers"][0]["envFrom"] = [{"secretRef": {"name": "shop.key"}}]

    assert all(refusals("Pod", change) for change in (one, every))


def test_a_pod_that_runs_as_the_account_of_alerts_or_pushes_others_aside_is_refused() -> None:
    for setting, value in (
        ("serviceAccountName", "alert-receivers"),
        ("priorityClassName", "system-node-critical"),
    ):
        refused = refusals("Pod", partial(_set, setting, value))
        assert any(word in text for text in refused for word in (setting, value))


def _set(setting: str, value: str, pod: dict[str, Any]) -> None:
    pod["spec"][setting] = value


@pytest.mark.requirement("R36")
@pytest.mark.parametrize(
    "provider",
    [
        {"web": {"method": "POST", "url": "http://prometheus.observability.svc:9090/-/quit"}},
        {"job": {"spec": {}}},
        {"prometheus": {"address": "http://elsewhere.example.org", "query": "up"}},
        {"prometheus": {"query": "up"}},
    ],
)
def test_an_analysis_that_asks_another_than_prometheus_is_refused(provider: dict[str, Any]) -> None:
    assert refusals("AnalysisTemplate", asks(provider)) != []


def test_an_analysis_that_reads_a_secret_is_refused() -> None:
    def change(found: dict[str, Any]) -> None:
        reference = {"secretKeyRef": {"name": "checkout.payments", "key": "k"}}
        found["spec"].setdefault("args", []).append({"name": "key", "valueFrom": reference})

    assert refusals("AnalysisTemplate", change) != []


@pytest.mark.requirement("R36")
def test_a_rule_that_records_what_proxies_report_is_refused() -> None:
    forged = rule(record="istio_requests_total", expr="time()", labels={"response_code": "503"})

    assert refusals("PrometheusRule", forged) != []
    assert refusals("PrometheusRule", rule(record="service:own:ratio", expr="1")) == []


@pytest.mark.parametrize("where", ["annotations", "labels"])
def test_an_alert_whose_text_asks_prometheus_is_refused(where: str) -> None:
    spying = rule(alert="a", expr="1", **{where: {"x": '{{ with query "up" }}{{ . }}{{ end }}'}})
    plain = rule(alert="a", expr="1", **{where: {"x": "{{ $labels.pod }} is at {{ $value }}"}})

    assert refusals("PrometheusRule", spying) != []
    assert refusals("PrometheusRule", plain) == []
