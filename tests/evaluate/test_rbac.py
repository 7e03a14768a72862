"""Rights are worked out as Kubernetes' documentation says.

https://kubernetes.io/docs/reference/access-authn-authz/rbac/
"""

from collections.abc import Mapping
from typing import Any

import pytest

from ekp.evaluate.rbac import Group, ServiceAccount, Subject, User, may, may_url
from ekp.evaluate.request import Object, Unsupported

ALICE = User("alice", ("team",))
ROBOT = ServiceAccount("ci", "robot")


def rbac(kind: str, name: str, namespace: str | None = None, **fields: Any) -> Object:
    home = {"namespace": namespace} if namespace else {}
    labels = fields.pop("labels", None)
    metadata = {"name": name, **home, **({"labels": labels} if labels else {})}
    version = "rbac.authorization.k8s.io/v1"
    return {"apiVersion": version, "kind": kind, "metadata": metadata, **fields}


def rule(resources: str, verbs: str, groups: tuple[str, ...] = ("",), **more: Any) -> Any:
    plain = {"resources": resources.split(), "verbs": verbs.split()}
    return {"apiGroups": list(groups), **plain, **more}


def bound(role: str, subject: Mapping[str, Any], namespace: str | None = None) -> Object:
    kind, name = role.split("/")
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": name}
    binding = "RoleBinding" if namespace else "ClusterRoleBinding"
    return rbac(binding, "b", namespace, roleRef=reference, subjects=[subject])


def user(name: str = "alice") -> dict[str, str]:
    return {"kind": "User", "name": name, "apiGroup": "rbac.authorization.k8s.io"}


def group(name: str) -> dict[str, str]:
    return {"kind": "Group", "name": name, "apiGroup": "rbac.authorization.k8s.io"}


def reads(*rules: Any) -> list[Object]:
    """A ClusterRole with these rules, bound to alice everywhere."""
    return [rbac("ClusterRole", "r", rules=list(rules)), bound("ClusterRole/r", user())]


def test_without_a_binding_nothing_is_allowed() -> None:
    found = may([rbac("ClusterRole", "r", rules=[rule("*", "*", ("*",))])], ALICE, "get", "pods")
    assert (found.allowed, found.status, found.by) == (False, 403, "no binding")


def test_a_grant_names_its_role_and_its_binding() -> None:
    found = may(reads(rule("secrets", "get"), rule("pods", "get list")), ALICE, "list", "pods")
    assert found.by == "ClusterRole r rules[1]"
    assert found.why == "ClusterRoleBinding b grants list pods"


@pytest.mark.parametrize(
    ("granted", "asked", "allowed"),
    [
        (rule("pods", "get"), {"verb": "get", "resource": "pods"}, True),
        (rule("pods", "get"), {"verb": "list", "resource": "pods"}, False),
        (rule("pods", "*"), {"verb": "impersonate", "resource": "pods"}, True),
        (rule("pods", "get"), {"verb": "get", "resource": "pods", "subresource": "log"}, False),
        (rule("pods/log", "get"), {"verb": "get", "resource": "pods", "subresource": "log"}, True),
        (rule("pods/log", "get"), {"verb": "get", "resource": "pods"}, False),
        (rule("*/scale", "get"), {"verb": "get", "resource": "jobs", "subresource": "scale"}, True),
        (rule("*/scale", "get"), {"verb": "get", "resource": "jobs"}, False),
        # The documentation knows no such wildcard, so it matches nothing.
        (rule("pods/*", "get"), {"verb": "get", "resource": "pods", "subresource": "log"}, False),
        (rule("*", "get"), {"verb": "get", "resource": "pods", "subresource": "log"}, True),
        (rule("pods", "get", ("apps",)), {"verb": "get", "resource": "pods"}, False),
        (rule("pods", "get", ("*",)), {"verb": "get", "resource": "pods"}, True),
        (
            rule("rollouts", "get", ("argoproj.io",)),
            {"verb": "get", "resource": "rollouts", "api_group": "argoproj.io"},
            True,
        ),
        (
            rule("secrets", "get list", resourceNames=["tls"]),
            {"verb": "get", "resource": "secrets", "name": "tls"},
            True,
        ),
        (
            rule("secrets", "get list", resourceNames=["tls"]),
            {"verb": "get", "resource": "secrets", "name": "other"},
            False,
        ),
        (
            rule("secrets", "get list", resourceNames=["tls"]),
            {"verb": "list", "resource": "secrets"},
            False,
        ),
    ],
)
def test_a_rule_grants_what_it_names(granted: Any, asked: Any, *, allowed: bool) -> None:
    assert may(reads(granted), ALICE, **asked).allowed is allowed


def test_a_role_binding_holds_in_its_namespace_even_for_a_cluster_role() -> None:
    role = rbac("ClusterRole", "r", rules=[rule("pods", "get")])
    objects = [role, bound("ClusterRole/r", user(), "shop")]
    assert may(objects, ALICE, "get", "pods", namespace="shop").allowed
    assert not may(objects, ALICE, "get", "pods", namespace="bank").allowed
    assert not may(objects, ALICE, "get", "pods").allowed


def test_a_role_is_of_its_namespace() -> None:
    mine = rbac("Role", "r", "shop", rules=[rule("pods", "get")])
    theirs = rbac("Role", "r", "bank", rules=[rule("secrets", "get")])
    objects = [mine, theirs, bound("Role/r", user(), "shop")]
    assert may(objects, ALICE, "get", "pods", namespace="shop").by == "Role shop/r rules[0]"
    assert not may(objects, ALICE, "get", "secrets", namespace="shop").allowed


