"""Sidecars and exports let workloads see hosts as Istio's references say.

https://istio.io/latest/docs/reference/config/networking/sidecar/
https://istio.io/latest/docs/reference/config/networking/service-entry/
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from ekp.evaluate.istio.scope import may_see
from ekp.evaluate.request import Object, Unsupported, Workload

CART = Workload("shop", "cart", {"app": "cart"}, "cart")


def istio(kind: str, name: str, namespace: str, spec: Mapping[str, Any]) -> Object:
    metadata = {"name": name, "namespace": namespace}
    version = "networking.istio.io/v1"
    return {"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec}


def service(name: str, namespace: str, export_to: str | None = None) -> Object:
    metadata: dict[str, Any] = {"name": name, "namespace": namespace}
    if export_to:
        metadata["annotations"] = {"networking.istio.io/exportTo": export_to}
    return {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": {}}


def entry(host: str, namespace: str = "shop", **spec: Any) -> Object:
    return istio("ServiceEntry", host.strip("*."), namespace, {"hosts": [host], **spec})


def sidecar(
    *hosts: str,
    namespace: str = "shop",
    labels: Mapping[str, str] | None = None,
    mode: str | None = "REGISTRY_ONLY",
    name: str = "default",
) -> Object:
    spec: dict[str, Any] = {"egress": [{"hosts": list(hosts)}]}
    if mode:
        spec["outboundTrafficPolicy"] = {"mode": mode}
    if labels:
        spec["workloadSelector"] = {"labels": dict(labels)}
    return istio("Sidecar", name, namespace, spec)


WORLD = [service("cart", "shop"), service("orders", "shop"), service("ledger", "bank")]


@pytest.mark.parametrize(
    ("hosts", "orders", "ledger"),
    [
        (("./*",), True, False),
        (("shop/*",), True, False),
        (("bank/*",), False, True),
        (("*/*",), True, True),
        (("*/ledger.bank.svc.cluster.local",), False, True),
        (("shop/ledger.bank.svc.cluster.local",), False, False),
        (("*/*.bank.svc.cluster.local",), False, True),
        (("./orders.shop.svc.cluster.local", "bank/*"), True, True),
        (("~/*",), False, False),
    ],
)
def test_a_proxy_knows_the_hosts_its_sidecar_names(
    hosts: tuple[str, ...], *, orders: bool, ledger: bool
) -> None:
    world = [*WORLD, sidecar(*hosts)]
    assert may_see(world, CART, "orders").allowed is orders
    found = may_see(world, CART, "ledger.bank.svc.cluster.local")
    assert found.allowed is ledger
    assert found.status == (None if ledger else 502)
    assert found.by == "Sidecar shop/default"


@pytest.mark.parametrize("host", ["ledger.bank", "ledger.bank.svc", "ledger.bank:80"])
def test_short_names_are_the_callers_resolvers(host: str) -> None:
    assert may_see([*WORLD, sidecar("bank/*")], CART, host).allowed
    assert not may_see([*WORLD, sidecar("*/*")], CART, "ledger").allowed


def test_the_workloads_sidecar_counts_before_its_namespaces_and_that_before_the_meshs() -> None:
    mesh = sidecar("./*", namespace="istio-system")
    namespace = sidecar("bank/*")
    own = sidecar("~/*", labels={"app": "cart"}, name="own")
    other = sidecar("*/*", labels={"app": "orders"}, name="other")
    assert may_see([*WORLD, mesh], CART, "orders").by == "Sidecar istio-system/default"
    assert may_see([*WORLD, mesh, namespace], CART, "orders").by == "Sidecar shop/default"
    assert may_see([*WORLD, mesh, namespace, own, other], CART, "orders").by == "Sidecar shop/own"
    assert may_see(WORLD, CART, "orders").by == "no Sidecar"


def test_the_meshs_sidecar_means_each_callers_own_namespace_by_a_dot() -> None:
    mesh = sidecar("./*", namespace="istio-system")
    teller = Workload("bank", "teller", {}, "teller")
    assert may_see([*WORLD, mesh], teller, "ledger").allowed
    assert not may_see([*WORLD, mesh], CART, "ledger.bank").allowed


@pytest.mark.parametrize(
    ("export_to", "seen"),
    [(None, True), ("*", True), ("shop", True), (".", False), ("~", False), ("bank,shop", True)],
)
def test_a_service_is_seen_where_it_is_exported_to(export_to: str | None, *, seen: bool) -> None:
    world = [service("ledger", "bank", export_to), sidecar("*/*")]
    assert may_see(world, CART, "ledger.bank").allowed is seen


@pytest.mark.parametrize(
    ("found", "host", "seen"),
    [
        (entry("api.example.net"), "api.example.net", True),
        (entry("api.example.net", exportTo=["."]), "api.example.net", True),
        (entry("api.example.net", "bank", exportTo=["."]), "api.example.net", False),
        (entry("api.example.net", "bank"), "api.example.net", False),
        (entry("*.example.net"), "api.example.net", True),
        (entry("*.example.net"), "example.net", False),
        (entry("example.net"), "example.net", True),
    ],
)
def test_a_host_outside_is_known_by_its_service_entry(
    found: Object, host: str, *, seen: bool
) -> None:
    assert may_see([found, sidecar("./*")], CART, host).allowed is seen


def test_with_allow_any_a_proxy_sends_to_anybody() -> None:
    found = may_see([*WORLD, sidecar("~/*", mode="ALLOW_ANY")], CART, "api.example.net")
    assert found.allowed
    assert "anybody" in found.why


def test_where_the_sidecar_says_nothing_the_meshs_policy_has_to_be_given() -> None:
    world = [*WORLD, sidecar("./*", mode=None)]
    with pytest.raises(Unsupported, match="Sidecar shop/default: outboundTrafficPolicy"):
        may_see(world, CART, "api.example.net")
    assert may_see(world, CART, "api.example.net", mesh="ALLOW_ANY").allowed
    assert not may_see(world, CART, "api.example.net", mesh="REGISTRY_ONLY").allowed


def test_nothing_holds_back_what_has_no_sidecar() -> None:
    assert may_see([*WORLD, sidecar("~/*")], replace(CART, in_mesh=False), "ledger.bank").allowed


@pytest.mark.parametrize(
    "objects",
    [
        [sidecar("./*"), sidecar("*/*", name="second")],
        [sidecar("./*", namespace="istio-system", labels={"app": "cart"})],
        [sidecar("orders.shop.svc.cluster.local")],
        [istio("Sidecar", "s", "shop", {"outboundTrafficPolicy": {"mode": "REGISTRY_ONLY"}})],
        [istio("Sidecar", "s", "shop", {"egress": [{"hosts": ["./*"], "port": {"number": 80}}]})],
        [istio("Sidecar", "s", "shop", {"ingress": []})],
        [sidecar("~/*", mode="ALLOW_SOME")],
    ],
)
def test_a_sidecar_that_is_not_understood_is_refused(objects: list[Object]) -> None:
    with pytest.raises(Unsupported, match="Sidecar"):
        may_see([*WORLD, *objects], CART, "orders")
