"""Each service has a Gateway of its own for its hosts, open to its own namespace alone."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from modules.core.hosts import Shard
from modules.core.services import Route, Service
from modules.core.site import Site
from modules.kubernetes.istio.gateway import (
    gateway_certificate,
    gateway_name,
    gateway_port,
    service_gateway,
)

import pytest

from ...support.custom_resources import mistakes

SITE = Site(
    domain="example.org",
    shards={"media": Shard(hosts=("media.example.org",), slot=1)},
)
TLS = replace(SITE, gateway_tls=True)
SITES = pytest.mark.parametrize("site", [SITE, TLS], ids=["http", "tls"])


def service(*routes: Route, name: str = "cart", namespace: str = "shop") -> Service:
    return Service(
        name=name,
        namespace=namespace,
        image="registry.example.org/shop/cart:1.0.0",
        routes=routes or (Route(host="shop"),),
    )


def server(found: Service, site: Site = SITE) -> dict[str, Any]:
    (gateway,) = service_gateway(found, site)
    (only,) = gateway.fields["spec"]["servers"]
    assert isinstance(only, dict)
    return only


@pytest.mark.requirement("R14")
def test_only_virtual_services_of_the_services_own_namespace_may_take_its_hosts() -> None:
    routes = (Route(host="shop"), Route(host="@"), Route(host="shop", path="/cart"))

    assert server(service(*routes))["hosts"] == ["shop/shop.example.org", "shop/example.org"]


@pytest.mark.requirement("R14")
def test_the_gateway_object_is_where_the_gateways_pods_are_and_selects_them() -> None:
    (gateway,) = service_gateway(service(), SITE)

    assert (gateway.namespace, gateway.name) == ("istio-ingress", "shop-cart")
    assert gateway.fields["spec"]["selector"] == {"app": "istio-ingressgateway"}


def test_hosts_of_a_shard_are_none_of_the_gateways() -> None:
    routes = (Route(host="media"), Route(host="shop"))

    assert server(service(*routes))["hosts"] == ["shop/shop.example.org"]
    assert service_gateway(service(Route(host="media")), SITE) == []


def test_a_service_that_is_called_from_inside_alone_has_no_gateway() -> None:
    inside = service().model_copy(update={"routes": ()})

    assert service_gateway(inside, SITE) == []


@SITES
def test_another_service_changes_nothing_of_this_ones(site: Site) -> None:
    one = server(service(), site)
    other = server(service(Route(host="shop", path="/orders"), name="orders"), site)

    # Istio merges servers of one port that speak HTTP, also with a host in common; of servers
    # with TLS it drops the second one with the same host.
    assert one["port"]["number"] == other["port"]["number"]
    assert (one["port"]["protocol"], other["port"]["protocol"]) == ("HTTP", "HTTP")
    assert one["port"]["name"] != other["port"]["name"]
    assert ("tls" in one, "tls" in other) == (False, False)


def test_a_name_that_no_virtual_service_can_refer_to_is_refused() -> None:
    fits = service(namespace="n" * 40, name="s" * 22)
    too_long = service(namespace="n" * 40, name="s" * 23)

    assert len(gateway_name(fits)) == 63
    with pytest.raises(ValueError, match=r"n{40}/s{23}: .* 64 characters of at most 63; shorten"):
        service_gateway(too_long, SITE)


@pytest.mark.requirement("R15")
def test_with_tls_the_load_balancer_meets_another_port() -> None:
    assert (gateway_port(SITE), gateway_port(TLS)) == (80, 443)
    assert server(service(), TLS)["port"]["number"] == 443


@pytest.mark.requirement("R15")
def test_the_whole_port_speaks_tls_whatever_name_the_handshake_asks_for() -> None:
    _, found = gateway_certificate(TLS, "internal")
    (patch,) = found.fields["spec"]["configPatches"]
    value = patch["patch"]["value"]

    assert patch["applyTo"] == "FILTER_CHAIN"
    assert patch["match"] == {"context": "GATEWAY", "listener": {"portNumber": 443}}
    # An Application Load Balancer sends no SNI, so no chain may be chosen by it.
    assert list(value) == ["transport_socket"]
    tls = value["transport_socket"]["typed_config"]["common_tls_context"]
    assert tls["tls_params"]["tls_minimum_protocol_version"] == "TLSv1_2"
    assert found.namespace == "istio-ingress"
    assert found.fields["spec"]["workloadSelector"]["labels"] == {"app": "istio-ingressgateway"}


@pytest.mark.requirement("R15")
def test_the_listener_uses_the_certificate_that_is_made_for_all_hosts() -> None:
    certificate, found = gateway_certificate(TLS, "internal")
    spec = certificate.fields["spec"]
    tls = found.fields["spec"]["configPatches"][0]["patch"]["value"]["transport_socket"]
    (secret,) = tls["typed_config"]["common_tls_context"]["tls_certificate_sds_secret_configs"]

    assert spec["dnsNames"] == ["example.org", "*.example.org"]
    assert spec["issuerRef"]["name"] == "internal"
    assert secret["name"] == f"kubernetes://{spec['secretName']}"
    # The gateway may read Secrets of its own namespace alone.
    assert certificate.namespace == "istio-ingress"


def test_without_tls_there_is_neither_certificate_nor_filter() -> None:
    assert gateway_certificate(SITE, "internal") == []


def test_the_definitions_of_the_charts_take_all_of_it(tmp_path: Path) -> None:
    found = [
        *service_gateway(service(), SITE),
        *service_gateway(service(), TLS),
        *gateway_certificate(TLS, "internal"),
    ]

    assert mistakes([one.as_dict() for one in found], tmp_path) == []
