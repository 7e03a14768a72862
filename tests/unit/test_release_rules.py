"""The rules for releases tell a good stack from a bad one."""

import json
from typing import Any

import pytest
import yaml

from tests.support.literal_secrets import secrets
from tests.support.release_roles import strange_roles
from tests.support.release_rules import out_of_order
from tests.support.synth import Synth

ARN = "${aws_iam_role.x.arn}"
CHART = {"repository": "https://example.org"}


def stack(*releases: dict[str, Any], **others: dict[str, Any]) -> Synth:
    """Return a stack of releases, each named by its first argument."""
    return Synth(
        {
            "resource": {
                "helm_release": {r["name"]: r | _metadata(r["name"]) for r in releases},
                **{
                    kind: {n: b | _metadata(n) for n, b in named.items()}
                    for kind, named in others.items()
                },
            }
        }
    )


def _metadata(name: str) -> dict[str, Any]:
    return {"//": {"metadata": {"path": f"stack/{name}"}}}


def chart(name: str, *after: str, namespace: str = "kube-system", **values: Any) -> dict[str, Any]:
    """Return the release of a chart."""
    return {
        **CHART,
        "name": name,
        "chart": name,
        "namespace": namespace,
        "values": [yaml.safe_dump(values)],
        "depends_on": [f"helm_release.{other}" for other in after],
    }


