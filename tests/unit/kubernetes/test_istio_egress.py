"""A service reaches what it names and nothing else."""

from pathlib import Path
from typing import Any

from modules.core.services import External, Service
from modules.kubernetes.istio.egress import externals, scope
from modules.kubernetes.istio.mesh import TRACING_HOST

import pytest

from ...support.custom_resources import mistakes


def service(name: str = "cart", **settings: Any) -> Service:
    return Service(
        name=name, namespace="shop", image="registry.example.org/shop/cart:1.0.0", **settings
    )


CART = service(
    calls=("shop/stock", "billing/invoices"),
    external=(
        External(host="api.example.com"),
        External(host="api.example.com", port=8443),
        External(host="mail.example.com", port=465),
    ),
)


@pytest.mark.requirement("R17")
def test_a_service_knows_those_it_calls_and_no_other() -> None:
    spec = scope(CART).fields["spec"]

    assert spec["egress"] == [
        {
            "hosts": [
                "istio-system/*",
                TRACING_HOST,
                "shop/stock.shop.svc.cluster.local",
                "billing/invoices.billing.svc.cluster.local",
                "./api.example.com",
                "./mail.example.com",
            ]
        }
    ]
    assert spec["outboundTrafficPolicy"] == {"mode": "REGISTRY_ONLY"}
    assert spec["workloadSelector"] == {"labels": {"app.kubernetes.io/name": "cart"}}


def test_a_service_that_names_nobody_still_sends_spans() -> None:
    assert scope(service()).fields["spec"]["egress"] == [
        {"hosts": ["istio-system/*", TRACING_HOST]}
    ]
    assert externals(service()) == []


def test_each_host_outside_is_one_entry_with_all_its_ports() -> None:
    api, mail = externals(CART)

    assert api.fields["spec"] == {
        "hosts": ["api.example.com"],
        "ports": [
            {"number": 443, "name": "tls-443", "protocol": "TLS"},
            {"number": 8443, "name": "tls-8443", "protocol": "TLS"},
        ],
        "location": "MESH_EXTERNAL",
        "resolution": "DNS",
        "exportTo": ["."],
    }
    assert mail.fields["spec"]["hosts"] == ["mail.example.com"]


def test_hosts_outside_stay_in_the_namespace() -> None:
    assert {entry.namespace for entry in externals(CART)} == {"shop"}
    assert all(entry.fields["spec"]["exportTo"] == ["."] for entry in externals(CART))


def test_names_that_run_together_are_told_apart() -> None:
    one = externals(service("cart", external=(External(host="api.example.com"),)))
    other = externals(service("cart-api", external=(External(host="example.com"),)))
    dashed = externals(service("cart", external=(External(host="api-example.com"),)))

    assert len({entry.name for entry in (*one, *other, *dashed)}) == 3


def test_entries_of_one_host_carry_the_same_labels_so_that_istio_joins_their_ports() -> None:
    (one,) = externals(service("cart", external=(External(host="api.example.com"),)))
    (other,) = externals(service("stock", external=(External(host="api.example.com", port=8443),)))

    assert one.labels == other.labels
    assert one.name != other.name


def test_a_name_that_kubernetes_would_refuse_is_refused() -> None:
    host = ".".join(["a" * 60] * 4) + ".com"

    with pytest.raises(ValueError, match=r"shop/cart-of-many: .* at most 253; shorten"):
        externals(service("cart-of-many", external=(External(host=host),)))


def test_istio_knows_every_field(tmp_path: Path) -> None:
    found = [scope(CART), *externals(CART)]

    assert mistakes([manifest.as_dict() for manifest in found], tmp_path) == []
