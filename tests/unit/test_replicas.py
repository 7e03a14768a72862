"""How many pods run, as objects and charts' values say."""

from typing import Any

import pytest

from ekp.charts.releases import Release
from ekp.configured.hosts import hosts_of
from ekp.configured.replicas import Replicas, of_release, of_way_in, of_workload
from ekp.evaluate.request import Object, Workload

SHOP = Workload("shop", "checkout", {}, "checkout")


def release(chart: str, **values: Any) -> Release:
    return Release("s", "prod", "checkout", "shop", "https://charts.example", chart, "1", values)


def rollout(**spec: Any) -> Object:
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Rollout",
        "metadata": {"namespace": "shop", "name": "checkout"},
        "spec": {"template": {}, **spec},
    }


def scaler(kind: str = "Rollout", **spec: Any) -> Object:
    target = {"kind": kind, "name": "checkout"}
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"namespace": "shop", "name": "checkout"},
        "spec": {"scaleTargetRef": target, "maxReplicas": 10, **spec},
    }


@pytest.mark.parametrize(
    ("objects", "pods"),
    [
        ([rollout()], Replicas(1, 1)),
        ([rollout(replicas=3)], Replicas(3, 3)),
        ([rollout(replicas=3), scaler(minReplicas=2)], Replicas(2, 10)),
        ([rollout(), scaler()], Replicas(1, 10)),
        ([rollout(replicas=3), scaler("Deployment")], Replicas(3, 3)),
        ([], Replicas(1, 1)),
    ],
)
def test_an_autoscaler_of_the_very_object_sets_its_pods(
    objects: list[Object], pods: Replicas
) -> None:
    assert of_workload(objects, SHOP) == pods


@pytest.mark.parametrize(
    ("chart", "values", "pods"),
    [
        ("gateway", {}, Replicas(1, 5)),
        ("gateway", {"autoscaling": {"minReplicas": 3, "maxReplicas": 10}}, Replicas(3, 10)),
        ("gateway", {"autoscaling": {"enabled": False}, "replicaCount": 2}, Replicas(2, 2)),
        ("nginx-ingress", {}, Replicas(1, 1)),
        ("nginx-ingress", {"controller": {"replicaCount": 4}}, Replicas(4, 4)),
        ("nginx-ingress", {"controller": {"autoscaling": {"enabled": True}}}, Replicas(1, 3)),
        ("istiod", {"autoscaleMin": 2}, Replicas(2, 5)),
        ("istiod", {"autoscaleEnabled": False, "replicaCount": 3}, Replicas(3, 3)),
        ("vault", {"replicaCount": 3}, None),
    ],
)
def test_what_values_leave_out_is_the_chart_s_own(
    chart: str, values: dict[str, Any], pods: Replicas | None
) -> None:
    assert of_release(release(chart, **values)) == pods
    assert of_way_in([release(chart, **values)], SHOP) == (pods or Replicas(1, 1))


def test_pods_are_told_as_a_number_or_a_range() -> None:
    assert [str(Replicas(3, 3)), str(Replicas(3, 10))] == ["3", "3 to 10"]


@pytest.mark.parametrize(
    ("kind", "spec", "hosts"),
    [
        ("VirtualService", {"hosts": ["a.example", "b.svc.cluster.local"]}, []),
        ("VirtualService", {"hosts": ["a.example"], "gateways": ["mesh"]}, []),
        (
            "VirtualService",
            {"hosts": ["*.a.example", "b.shop.svc.cluster.local"], "gateways": ["x/y", "mesh"]},
            ["*.a.example"],
        ),
        ("VirtualService", {"gateways": ["x/y"]}, []),
        ("VirtualServer", {"host": "a.example"}, ["a.example"]),
        ("Service", {"host": "a.example"}, []),
    ],
)
def test_users_ask_by_the_hosts_of_gateways_and_shards(
    kind: str, spec: dict[str, Any], hosts: list[str]
) -> None:
    assert hosts_of({"kind": kind, "spec": spec}) == hosts
