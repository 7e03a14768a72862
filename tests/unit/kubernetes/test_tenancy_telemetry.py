"""What a tenant says of services counts for its own alone, and what others see of them is told."""

import re
from typing import Any

from modules.addons import argo_rollouts
from modules.addons.early_monitors import early_monitors
from modules.addons.groundwork import NAMESPACES
from modules.addons.istio_monitors import istio_monitors
from modules.addons.prometheus_stack import PLATFORM
from modules.core.alerts import Channel, Severity
from modules.core.mesh import MESH_ROOT
from modules.core.services import Service
from modules.core.tenants import tenant_labels
from modules.kubernetes.tenancy.alert_route import alert_route
from modules.kubernetes.tenancy.telemetry import enforcement, routes_of_tenants
from modules.kubernetes.workload.elsewhere import ROLLOUT, UNANSWERED, measured_elsewhere
from modules.kubernetes.workload.monitoring import scraped
from modules.stacks import management

import pytest

from tests.support.tenants import tenant

CATALOG = Service(name="catalog", namespace="shop", image="registry.example.org/shop/catalog:1.4.2")


def rule(record: str) -> str:
    (group,) = measured_elsewhere(rollouts_namespace=argo_rollouts.NAMESPACE.name)
    (found,) = [rule["expr"] for rule in group["rules"] if rule["record"] == record]
    return str(found)


def excluded(kind: str, namespace: str | None) -> bool:
    wanted = {"group": "monitoring.coreos.com", "resource": kind, "namespace": namespace}
    return wanted in enforcement(PLATFORM)["excludedFromEnforcement"]


@pytest.mark.requirement("R34")
def test_what_a_tenant_says_of_services_bears_its_own_namespace() -> None:
    monitor = scraped(CATALOG)

    assert enforcement(PLATFORM)["enforcedNamespaceLabel"] == "namespace"
    for kind in ("podmonitors", "servicemonitors", "prometheusrules"):
        assert not excluded(kind, monitor.namespace)


def test_the_platforms_own_monitors_and_rules_look_into_every_namespace() -> None:
    made = [*NAMESPACES, *management.NAMESPACES]
    monitors = [*istio_monitors(MESH_ROOT), *early_monitors(with_karpenter=True)]

    for kind in ("podmonitors", "servicemonitors", "prometheusrules"):
        assert all(excluded(kind, space.name) for space in made)
    assert monitors
    assert all(excluded(f"{one.kind.lower()}s", one.namespace) for one in monitors)


@pytest.mark.parametrize(
    ("record", "namespace", "service"),
    [
        (UNANSWERED, "destination_service_namespace", "destination_service_name"),
        (ROLLOUT, "exported_namespace", "name"),
    ],
)
def test_what_others_measure_of_a_service_is_recorded_as_its_own(
    record: str, namespace: str, service: str
) -> None:
    found = rule(record)

    assert re.match(r"(sum|max) by \(namespace, service(, phase)?\) \(label_replace\(", found)
    for label, source in (("namespace", namespace), ("service", service)):
        assert f'"{label}", "$1", "{source}", "(.+)")' in found
    assert found.count("(") == found.count(")")


def test_requests_that_no_pod_answered_are_counted_where_they_came_from() -> None:
    found = rule(UNANSWERED)

    selectors = re.findall(r"istio_requests_total\{([^}]*)\}", found)
    assert len(selectors) == 2
    assert all('reporter="source"' in selector for selector in selectors)
    assert ["response_flags" in selector for selector in selectors] == [True, False]


@pytest.mark.parametrize(
    ("flags", "told"), [("UH", True), ("UF,URX", True), ("-", False), ("RL", False)]
)
def test_only_requests_that_no_pod_answered_are_told_so(flags: str, *, told: bool) -> None:
    (pattern,) = re.findall(r'response_flags=~"([^"]+)"', rule(UNANSWERED))

    assert bool(re.fullmatch(pattern, flags)) is told


def test_of_rollouts_their_controllers_word_alone_counts() -> None:
    # Anybody's pod may serve a metric of that name.
    assert 'rollout_info{namespace="argo-rollouts"}' in rule(ROLLOUT)


@pytest.mark.requirement("R34")
def test_alertmanager_takes_routes_of_tenants_for_their_own_namespaces() -> None:
    found = routes_of_tenants()

    assert found["alertmanagerConfigMatcherStrategy"] == {"type": "OnNamespace"}
    (expression,) = found["alertmanagerConfigNamespaceSelector"]["matchExpressions"]
    assert expression["operator"] == "Exists"
    assert expression["key"] in tenant_labels(tenant("shop"))


def test_alertmanager_takes_the_routes_that_are_written() -> None:
    written: dict[str, Any] = routes_of_tenants()["alertmanagerConfigSelector"]["matchLabels"]

    *_, route = alert_route("shop", {Severity.CRITICAL: Channel.SLACK})
    assert written.items() <= dict(route.labels).items()
