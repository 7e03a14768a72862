"""Layer network: what it makes of its settings, and the contract it publishes."""

from typing import Any

from modules.aws.vpc import Nat
from modules.core.context import Context
from modules.stacks.network import NetworkConfig, NetworkStack

import pytest
from cdktf import App

from tests.support import settings
from tests.support.settings import ZONES
from tests.support.synth import Synth, ref


def synth(app: App, ctx: Context, **changes: Any) -> Synth:
    return Synth(NetworkStack(app, ctx, NetworkConfig(vpc=settings.vpc(**changes))))


def test_the_contract_is_published_in_full(app: App, ctx: Context) -> None:
    plan = synth(app, ctx, nat=Nat.SINGLE)

    assert plan.outputs == {
        "vpc_id": ref(plan.address("aws_vpc", "vpc"), "id"),
        "vpc_cidr": "10.0.0.0/16",
        "private_route_table_ids": [
            *(ref(plan.address("aws_route_table", f"vpc/private-{z}-table"), "id") for z in ZONES),
            ref(plan.address("aws_route_table", "vpc/isolated-table"), "id"),
        ],
        "nat_addresses": [ref(plan.address("aws_nat_gateway", "vpc/nat-euw1-az1"), "public_ip")],
        **{
            f"{tier}_subnet_ids": [
                ref(plan.address("aws_subnet", f"vpc/{tier}-{zone}"), "id") for zone in ZONES
            ]
            for tier in ("public", "private", "isolated")
        },
    }


@pytest.mark.parametrize(("nat", "addresses"), [(Nat.NONE, 0), (Nat.SINGLE, 1), (Nat.PER_ZONE, 3)])
def test_the_contract_keeps_its_fields_whatever_the_nat_mode(
    app: App, ctx: Context, nat: Nat, addresses: int
) -> None:
    plan = synth(app, ctx, nat=nat)

    assert isinstance(plan.outputs["nat_addresses"], list)
    assert len(plan.outputs["nat_addresses"]) == addresses


def test_endpoints_stand_in_the_private_tier_and_serve_both_closed_tiers(
    app: App, ctx: Context
) -> None:
    plan = synth(app, ctx)
    private = [ref(plan.address("aws_subnet", f"vpc/private-{z}"), "id") for z in ZONES]
    tables = [
        *(ref(plan.address("aws_route_table", f"vpc/private-{z}-table"), "id") for z in ZONES),
        ref(plan.address("aws_route_table", "vpc/isolated-table"), "id"),
    ]

    endpoints = plan.all("aws_vpc_endpoint")

    assert endpoints["endpoints/sts"]["subnet_ids"] == private
    assert endpoints["endpoints/s3"]["route_table_ids"] == tables


def test_the_vpc_of_the_layer_is_the_one_whose_traffic_is_logged(app: App, ctx: Context) -> None:
    plan = synth(app, ctx)

    assert plan.one("aws_flow_log")["vpc_id"] == ref(plan.address("aws_vpc", "vpc"), "id")


def test_a_zone_added_later_changes_no_address(app: App, ctx: Context) -> None:
    after = synth(app, ctx)
    other = settings.context(environment="other")
    before = synth(app, other, zones=ZONES[:2])

    assert set(before.addresses) < set(after.addresses)
