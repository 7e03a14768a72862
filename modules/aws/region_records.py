"""The DNS records that lead to a region while its gateway is healthy."""

from collections.abc import Mapping, Sequence
from typing import Any

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.cloudwatch_metric_alarm import CloudwatchMetricAlarm
from cdktf_cdktf_provider_aws.route53_health_check import Route53HealthCheck
from cdktf_cdktf_provider_aws.route53_record import (
    Route53Record,
    Route53RecordAlias,
    Route53RecordFailoverRoutingPolicy,
    Route53RecordLatencyRoutingPolicy,
    Route53RecordWeightedRoutingPolicy,
)
from constructs import Construct
from pydantic import Field

from ..core.config import Config
from ..core.context import Context
from ..core.origin_records import OriginRecord, Policy, Share, records
from .alb import AlbOutputs


class HealthConfig(Config):
    """When a region counts as lost."""

    healthy_targets: int = Field(default=1, ge=1)
    """Gateway pods that must be healthy in the best zone."""
    minutes: int = Field(default=2, ge=1, le=10)
    """So many minutes below, or without any figure, and the region is out."""


class RegionRecords(Construct):
    """Records of one region under each name, by a stable key, and the health they hang on.

    An alias that judged the load balancer itself would leave the region for one bad target group,
    so the records follow an alarm on the gateway's own group. ``after`` is what must stand before
    users come, and stay until they are gone.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        ctx: Context,
        policy: Policy,
        share: Share,
        health: HealthConfig,
        names: Mapping[str, str],
        zone_id: str,
        alb: AlbOutputs,
        after: Sequence[ITerraformDependable] = (),
    ) -> None:
        super().__init__(scope, id_)
        alarm = CloudwatchMetricAlarm(
            self,
            "alarm",
            alarm_name=ctx.name("gateway-healthy"),
            alarm_description="No healthy Istio gateway: DNS leaves this region",
            namespace="AWS/ApplicationELB",
            metric_name="HealthyHostCount",
            dimensions={
                "LoadBalancer": alb.arn_suffix,
                "TargetGroup": alb.gateway.arn_suffix,
            },
            # Route53 knows plain statistics and consecutive periods alone. Of the zones' counts
            # the largest: one zone without a pod is no lost region.
            statistic="Maximum",
            period=60,
            evaluation_periods=health.minutes,
            comparison_operator="LessThanThreshold",
            threshold=health.healthy_targets,
            # A load balancer that says nothing is no healthy one.
            treat_missing_data="breaching",
            tags={"Name": ctx.name("gateway-healthy")},
        )
        self.alarm_name = alarm.alarm_name
        if not names:
            return
        check = Route53HealthCheck(
            self,
            "health-check",
            type="CLOUDWATCH_METRIC",
            cloudwatch_alarm_name=alarm.alarm_name,
            cloudwatch_alarm_region=ctx.region,
            insufficient_data_health_status="Unhealthy",
            # Route53 copies the alarm's figures when it is told to, never by itself.
            triggers={
                "healthy_targets": str(health.healthy_targets),
                "minutes": str(health.minutes),
                "targets": alb.gateway.arn_suffix,
            },
            tags={"Name": ctx.name("gateway")},
        )
        for key, name in names.items():
            made: list[ITerraformDependable] = []
            # Route53 refuses an alias whose target is not there: a branch's leaf comes first.
            for record in sorted(records(policy, ctx.region, share, name), key=_is_alias):
                alias = Route53RecordAlias(
                    name=record.target or alb.dns_name,
                    zone_id=zone_id if record.target else alb.zone_id,
                    evaluate_target_health=False,
                )
                made.append(
                    Route53Record(
                        self,
                        f"{key}-{record.id}",
                        zone_id=zone_id,
                        name=record.name,
                        type="A",
                        set_identifier=ctx.region,
                        health_check_id=check.id,
                        alias=alias,
                        depends_on=[*after, *made] or None,
                        **_routing(record),
                    )
                )


def _is_alias(record: OriginRecord) -> bool:
    """Tell whether a record leads to another record, and not to a load balancer."""
    return record.target is not None


def _routing(record: OriginRecord) -> dict[str, Any]:
    if record.latency_region is not None:
        return {
            "latency_routing_policy": Route53RecordLatencyRoutingPolicy(
                region=record.latency_region
            )
        }
    if record.weight is not None:
        return {"weighted_routing_policy": Route53RecordWeightedRoutingPolicy(weight=record.weight)}
    return {
        "failover_routing_policy": Route53RecordFailoverRoutingPolicy(type=str(record.failover))
    }
