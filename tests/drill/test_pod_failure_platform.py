"""A node or a zone is lost: mitigations of charts and add-ons taken out one by one."""

from collections.abc import Callable
from typing import Any

import pytest

from ekp.configured.environment import Configured
from ekp.drill.report import Outcome
from ekp.evaluate.request import Unsupported
from tests.support.configured import with_stack, without
from tests.support.pod_failure import (
    BUDGET,
    CHECKOUT,
    CLUSTER,
    COPIES,
    DRAIN,
    ENDS,
    GATEWAY,
    HELD,
    NODE,
    PLATFORM,
    SPREAD,
    SUPPORTING,
    VAULT,
    VOTES,
    ZONE,
    changed,
    check,
    pod,
    run,
    with_group,
    with_values,
)

SHARD = "Deployment nginx-ingress/nginx-ingress-api"
DNS = "Deployment kube-system/coredns"
NOWHERE: dict[str, Any] = {"topologySpreadConstraints": []}


@pytest.mark.parametrize(
    ("release", "values", "named", "fails"),
    [
        ("istio-ingressgateway", {"podDisruptionBudget": None}, GATEWAY, (BUDGET,)),
        ("istio-ingressgateway", NOWHERE, GATEWAY, (NODE, ZONE, SPREAD)),
        (
            "istio-ingressgateway",
            {"autoscaling": {"minReplicas": 1}},
            GATEWAY,
            (NODE, ZONE, COPIES, DRAIN),
        ),
        ("istio-ingressgateway", {"terminationGracePeriodSeconds": 60}, GATEWAY, (ENDS,)),
        (
            "nginx-ingress-api",
            {"controller": {"podDisruptionBudget": {"enabled": False}}},
            SHARD,
            (BUDGET,),
        ),
        ("nginx-ingress-api", {"controller": {"lifecycle": None}}, SHARD, (ENDS,)),
        ("nginx-ingress-api", {"controller": {"readyStatus": {"enable": False}}}, SHARD, (ENDS,)),
        ("nginx-ingress-api", {"controller": NOWHERE}, SHARD, (NODE, ZONE, SPREAD)),
        ("vault", {"server": {"ha": {"replicas": 2}}}, VAULT, (VOTES, HELD)),
        ("argo-rollouts", {"controller": {"replicas": 1}}, "argo-rollouts", (SUPPORTING,)),
    ],
)
def test_a_chart_without_one_of_its_mitigations_fails_by_name(
    prod: Configured, release: str, values: dict[str, Any], named: str, fails: tuple[str, ...]
) -> None:
    drill = run(with_values(prod, release, values))

    for must in fails:
        found = check(drill, must)
        assert found.outcome is Outcome.FAILED
        assert named in found.observed
        assert "us-east-1" not in found.observed


def with_addon(found: Configured, text: str) -> Configured:
    """Return the environment with CoreDNS configured."""

    def change(body: dict[str, Any]) -> None:
        for one in body["resource"]["aws_eks_addon"].values():
            if one["addon_name"] == "coredns":
                one["configuration_values"] = text

    return with_stack(found, CLUSTER, change)


@pytest.mark.parametrize(
    ("text", "must"),
    [
        ('{"replicaCount": 1}', NODE),
        ('{"podDisruptionBudget": {"enabled": false}}', BUDGET),
        ('{"topologySpreadConstraints": []}', SPREAD),
    ],
)
def test_names_are_found_by_more_than_one_pod(prod: Configured, text: str, must: str) -> None:
    found = check(run(with_addon(prod, text)), must)

    assert found.outcome is Outcome.FAILED
    assert DNS in found.observed


def test_a_pod_of_two_budgets_is_never_evicted(prod: Configured) -> None:
    twice = [
        one
        for one in prod.services
        if (one["kind"], one["metadata"]["name"]) == ("PodDisruptionBudget", "checkout")
    ]
    second = {**twice[0], "metadata": {**twice[0]["metadata"], "name": "again"}}
    found = check(run(Configured.of(prod.reader.stacks, "prod", [*prod.services, second])), HELD)

    assert found.outcome is Outcome.FAILED
    assert f"{CHECKOUT} is selected by PodDisruptionBudget shop/again" in found.observed


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda found: with_group(found, "general", instance_types=["z9.huge"]), "z9.huge"),
        (
            lambda found: with_values(
                found, "istiod", {"affinity": {"podAffinity": {"required": []}}}
            ),
            "podAffinity",
        ),
        (
            lambda found: changed(
                found,
                "Rollout",
                lambda one: pod(one)["topologySpreadConstraints"][0].update(topologyKey="rack"),
            ),
            "topologyKey",
        ),
    ],
)
def test_what_the_drill_does_not_know_is_not_guessed(
    prod: Configured, change: Callable[[Configured], Configured], says: str
) -> None:
    with pytest.raises(Unsupported, match=says):
        run(change(prod))


def test_an_environment_without_nodes_is_not_looked_at(prod: Configured) -> None:
    bare = without(prod, CLUSTER, "aws_eks_node_group")
    [found] = run(without(bare, "prod-us-east-1-cluster", "aws_eks_node_group")).checks

    assert found.outcome is Outcome.SKIPPED
    assert "no cluster with a managed node group" in found.observed


def test_a_chart_that_nobody_described_is_named(prod: Configured) -> None:
    def another(body: dict[str, Any]) -> None:
        body["resource"]["helm_release"]["more"] = {
            "name": "more",
            "namespace": "more",
            "repository": "https://charts.example.com",
            "chart": "more",
            "version": "1.0.0",
        }

    with pytest.raises(Unsupported, match="more: no table"):
        run(with_stack(prod, PLATFORM, another))
