"""The VPC: three tiers in every zone, closed by default, and nothing in it ever moves."""

from ipaddress import IPv4Network
from typing import Any

from modules.aws.vpc import Nat, Vpc
from modules.core.context import Context

import pytest
from cdktf import TerraformStack

from tests.support import settings
from tests.support.settings import ZONES
from tests.support.synth import Synth, ref

INTERNET = "0.0.0.0/0"


def synth(stack: TerraformStack, ctx: Context, **changes: Any) -> Synth:
    Vpc(stack, "vpc", ctx=ctx, config=settings.vpc(**changes))
    return Synth(stack)


@pytest.mark.requirement("R22")
def test_every_zone_has_a_public_a_private_and_an_isolated_subnet(
    stack: TerraformStack, ctx: Context
) -> None:
    subnets = synth(stack, ctx).all("aws_subnet")

    assert {(path, found["availability_zone_id"]) for path, found in subnets.items()} == {
        (f"vpc/{tier}-{zone}", zone) for tier in ("public", "private", "isolated") for zone in ZONES
    }
    assert all(
        IPv4Network(found["cidr_block"]).subnet_of(IPv4Network("10.0.0.0/16"))
        for found in subnets.values()
    )


def test_no_subnet_gives_out_public_addresses(stack: TerraformStack, ctx: Context) -> None:
    subnets = synth(stack, ctx).all("aws_subnet")

    assert {found["map_public_ip_on_launch"] for found in subnets.values()} == {False}


@pytest.mark.parametrize(
    ("tier", "tags"),
    [
        ("public", {"kubernetes.io/role/elb": "1"}),
        (
            "private",
            {
                "kubernetes.io/role/internal-elb": "1",
                "karpenter.sh/discovery": "ekp-prod-euw1-eks",
            },
        ),
        ("isolated", {}),
    ],
)
def test_load_balancers_and_nodes_find_their_subnets_by_tags(
    stack: TerraformStack, ctx: Context, tier: str, tags: dict[str, str]
) -> None:
    subnet = synth(stack, ctx).all("aws_subnet")[f"vpc/{tier}-euw1-az1"]

    assert subnet["tags"] == {"Name": f"ekp-prod-euw1-{tier}-euw1-az1", **tags}


def test_the_default_security_group_admits_nothing(stack: TerraformStack, ctx: Context) -> None:
    plan = synth(stack, ctx)

    group = plan.one("aws_default_security_group")

    assert group["vpc_id"] == ref(plan.address("aws_vpc", "vpc"), "id")
    assert "ingress" not in group
    assert "egress" not in group


def test_names_inside_the_vpc_resolve_as_private_endpoints_need(
    stack: TerraformStack, ctx: Context
) -> None:
    vpc = synth(stack, ctx).one("aws_vpc")

    assert (vpc["enable_dns_support"], vpc["enable_dns_hostnames"]) == (True, True)


@pytest.mark.parametrize(("nat", "gateways"), [(Nat.NONE, 0), (Nat.SINGLE, 1), (Nat.PER_ZONE, 3)])
def test_nat_mode_decides_the_number_of_gateways_and_addresses(
    stack: TerraformStack, ctx: Context, nat: Nat, gateways: int
) -> None:
    plan = synth(stack, ctx, nat=nat)

    assert len(plan.all("aws_nat_gateway")) == gateways
    assert len(plan.all("aws_eip")) == gateways


def test_nat_gateways_stand_in_the_public_tier_behind_the_internet_gateway(
    stack: TerraformStack, ctx: Context
) -> None:
    plan = synth(stack, ctx)
    internet = plan.address("aws_internet_gateway", "vpc/gateway")

    for zone in ZONES:
        nat = plan.all("aws_nat_gateway")[f"vpc/nat-{zone}"]
        assert nat["subnet_id"] == ref(plan.address("aws_subnet", f"vpc/public-{zone}"), "id")
        assert nat["depends_on"] == [internet]


