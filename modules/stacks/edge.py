"""Layer edge: what an environment has once: its zone, and the way in that users meet."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Self

from cdktf import TerraformProvider
from constructs import Construct
from pydantic import Field, model_validator

from ..aws.certificate import Certificate
from ..aws.cloudfront import Distribution, DistributionConfig, DistributionOutputs, Origin
from ..aws.public_records import PublicRecords
from ..aws.waf import Scope, WebAcl
from ..aws.zone import ParentZone, Zone, ZoneConfig
from ..core.config import Config
from ..core.context import Context
from ..core.hosts import Domain, Hosts, Shards, check_shards
from ..core.layer import Layer, Sample
from ..core.origin_records import Policy
from ..core.rates import Rates
from ..core.waf_rules import WebAclConfig
from .origin_header import CURRENT, origin_header


class Front(StrEnum):
    """How users meet the regions' load balancers."""

    CLOUDFRONT = "cloudfront"
    """Through a distribution that finds the regions by name; load balancers have addresses."""
    VPC_ORIGIN = "vpc-origin"
    """Through a distribution that reaches into the VPC of the one region."""
    DIRECT = "direct"
    """From listed networks alone, without a distribution."""


class EdgeConfig(Config):
    """Settings of what the environment has once, whatever its regions."""

    domain: Domain
    """The environment's own DNS zone; no two environments share one."""
    shards: Shards = Field(default_factory=dict)
    """NGINX shards by a stable name; hosts that none lists go to the Istio gateway."""
    front: Front = Front.CLOUDFRONT
    """How users meet the load balancers; ``direct``: from listed networks, without CloudFront."""
    policy: Policy = Policy.LATENCY
    """How DNS shares traffic out to the regions."""
    rates: Rates = Field(default_factory=Rates)
    """What one client may ask: edge, regions and gateways limit by it."""
    zone: ZoneConfig = Field(default_factory=ZoneConfig)
    """The DNS zone of ``domain``, and who delegates it."""
    distribution: DistributionConfig = Field(default_factory=DistributionConfig)
    """CloudFront; without effect where ``front`` is ``direct``."""
    web_acl: WebAclConfig = Field(default_factory=WebAclConfig)
    """The web ACL before the distribution."""

    @model_validator(mode="after")
    def shards_can_be_served(self) -> Self:
        """Refuse shards that certificates, distribution or listeners could not serve."""
        check_shards(self.domain, self.shards)
        return self

    @property
    def hosts(self) -> Hosts:
        """The hosts of the environment, as every layer reads them."""
        return Hosts(domain=self.domain, shards=self.shards)


@dataclass(frozen=True, slots=True)
class EdgeContract:
    """What later layers and people read; empty where the environment has no distribution here."""

    zone_id: Annotated[str, Sample("Z0123456789EXAMPLE")]
    name_servers: Annotated[Sequence[str], Sample(("ns-1.awsdns-01.org", "ns-2.awsdns-02.com"))]
    """What the zone above delegates to."""
    ds_record: Annotated[str, Sample("1 13 2 0123456789ABCDEF")]
    """What the zone above publishes about this one's signatures."""
    certificate_arn: Annotated[str, Sample("arn:aws:acm:us-east-1:111122223333:certificate/a")]
    web_acl_arn: Annotated[
        str, Sample("arn:aws:wafv2:us-east-1:111122223333:global/webacl/sample/a")
    ]
    distribution_id: Annotated[str, Sample("E1EXAMPLE")]
    distribution_domain: Annotated[str, Sample("d111111abcdef8.cloudfront.net")]


class EdgeStack(Layer[EdgeContract]):
    """Zone, certificate, web ACL and distribution, in us-east-1, where AWS keeps what is global."""

    layer = "edge"
    contract = EdgeContract

    def __init__(self, scope: Construct, ctx: Context, config: EdgeConfig) -> None:
        super().__init__(scope, ctx)
        hosts = config.hosts
        zone = Zone(
            self,
            "zone",
            ctx=ctx,
            config=config.zone,
            domain=hosts.domain,
            parent=self._parent(ctx, config.zone.parent),
        )
        # Every environment has it, for the record that proves the domain to all regions.
        certificate = Certificate(
            self,
            "certificate",
            ctx=ctx,
            hosts=hosts,
            prove_in=zone.outputs.zone_id,
            preconditions=zone.awaited,
            after=zone.delegation,
        ).outputs
        web_acl_arn = ""
        distribution: DistributionOutputs | None = None
        if config.front is not Front.DIRECT:
            web_acl_arn = WebAcl(
                self,
                "web-acl",
                ctx=ctx,
                config=config.web_acl,
                stands_before=Scope.CLOUDFRONT,
                rate=config.rates.edge,
            ).outputs.arn
        if config.front is Front.CLOUDFRONT:
            distribution = Distribution(
                self,
                "distribution",
                ctx=ctx,
                config=config.distribution,
                hosts=hosts,
                origin=Origin(hosts.origin, origin_header(self, CURRENT)),
                certificate=certificate,
                web_acl_arn=web_acl_arn,
            ).outputs
            PublicRecords(
                self,
                "records",
                hosts=hosts,
                zone_id=zone.outputs.zone_id,
                distribution=distribution,
            )
        self.publish(
            EdgeContract(
                zone_id=zone.outputs.zone_id,
                name_servers=zone.outputs.name_servers,
                ds_record=zone.outputs.ds_record,
                certificate_arn=certificate.arn,
                web_acl_arn=web_acl_arn,
                distribution_id=distribution.id if distribution else "",
                distribution_domain=distribution.domain_name if distribution else "",
            )
        )

    def _parent(self, ctx: Context, parent: ParentZone | None) -> TerraformProvider | None:
        if parent is None:
            return None
        # Tools that read the synthesized JSON see whose zone is changed, and by whom.
        self.add_override(
            "//.ekp.parent_zone",
            {
                "name": parent.name,
                "zone_id": parent.zone_id,
                "role_arn": parent.role_arn or ctx.deploy_role_arn,
            },
        )
        if parent.role_arn is None:
            return None
        return self.aws_provider(
            "aws-parent-zone",
            account_id=parent.role_arn.split(":")[4],
            role_arn=parent.role_arn,
            alias="parent-zone",
        )
