"""Endpoints: AWS is reached without leaving the VPC, and nobody else reaches them."""

from ipaddress import IPv4Network

from modules.aws.vpc_endpoints import NODES_NEED, Service, VpcEndpoints, VpcEndpointsConfig
from modules.core.context import Context

import pytest
from cdktf import TerraformStack

from tests.support.synth import Synth, ref


def synth(stack: TerraformStack, ctx: Context, *services: Service) -> Synth:
    VpcEndpoints(
        stack,
        "endpoints",
        ctx=ctx,
        config=VpcEndpointsConfig(interfaces=services),
        vpc_id="vpc-1",
        vpc_cidr=IPv4Network("10.0.0.0/16"),
        subnet_ids=["subnet-1", "subnet-2"],
        route_table_ids=["rtb-1", "rtb-2"],
    )
    return Synth(stack)


def test_s3_is_reached_through_a_gateway_in_every_route_table(
    stack: TerraformStack, ctx: Context
) -> None:
    assert synth(stack, ctx).one("aws_vpc_endpoint") == {
        "route_table_ids": ["rtb-1", "rtb-2"],
        "service_name": "com.amazonaws.eu-west-1.s3",
        "tags": {"Name": "ekp-prod-euw1-s3"},
        "vpc_endpoint_type": "Gateway",
        "vpc_id": "vpc-1",
    }


def test_without_interfaces_there_is_no_security_group(stack: TerraformStack, ctx: Context) -> None:
    plan = synth(stack, ctx)

    assert len(plan.addresses) == 1


@pytest.mark.parametrize("service", Service)
def test_an_interface_answers_under_the_service_s_own_name(
    stack: TerraformStack, ctx: Context, service: Service
) -> None:
    endpoint = synth(stack, ctx, service).all("aws_vpc_endpoint")[f"endpoints/{service}"]

    assert endpoint["service_name"] == f"com.amazonaws.eu-west-1.{service}"
    assert endpoint["vpc_endpoint_type"] == "Interface"
    assert endpoint["private_dns_enabled"] is True
    assert endpoint["subnet_ids"] == ["subnet-1", "subnet-2"]


def test_interfaces_are_open_on_443_to_the_vpc_alone(stack: TerraformStack, ctx: Context) -> None:
    plan = synth(stack, ctx, Service.STS, Service.EC2)
    group = ref(plan.address("aws_security_group", "endpoints/security-group"), "id")

    rule = plan.one("aws_vpc_security_group_ingress_rule")

    assert (rule["cidr_ipv4"], rule["ip_protocol"]) == ("10.0.0.0/16", "tcp")
    assert (rule["from_port"], rule["to_port"]) == (443, 443)
    assert rule["security_group_id"] == group
    assert "ingress" not in plan.one("aws_security_group")
    interfaces = [
        e for e in plan.all("aws_vpc_endpoint").values() if e["vpc_endpoint_type"] == "Interface"
    ]
    assert [e["security_group_ids"] for e in interfaces] == [[group], [group]]


def test_the_group_in_use_goes_when_its_successor_has_taken_its_place(
    stack: TerraformStack, ctx: Context
) -> None:
    group = synth(stack, ctx, Service.STS).one("aws_security_group")

    assert group["lifecycle"] == {"create_before_destroy": True}
    # With a name of its own it could not stand beside its successor.
    assert group["name_prefix"] == "ekp-prod-euw1-endpoints-"
    assert "name" not in group


def test_by_default_nodes_reach_all_they_need_to_join() -> None:
    assert set(NODES_NEED) <= set(VpcEndpointsConfig().interfaces)


def test_an_interface_added_later_touches_no_other(
    stack: TerraformStack, other_stack: TerraformStack, ctx: Context
) -> None:
    before = synth(stack, ctx, Service.STS)
    after = synth(other_stack, ctx, Service.KMS, Service.STS)

    assert {a: after.resources()[a] for a in before.addresses} == before.resources()
