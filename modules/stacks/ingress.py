"""Layer ingress: the way into one region, down to the target groups that the mesh registers in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.cloudfront_vpc_origin import (
    CloudfrontVpcOrigin,
    CloudfrontVpcOriginVpcOriginEndpointConfig,
    CloudfrontVpcOriginVpcOriginEndpointConfigOriginSslProtocols,
)
from cdktf_cdktf_provider_aws.wafv2_web_acl_association import Wafv2WebAclAssociation
from constructs import Construct
from pydantic import Field

from ..aws.alb import Alb, AlbConfig, AlbOutputs, Entry
from ..aws.certificate import Certificate, CertificateOutputs
from ..aws.cloudfront import Distribution, Origin
from ..aws.public_records import PublicRecords
from ..aws.region_records import HealthConfig, RegionRecords
from ..aws.waf import Scope, WebAcl
from ..core.cloudfront import ORIGIN_FACING
from ..core.config import Config
from ..core.context import Context
from ..core.layer import Layer, Sample
from ..core.origin_records import Share
from ..core.waf_rules import WebAclConfig
from .cluster import ClusterStack
from .edge import EdgeConfig, EdgeContract, EdgeStack, Front
from .network import NetworkStack
from .origin_header import CURRENT, NEXT, origin_header

_LOAD_BALANCING = "arn:aws:elasticloadbalancing:eu-west-1:111122223333"


class IngressConfig(Config):
    """Settings of the layer."""

    alb: AlbConfig = Field(default_factory=AlbConfig)
    """The load balancer."""
    web_acl: WebAclConfig = Field(default_factory=WebAclConfig)
    """The web ACL before the load balancer."""
    share: Share = Field(default_factory=Share)
    """The region's part of the environment's traffic."""
    health: HealthConfig = Field(default_factory=HealthConfig)
    """When the region's records leave DNS by themselves."""


@dataclass(frozen=True, slots=True)
class IngressContract:
    """What later layers read; shards in the order of the settings."""

    alb_arn: Annotated[str, Sample(f"{_LOAD_BALANCING}:loadbalancer/app/sample/0a1b2c3d4e5f6071")]
    alb_security_group_id: Annotated[str, Sample("sg-0a1b2c3d4e5f60719")]
    gateway_target_group_arn: Annotated[
        str, Sample(f"{_LOAD_BALANCING}:targetgroup/gateway/0a1b2c3d4e5f6071")
    ]
    shard_target_group_arns: Annotated[
        Sequence[str], Sample((f"{_LOAD_BALANCING}:targetgroup/shard/0a1b2c3d4e5f6072",))
    ]
    gateway_alarm_name: Annotated[str, Sample("ekp-sample-euw1-gateway-healthy")]
    """Fires when the region has no healthy gateway; DNS follows it."""
    web_acl_arn: Annotated[
        str, Sample("arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/sample/a")
    ]


