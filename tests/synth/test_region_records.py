"""DNS leads to a region while its gateway is healthy, and leaves it for no lesser reason."""

from typing import Any

from modules.aws.alb import AlbOutputs
from modules.aws.region_records import HealthConfig, RegionRecords
from modules.aws.target_group import TargetGroupOutputs
from modules.core.context import Context
from modules.core.origin_records import Policy, Share

import pytest
from cdktf import TerraformStack

from tests.support.synth import Synth, ref

NAME = "origin.prod.ekp.example"
ALB = AlbOutputs(
    arn="arn:alb",
    arn_suffix="app/alb/1",
    dns_name="alb.elb.amazonaws.com",
    zone_id="ZALB",
    security_group_id="sg-1",
    gateway=TargetGroupOutputs("arn:gateway", "targetgroup/gateway/1"),
    shards={"api": TargetGroupOutputs("arn:api", "targetgroup/api/1")},
)


def synth(
    stack: TerraformStack,
    ctx: Context,
    policy: Policy = Policy.LATENCY,
    health: HealthConfig | None = None,
    **share: Any,
) -> Synth:
    RegionRecords(
        stack,
        "records",
        ctx=ctx,
        policy=policy,
        share=Share(**share),
        health=health or HealthConfig(),
        names={"origin": NAME},
        zone_id="Z1",
        alb=ALB,
    )
    return Synth(stack)


def test_the_region_hangs_on_the_gateway_s_targets_and_on_no_shard_s(
    stack: TerraformStack, ctx: Context
) -> None:
    alarm = synth(stack, ctx).one("aws_cloudwatch_metric_alarm")

    assert alarm["dimensions"] == {
        "LoadBalancer": "app/alb/1",
        "TargetGroup": "targetgroup/gateway/1",
    }
    assert alarm["metric_name"] == "HealthyHostCount"
    assert (alarm["comparison_operator"], alarm["threshold"]) == ("LessThanThreshold", 1)


@pytest.mark.requirement("R04")
def test_a_load_balancer_that_says_nothing_is_a_lost_one(
    stack: TerraformStack, ctx: Context
) -> None:
    plan = synth(stack, ctx)

    assert plan.one("aws_cloudwatch_metric_alarm")["treat_missing_data"] == "breaching"
    check = plan.one("aws_route53_health_check")
    assert check["insufficient_data_health_status"] == "Unhealthy"


def test_the_alarm_is_one_that_route53_can_follow(stack: TerraformStack, ctx: Context) -> None:
    alarm = synth(stack, ctx).one("aws_cloudwatch_metric_alarm")

    assert alarm["statistic"] in {"Average", "Minimum", "Maximum", "Sum", "SampleCount"}
    assert alarm["period"] >= 60
    assert "datapoints_to_alarm" not in alarm


def test_route53_is_told_when_the_alarm_changes(
    stack: TerraformStack, other_stack: TerraformStack, ctx: Context
) -> None:
    before = synth(stack, ctx).one("aws_route53_health_check")
    after = synth(other_stack, ctx, health=HealthConfig(minutes=5)).one("aws_route53_health_check")

    assert before["triggers"] != after["triggers"]
    # The gateway's group is another once it is met on TLS.
    assert before["triggers"]["targets"] == "targetgroup/gateway/1"


@pytest.mark.requirement("R02")
@pytest.mark.requirement("R22")
@pytest.mark.parametrize(
    ("policy", "routing"),
    [
        (Policy.LATENCY, {"latency_routing_policy": {"region": "eu-west-1"}}),
        (Policy.WEIGHTED, {"weighted_routing_policy": {"weight": 100}}),
        (Policy.FAILOVER, {"failover_routing_policy": {"type": "PRIMARY"}}),
    ],
)
def test_a_region_has_one_record_that_follows_its_health(
    stack: TerraformStack, ctx: Context, policy: Policy, routing: dict[str, Any]
) -> None:
    plan = synth(stack, ctx, policy)
    record = plan.one("aws_route53_record")

    assert routing.items() <= record.items()
    assert record["name"] == NAME
    assert record["set_identifier"] == "eu-west-1"
    assert record["alias"] == {
        "name": "alb.elb.amazonaws.com",
        "zone_id": "ZALB",
        "evaluate_target_health": False,
    }
    check = plan.address("aws_route53_health_check", "records/health-check")
    assert record["health_check_id"] == ref(check, "id")


@pytest.mark.requirement("R03")
def test_a_tree_leads_by_distance_and_then_by_weight(
    stack: TerraformStack, other_stack: TerraformStack, ctx: Context
) -> None:
    home = synth(stack, ctx, Policy.TREE, weight=95).all("aws_route53_record")
    canary = synth(other_stack, ctx, Policy.TREE, weight=5, canary_of="us-east-1")

    assert home["records/origin-latency"]["alias"]["name"] == f"eu-west-1.{NAME}"
    assert home["records/origin-latency"]["alias"]["zone_id"] == "Z1"
    assert home["records/origin-branch"]["name"] == f"eu-west-1.{NAME}"
    assert canary.one("aws_route53_record")["name"] == f"us-east-1.{NAME}"
    assert canary.one("aws_route53_record")["weighted_routing_policy"] == {"weight": 5}


def test_an_alias_of_a_branch_waits_until_its_leaf_stands(
    stack: TerraformStack, ctx: Context
) -> None:
    plan = synth(stack, ctx, Policy.TREE)
    made = plan.all("aws_route53_record")
    leaf = plan.address("aws_route53_record", "records/origin-branch")

    assert leaf in made["records/origin-latency"]["depends_on"]
    assert made["records/origin-branch"].get("depends_on", []) == []


def test_a_region_taken_out_keeps_everything_but_its_record(
    stack: TerraformStack, other_stack: TerraformStack, ctx: Context
) -> None:
    serving = synth(stack, ctx)
    out = synth(other_stack, ctx, serving=False)

    assert set(serving.addresses) - set(out.addresses) == {
        serving.address("aws_route53_record", "records/origin-latency")
    }
