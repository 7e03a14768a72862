"""A tenant sees at one place how its services are, and how much of its quotas is taken."""

import json
import re
from typing import Any

from modules.core.services import Service
from modules.core.tenants import Quota
from modules.kubernetes.tenancy.overview import overview
from modules.kubernetes.tenancy.quota import quota
from modules.kubernetes.workload.dashboard import dashboard
from modules.kubernetes.workload.monitoring import scraped
from modules.kubernetes.workload.objectives import FAILED, REQUESTS, records

import pytest

from tests.support.tenants import tenancy, tenant

IMAGE = "registry.example.org/shop/catalog:1.4.2"
CATALOG = Service(name="catalog", namespace="shop", image=IMAGE)
BATCH = Service(name="nightly", namespace="shop-batch", image=IMAGE)
SHOP = tenancy(tenant("shop", services=(CATALOG, BATCH)))
BILLING = tenancy(tenant("billing"))


def shown(of: Any = SHOP) -> dict[str, Any]:
    (text,) = overview(of).fields["data"].values()
    found: dict[str, Any] = json.loads(text)
    return found


def queries() -> list[str]:
    return [target["expr"] for panel in shown()["panels"] for target in panel["targets"]]


@pytest.mark.requirement("R34")
def test_every_query_asks_for_the_tenants_namespaces_alone() -> None:
    assert queries()
    for query in queries():
        selectors = re.findall(r"\{([^}]*)\}", query)
        assert selectors
        for selector in selectors:
            assert 'namespace=~"shop|shop-batch"' in selector.split(",")


@pytest.mark.parametrize(
    "panel", ["Requests by service", "Errors by service, a share of its requests", "p99 by service"]
)
def test_services_stand_side_by_side(panel: str) -> None:
    (found,) = [p for p in shown()["panels"] if p["title"] == panel]

    (target,) = found["targets"]
    (label,) = re.findall(r"by \((?:le, )?(\w+)\)", target["expr"])
    assert target["legendFormat"] == f"{{{{{label}}}}}"
    assert label in {"service", "destination_canonical_service"}


def test_what_it_shows_of_services_is_what_their_rules_record() -> None:
    recorded = {rule["record"] for rule in records(CATALOG)}

    assert {REQUESTS, f"{FAILED}:ratio_5m"} <= recorded
    asked = set(re.findall(r"(service:[a-z_:0-9]+)\{", " ".join(queries())))
    assert asked
    assert asked <= recorded
    # The monitor's samples bear the namespace by which they are asked for.
    assert scraped(CATALOG).namespace in SHOP.namespaces


def test_each_amount_of_the_quota_is_shown_with_what_is_taken_of_it() -> None:
    hard = quota("shop", Quota()).fields["spec"]["hard"]

    amounts = {name for name, most in hard.items() if most != "0"}
    assert amounts == set(re.findall(r'resource="([^"]+)"', " ".join(queries())))
    for amount in amounts:
        types = re.findall(rf'resource="{amount}",type="(\w+)"', " ".join(queries()))
        assert types == ["used", "hard"]


def test_its_brackets_close() -> None:
    for query in queries():
        for opening, closing in ("()", "{}", "[]"):
            assert query.count(opening) == query.count(closing), query


def test_it_stands_in_the_folder_of_the_tenants_first_namespace() -> None:
    found = overview(SHOP)

    assert found.namespace == "shop"
    assert found.annotations == dashboard(CATALOG).annotations == {"grafana_folder": "shop"}
    assert found.labels["grafana_dashboard"] == "1"
    assert set(found.fields["data"]).isdisjoint(dashboard(CATALOG).fields["data"])


def test_two_tenants_overviews_are_two() -> None:
    assert shown(SHOP)["uid"] != shown(BILLING)["uid"]
    assert overview(SHOP).namespace != overview(BILLING).namespace