class IngressStack(Layer[IngressContract]):
    """Load balancer, web ACL, certificate and the DNS records of one region."""

    layer = "ingress"
    contract = IngressContract

    def __init__(
        self,
        scope: Construct,
        ctx: Context,
        config: IngressConfig,
        *,
        entrance: EdgeConfig,
        edge: EdgeStack,
        network: NetworkStack,
        cluster: ClusterStack,
    ) -> None:
        super().__init__(scope, ctx)
        above = edge.read_by(self)
        vpc = network.read_by(self)
        pods = cluster.read_by(self)
        hosts = entrance.hosts
        within = entrance.front is Front.VPC_ORIGIN
        direct = entrance.front is Front.DIRECT
        secrets = [] if direct else [origin_header(self, CURRENT), origin_header(self, NEXT)]
        certificate = Certificate(self, "certificate", ctx=ctx, hosts=hosts).outputs
        web_acl = WebAcl(
            self,
            "web-acl",
            ctx=ctx,
            config=config.web_acl,
            stands_before=Scope.REGIONAL,
            rate=entrance.rates.region,
            secrets=secrets,
        ).outputs
        balancer = Alb(
            self,
            "alb",
            ctx=ctx,
            config=config.alb,
            hosts=hosts,
            entry=_entry(ctx, config.alb, entrance.front, secrets),
            vpc_id=vpc.vpc_id,
            subnet_ids=vpc.private_subnet_ids if within else vpc.public_subnet_ids,
            pods_security_group_id=pods.security_group_id,
            certificate=certificate,
        )
        protected = Wafv2WebAclAssociation(
            self,
            "web-acl-association",
            resource_arn=balancer.outputs.arn,
            web_acl_arn=web_acl.arn,
        )
        alb, ready = balancer.outputs, [protected, *balancer.ready]
        if within:
            origin = Origin(alb.dns_name, secrets[0], self._vpc_origin(ctx, alb, ready))
            issued = CertificateOutputs(above.certificate_arn, edge.ctx.region)
            self._distribution(ctx, entrance, above, origin, issued)
        records = RegionRecords(
            self,
            "records",
            ctx=ctx,
            policy=entrance.policy,
            share=config.share,
            health=config.health,
            names=_names(entrance),
            zone_id=above.zone_id,
            alb=alb,
            after=ready,
        )
        self.publish(
            IngressContract(
                alb_arn=alb.arn,
                alb_security_group_id=alb.security_group_id,
                gateway_target_group_arn=alb.gateway.arn,
                shard_target_group_arns=[group.arn for group in alb.shards.values()],
                gateway_alarm_name=records.alarm_name,
                web_acl_arn=web_acl.arn,
            )
        )

    def _vpc_origin(
        self, ctx: Context, alb: AlbOutputs, ready: Sequence[ITerraformDependable]
    ) -> str:
        tls = CloudfrontVpcOriginVpcOriginEndpointConfigOriginSslProtocols(
            items=["TLSv1.2"], quantity=1
        )
        return CloudfrontVpcOrigin(
            self,
            "vpc-origin",
            vpc_origin_endpoint_config=[
                CloudfrontVpcOriginVpcOriginEndpointConfig(
                    name=ctx.name("alb"),
                    arn=alb.arn,
                    http_port=80,
                    https_port=443,
                    origin_protocol_policy="https-only",
                    origin_ssl_protocols=[tls],
                )
            ],
            tags={"Name": ctx.name("alb")},
            depends_on=list(ready),
        ).id

    def _distribution(
        self,
        ctx: Context,
        entrance: EdgeConfig,
        above: EdgeContract,
        origin: Origin,
        certificate: CertificateOutputs,
    ) -> None:
        """Make the distribution here: a VPC origin names a load balancer that edge cannot know."""
        distribution = Distribution(
            self,
            "distribution",
            ctx=ctx,
            config=entrance.distribution,
            hosts=entrance.hosts,
            origin=origin,
            certificate=certificate,
            web_acl_arn=above.web_acl_arn,
        ).outputs
        PublicRecords(
            self,
            "public-records",
            hosts=entrance.hosts,
            zone_id=above.zone_id,
            distribution=distribution,
        )


def _entry(ctx: Context, config: AlbConfig, front: Front, secrets: Sequence[str]) -> Entry:
    if front is Front.DIRECT:
        return Entry(networks=config.open_to)
    return Entry(
        prefix_list_id=config.origin_prefix_list_id or ORIGIN_FACING[ctx.region],
        header_values=secrets,
        internal=front is Front.VPC_ORIGIN,
    )


def _names(entrance: EdgeConfig) -> dict[str, str]:
    """Return the names that lead to a region's load balancer, by a stable key."""
    match entrance.front:
        case Front.CLOUDFRONT:
            return {"origin": entrance.hosts.origin}
        case Front.VPC_ORIGIN:
            return {}
        case Front.DIRECT:
            return dict(zip(("domain", "wildcard"), entrance.hosts.aliases, strict=True))
