"""A commit finds its way to users of production as synthesized, and a lost hop is named."""

import copy
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

from modules.kubernetes.service_objects import service_objects

import pytest

from ekp.services.documents import render
from environments import load
from tests.support.commit_path import Bundles, bundles_of, deliver
from tests.support.commit_users import Commit, MissingHopError
from tests.support.synth import Synth

from .conftest import TODAY

HUB_TENANTS, HUB = "management-eu-west-1-tenants", "management-eu-west-1-management"
IRELAND = "prod-eu-west-1"
Spoil = Callable[[dict[str, Any]], object]


@pytest.fixture(scope="module")
def bundles(stacks: Mapping[str, Synth]) -> Bundles:
    return bundles_of(stacks)


@pytest.fixture(scope="module")
def commit() -> Commit:
    """A new version of the checkout, as the repository of production gets it."""
    prod = load(TODAY)[0]["prod"]
    assert prod.delivery is not None
    file = PurePosixPath("shop", "checkout.yaml")
    repository = prod.delivery.repository
    return Commit.of(
        repository.url,
        PurePosixPath(repository.path, "prod") / file,
        render(prod, service_objects)[file],
    )


@pytest.mark.requirement("R45")
@pytest.mark.requirement("R37")
def test_a_commit_reaches_the_users_of_both_regions(
    stacks: Mapping[str, Synth], bundles: Bundles, commit: Commit
) -> None:
    found = deliver(stacks, bundles, commit, "prod")

    assert {region: journey.application for region, journey in found.items()} == {
        "eu-west-1": "prod-eu-west-1-shop",
        "us-east-1": "prod-us-east-1-shop",
    }
    assert found["eu-west-1"].hops == [
        "application set prod-shop",
        "cluster prod-eu-west-1",
        "project prod-shop",
        "namespace shop",
        "route shop.prod.ekp.example",
        "gateway istio-ingressgateway",
        "target group ekp-prod-euw1-gateway-tls",
    ]
    assert found["us-east-1"].target_group == "ekp-prod-use1-gateway-tls"


@pytest.mark.parametrize("environment", ["dev", "qa"])
def test_a_commit_for_another_environment_takes_the_same_way(
    stacks: Mapping[str, Synth], bundles: Bundles, environment: str
) -> None:
    settings = load(TODAY)[0][environment]
    assert settings.delivery is not None
    repository = settings.delivery.repository
    for file, text in render(settings, service_objects).items():
        if "checkout" in file.name:
            path = PurePosixPath(repository.path, environment) / file
            found = deliver(stacks, bundles, Commit.of(repository.url, path, text), environment)
            assert {*found} == {"eu-west-1"}


def test_a_commit_elsewhere_in_the_repository_goes_nowhere(
    stacks: Mapping[str, Synth], bundles: Bundles, commit: Commit
) -> None:
    for path in ("services/prod/bank/checkout.yaml", "services/prod/shop/old/checkout.yaml"):
        with pytest.raises(MissingHopError, match="there is no application set for"):
            deliver(stacks, bundles, replace(commit, path=PurePosixPath(path)), "prod")


def each(kind: str, change: Callable[[dict[str, Any]], object]) -> Spoil:
    """Return what changes every object of a kind in a stack's bundles."""
    return lambda found: [change(one) for one in found["objects"] if one["kind"] == kind]


def of(kind: str, change: Callable[[dict[str, Any]], object]) -> Spoil:
    """Return what changes every resource of a kind."""
    return lambda json: [change(found) for found in json["json"]["resource"][kind].values()]


def renamed(one: dict[str, Any]) -> None:
    one["metadata"]["name"] = "another"


