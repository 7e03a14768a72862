"""A drain as a whole: its order, what it leaves alone, what it tells."""

from dataclasses import replace

import pytest

from ekp.cluster.connect import Api
from ekp.cluster.drain import drain
from ekp.cluster.errors import NotDrainedError, UnauthorizedError
from ekp.cluster.kinds import (
    APPLICATION,
    CALICO,
    CLAIM,
    DEPLOYMENT,
    INGRESS,
    NAMESPACE,
    NODE_CLAIM,
    NODE_POOL,
    POD,
    SERVICE,
    STATEFUL_SET,
    TARGET_GROUP_BINDING,
)
from ekp.cluster.session import Session

from .conftest import Clock, cluster_at, connect, drain_of
from .controllers import FINALIZER, Karpenter, LoadBalancers, add_volume, kubernetes
from .double import Double

CLEANUP = ("tigera.io/operator-cleanup",)


def busy(double: Double) -> None:
    """A cluster with something of everything."""
    double.controllers += [LoadBalancers(), Karpenter(), kubernetes]
    double.add(NODE_POOL, "default")
    double.add(NODE_CLAIM, "default-a", finalizers=("karpenter.sh/termination",))
    double.add(TARGET_GROUP_BINDING, "http", namespace="istio-ingress", finalizers=(FINALIZER,))
    own = ("service.k8s.aws/resources",)
    double.add(SERVICE, "tcp", namespace="shop", finalizers=own, spec={"type": "LoadBalancer"})
    loki = double.add(STATEFUL_SET, "loki", namespace="loki", spec={"replicas": 1})
    add_volume(double, "storage-loki-0", used_by=(STATEFUL_SET, loki), namespace="loki")
    destination = {"destination": {"name": "in-cluster"}, "syncPolicy": {"automated": {}}}
    double.add(APPLICATION, "shop", namespace="argocd", spec=destination)


def bystanders(double: Double) -> None:
    """What no drain has to do with."""
    web = double.add(DEPLOYMENT, "web", namespace="shop", spec={"replicas": 2})
    double.add(POD, "web-1", namespace="shop", owner=(DEPLOYMENT, web), spec={})
    double.add(SERVICE, "web", namespace="shop", spec={"type": "ClusterIP"})
    double.add(INGRESS, "nginx", namespace="shop", spec={})
    double.add(CLAIM, "efs", namespace="shop", spec={"storageClassName": "efs"})
    double.add(NAMESPACE, "shop", status={"phase": "Active"})
    for kind in CALICO[:2]:
        double.add(kind, "default", finalizers=CLEANUP)
    double.add(
        DEPLOYMENT,
        "tigera-operator",
        namespace="tigera-operator",
        spec={"replicas": 1},
        status={"availableReplicas": 1},
    )


def test_controllers_are_used_before_their_nodes_go_and_nothing_else_is_touched(
    double: Double, session: Session
) -> None:
    bystanders(double)
    before = [*double.objects]
    busy(double)

    drain(session)

    assert double.calls == [
        "PATCH /apis/argoproj.io/v1alpha1/namespaces/argocd/applications/shop",
        "DELETE /api/v1/namespaces/shop/services/tcp",
        "DELETE /apis/elbv2.k8s.aws/v1beta1/namespaces/istio-ingress/targetgroupbindings/http",
        "PATCH /apis/apps/v1/namespaces/loki/statefulsets/loki",
        "DELETE /api/v1/namespaces/loki/persistentvolumeclaims/storage-loki-0",
        "DELETE /apis/karpenter.sh/v1/nodepools/default",
        "PATCH /apis/karpenter.sh/v1/nodeclaims/default-a",
        "DELETE /apis/karpenter.sh/v1/nodeclaims/default-a",
    ]
    left = {place[0].name for place in double.objects if place not in before}
    assert left == {"StatefulSet", "Application"}
    assert {*before} <= {*double.objects}
    assert session.left == []


def test_a_drained_cluster_is_drained_again_without_a_change(
    double: Double, session: Session, api: Api, clock: Clock
) -> None:
    busy(double)
    drain(session)
    double.calls.clear()

    drain(drain_of(api, clock))

    assert double.calls == []


def test_an_empty_cluster_takes_no_time(double: Double, session: Session, clock: Clock) -> None:
    drain(session)

    assert double.calls == []
    assert clock.now == 0


def test_a_step_that_does_not_end_stops_the_steps_after_it(
    double: Double, session: Session
) -> None:
    busy(double)
    double.controllers.clear()

    with pytest.raises(NotDrainedError, match="Service shop/tcp"):
        drain(session)

    assert not any("nodepools" in call or "targetgroup" in call for call in double.calls)


def test_a_hub_that_lets_nobody_in_is_told_and_does_not_stop_the_drain(
    double: Double, hub: Double, session: Session
) -> None:
    busy(double)
    hub.status = 401

    drain(session, [connect(cluster_at(hub, "hub"))])

    assert double.of(NODE_CLAIM) == []
    assert [one.what for one in session.left] == ["Argo CD on hub"]
    assert "may still deploy to ekp-dev-euw1-eks" in session.left[0].why


def test_a_cluster_that_lets_nobody_in_is_not_drained(
    double: Double, api: Api, session: Session
) -> None:
    busy(double)
    session.api = Api(replace(api.cluster), token=lambda: "old")

    with pytest.raises(UnauthorizedError):
        drain(session)

    assert double.calls == []


def test_calico_is_left_to_its_operator_while_that_runs(double: Double, session: Session) -> None:
    bystanders(double)

    drain(session)

    assert double.names(CALICO[0]) == ["default"]


def test_calico_without_its_operator_would_hang_and_is_named(
    double: Double, session: Session
) -> None:
    bystanders(double)
    double.add(DEPLOYMENT, "tigera-operator", namespace="tigera-operator", status={})

    with pytest.raises(NotDrainedError) as caught:
        drain(session)

    assert "Installation default: held by tigera.io/operator-cleanup" in caught.value.message
    assert "APIServer default" in caught.value.message
    assert "nothing of these is in AWS" in caught.value.remedy
    assert double.calls == []


def test_a_namespace_that_does_not_end_is_told_with_what_holds_it(
    double: Double, session: Session
) -> None:
    held = "Some content in the namespace has finalizers remaining: x/y in 1 resource instances"
    conditions = [
        {"type": "NamespaceContentRemaining", "status": "False", "message": "all is gone"},
        {"type": "NamespaceDeletionDiscoveryFailure", "status": "True", "message": "whatever"},
        {"type": "NamespaceFinalizersRemaining", "status": "True", "message": held},
    ]
    double.add(NAMESPACE, "old", status={"phase": "Terminating", "conditions": conditions})
    double.add(NAMESPACE, "quiet", status={"phase": "Terminating"})

    drain(session)

    assert [(one.what, one.why) for one in session.left] == [
        ("Namespace old", f"is Terminating: {held}"),
        ("Namespace quiet", "is Terminating: busy"),
    ]
