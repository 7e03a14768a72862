"""Load balancers and bindings go by their controller's hand, or are named."""

import pytest

from ekp.cluster.balancers import remove_bindings, remove_load_balancers
from ekp.cluster.errors import NotDrainedError
from ekp.cluster.kinds import GATEWAY, INGRESS, SERVICE, TARGET_GROUP_BINDING
from ekp.cluster.session import Session
from ekp.runner.errors import InterruptedRunError

from .conftest import Clock
from .controllers import FINALIZER, LoadBalancers
from .double import Double


def test_a_binding_is_gone_only_once_its_targets_are_deregistered(
    double: Double, session: Session, clock: Clock
) -> None:
    controller = LoadBalancers()
    double.controllers.append(controller)
    for name in ("http", "https"):
        double.add(TARGET_GROUP_BINDING, name, namespace="istio-ingress", finalizers=(FINALIZER,))

    remove_bindings(session)

    assert controller.registered == set()
    assert double.of(TARGET_GROUP_BINDING) == []
    assert clock.now == session.limits.interval_seconds


def test_a_stuck_binding_is_named_with_its_finalizer_and_never_freed_by_force(
    double: Double, session: Session, clock: Clock
) -> None:
    double.add(TARGET_GROUP_BINDING, "http", namespace="istio-ingress", finalizers=(FINALIZER,))

    with pytest.raises(NotDrainedError) as caught:
        remove_bindings(session)

    assert f"TargetGroupBinding istio-ingress/http: held by {FINALIZER}" in caught.value.message
    assert "logs deployment/aws-load-balancer-controller" in caught.value.remedy
    assert "finalizers" in caught.value.remedy
    assert clock.now == session.limits.bindings_seconds
    assert double.calls == [
        "DELETE /apis/elbv2.k8s.aws/v1beta1/namespaces/istio-ingress/targetgroupbindings/http"
    ]


def test_a_second_drain_waits_for_what_the_first_has_asked_for(
    double: Double, session: Session
) -> None:
    double.add(TARGET_GROUP_BINDING, "http", namespace="istio-ingress", finalizers=(FINALIZER,))
    with pytest.raises(NotDrainedError):
        remove_bindings(session)

    controller = LoadBalancers()
    controller.registered.add("http")
    double.controllers.append(controller)
    remove_bindings(session)

    assert double.of(TARGET_GROUP_BINDING) == []
    assert len(double.calls) == 1


def test_only_what_has_a_load_balancer_in_aws_is_deleted(double: Double, session: Session) -> None:
    double.controllers.append(LoadBalancers())
    public = ("service.k8s.aws/resources",)
    double.add(SERVICE, "a", namespace="x", finalizers=public, spec={"type": "LoadBalancer"})
    double.add(SERVICE, "b", namespace="x", spec={"type": "LoadBalancer"})
    # Its type was changed, and the controller is not done yet.
    double.add(SERVICE, "c", namespace="x", finalizers=public, spec={"type": "ClusterIP"})
    classic = ("service.kubernetes.io/load-balancer-cleanup",)
    double.add(SERVICE, "d", namespace="x", finalizers=classic, spec={"type": "ClusterIP"})
    double.add(SERVICE, "kept", namespace="x", spec={"type": "ClusterIP"})
    double.add(INGRESS, "alb", namespace="x", finalizers=("group.ingress.k8s.aws/x",), spec={})
    double.add(INGRESS, "nginx", namespace="x", spec={"ingressClassName": "nginx"})
    double.add(GATEWAY, "mesh", namespace="x", spec={})

    remove_load_balancers(session)

    assert double.names(SERVICE) == ["kept"]
    assert double.names(INGRESS) == ["nginx"]
    assert double.names(GATEWAY) == ["mesh"]


def test_a_service_that_somebody_makes_again_is_told_with_its_maker(
    double: Double, session: Session
) -> None:
    gateway = double.add(GATEWAY, "mesh", namespace="x", spec={})
    first = double.add(SERVICE, "mesh-istio", namespace="x", spec={"type": "LoadBalancer"})

    def istiod(double: Double) -> None:
        if "mesh-istio" not in double.names(SERVICE):
            double.add(SERVICE, "mesh-istio", namespace="x", owner=(GATEWAY, gateway), spec={})

    double.controllers.append(istiod)

    with pytest.raises(NotDrainedError, match="Service x/mesh-istio: made again by Gateway mesh"):
        remove_load_balancers(session)

    assert double.of(SERVICE) != [first]
    assert len(double.calls) == 1


def test_the_progress_counts_what_is_gone(double: Double, session: Session) -> None:
    told: list[object] = []
    session.tell = lambda step, total: told.append((step, total))
    session.done = told.append
    double.controllers.append(LoadBalancers())
    double.add(TARGET_GROUP_BINDING, "other", namespace="x")
    double.add(TARGET_GROUP_BINDING, "http", namespace="x", finalizers=(FINALIZER,))

    remove_bindings(session)

    assert told == [("target group bindings", 2), 1, 2]


def test_a_person_may_stop_the_drain(double: Double, session: Session) -> None:
    double.add(TARGET_GROUP_BINDING, "http", namespace="x", finalizers=(FINALIZER,))
    session.stopped = lambda: True

    with pytest.raises(InterruptedRunError, match="stopped on request"):
        remove_bindings(session)