@pytest.mark.requirement("R45")
@pytest.mark.parametrize(
    ("stack_id", "spoil", "hop"),
    [
        (
            HUB_TENANTS,
            each(
                "ApplicationSet",
                lambda o: o["spec"]["template"]["spec"]["source"].update(path="elsewhere"),
            ),
            "application set for services/prod/shop/checkout.yaml",
        ),
        (
            HUB,
            each("Secret", lambda o: o["metadata"].pop("labels")),
            "Secret of a cluster that prod-shop chooses",
        ),
        (HUB, each("ConfigMap", lambda o: o["data"].clear()), "line of the registrar for cluster-"),
        (HUB, each("Role", lambda o: o["rules"].clear()), "right of the registrar to write"),
        (
            HUB,
            each(
                "ConfigMap",
                lambda o: o.update(
                    data={k: v.replace(" shop", " bank") for k, v in o["data"].items()}
                ),
            ),
            "namespace shop in the line of cluster-prod-eu-west-1",
        ),
        (HUB_TENANTS, each("AppProject", renamed), "project prod-shop"),
        (
            HUB_TENANTS,
            each("AppProject", lambda o: o["spec"]["namespaceResourceWhitelist"].clear()),
            "leave of project prod-shop for .*: .* is no kind of the project",
        ),
        (
            HUB_TENANTS,
            each("AppProject", lambda o: o["spec"]["destinations"].clear()),
            "leave of project prod-shop for .*: .* is no destination",
        ),
        (
            f"{IRELAND}-cluster",
            of("aws_eks_access_entry", lambda r: r.pop("kubernetes_groups", None)),
            "access entry of arn:aws:iam::333333333333:role/ekp-prod-euw1-hub",
        ),
        (
            HUB,
            of("aws_iam_role_policy", lambda r: r.update(policy='{"Statement": []}')),
            "role of Argo CD that may assume",
        ),
        (f"{IRELAND}-tenants", each("Namespace", renamed), "namespace shop in prod-eu-west-1"),
        (
            f"{IRELAND}-tenants",
            each("Role", lambda o: o["rules"].clear()),
            "right of the hub to make a ",
        ),
        (f"{IRELAND}-tenants", each("Gateway", renamed), "Gateway for shop.prod.ekp.example"),
        (
            f"{IRELAND}-tenants",
            each("TargetGroupBinding", lambda o: o["spec"]["serviceRef"].update(name="another")),
            "TargetGroupBinding of istio-ingressgateway",
        ),
        (
            f"{IRELAND}-ingress",
            lambda found: found["json"]["resource"].pop("aws_lb_listener_rule"),
            "listener rules in eu-west-1 for shop.prod.ekp.example",
        ),
        (
            f"{IRELAND}-ingress",
            lambda found: found["json"]["output"].update(
                gateway_target_group_arn={
                    "value": found["json"]["output"]["shard_target_group_arns"]["value"][0]
                }
            ),
            "way from target group ekp-prod-euw1-gateway-tls to istio-ingressgateway",
        ),
    ],
)
def test_a_missing_hop_of_a_stack_is_named(
    stacks: Mapping[str, Synth],
    bundles: Bundles,
    commit: Commit,
    *,
    stack_id: str,
    spoil: Spoil,
    hop: str,
) -> None:
    spoilt: dict[str, Any] = copy.deepcopy(
        {"json": dict(stacks[stack_id].json), "objects": bundles.get(stack_id, [])}
    )
    spoil(spoilt)

    with pytest.raises(MissingHopError, match=f"there is no {hop}"):
        deliver(
            {**stacks, stack_id: Synth(spoilt["json"])},
            {**bundles, stack_id: spoilt["objects"]},
            commit,
            "prod",
        )


@pytest.mark.parametrize(
    ("kind", "hop"),
    [
        ("Rollout", "Rollout in the file"),
        ("Service", "Service of the pods of checkout"),
        ("VirtualService", "VirtualService at a gateway in the file"),
    ],
)
def test_a_missing_object_of_the_file_is_named(
    stacks: Mapping[str, Synth], bundles: Bundles, commit: Commit, kind: str, hop: str
) -> None:
    left = [one for one in commit.objects if one["kind"] != kind]

    with pytest.raises(MissingHopError, match=f"there is no {hop}"):
        deliver(stacks, bundles, replace(commit, objects=left), "prod")


def test_a_kind_that_guards_gets_no_leave_whoever_commits_it(
    stacks: Mapping[str, Synth], bundles: Bundles, commit: Commit
) -> None:
    opened = {
        "apiVersion": "security.istio.io/v1",
        "kind": "AuthorizationPolicy",
        "metadata": {"name": "open", "namespace": "shop"},
        "spec": {},
    }
    changed = replace(commit, objects=[*commit.objects, opened])

    with pytest.raises(MissingHopError, match="leave of project prod-shop for Authorization"):
        deliver(stacks, bundles, changed, "prod")


def test_an_object_for_another_tenants_namespace_gets_no_leave(
    stacks: Mapping[str, Synth], bundles: Bundles, commit: Commit
) -> None:
    strange = copy.deepcopy([dict(one) for one in commit.objects])
    strange[0]["metadata"]["namespace"] = "bank"

    with pytest.raises(MissingHopError, match=r"namespace bank of cluster .* is no destination"):
        deliver(stacks, bundles, replace(commit, objects=strange), "prod")