def bundle(name: str, *after: str, objects: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the release of a bundle of objects."""
    return {
        "name": name,
        "chart": "./assets/objects",
        "namespace": "kube-system",
        "values": [yaml.safe_dump({"objects": objects})],
        "depends_on": [f"helm_release.{other}" for other in after],
    }


def made(kind: str, name: str, version: str = "v1", **metadata: Any) -> dict[str, Any]:
    """Return an object."""
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name, **metadata}}


BASE = bundle(
    "base",
    objects=[
        made("Namespace", "plain"),
        made("Namespace", "mesh", labels={"istio-injection": "enabled"}),
        made("PriorityClass", "ekp-platform", "scheduling.k8s.io/v1"),
        made("StorageClass", "gp3", "storage.k8s.io/v1"),
    ],
)


def test_what_is_in_order_is_no_complaint() -> None:
    plan = stack(
        BASE,
        chart("kube-prometheus-stack", "base", namespace="plain", priorityClassName="ekp-platform"),
        chart("istiod", "kube-prometheus-stack", serviceMonitor={"enabled": True}),
        chart("gateway", "istiod", namespace="mesh"),
        chart("vault", "istiod", "gateway", namespace="plain"),
    )

    assert out_of_order(plan) == []


@pytest.mark.parametrize(
    ("release", "complaint"),
    [
        (chart("x", namespace="plain"), "plain/x before namespace plain"),
        (chart("x", "base", namespace="mesh"), "mesh/x before the sidecar's webhook, for mesh"),
        (chart("x", a={"b": "ekp-platform"}), "kube-system/x before its priority class"),
        (chart("vault"), "kube-system/vault before a default storage class"),
        (
            chart("x", a={"serviceMonitor": {"enabled": True}}),
            "kube-system/x before monitors",
        ),
        (
            chart("x", a=[{"podMonitor": {"create": True}}]),
            "kube-system/x before monitors",
        ),
        (chart("x", issuer={"kind": "ClusterIssuer"}), "kube-system/x before certificates"),
        (
            bundle("x", objects=[made("ClusterIssuer", "i", "cert-manager.io/v1")]),
            "kube-system/x before kinds of cert-manager.io",
        ),
        (
            bundle("x", objects=[made("Widget", "w", "example.org/v1")]),
            "kube-system/x before kinds of example.org",
        ),
        (
            bundle("x", objects=[made("ConfigMap", "c", namespace="plain")]),
            "kube-system/x before namespace plain",
        ),
    ],
)
def test_a_release_before_what_it_needs_is_a_complaint(
    release: dict[str, Any], complaint: str
) -> None:
    assert out_of_order(stack(BASE, chart("istiod"), release)) == [complaint]


def test_what_is_needed_may_stand_before_by_way_of_a_resource_between() -> None:
    between = {"policy": {"depends_on": ["helm_release.base"]}}
    late = chart("x", namespace="plain") | {"depends_on": ["aws_iam_role_policy.policy"]}

    assert out_of_order(stack(BASE, late, aws_iam_role_policy=between)) == []


def test_what_an_earlier_stack_of_the_cluster_makes_is_there() -> None:
    late = stack(chart("vault", namespace="plain", priorityClassName="ekp-platform"))

    assert out_of_order(late, earlier=[stack(BASE)]) == []
    assert len(out_of_order(late)) == 3


def test_kinds_that_every_cluster_has_need_no_chart() -> None:
    objects = [
        made("Deployment", "d", "apps/v1"),
        made("Role", "r", "rbac.authorization.k8s.io/v1"),
        made("Job", "j", "batch/v1"),
    ]

    assert out_of_order(stack(bundle("x", objects=objects))) == []


def role(subject: str) -> dict[str, Any]:
    condition = {"StringEquals": {"issuer/1:sub": subject, "issuer/1:aud": "sts.amazonaws.com"}}
    policy = {"Statement": [{"Effect": "Allow", "Condition": condition}]}
    return {"x": {"assume_role_policy": json.dumps(policy)}}


def account(**more: Any) -> dict[str, Any]:
    return {"annotations": {"eks.amazonaws.com/role-arn": ARN}, **more}


@pytest.mark.parametrize(
    ("values", "defaults", "name"),
    [
        ({"serviceAccount": account(name="mine")}, {}, "mine"),
        ({"rbac": {"serviceAccount": account()}}, {"rbac": {"serviceAccount": {"name": "d"}}}, "d"),
        ({"serviceAccount": account()}, {"serviceAccount": {"name": ""}}, "x"),
    ],
)
def test_a_role_is_for_the_account_that_is_told_or_the_chart_s_own(
    values: dict[str, Any], defaults: dict[str, Any], name: str
) -> None:
    release = chart("x", **values)
    good = stack(release, aws_iam_role=role(f"system:serviceaccount:kube-system:{name}"))
    bad = stack(release, aws_iam_role=role(f"system:serviceaccount:other:{name}"))

    assert strange_roles(good, {"x": defaults}) == []
    (complaint,) = strange_roles(bad, {"x": defaults})
    assert complaint == (
        f"kube-system/x: aws_iam_role.x trusts ['system:serviceaccount:other:{name}'], "
        f"not system:serviceaccount:kube-system:{name}"
    )


def test_a_role_of_another_stack_is_a_complaint() -> None:
    release = chart("x", serviceAccount=account(name="mine"))

    assert strange_roles(stack(release), {}) == [f"kube-system/x: {ARN} is no role of this stack"]


def test_a_service_account_in_a_bundle_is_looked_at_too() -> None:
    annotations = {"eks.amazonaws.com/role-arn": ARN}
    mine = made("ServiceAccount", "mine", namespace="plain", annotations=annotations)
    trust = role("system:serviceaccount:plain:mine")

    assert strange_roles(stack(bundle("x", objects=[mine]), aws_iam_role=trust), {}) == []
    assert strange_roles(stack(bundle("x", objects=[mine]), aws_iam_role=role("else")), {}) != []


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({"a": {"password": "x"}}, ".a.password"),
        ({"clientSecret": "x"}, ".clientSecret"),
        ({"env": [{"secret_key": "x"}]}, ".env[0].secret_key"),
        ({"text": "a: 1\nbootstrapPassword: x\n"}, ".text>.bootstrapPassword"),
        ({"json": '{"aws": {"apiKey": "x"}}'}, ".json>.aws.apiKey"),
        ({"x": "-----BEGIN RSA PRIVATE KEY-----"}, ".x"),
        ({"x": "AKIAIOSFODNN7EXAMPLE"}, ".x"),
    ],
)
def test_a_literal_secret_is_found(value: Any, path: str) -> None:
    assert list(secrets(value)) == [path]


@pytest.mark.parametrize(
    "value",
    [
        {"clientSecret": "$argocd-entra-id:client-secret"},
        {"password": "${aws_x.y.z}"},
        {"token": "", "existingSecret": "name", "secretName": "name", "passwordKey": "key"},
        {"client_secret": "$__env{CLIENT_SECRET}"},
        {"text": "not: [yaml\n"},
        {"automountServiceAccountToken": True},
    ],
)
def test_a_reference_is_no_secret(value: Any) -> None:
    assert list(secrets(value)) == []
