"""A certificate for the hosts of an environment, issued before anyone uses it."""

from collections.abc import Sequence
from dataclasses import dataclass

from cdktf import ITerraformDependable, Precondition, TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.acm_certificate import AcmCertificate
from cdktf_cdktf_provider_aws.acm_certificate_validation import AcmCertificateValidation
from cdktf_cdktf_provider_aws.route53_record import Route53Record
from constructs import Construct

from ..core.context import Context
from ..core.hosts import Hosts

VALIDATION_TTL = 300


@dataclass(frozen=True, slots=True)
class CertificateOutputs:
    """What listeners and distributions need."""

    arn: str
    """Known once the certificate is issued."""
    region: str
    """Where it can be used, and nowhere else."""

    def used_in(self, region: str, who: str) -> str:
        """Return the ARN for somebody in a region.

        Raises:
            ValueError: the certificate is in another; a plan would not tell.
        """
        if self.region != region:
            raise ValueError(
                f"the certificate of {who} is in {self.region}, AWS takes one of {region} alone; "
                "make it in a layer of that region"
            )
        return self.arn


class Certificate(Construct):
    """A certificate of the layer's own region for the domain and one label under it.

    One record proves the domain for every region of an account, for ever: the edge layer writes it
    (``prove_in``, a zone's id), the others only wait. Source: ACM user guide, "DNS validation".
    """

    outputs: CertificateOutputs

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        ctx: Context,
        hosts: Hosts,
        prove_in: str | None = None,
        preconditions: Sequence[Precondition] = (),
        after: Sequence[ITerraformDependable] = (),
    ) -> None:
        super().__init__(scope, id_)
        certificate = AcmCertificate(
            self,
            "Resource",
            domain_name=hosts.domain,
            subject_alternative_names=[f"*.{hosts.domain}"],
            validation_method="DNS",
            tags={"Name": ctx.name("certificate")},
            # A listener or a distribution holds on to the old one until the new one is there.
            lifecycle=TerraformResourceLifecycle(
                create_before_destroy=True, precondition=list(preconditions) or None
            ),
            depends_on=list(after) or None,
        )
        proof: list[ITerraformDependable] = []
        if prove_in:
            # Domain and wildcard are proven by the same record.
            options = certificate.domain_validation_options.get(0)
            proof = [
                Route53Record(
                    self,
                    "proof",
                    zone_id=prove_in,
                    name=options.resource_record_name,
                    type=options.resource_record_type,
                    ttl=VALIDATION_TTL,
                    records=[options.resource_record_value],
                )
            ]
        issued = AcmCertificateValidation(
            self, "issued", certificate_arn=certificate.arn, depends_on=proof or None
        )
        self.outputs = CertificateOutputs(arn=issued.certificate_arn, region=ctx.region)