@pytest.mark.parametrize(
    ("named", "subject", "allowed"),
    [
        (user(), ALICE, True),
        (user("bob"), ALICE, False),
        (group("team"), ALICE, True),
        (group("team"), Group("team"), True),
        (group("other"), ALICE, False),
        (group("system:authenticated"), ALICE, True),
        (user("team"), Group("team"), False),
        ({"kind": "ServiceAccount", "name": "robot", "namespace": "ci"}, ROBOT, True),
        ({"kind": "ServiceAccount", "name": "robot", "namespace": "shop"}, ROBOT, False),
        ({"kind": "ServiceAccount", "name": "alice", "namespace": "ci"}, ALICE, False),
        (user("system:serviceaccount:ci:robot"), ROBOT, True),
        (group("system:serviceaccounts"), ROBOT, True),
        (group("system:serviceaccounts:ci"), ROBOT, True),
        (group("system:serviceaccounts:shop"), ROBOT, False),
    ],
)
def test_a_binding_reaches_its_subjects(
    named: Mapping[str, Any], subject: Subject, *, allowed: bool
) -> None:
    role = rbac("ClusterRole", "r", rules=[rule("pods", "get")])
    objects = [role, bound("ClusterRole/r", named)]
    assert may(objects, subject, "get", "pods").allowed is allowed


def aggregating(name: str, *selectors: Mapping[str, Any], **fields: Any) -> Object:
    return rbac("ClusterRole", name, aggregationRule={"clusterRoleSelectors": selectors}, **fields)


@pytest.mark.parametrize(
    ("selector", "gathers"),
    [
        ({"matchLabels": {"to-view": "true"}}, True),
        ({"matchLabels": {"to-view": "false"}}, False),
        ({"matchExpressions": [{"key": "to-view", "operator": "Exists"}]}, True),
        ({"matchExpressions": [{"key": "to-edit", "operator": "Exists"}]}, False),
        ({"matchExpressions": [{"key": "to-edit", "operator": "DoesNotExist"}]}, True),
        ({"matchExpressions": [{"key": "to-view", "operator": "In", "values": ["true"]}]}, True),
        (
            {"matchExpressions": [{"key": "to-view", "operator": "NotIn", "values": ["true"]}]},
            False,
        ),
    ],
)
def test_an_aggregating_role_has_the_rules_of_those_it_gathers(
    selector: Mapping[str, Any], *, gathers: bool
) -> None:
    objects = [
        aggregating("view", selector, rules=[rule("secrets", "get")]),
        rbac("ClusterRole", "pods", labels={"to-view": "true"}, rules=[rule("pods", "get")]),
        bound("ClusterRole/view", user()),
    ]
    assert may(objects, ALICE, "get", "pods").allowed is gathers
    # Its own rules are the control plane's to write, and are overwritten.
    assert not may(objects, ALICE, "get", "secrets").allowed


def test_aggregation_passes_on_and_ends_in_a_circle() -> None:
    def of(label: str) -> dict[str, Any]:
        return {"matchLabels": {label: "true"}}

    objects = [
        aggregating("edit", of("to-edit"), labels={"to-view": "true"}),
        aggregating("view", of("to-view"), labels={"to-edit": "true"}, rules=[rule("jobs", "get")]),
        rbac("ClusterRole", "pods", labels={"to-view": "true"}, rules=[rule("pods", "get")]),
        bound("ClusterRole/edit", user()),
    ]
    assert may(objects, ALICE, "get", "pods").allowed
    assert not may(objects, ALICE, "get", "jobs").allowed


@pytest.mark.parametrize(
    ("pattern", "path", "allowed"),
    [
        ("/metrics", "/metrics", True),
        ("/healthz/*", "/healthz/ready", True),
        ("/healthz/*", "/healthz", False),
        ("*", "/anything", True),
        ("/metrics", "/metrics/cadvisor", False),
    ],
)
def test_paths_that_are_no_resources(pattern: str, path: str, *, allowed: bool) -> None:
    objects = reads({"nonResourceURLs": [pattern], "verbs": ["get"]})
    assert may_url(objects, ALICE, "get", path).allowed is allowed
    assert not may_url(objects, ALICE, "post", path).allowed


def test_masters_and_cluster_admins_may_do_everything() -> None:
    assert may([], User("root", ("system:masters",)), "delete", "nodes").allowed
    admin = bound("ClusterRole/cluster-admin", user())
    assert may([admin], ALICE, "delete", "nodes").allowed


@pytest.mark.parametrize(
    ("objects", "message"),
    [
        ([bound("ClusterRole/view", user())], "ClusterRoleBinding b: roleRef.name"),
        ([bound("Elsewhere/view", user())], "ClusterRoleBinding b: roleRef"),
        ([bound("ClusterRole/view", {"kind": "Robot", "name": "r"})], r"subjects\[0\].kind"),
        (reads({"resources": ["pods"]}), r"ClusterRole r: rules\[0\].verbs"),
        (reads(rule("pods", "list", attributeRestrictions={})), "attributeRestrictions"),
    ],
)
def test_what_is_not_understood_is_named(objects: list[Object], message: str) -> None:
    with pytest.raises(Unsupported, match=message):
        may(objects, ALICE, "get", "pods")
