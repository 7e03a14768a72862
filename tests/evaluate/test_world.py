"""A world knows from its objects alone what runs in the cluster, under which labels."""

from ipaddress import IPv4Network
from typing import Any

from modules.core.mesh import GATEWAY, GATEWAY_NAMESPACE

import pytest

from ekp.evaluate.bundles import objects_of
from ekp.evaluate.request import Unsupported, Workload
from ekp.evaluate.world import World

NAME = "app.kubernetes.io/name"


def namespace(name: str, **labels: str) -> dict[str, Any]:
    found = {key.replace("_", "-"): value for key, value in labels.items()}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": found}}


def rollout(
    name: str,
    *,
    kind: str = "Rollout",
    labels: dict[str, str] | None = None,
    annotations: dict[str, str] | None = None,
    **pod: Any,
) -> dict[str, Any]:
    return {
        "apiVersion": "argoproj.io/v1alpha1" if kind == "Rollout" else "apps/v1",
        "kind": kind,
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {
            "template": {
                "metadata": {
                    "labels": {NAME: name} | (labels or {}),
                    "annotations": annotations or {},
                },
                "spec": pod,
            }
        },
    }


def service(name: str, target: int | str = 8080, **selector: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {
            "selector": {NAME: name} | selector,
            "ports": [{"port": 80, "targetPort": target}],
        },
    }


SHOP = namespace("shop", istio_injection="enabled", team="a")


def test_a_rollout_becomes_a_workload_with_its_labels_account_and_sidecar() -> None:
    world = World.of([SHOP, rollout("cart", serviceAccountName="cart")])

    assert world.workload("shop", "cart") == Workload(
        "shop",
        "cart",
        {
            NAME: "cart",
            "security.istio.io/tlsMode": "istio",
            "service.istio.io/canonical-name": "cart",
            "service.istio.io/canonical-revision": "latest",
        },
        "cart",
        in_mesh=True,
    )


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet", "DaemonSet"])
def test_other_templates_become_workloads_too(kind: str) -> None:
    found = World.of([SHOP, rollout("cart", kind=kind)]).workload("shop", "cart")

    assert (found.service_account, found.in_mesh) == ("default", True)


@pytest.mark.parametrize(
    ("labels", "pod", "in_mesh"),
    [
        ({"istio_injection": "enabled"}, {}, True),
        ({"istio_injection": "enabled"}, {"labels": {"sidecar.istio.io/inject": "false"}}, False),
        (
            {"istio_injection": "enabled"},
            {"annotations": {"sidecar.istio.io/inject": "false"}},
            False,
        ),
        ({"istio_injection": "disabled"}, {"labels": {"sidecar.istio.io/inject": "true"}}, False),
        ({}, {"labels": {"sidecar.istio.io/inject": "true"}}, True),
        ({}, {"annotations": {"sidecar.istio.io/inject": "true"}}, False),
        ({}, {}, False),
    ],
)
def test_namespace_and_pod_decide_about_the_sidecar(
    labels: dict[str, str],
    pod: dict[str, Any],
    in_mesh: bool,  # noqa: FBT001 - a row of a table
) -> None:
    world = World.of([namespace("shop", **labels), rollout("cart", **pod)])
    found = world.workload("shop", "cart")

    assert found.in_mesh is in_mesh
    assert ("security.istio.io/tlsMode" in found.labels) is in_mesh


def test_the_gateway_has_the_mesh_s_names_and_not_the_sidecars_label() -> None:
    gateway = Workload(GATEWAY_NAMESPACE, GATEWAY, {"app": GATEWAY}, GATEWAY)
    prometheus = Workload("observability", "prometheus", {"app": "p"}, "p", in_mesh=False)
    world = World.of([], [gateway, prometheus])

    assert world.workload(GATEWAY_NAMESPACE, GATEWAY).labels == {
        "app": GATEWAY,
        "service.istio.io/canonical-name": GATEWAY,
        "service.istio.io/canonical-revision": "latest",
    }
    assert world.workload("observability", "prometheus") == prometheus


