"""DNSSEC of a zone: the key that signs it, and the signing itself."""

from dataclasses import dataclass

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.kms_alias import KmsAlias
from cdktf_cdktf_provider_aws.kms_key import KmsKey
from cdktf_cdktf_provider_aws.route53_hosted_zone_dnssec import Route53HostedZoneDnssec
from cdktf_cdktf_provider_aws.route53_key_signing_key import Route53KeySigningKey
from constructs import Construct

from ..core.cloudfront import HOME_REGION
from ..core.context import Context
from ..core.iam import Statement, allow_principal, document
from .kms import account_administers

SERVICE = "dnssec-route53.amazonaws.com"


@dataclass(frozen=True, slots=True)
class DnssecOutputs:
    """What the zone above needs."""

    ds_record: str


class Dnssec(Construct):
    """Signs a zone. Route53 takes a P-256 key of us-east-1 alone, and such keys do not rotate."""

    outputs: DnssecOutputs
    signed: list[ITerraformDependable]
    """What must stand before the zone above says that this one is signed."""

    def __init__(self, scope: Construct, id_: str, *, ctx: Context, zone_id: str) -> None:
        super().__init__(scope, id_)
        if ctx.region != HOME_REGION:
            raise ValueError(
                f"DNSSEC keys are made in {ctx.region}, Route53 takes keys of {HOME_REGION} "
                "alone; make the zone in the edge layer"
            )
        key = KmsKey(
            self,
            "key",
            description=f"Signs the DNS zone of {ctx.prefix}",
            customer_master_key_spec="ECC_NIST_P256",
            key_usage="SIGN_VERIFY",
            deletion_window_in_days=30,
            policy=document(account_administers(ctx), *_route53_signs(ctx)),
            tags={"Name": ctx.name("dnssec")},
        )
        KmsAlias(self, "key-alias", name=f"alias/{ctx.name('dnssec')}", target_key_id=key.key_id)
        signing_key = Route53KeySigningKey(
            self,
            "signing-key",
            hosted_zone_id=zone_id,
            key_management_service_arn=key.arn,
            # Route53 takes letters, digits and underscores.
            name=ctx.name("dnssec").replace("-", "_"),
        )
        signing = Route53HostedZoneDnssec(
            self, "Resource", hosted_zone_id=zone_id, depends_on=[signing_key]
        )
        self.signed = [signing]
        self.outputs = DnssecOutputs(ds_record=signing_key.ds_record)


def _route53_signs(ctx: Context) -> tuple[Statement, ...]:
    """Let Route53 use the key for zones of this account.

    Source: Route53 developer guide, "Working with customer managed keys for DNSSEC".
    """
    own = {"StringEquals": {"aws:SourceAccount": ctx.account_id}}
    return (
        allow_principal(
            "Route53Signs",
            {"Service": SERVICE},
            ["kms:DescribeKey", "kms:GetPublicKey", "kms:Sign"],
            resources=["*"],
            conditions=own,
        ),
        allow_principal(
            "Route53Grants",
            {"Service": SERVICE},
            ["kms:CreateGrant"],
            resources=["*"],
            conditions={"Bool": {"kms:GrantIsForAWSResource": "true"}},
        ),
    )
