"""No instance of Karpenter's outlives the cluster."""

from datetime import UTC, datetime, timedelta

import pytest

from ekp.cluster.errors import NotDrainedError
from ekp.cluster.kinds import NODE_CLAIM, NODE_CLASS, NODE_POOL
from ekp.cluster.nodes import GRACE, TERMINATION, remove_nodes
from ekp.cluster.session import Session

from .controllers import Karpenter
from .double import Double


def karpenter_nodes(double: Double) -> None:
    double.add(NODE_POOL, "default")
    double.add(NODE_CLAIM, "default-a", finalizers=("karpenter.sh/termination",))
    early = {"annotations": {TERMINATION: "2026-01-01T00:00:00Z"}}
    double.add(NODE_CLAIM, "alone-b", finalizers=("karpenter.sh/termination",), metadata=early)
    double.add(NODE_CLASS, "default", finalizers=("karpenter.k8s.aws/termination",))


def test_pools_go_before_their_nodes_and_classes_after_them(
    double: Double, session: Session
) -> None:
    karpenter = Karpenter()
    double.controllers.append(karpenter)
    karpenter_nodes(double)

    remove_nodes(session)

    assert sorted(karpenter.terminated) == ["alone-b", "default-a"]
    assert double.objects == {}
    assert [call.rpartition("/v1/")[2] for call in double.calls] == [
        "nodepools/default",
        "nodeclaims/default-a",
        "nodeclaims/default-a",
        "nodeclaims/alone-b",
        "ec2nodeclasses/default",
    ]


def test_a_disruption_budget_holds_a_node_for_minutes_and_not_for_ever(
    double: Double, session: Session
) -> None:
    karpenter_nodes(double)

    with pytest.raises(NotDrainedError, match="NodeClaim default-a: held by") as caught:
        remove_nodes(session)

    first, second = (one["metadata"]["annotations"][TERMINATION] for one in double.of(NODE_CLAIM))
    ends = datetime.fromisoformat(first) - datetime.now(UTC)
    assert timedelta(0) < ends <= GRACE
    assert second == "2026-01-01T00:00:00Z"
    assert "tagged karpenter.sh/nodepool" in caught.value.remedy


def test_a_cluster_without_karpenter_has_no_such_nodes(double: Double, session: Session) -> None:
    remove_nodes(session)

    assert double.calls == []
