"""What Git holds of a service is admitted, and nothing of it reaches another namespace."""

from modules.core.delivery import BlueGreen, Canary, HeaderCanary, Strategy
from modules.core.services import Protocol
from modules.kubernetes.admission import SERVICES_LABEL, service_admission
from modules.kubernetes.admission.traffic import OTHER_ROUTERS

import pytest
import yaml

from tests.support.admitted import ADMISSION, POLICIES, SERVICE, changed, objects, one, refusals
from tests.support.cel import Admission
from tests.support.chart_values import CHARTS
from tests.support.core_kinds import core_mistakes
from tests.support.two_tenants import environments, with_two_tenants

OWN = "orders.shop.svc.cluster.local"
OTHER = "orders.other.svc.cluster.local"


def test_the_policies_are_valid_and_deny_where_the_label_is() -> None:
    assert core_mistakes(POLICIES) == []
    policies, bindings = POLICIES[::2], POLICIES[1::2]
    key, value = SERVICES_LABEL
    for policy, binding in zip(policies, bindings, strict=True):
        assert policy["spec"]["failurePolicy"] == "Fail"
        assert binding["spec"] == {
            "policyName": policy["metadata"]["name"],
            "validationActions": ["Deny"],
            "matchResources": {"namespaceSelector": {"matchLabels": {key: value}}},
        }
        for rule in policy["spec"]["matchConstraints"]["resourceRules"]:
            assert rule["operations"] == ["CREATE", "UPDATE"]


def test_every_refusal_says_what_to_do_in_one_line() -> None:
    for policy in POLICIES[::2]:
        for check in policy["spec"]["validations"]:
            assert "\n" not in check["message"]
            assert len(check["message"]) > 40
            assert len(check["expression"]) < 2000


@pytest.mark.parametrize("environment", ["prod", "dev"])
def test_all_that_git_holds_of_the_sample_services_is_admitted(environment: str) -> None:
    found = with_two_tenants() if environment == "prod" else environments()[environment]
    site = found.site()
    admission = Admission([manifest.as_dict() for manifest in service_admission(site.domain)])

    assert found.services
    for service in found.services:
        for each in objects(service, site):
            assert refusals(each, admission) == [], (service.ref, each["kind"])


@pytest.mark.parametrize("protocol", Protocol)
@pytest.mark.parametrize("chosen", [Canary(), HeaderCanary(), BlueGreen()], ids=lambda s: s.kind)
def test_every_kind_of_service_is_admitted(chosen: Strategy, protocol: Protocol) -> None:
    routes = SERVICE.routes if protocol is Protocol.HTTP else ()
    service = SERVICE.model_copy(
        update={"strategy": chosen, "protocol": protocol, "routes": routes}
    )

    assert [text for each in objects(service) for text in refusals(each)] == []


def test_the_route_that_rollouts_adds_for_testers_is_admitted() -> None:
    found = one("VirtualService", "orders-versions")
    way = {"destination": {"host": OWN, "subset": "canary"}, "weight": 100}
    testers = {"headers": {"x-canary": {"exact": "true"}}}
    found["spec"]["http"].insert(0, {"name": "canary-header", "match": [testers], "route": [way]})

    assert refusals(found) == []


ROUTING = "spec.strategy.canary.trafficRouting"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (f"{ROUTING}.istio.virtualService.name", "orders.other"),
        (f"{ROUTING}.istio.virtualService.name", "orders.other.cluster.local"),
        (f"{ROUTING}.istio.virtualServices", [{"name": "orders"}, {"name": "orders.other"}]),
        *((f"{ROUTING}.{router}", {}) for router in OTHER_ROUTERS),
        ("spec.template.metadata.annotations", {"sidecar.istio.io/status": "{}"}),
        ("spec.template.metadata.annotations", {"proxy.istio.io/overrides": "{}"}),
        ("spec.template.spec.containers[0].name", "istio-proxy"),
        ("spec.template.spec.initContainers", [{"name": "istio-validation"}]),
        ("spec.template.spec.initContainers", [{"name": "istio-init"}]),
    ],
)
def test_a_rollout_writes_to_its_own_namespace_and_fakes_no_proxy(path: str, value: object) -> None:
    assert len(refusals(changed(one("Rollout"), path, value))) == 1


@pytest.mark.parametrize(
    ("api_version", "resource"),
    [
        ("apps/v1", "daemonsets"),
        ("apps/v1", "deployments"),
        ("apps/v1", "replicasets"),
        ("apps/v1", "statefulsets"),
        ("batch/v1", "jobs"),
    ],
)
def test_no_other_pod_template_fakes_the_proxy(api_version: str, resource: str) -> None:
    found = {
        "apiVersion": api_version,
        "metadata": {"name": "fake", "namespace": "shop"},
        "spec": {"template": {"spec": {"containers": [{"name": "istio-proxy"}]}}},
    }

    assert len(ADMISSION.refusals(found, resource)) == 1
    changed(found, "spec.template.spec.containers[0].name", "app")
    assert ADMISSION.refusals(found, resource) == []


