"""What the drill reads of budgets, amounts, constraints and tolerations."""

from typing import Any

import pytest

from ekp.drill.pod_failure.budgets import Budget
from ekp.drill.pod_failure.quantities import Room, mebibytes, millis, requests
from ekp.drill.pod_failure.scheduling import selects, spreads, tolerates
from ekp.drill.pod_failure.workload import Spread, Topology
from ekp.evaluate.request import Unsupported

TAINT = {"key": "only", "value": "shards", "effect": "NoSchedule"}


@pytest.mark.parametrize(
    ("budget", "pods", "go"),
    [
        ({"max_unavailable": "10%"}, 3, 1),
        ({"max_unavailable": "10%"}, 11, 2),
        ({"max_unavailable": "34%"}, 3, 2),
        ({"max_unavailable": 0}, 3, 0),
        ({"max_unavailable": 5}, 3, 3),
        ({"min_available": "50%"}, 3, 1),
        ({"min_available": "67%"}, 3, 0),
        ({"min_available": 1}, 1, 0),
        ({"min_available": 4}, 3, 0),
        ({"max_unavailable": "1"}, 2, 1),
    ],
)
def test_a_budgets_percentage_rounds_up(budget: dict[str, Any], pods: int, go: int) -> None:
    assert Budget(by="b", **budget).lets_go(pods) == go


@pytest.mark.parametrize(
    "budget", [{}, {"max_unavailable": 1, "min_available": 1}, {"max_unavailable": "few"}]
)
def test_a_budget_that_kubernetes_refuses_is_not_guessed(budget: dict[str, Any]) -> None:
    with pytest.raises(Unsupported):
        Budget(by="b", **budget).lets_go(3)


def test_a_container_without_requests_asks_for_its_limits() -> None:
    containers = [
        {"resources": {"requests": {"cpu": "0.5"}, "limits": {"memory": "1Gi"}}},
        {"resources": {"requests": {"cpu": "100m", "memory": "64Mi"}}},
        {},
    ]

    assert requests("pod", containers) == Room(600, 1088)


def test_amounts_are_read_as_kubernetes_writes_them() -> None:
    assert (millis("", "2"), millis("", 1), millis("", "250m")) == (2000, 1000, 250)
    assert (mebibytes("", "2Gi"), mebibytes("", "1500k"), mebibytes("", 0)) == (2048, 2, 0)
    for read in (millis, mebibytes):
        with pytest.raises(Unsupported, match="is no amount"):
            read("pod", "much")


def test_a_constraint_that_counts_other_pods_spreads_nothing() -> None:
    constraint = {"maxSkew": 1, "topologyKey": Topology.ZONE.value}
    other = {**constraint, "labelSelector": {"matchLabels": {"app": "other"}}}

    assert spreads("", [constraint, other], {"app": "web"}) == ()
    assert spreads("", [constraint], {"app": "web"}, own=True) == (
        Spread(Topology.ZONE, hard=True),
    )
    assert selects("", {}, {"app": "web"})


@pytest.mark.parametrize(
    ("toleration", "holds"),
    [
        ({"operator": "Exists"}, True),
        ({"key": "only", "operator": "Exists", "effect": "NoSchedule"}, True),
        ({"key": "only", "value": "shards"}, True),
        ({"key": "only", "value": "others"}, False),
        ({"key": "only", "operator": "Exists", "effect": "NoExecute"}, False),
    ],
)
def test_a_taint_is_tolerated_by_key_value_and_effect(toleration: Any, holds: bool) -> None:  # noqa: FBT001 - what is expected
    assert tolerates([toleration], TAINT) is holds
