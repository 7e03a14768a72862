"""Kubecost holds each tenant against the budgets of its environments."""

from decimal import Decimal
from ipaddress import IPv4Network
from typing import Any

from modules.core.fleet import Delivered
from modules.core.gitops import Delivery, GitRepository
from modules.core.tenants import Tenant, TenantEnvironment
from modules.kubernetes.tenancy.budgets import budgets

import pytest
import yaml

from tests.support.chart_values import CHARTS
from tests.support.tenants import tenancy, tenant

DELIVERY = Delivery(repository=GitRepository(url="https://git.example.org/services.git"))


def of(monthly: str | None) -> TenantEnvironment:
    return TenantEnvironment(monthly_budget=Decimal(monthly) if monthly else None)


def delivered(environment: str, *tenants: Tenant) -> Delivered:
    return Delivered(
        environment=environment,
        regions=("eu-west-1",),
        tenancies=tuple(tenancy(one, environment) for one in tenants),
        delivery=DELIVERY,
        networks=(IPv4Network("10.0.0.0/16"),),
    )


SHOP = tenant(
    "shop", namespaces=("shop", "shop-batch"), environments={"qa": of("100.50"), "prod": of("900")}
)
BILLING = tenant("billing", environments={"prod": of("50")})
ALL = (delivered("prod", SHOP, BILLING), delivered("qa", SHOP))


def found(*, mailed: bool = True) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in budgets(ALL, mailed=mailed)}


def test_a_tenants_environments_are_one_budget_of_its_namespaces() -> None:
    assert list(found()) == ["billing", "shop"]
    assert found()["shop"]["spendLimit"] == 1000.5
    assert found()["shop"]["values"] == {"namespace": ["shop", "shop-batch"]}
    assert (found()["shop"]["interval"], found()["shop"]["intervalDay"]) == ("monthly", 1)


def test_a_tenant_has_no_budget_where_one_environment_has_none() -> None:
    open_ended = tenant("shop", environments={"qa": of(None), "prod": of("900")})

    assert budgets([delivered("prod", open_ended)], mailed=True)
    assert budgets([delivered("prod", open_ended), delivered("qa", open_ended)], mailed=True) == []


def test_its_owner_is_told_before_and_when_it_is_used_up() -> None:
    actions = found()["shop"]["actions"]

    assert [(one["percentage"], one["emails"]) for one in actions] == [
        (80, ["shop@example.org"]),
        (100, ["shop@example.org"]),
    ]


def test_nobody_is_told_by_a_mail_server_that_is_not_ours() -> None:
    assert found(mailed=False)["shop"]["actions"] == []


def test_an_owner_without_an_address_is_sent_nothing() -> None:
    named = tenant("shop", owner="team shop", environments={"prod": of("900")})

    (one,) = budgets([delivered("prod", named)], mailed=True)
    assert one["actions"] == []


def test_no_address_that_is_a_secret_stands_in_it() -> None:
    for one in found().values():
        for action in one["actions"]:
            assert set(action) == {"percentage", "emails"}


def test_it_says_what_the_chart_asks() -> None:
    file = CHARTS / "kubecost" / "values.yaml"
    if not file.is_file():
        pytest.skip(f"the charts are not at hand: {file} is missing")
    text = file.read_text(encoding="utf-8")

    assert "budgetsConfig" in yaml.safe_load(text)["kubecostProductConfigs"]["budgets"]
    # The chart's example, which it holds as a comment.
    example = text[text.index("budgetsConfig:") : text.index("clusterProfile")]
    for key in found()["shop"]:
        assert f" {key}:" in example
