"""The records that lead users to the distribution."""

from cdktf_cdktf_provider_aws.route53_record import Route53Record, Route53RecordAlias
from constructs import Construct

from ..core.hosts import Hosts
from .cloudfront import DistributionOutputs


class PublicRecords(Construct):
    """The domain and its wildcard, over IPv4 and IPv6."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        hosts: Hosts,
        zone_id: str,
        distribution: DistributionOutputs,
    ) -> None:
        super().__init__(scope, id_)
        for key, name in zip(("domain", "wildcard"), hosts.aliases, strict=True):
            for kind in ("A", "AAAA"):
                Route53Record(
                    self,
                    f"{key}-{kind.lower()}",
                    zone_id=zone_id,
                    name=name,
                    type=kind,
                    alias=Route53RecordAlias(
                        name=distribution.domain_name,
                        zone_id=distribution.zone_id,
                        # Route53 cannot judge a distribution.
                        evaluate_target_health=False,
                    ),
                )
