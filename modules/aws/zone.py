"""The public DNS zone of an environment: delegated, signed, and its queries logged."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Self

from cdktf import Fn, ITerraformDependable, Op, Precondition, TerraformProvider
from cdktf_cdktf_provider_aws.route53_record import Route53Record
from cdktf_cdktf_provider_aws.route53_zone import Route53Zone
from constructs import Construct
from pydantic import Field, model_validator

from ..core.config import Config, named_once
from ..core.context import Context, RoleArn
from ..core.hosts import Domain
from ..core.retention import RetentionDays
from .dnssec import Dnssec
from .query_log import QueryLog

DELEGATION_TTL = 3600
CAA_TTL = 3600

# Source: ACM user guide, "Certification Authority Authorization (CAA)".
AMAZON = ("amazon.com", "amazontrust.com", "awstrust.com", "amazonaws.com")

ZoneId = Annotated[str, Field(pattern=r"^Z[A-Z0-9]{1,31}$")]


class ParentZone(Config):
    """The zone above, which may belong to another account."""

    name: Domain
    """Its domain."""
    zone_id: ZoneId
    """Its id in Route 53."""
    role_arn: RoleArn | None = None
    """Role that may change the parent's records; None: it is in the environment's own account."""


class ZoneConfig(Config):
    """Settings of the zone."""

    parent: ParentZone | None = None
    """The zone above, which then delegates; None: somebody else enters the name servers there."""
    delegated: bool = False
    """Without ``parent``: whether the zone above delegates already."""
    caa_issuers: tuple[Domain, ...] = (AMAZON[0],)
    """Certificate authorities that may issue for the domain, one of Amazon's names among them."""
    query_log_retention_days: RetentionDays = 365
    """Days that the log of DNS queries is kept in CloudWatch."""

    @model_validator(mode="after")
    def one_way_of_delegation(self) -> Self:
        """Refuse both ways at once: one of them would be a lie."""
        if self.parent and self.delegated:
            raise ValueError(
                f"delegated is set and parent {self.parent.name} delegates by itself; remove "
                "delegated"
            )
        return self

    @model_validator(mode="after")
    def our_own_certificates_are_issued(self) -> Self:
        """Refuse issuers that would keep ACM from issuing: the deploy would wait and then fail."""
        named_once("caa_issuers", self.caa_issuers)
        if not set(AMAZON) & set(self.caa_issuers):
            raise ValueError(
                f"caa_issuers names {', '.join(self.caa_issuers) or 'nobody'}, so ACM could issue "
                f"no certificate for the domain; add {AMAZON[0]}"
            )
        return self


@dataclass(frozen=True, slots=True)
class ZoneOutputs:
    """What records and later layers need of the zone."""

    zone_id: str
    name_servers: Sequence[str]
    ds_record: str
    """What the parent publishes so that resolvers can check the zone's signatures."""


class Zone(Construct):
    """The zone of ``domain``.

    ``parent`` is the provider that may change the zone above, where another account owns it.
    """

    outputs: ZoneOutputs
    delegation: list[ITerraformDependable]
    """What must stand before the world finds the zone."""
    awaited: list[Precondition]
    """What stops a deploy while nobody has delegated: a certificate would wait for hours."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        ctx: Context,
        config: ZoneConfig,
        domain: str,
        parent: TerraformProvider | None,
    ) -> None:
        super().__init__(scope, id_)
        zone = Route53Zone(
            self,
            "Resource",
            name=domain,
            comment=f"Public names of {ctx.prefix}",
            tags={"Name": ctx.name("zone")},
        )
        Route53Record(
            self,
            "caa",
            zone_id=zone.zone_id,
            name=domain,
            type="CAA",
            ttl=CAA_TTL,
            records=[
                f'0 {tag} "{issuer}"'
                for issuer in config.caa_issuers
                for tag in ("issue", "issuewild")
            ],
        )
        QueryLog(
            self,
            "query-log",
            ctx=ctx,
            retention_days=config.query_log_retention_days,
            domain=domain,
            zone_id=zone.zone_id,
        )
        dnssec = Dnssec(self, "dnssec", ctx=ctx, zone_id=zone.zone_id)
        self.outputs = ZoneOutputs(
            zone_id=zone.zone_id,
            name_servers=zone.name_servers,
            ds_record=dnssec.outputs.ds_record,
        )
        self.delegation = []
        self.awaited = []
        if config.parent:
            self._delegate(config.parent.zone_id, domain, parent, dnssec)
        elif not config.delegated:
            self.awaited = [_undelegated(domain, zone)]

    def _delegate(
        self, parent_id: str, domain: str, provider: TerraformProvider | None, dnssec: Dnssec
    ) -> None:
        names = Route53Record(
            self,
            "delegation",
            provider=provider,
            zone_id=parent_id,
            name=domain,
            type="NS",
            ttl=DELEGATION_TTL,
            records=list(self.outputs.name_servers),
        )
        # Published before the zone is signed, it would make every answer a forgery.
        Route53Record(
            self,
            "chain-of-trust",
            provider=provider,
            zone_id=parent_id,
            name=domain,
            type="DS",
            ttl=DELEGATION_TTL,
            records=[self.outputs.ds_record],
            depends_on=[names, *dnssec.signed],
        )
        self.delegation = [names]


def _undelegated(domain: str, zone: Route53Zone) -> Precondition:
    servers = Fn.join(", ", zone.name_servers)
    return Precondition(
        # Unknown until the zone exists, so that the first deploy makes it and stops here.
        condition=Op.lt(Fn.length_of(zone.name_servers), 1),
        error_message=(
            f"The zone {domain} is there, but nothing leads to it. Enter NS records for {domain} "
            f"with the name servers {servers} in the zone above, set edge.zone.delegated = True, "
            "and deploy again."
        ),
    )
