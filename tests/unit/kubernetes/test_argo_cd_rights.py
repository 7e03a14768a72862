"""In a workload cluster the hub may manage what projects allow, and nothing else."""

import json
from collections.abc import Iterator
from typing import Any

from modules.core.fleet import HUB_GROUP
from modules.kubernetes.argo_cd.project import RENDERED_KINDS
from modules.kubernetes.argo_cd.rights import MANAGE, delivered_by_hub

import pytest

from ekp.evaluate.rbac import Group, may
from tests.support.chart_values import CHARTS
from tests.support.core_kinds import core_mistakes
from tests.support.tenants import tenancy, tenant

HUB = Group(HUB_GROUP)
FOUND = [
    one.as_dict() for one in delivered_by_hub(tenancy(tenant(namespaces=("shop", "shop-jobs"))))
]
ELSEWHERE = ("billing", "kube-system", "vault", None)


def allowed(verb: str, resource: str, namespace: str | None = "shop", **of: Any) -> bool:
    return may(FOUND, HUB, verb, resource, namespace=namespace, **of).allowed


def rendered() -> Iterator[tuple[str, str]]:
    for group, kind in RENDERED_KINDS:
        yield group, f"{kind.lower()}s"


def test_the_objects_are_as_kubernetes_defines_them() -> None:
    assert core_mistakes(FOUND) == []


@pytest.mark.requirement("R37")
@pytest.mark.parametrize(("group", "resource"), [*rendered()])
def test_what_a_project_allows_the_cluster_allows_in_the_tenants_namespaces_alone(
    group: str, resource: str
) -> None:
    for verb in MANAGE:
        for namespace in ("shop", "shop-jobs"):
            assert allowed(verb, resource, namespace, api_group=group)
        for other in ELSEWHERE:
            assert not allowed(verb, resource, other, api_group=group)


def test_custom_resources_are_named_as_their_definitions_name_them() -> None:
    if not CHARTS.is_dir():
        pytest.skip(f"the definitions are not at hand: {CHARTS} is missing")
    known = {file.stem for file in CHARTS.glob("*/crds/*.yaml")}
    own = {"", "autoscaling", "policy"}

    assert {f"{group}_{plural}" for group, plural in rendered() if group not in own} <= known


@pytest.mark.requirement("R34")
@pytest.mark.parametrize(
    ("group", "resource"),
    [
        ("", "secrets"),
        ("", "pods"),
        ("", "pods/exec"),
        ("", "serviceaccounts/token"),
        ("", "namespaces"),
        ("", "resourcequotas"),
        ("apps", "deployments"),
        ("batch", "jobs"),
        ("elbv2.k8s.aws", "targetgroupbindings"),
        ("networking.k8s.io", "networkpolicies"),
        ("projectcalico.org", "networkpolicies"),
        ("rbac.authorization.k8s.io", "roles"),
        ("rbac.authorization.k8s.io", "rolebindings"),
        ("secrets.hashicorp.com", "vaultauths"),
        ("security.istio.io", "authorizationpolicies"),
    ],
)
def test_the_hub_cannot_touch_what_guards_a_tenant(group: str, resource: str) -> None:
    plain, _, part = resource.partition("/")
    for verb in (*MANAGE, "bind", "escalate", "impersonate"):
        for namespace in ("shop", *ELSEWHERE):
            assert not allowed(verb, plain, namespace, api_group=group, subresource=part or None)


def test_a_rollout_may_be_aborted_and_events_be_shown() -> None:
    assert allowed("patch", "rollouts", api_group="argoproj.io", subresource="status")
    assert not allowed("patch", "services", subresource="status")
    assert allowed("list", "events")
    assert not allowed("create", "events")


def test_nothing_is_of_the_whole_cluster_or_written_with_a_star() -> None:
    assert {one["kind"] for one in FOUND} == {"Role", "RoleBinding"}
    assert "*" not in json.dumps(FOUND)


def test_nobody_but_the_hubs_group_gets_the_role() -> None:
    assert {
        (subject["kind"], subject["name"])
        for one in FOUND
        if one["kind"] == "RoleBinding"
        for subject in one["subjects"]
    } == {("Group", HUB_GROUP)}
