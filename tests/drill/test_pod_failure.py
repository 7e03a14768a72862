"""A node or a zone is lost: what keeps a serving pod, and what happens without each mitigation."""

from collections.abc import Callable
from typing import Any

import pytest

from ekp.configured.environment import Configured
from ekp.drill.report import Outcome
from tests.support.configured import with_objects, with_stack
from tests.support.pod_failure import (
    BUDGET,
    CHECKOUT,
    COPIES,
    DRAIN,
    ENDS,
    GATEWAY,
    GONE,
    HELD,
    NODE,
    OUT,
    ROOM,
    SPREAD,
    SUPPORTING,
    VAULT,
    VOLUME,
    ZONE,
    budget,
    check,
    drop,
    failures,
    of,
    rollout,
    run,
)


@pytest.mark.requirement("R31")
def test_production_keeps_a_serving_pod_whatever_node_or_zone_is_lost(prod: Configured) -> None:
    drill = run(prod)

    assert failures(drill) == []
    assert {one.outcome for one in drill.checks} == {Outcome.PASSED, Outcome.NOTED}
    weak = check(drill, "Each of them has a copy in every zone")
    assert "coredns runs in 2 copies over 3 zones" in weak.observed
    assert weak.by == (
        "prod-eu-west-1-cluster/addons/coredns",
        "prod-us-east-1-cluster/addons/coredns",
    )
    rows = {row[0]: row for row in drill.tables[0].rows}
    assert rows[CHECKOUT][2:] == (
        *("3", "euw1-az1 1, euw1-az2 1, euw1-az3 1", "zones soft, nodes soft", "2", "2"),
        *("maxUnavailable 10%, 1 may go", ""),
    )
    assert rows[VAULT][4:9] == (
        *("zones hard, nodes hard", "2", "2", "maxUnavailable 1, 1 may go"),
        "needs 2 of 3; a pod waits for its volume's zone",
    )


def test_the_drill_says_what_waits_for_a_zone_and_what_is_one_by_nature(prod: Configured) -> None:
    drill = run(prod)

    assert VAULT in check(drill, VOLUME).observed
    assert "grafana (nobody sees dashboards" in check(drill, SUPPORTING).observed
    assert "Soft in 5 of 5" in check(drill, SPREAD).observed


def test_development_says_that_it_runs_one_gateway(synthesized_outdir: Any) -> None:
    drill = run(Configured.load(synthesized_outdir, "dev"))

    found = check(drill, NODE)
    assert found.outcome is Outcome.FAILED
    assert f"{GATEWAY} has 0 of 1 pods left" in found.observed
    assert "Availability.HIGH" in found.remedy
    assert "in euw1-az2 call out by the NAT gateway in euw1-az1" in check(drill, OUT).observed
    assert check(drill, HELD).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("change", "fails"),
    [
        (drop("PodDisruptionBudget"), (BUDGET,)),
        (budget(maxUnavailable=1, selector={"matchLabels": {"app": "shop"}}), (BUDGET,)),
        (budget(maxUnavailable="100%"), (DRAIN,)),
        (budget(maxUnavailable=0), (HELD,)),
        (budget(minAvailable=3), (HELD,)),
        (
            of("HorizontalPodAutoscaler", lambda one: one["spec"].update(minReplicas=1)),
            (NODE, ZONE, COPIES, DRAIN),
        ),
        (
            rollout(lambda spec: spec.pop("topologySpreadConstraints")),
            (NODE, ZONE, SPREAD),
        ),
        (
            rollout(
                lambda spec: [
                    one["labelSelector"].update(matchLabels={"app": "typo"})
                    for one in spec["topologySpreadConstraints"]
                ]
            ),
            (NODE, ZONE, SPREAD),
        ),
        (
            rollout(
                lambda spec: spec.update(nodeSelector={"topology.kubernetes.io/zone": "eu-west-1b"})
            ),
            (NODE, ZONE, SPREAD, ROOM),
        ),
        (
            rollout(
                lambda spec: spec["volumes"].append(
                    {"name": "d", "persistentVolumeClaim": {"claimName": "d"}}
                )
            ),
            (VOLUME,),
        ),
        (rollout(lambda spec: spec["containers"][0].pop("readinessProbe")), (ENDS,)),
        (rollout(lambda spec: spec["containers"][0].pop("lifecycle")), (ENDS,)),
        (rollout(lambda spec: spec.update(terminationGracePeriodSeconds=15)), (ENDS,)),
        (
            of("DestinationRule", lambda one: one["spec"]["trafficPolicy"].pop("outlierDetection")),
            (GONE,),
        ),
        (
            of(
                "DestinationRule",
                lambda one: one["spec"]["trafficPolicy"].update(
                    outlierDetection={"consecutive5xxErrors": 0}
                ),
            ),
            (GONE,),
        ),
        (
            of(
                "VirtualService",
                lambda one: [
                    route.update(retries={"attempts": 0}) for route in one["spec"]["http"]
                ],
            ),
            (GONE,),
        ),
    ],
    ids=lambda one: "" if callable(one) else "+".join(one),
)
def test_a_service_without_one_of_its_mitigations_fails_by_name(
    prod: Configured,
    change: Callable[[Configured], Configured],
    fails: tuple[str, ...],
) -> None:
    drill = run(change(prod))

    for must in fails:
        found = check(drill, must)
        assert found.outcome is Outcome.FAILED
        assert CHECKOUT in found.observed
        assert "shop/catalog" not in found.observed
        assert found.remedy
    assert {one.must for one in drill.checks if one.outcome is Outcome.FAILED} == {
        check(drill, must).must for must in fails
    }


