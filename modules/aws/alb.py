"""A load balancer that forwards what proves where it comes from, and refuses the rest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Annotated

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.lb import Lb, LbAccessLogs
from cdktf_cdktf_provider_aws.lb_listener import (
    LbListener,
    LbListenerDefaultAction,
    LbListenerDefaultActionFixedResponse,
)
from constructs import Construct
from pydantic import Field

from ..core.config import Config
from ..core.context import Context, Name
from ..core.hosts import Hosts
from ..core.iam import allow_principal
from ..core.networks import PublicNetwork
from .alb_rules import AlbRules
from .alb_security import AlbSecurity
from .bucket import Bucket, BucketConfig
from .certificate import CertificateOutputs
from .target_group import TargetGroup, TargetGroupOutputs, istio_gateway, nginx_shard

# Source: Elastic Load Balancing API, CreateLoadBalancer.
NAME_LIMIT = 32
TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"

PrefixListId = Annotated[str, Field(pattern=r"^pl-[0-9a-f]{8,17}$")]


class AlbConfig(Config):
    """Settings of the load balancer."""

    origin_prefix_list_id: PrefixListId | None = None
    """CloudFront's origin-facing prefix list in this region; None: as the library knows it."""
    open_to: Mapping[Name, PublicNetwork] = Field(default_factory=dict)
    """Without CloudFront: the networks that may call, by a stable name."""
    gateway_tls: bool = True
    """Whether the Istio gateway is met on TLS, end to end. Another answer is another target group,
    empty until layer tenants registers there: take a living region out first, by
    ``share.serving``."""
    idle_timeout_seconds: int = Field(default=60, ge=1, le=4000)
    """Seconds without a byte after which a connection is closed."""
    deletion_protection: bool = True
    """Whether AWS refuses to delete it; a destroy stops before anything is gone."""
    logs: BucketConfig = Field(default_factory=BucketConfig)
    """The bucket of the access logs."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Who may call: CloudFront with a secret in a header, or networks."""

    prefix_list_id: str | None = None
    header_values: Sequence[str] = ()
    """The secret in use and the next one; never in a contract."""
    networks: Mapping[str, IPv4Network] | None = None
    internal: bool = False


@dataclass(frozen=True, slots=True)
class AlbOutputs:
    """What DNS, web ACL, alarms and target group bindings need."""

    arn: str
    arn_suffix: str
    dns_name: str
    zone_id: str
    security_group_id: str
    gateway: TargetGroupOutputs
    shards: Mapping[str, TargetGroupOutputs]


class Alb(Construct):
    """HTTPS to the Istio gateway, and to an NGINX shard for each of its hosts."""

    outputs: AlbOutputs
    ready: list[ITerraformDependable]
    """What must stand before users are led here, and until they are led away."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        ctx: Context,
        config: AlbConfig,
        hosts: Hosts,
        entry: Entry,
        vpc_id: str,
        subnet_ids: Sequence[str],
        pods_security_group_id: str,
        certificate: CertificateOutputs,
    ) -> None:
        super().__init__(scope, id_)
        gateway = istio_gateway(tls=config.gateway_tls)
        shards = {name: nginx_shard(name) for name in hosts.shards}
        security = AlbSecurity(
            self,
            "security",
            ctx=ctx,
            prefix_list_id=entry.prefix_list_id,
            networks=entry.networks or {},
            backends=[gateway, *shards.values()],
            vpc_id=vpc_id,
            pods_security_group_id=pods_security_group_id,
        )
        logs = self._logs(ctx, config)
        name = ctx.name("alb", limit=NAME_LIMIT)
        alb = Lb(
            self,
            "Resource",
            name=name,
            load_balancer_type="application",
            internal=entry.internal,
            subnets=list(subnet_ids),
            security_groups=[security.group_id],
            idle_timeout=config.idle_timeout_seconds,
            enable_deletion_protection=config.deletion_protection,
            drop_invalid_header_fields=True,
            desync_mitigation_mode="strictest",
            access_logs=LbAccessLogs(bucket=logs.outputs.name, enabled=True),
            tags={"Name": name},
            # Elastic Load Balancing writes a test file at once.
            depends_on=logs.ready,
        )
        groups = {
            backend.name: TargetGroup(
                self, f"targets-{backend.name}", ctx=ctx, backend=backend, vpc_id=vpc_id
            ).outputs
            for backend in (gateway, *shards.values())
        }
        listener = LbListener(
            self,
            "https",
            load_balancer_arn=alb.arn,
            port=443,
            protocol="HTTPS",
            ssl_policy=TLS_POLICY,
            certificate_arn=certificate.used_in(ctx.region, name),
            default_action=[
                LbListenerDefaultAction(
                    type="fixed-response",
                    fixed_response=LbListenerDefaultActionFixedResponse(
                        content_type="text/plain", message_body="Forbidden", status_code="403"
                    ),
                )
            ],
            tags={"Name": ctx.name("https")},
        )
        rules = AlbRules(
            self,
            "rules",
            ctx=ctx,
            listener_arn=listener.arn,
            hosts=hosts,
            header_values=entry.header_values,
            gateway_arn=groups[gateway.name].arn,
            shard_arns={shard: groups[shard].arn for shard in shards},
        )
        self.ready = rules.all
        self.outputs = AlbOutputs(
            arn=alb.arn,
            arn_suffix=alb.arn_suffix,
            dns_name=alb.dns_name,
            zone_id=alb.zone_id,
            security_group_id=security.group_id,
            gateway=groups[gateway.name],
            shards={shard: groups[shard] for shard in shards},
        )

    def _logs(self, ctx: Context, config: AlbConfig) -> Bucket:
        logs = Bucket(self, "logs", ctx=ctx, name="alb-logs", config=config.logs)
        # Source: Application Load Balancers user guide, "Enable access logs".
        logs.admit(
            allow_principal(
                "LoadBalancerWrites",
                {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
                ["s3:PutObject"],
                resources=[f"{logs.outputs.arn}/AWSLogs/{ctx.account_id}/*"],
            )
        )
        return logs