def test_an_endpoint_inherits_the_labels_of_namespace_and_service_account() -> None:
    account = {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": "cart", "namespace": "shop", "labels": {"tier": "one"}},
    }
    network = IPv4Network("10.0.0.0/16")
    world = World.of(
        [SHOP, account, rollout("cart", serviceAccountName="cart")], pod_network=network
    )
    found = world.endpoint(world.workload("shop", "cart"))

    assert found.addresses == network
    assert found.labels is not None
    assert (
        found.labels.items()
        >= {
            NAME: "cart",
            "projectcalico.org/namespace": "shop",
            "projectcalico.org/serviceaccount": "cart",
            "pcns.team": "a",
            "pcns.kubernetes.io/metadata.name": "shop",
            "pcns.projectcalico.org/name": "shop",
            "pcsa.tier": "one",
            "pcsa.projectcalico.org/name": "cart",
        }.items()
    )


def test_the_labels_of_a_namespace_that_nobody_gave_are_not_guessed() -> None:
    world = World.of([SHOP], [Workload("vault", "vault", {}, "vault", in_mesh=False)])

    with pytest.raises(Unsupported, match="there is no object Namespace vault; add it"):
        world.endpoint(world.workload("vault", "vault"))


def test_policies_of_the_world_decide_between_its_workloads() -> None:
    shut = {
        "apiVersion": "projectcalico.org/v3",
        "kind": "NetworkPolicy",
        "metadata": {"name": "web-alone", "namespace": "shop"},
        "spec": {
            "selector": "app.kubernetes.io/name == 'cart'",
            "ingress": [
                {
                    "action": "Allow",
                    "source": {"selector": "service.istio.io/canonical-name == 'web'"},
                }
            ],
        },
    }
    world = World.of([SHOP, shut, *(rollout(name) for name in ("cart", "web", "spy"))])
    cart, web, spy = (world.workload("shop", name) for name in ("cart", "web", "spy"))

    assert world.network(web, cart, 8080).by.endswith("NetworkPolicy shop/web-alone ingress[0]")
    assert not world.network(spy, cart, 8080).allowed


def test_a_service_leads_to_the_pods_that_it_selects_on_their_own_port() -> None:
    world = World.of([SHOP, service("cart"), rollout("cart"), rollout("web")])
    found = world.service("cart.shop.svc.cluster.local")

    assert found is not None
    backend = world.backend(found, 80)
    assert (backend.workloads, backend.port) == ((world.workload("shop", "cart"),), 8080)
    assert world.backend(found, 80, {"version": "2"}).workloads == ()
    assert world.service("cart.other.svc.cluster.local") is None
    assert world.service("cart.example.org") is None


def test_a_port_s_name_is_looked_up_in_the_template() -> None:
    container = {"ports": [{"name": "http", "containerPort": 9000}]}
    named = rollout("cart", containers=[container])
    world = World.of([SHOP, service("cart", "http"), named])
    found = world.service("cart.shop.svc.cluster.local")

    assert found is not None
    assert world.backend(found, 80).port == 9000
    with pytest.raises(Unsupported, match="there is no port 81"):
        world.backend(found, 81)
    with pytest.raises(Unsupported, match="no one number to the port 'http'"):
        World.of([SHOP, service("cart", "http"), rollout("cart")]).backend(found, 80)


@pytest.mark.parametrize(
    ("objects", "message"),
    [
        ([SHOP, rollout("cart", hostNetwork=True)], "its pods are the node's own"),
        (
            [namespace("shop", **{"istio.io/rev": "x"}), rollout("cart")],
            "revisions and ambient mode are not evaluated",
        ),
        ([SHOP, rollout("cart"), rollout("cart", kind="Deployment")], "two workloads are called"),
    ],
)
def test_what_would_be_a_guess_is_refused(objects: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        World.of(objects)


def test_bundles_are_read_from_a_stack_and_charts_are_passed_over() -> None:
    stack = {
        "resource": {
            "helm_release": {
                "chart": {"chart": "vault", "repository": "https://x", "values": ["a: 1"]},
                "one": {"chart": "./assets/objects", "values": ["objects:\n- kind: A\n- kind: B"]},
                "two": {"chart": "./assets/objects", "values": ["objects:\n- kind: C"]},
            }
        }
    }

    assert [found["kind"] for found in objects_of(stack)] == ["A", "B", "C"]
    assert objects_of({"resource": {}}) == []


def test_a_bundle_without_objects_is_an_error() -> None:
    stack = {"resource": {"helm_release": {"odd": {"chart": "./x", "values": ["a: 1"]}}}}

    with pytest.raises(ValueError, match=r"helm_release\.odd: values have no list of objects"):
        objects_of(stack)