def test_all_routers_of_rollouts_are_known() -> None:
    file = CHARTS / "argo-rollouts" / "crds" / "argoproj.io_rollouts.yaml"
    if not file.is_file():
        pytest.skip(f"the definitions are not at hand: {file} is missing")
    schema = yaml.safe_load(file.read_text(encoding="utf-8"))["spec"]["versions"][0]["schema"]
    at = schema["openAPIV3Schema"]
    for part in ("spec", "strategy", "canary", "trafficRouting"):
        at = at["properties"][part]

    assert set(at["properties"]) == {"istio", "managedRoutes", "maxTrafficWeight", *OTHER_ROUTERS}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("spec.hosts", [OTHER]),
        ("spec.hosts", ["api.example.org", OTHER]),
        ("spec.hosts", [OTHER.upper()]),
        ("spec.hosts", [f"{OWN}."]),
        ("spec.hosts", ["orders.eshop.svc.cluster.local"]),
        ("spec.hosts", ["orders.other"]),
        ("spec.hosts", ["orders.other.svc"]),
        ("spec.hosts", ["*"]),
        ("spec.hosts", ["*.example.org"]),
        ("spec.hosts", ["*.shop.svc.cluster.local"]),
        ("spec.hosts", ["payments.example.com"]),
        ("spec.hosts", ["api.notexample.org"]),
        ("spec.gateways", ["mesh", "istio-ingress/other-orders"]),
        ("spec.gateways", ["other/gateway"]),
        ("spec.gateways", ["istio-ingress/shop"]),
        ("spec.exportTo", ["other"]),
        ("spec.exportTo", [".", "istio-ingress"]),
        ("spec.http[0].delegate.namespace", "other"),
        ("spec.http[1].mirror", {"host": OTHER}),
        ("spec.http[1].mirrors", [{"destination": {"host": OWN}}, {"destination": {"host": "x"}}]),
        ("spec.http[0].route", [{"destination": {"host": OTHER}}]),
        ("spec.http[0].route", [{"destination": {"host": OWN}}, {"destination": {"host": "x.y"}}]),
        ("spec.http[0].route", [{"destination": {"host": "payments.example.com"}}]),
        ("spec.tcp", [{"route": [{"destination": {"host": OWN}}]}]),
        ("spec.tls", [{"route": [{"destination": {"host": OWN}}]}]),
    ],
)
def test_routes_begin_and_end_in_their_own_namespace(path: str, value: object) -> None:
    assert len(refusals(changed(one("VirtualService"), path, value))) == 1


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("spec.gateways", ["mesh"]),
        ("spec.exportTo", ["."]),
        ("spec.exportTo", ["*"]),
        ("spec.hosts", [OWN]),
        ("spec.hosts", ["example.org"]),
        ("spec.http[0].delegate", {"name": "orders-versions"}),
        ("spec.http[0].mirror", {"host": OWN}),
        ("spec.http[0].mirrors", [{"destination": {"host": OWN}}]),
    ],
)
def test_what_stays_in_the_namespace_may_be_routed(path: str, value: object) -> None:
    assert refusals(changed(one("VirtualService"), path, value)) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("spec.host", OTHER),
        ("spec.host", "orders.other"),
        ("spec.host", "*.shop.svc.cluster.local"),
        ("spec.host", "payments.example.com"),
        ("spec.exportTo", ["other"]),
        ("spec.trafficPolicy.tls", {"mode": "DISABLE"}),
        ("spec.trafficPolicy.tls", {"mode": "SIMPLE"}),
        ("spec.trafficPolicy.tls", {"sni": "no.mode"}),
        ("spec.trafficPolicy.portLevelSettings", [{"tls": {"mode": "DISABLE"}}]),
        ("spec.subsets[1].trafficPolicy", {"tls": {"mode": "DISABLE"}}),
        (
            "spec.subsets[1].trafficPolicy",
            {"portLevelSettings": [{"port": {"number": 80}}, {"tls": {"mode": "SIMPLE"}}]},
        ),
    ],
)
def test_callers_of_the_own_services_alone_are_instructed_and_with_mtls(
    path: str, value: object
) -> None:
    assert len(refusals(changed(one("DestinationRule"), path, value))) == 1


def test_a_destination_rule_may_leave_tls_to_the_mesh() -> None:
    found = one("DestinationRule")
    del found["spec"]["trafficPolicy"]["tls"]
    assert refusals(found) == []
    del found["spec"]["trafficPolicy"]
    assert refusals(found) == []
    del found["spec"]["subsets"]
    assert refusals(found) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("spec.type", "LoadBalancer"),
        ("spec.type", "NodePort"),
        ("spec.type", "ExternalName"),
        ("spec.externalIPs", ["203.0.113.7"]),
    ],
)
def test_a_service_is_reached_inside_the_cluster_alone(path: str, value: object) -> None:
    assert len(refusals(changed(one("Service"), path, value))) == 1


def test_what_cannot_be_judged_is_refused() -> None:
    found = changed(one("VirtualService"), "spec.http[0].route", [{"weight": 1}])

    assert refusals(found)[0].startswith("error: ")