def test_each_zone_leaves_through_its_own_nat_gateway(stack: TerraformStack, ctx: Context) -> None:
    plan = synth(stack, ctx, nat=Nat.PER_ZONE)

    for zone in ZONES:
        route = plan.all("aws_route")[f"vpc/private-{zone}-default"]
        nat = plan.address("aws_nat_gateway", f"vpc/nat-{zone}")
        table = plan.address("aws_route_table", f"vpc/private-{zone}-table")
        assert route == {
            "destination_cidr_block": INTERNET,
            "nat_gateway_id": ref(nat, "id"),
            "route_table_id": ref(table, "id"),
        }


def test_every_zone_leaves_through_a_single_nat_gateway(
    stack: TerraformStack, ctx: Context
) -> None:
    plan = synth(stack, ctx, nat=Nat.SINGLE)
    nat = ref(plan.address("aws_nat_gateway", "vpc/nat-euw1-az1"), "id")

    routes = [r for path, r in plan.all("aws_route").items() if "private" in path]

    assert [route["nat_gateway_id"] for route in routes] == [nat] * 3


def test_without_nat_only_the_public_tier_reaches_the_internet(
    stack: TerraformStack, ctx: Context
) -> None:
    plan = synth(stack, ctx, nat=Nat.NONE)

    assert list(plan.all("aws_route")) == ["vpc/public-default"]
    assert plan.one("aws_route")["gateway_id"] == ref(
        plan.address("aws_internet_gateway", "vpc/gateway"), "id"
    )


@pytest.mark.parametrize("nat", Nat)
def test_the_isolated_tier_has_no_way_out(stack: TerraformStack, ctx: Context, nat: Nat) -> None:
    plan = synth(stack, ctx, nat=nat)
    isolated = ref(plan.address("aws_route_table", "vpc/isolated-table"), "id")

    assert [
        path for path, route in plan.all("aws_route").items() if route["route_table_id"] == isolated
    ] == []


def test_every_subnet_is_in_exactly_one_route_table_of_its_tier(
    stack: TerraformStack, ctx: Context
) -> None:
    plan = synth(stack, ctx)

    tables = {
        found["subnet_id"]: found["route_table_id"]
        for found in plan.all("aws_route_table_association").values()
    }

    assert len(tables) == len(plan.all("aws_route_table_association")) == 9
    for zone in ZONES:
        for tier, table in (
            ("public", "public-table"),
            ("private", f"private-{zone}-table"),
            ("isolated", "isolated-table"),
        ):
            subnet = ref(plan.address("aws_subnet", f"vpc/{tier}-{zone}"), "id")
            assert tables[subnet] == ref(plan.address("aws_route_table", f"vpc/{table}"), "id")


@pytest.mark.requirement("R23")
def test_a_zone_added_later_moves_no_subnet(
    stack: TerraformStack, other_stack: TerraformStack, ctx: Context
) -> None:
    before = synth(stack, ctx, zones=ZONES[:2])
    after = synth(other_stack, ctx, zones=ZONES)

    kept = {path: after.all("aws_subnet")[path] for path in before.all("aws_subnet")}
    assert kept == before.all("aws_subnet")
    assert set(before.addresses) < set(after.addresses)


@pytest.mark.parametrize("nat", [Nat.NONE, Nat.SINGLE])
def test_a_change_of_nat_mode_replaces_no_route_table(
    stack: TerraformStack, other_stack: TerraformStack, ctx: Context, nat: Nat
) -> None:
    before = synth(stack, ctx, nat=Nat.PER_ZONE)
    after = synth(other_stack, ctx, nat=nat)

    for kind in ("aws_route_table", "aws_route_table_association", "aws_subnet"):
        assert after.all(kind) == before.all(kind)
    kept = {"aws_route_table", "aws_route_table_association", "aws_subnet", "aws_vpc"}
    assert [a for a in after.addresses if a.split(".")[0] in kept] == [
        a for a in before.addresses if a.split(".")[0] in kept
    ]


def test_outputs_are_in_the_order_of_the_zones(stack: TerraformStack, ctx: Context) -> None:
    vpc = Vpc(stack, "vpc", ctx=ctx, config=settings.vpc(nat=Nat.SINGLE))

    assert [len(ids) for ids in (vpc.outputs.public_subnet_ids, vpc.outputs.nat_addresses)] == [
        3,
        1,
    ]
    # The private tables and the isolated one.
    assert len(vpc.outputs.private_route_table_ids) == 4