def test_a_budget_of_two_workloads_may_let_all_of_one_go(prod: Configured) -> None:
    """One pod of six is kept, so that all three of either may go at once."""

    def change(objects: list[Any]) -> list[Any]:
        kept = [one for one in objects if one["kind"] != "PodDisruptionBudget"]
        return [
            *kept,
            {
                "apiVersion": "policy/v1",
                "kind": "PodDisruptionBudget",
                "metadata": {"name": "all", "namespace": "shop"},
                "spec": {"minAvailable": 1, "selector": {}},
            },
        ]

    found = check(run(with_objects(prod, change)), DRAIN)

    assert found.outcome is Outcome.FAILED
    assert f"{CHECKOUT} keeps 0 of 3" in found.observed


def test_an_autoscaler_of_another_kind_scales_nothing(prod: Configured) -> None:
    change = of(
        "HorizontalPodAutoscaler",
        lambda one: one["spec"]["scaleTargetRef"].update(kind="Deployment"),
    )

    assert f"{CHECKOUT} runs in 1 copy" in check(run(change(prod)), COPIES).observed


def test_a_service_that_selects_no_pod_is_named(prod: Configured) -> None:
    change = of("Service", lambda one: one["spec"].update(selector={"app": "typo"}))

    found = check(run(change(prod)), GONE)
    assert found.outcome is Outcome.FAILED
    assert "Service shop/checkout selects no pod" in found.observed


def test_nodes_without_a_way_out_are_named(prod: Configured) -> None:
    def change(body: dict[str, Any]) -> None:
        routes = body["resource"]["aws_route"]
        del routes[next(key for key, one in routes.items() if "nat_gateway_id" in one)]

    found = check(run(with_stack(prod, "prod-eu-west-1-network", change)), OUT)

    assert found.outcome is Outcome.FAILED
    assert "nodes in euw1-az1 have no way out by a NAT gateway" in found.observed


def test_nodes_that_no_pod_tolerates_are_told_apart_from_pods_that_are_together(
    prod: Configured,
) -> None:
    def change(body: dict[str, Any]) -> None:
        for group in body["resource"]["aws_eks_node_group"].values():
            group["taint"] = [{"key": "mine", "value": "yes", "effect": "NO_SCHEDULE"}]

    drill = run(with_stack(prod, "prod-eu-west-1-cluster", change))

    assert check(drill, NODE).remedy.startswith("No node takes its pods")
    assert "has a pod that no node takes" in check(drill, ROOM).observed
