"""The platform's own people see all but Secrets, and admins repair what comes back by itself."""

from typing import Any

from modules.core.entra import Applications, Directory
from modules.kubernetes.people import platform_people

import pytest

from ekp.evaluate.rbac import Group, may
from tests.support.core_kinds import core_mistakes

DIRECTORY = Directory(
    tenant_id="00000000-0000-0000-0000-000000000000",
    admins={"platform-admins": "00000000-0000-0000-0000-0000000000a1"},
    viewers={"platform-viewers": "00000000-0000-0000-0000-0000000000b1"},
    applications=Applications(
        kubernetes="00000000-0000-0000-0000-000000000001",
        argo_cd="00000000-0000-0000-0000-000000000002",
        kubecost="00000000-0000-0000-0000-000000000003",
        rancher="00000000-0000-0000-0000-000000000004",
    ),
)

VIEW: dict[str, Any] = {
    "apiVersion": "rbac.authorization.k8s.io/v1",
    "kind": "ClusterRole",
    "metadata": {"name": "view"},
    "rules": [{"apiGroups": [""], "resources": ["pods", "services"], "verbs": ["get"]}],
}
OBJECTS = [VIEW, *(one.as_dict() for one in platform_people(DIRECTORY))]
ADMINS = Group("entra:00000000-0000-0000-0000-0000000000a1")
VIEWERS = Group("entra:00000000-0000-0000-0000-0000000000b1")
STRANGERS = Group("entra:00000000-0000-0000-0000-0000000000ff")
PEOPLE = (ADMINS, VIEWERS)

REPAIRS = [
    ("delete", "", "pods", None),
    ("create", "", "pods", "eviction"),
    ("patch", "", "nodes", None),
    ("delete", "karpenter.sh", "nodeclaims", None),
    ("patch", "apps", "deployments", "scale"),
    ("delete", "batch", "jobs", None),
    ("patch", "argoproj.io", "rollouts", "status"),
]
# Each would make an administrator of the cluster of whoever has it.
WAYS_UP = [
    ("get", "", "secrets", None),
    ("list", "", "secrets", None),
    ("create", "", "pods", None),
    ("create", "", "pods", "exec"),
    ("create", "", "pods", "attach"),
    ("patch", "", "pods", "ephemeralcontainers"),
    ("get", "", "nodes", "proxy"),
    ("create", "", "serviceaccounts", "token"),
    ("patch", "apps", "deployments", None),
    ("patch", "argoproj.io", "rollouts", None),
    ("create", "rbac.authorization.k8s.io", "clusterrolebindings", None),
    ("bind", "rbac.authorization.k8s.io", "clusterroles", None),
    ("escalate", "rbac.authorization.k8s.io", "clusterroles", None),
    ("impersonate", "", "groups", None),
]


def allowed(
    who: Group,
    verb: str,
    group: str,
    kind: str,
    *,
    subresource: str | None = None,
    space: str | None = None,
) -> bool:
    return may(
        OBJECTS, who, verb, kind, api_group=group, subresource=subresource, namespace=space
    ).allowed


@pytest.mark.requirement("R41")
@pytest.mark.parametrize(
    ("group", "kind"),
    [
        ("", "pods"),
        ("", "nodes"),
        ("security.istio.io", "authorizationpolicies"),
        ("projectcalico.org", "globalnetworkpolicies"),
        ("karpenter.sh", "nodepools"),
        ("rbac.authorization.k8s.io", "clusterrolebindings"),
    ],
)
def test_people_of_the_platform_see_it(group: str, kind: str) -> None:
    assert all(allowed(who, "get", group, kind) for who in PEOPLE)
    assert not allowed(STRANGERS, "get", group, kind)


@pytest.mark.parametrize(("verb", "group", "kind", "subresource"), REPAIRS)
def test_admins_repair_and_viewers_do_not(
    verb: str, group: str, kind: str, subresource: str | None
) -> None:
    assert allowed(ADMINS, verb, group, kind, subresource=subresource)
    assert not allowed(VIEWERS, verb, group, kind, subresource=subresource)


@pytest.mark.requirement("R41")
@pytest.mark.parametrize(("verb", "group", "kind", "subresource"), WAYS_UP)
def test_nobody_of_them_can_become_an_administrator_of_the_cluster(
    verb: str, group: str, kind: str, subresource: str | None
) -> None:
    spaces = (None, "observability", "vault", "kube-system")

    assert not any(
        allowed(who, verb, group, kind, subresource=subresource, space=space)
        for who in PEOPLE
        for space in spaces
    )


def test_they_reach_pods_of_the_tools_alone() -> None:
    def reach(who: Group, space: str | None) -> bool:
        return allowed(who, "create", "", "pods", subresource="portforward", space=space)

    assert all(reach(who, "observability") for who in PEOPLE)
    assert (reach(ADMINS, "vault"), reach(VIEWERS, "vault")) == (True, False)
    assert not any(reach(who, space) for who in PEOPLE for space in (None, "shop", "kube-system"))


def test_a_group_that_is_replaced_changes_one_subject_of_each_binding() -> None:
    other = "00000000-0000-0000-0000-0000000000a9"
    replaced = DIRECTORY.model_copy(update={"admins": {"platform-admins": other}})

    before = {(one.kind, one.namespace, one.name): one for one in platform_people(DIRECTORY)}
    after = {(one.kind, one.namespace, one.name): one for one in platform_people(replaced)}

    assert list(before) == list(after)
    changed = [key for key in before if before[key] != after[key]]
    assert {after[key].fields["subjects"][0]["name"] for key in changed} == {f"entra:{other}"}
    assert len(changed) == 5


def test_they_are_objects_that_kubernetes_takes() -> None:
    assert core_mistakes(OBJECTS[1:]) == []
