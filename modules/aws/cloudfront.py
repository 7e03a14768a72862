"""A CloudFront distribution before one origin: TLS, web ACL, logs, and a page of last resort."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Self

from cdktf_cdktf_provider_aws.cloudfront_distribution import (
    CloudfrontDistribution,
    CloudfrontDistributionCustomErrorResponse,
    CloudfrontDistributionLoggingConfig,
    CloudfrontDistributionOrigin,
    CloudfrontDistributionOriginCustomHeader,
    CloudfrontDistributionOriginCustomOriginConfig,
    CloudfrontDistributionOriginOriginShield,
    CloudfrontDistributionOriginVpcOriginConfig,
    CloudfrontDistributionRestrictions,
    CloudfrontDistributionRestrictionsGeoRestriction,
    CloudfrontDistributionViewerCertificate,
)
from constructs import Construct
from pydantic import Field, model_validator

from ..core.cloudfront import HOME_REGION, ORIGIN_HEADER
from ..core.config import Config, named_once
from ..core.context import Context, Region
from ..core.countries import Country
from ..core.hosts import Hosts
from .bucket import Bucket, BucketConfig, bucket_arn, used_for
from .certificate import CertificateOutputs
from .cloudfront_behaviors import LAST_RESORT, REGIONS, default_behavior, ordered_behaviors
from .cloudfront_policies import CloudfrontPolicies, SecurityHeadersConfig
from .kms import Key, KeyConfig, cloudfront_may_encrypt
from .last_resort import PAGE, LastResort

PathPattern = Annotated[str, Field(pattern=r"^/[A-Za-z0-9_.*?$/~\"'@:+&-]{1,254}$")]


class PriceClass(StrEnum):
    """Which edge locations serve, by price."""

    ALL = "PriceClass_All"
    WITHOUT_THE_DEAREST = "PriceClass_200"
    NORTH_AMERICA_AND_EUROPE = "PriceClass_100"


class DistributionConfig(Config):
    """Settings of the distribution."""

    static_paths: tuple[PathPattern, ...] = ()
    """Paths that are cached, such as ``/static/*``, the first that matches counts."""
    price_class: PriceClass = PriceClass.ALL
    """Which of CloudFront's locations serve: all, or the cheaper ones."""
    allowed_countries: tuple[Country, ...] = ()
    """The only countries that are served; none: all but those that the web ACL blocks."""
    origin_timeout_seconds: int = Field(default=60, ge=1, le=60)
    """Seconds that CloudFront waits for an answer of a load balancer."""
    origin_shield_region: Region | None = None
    """Region of one more cache before the origin; None: none."""
    last_resort_statuses: tuple[Annotated[int, Field(ge=500, le=504)], ...] = (502, 503, 504)
    """What users see the page of last resort for. A load balancer whose gateway has no pods answers
    503; without it here, a service's own 503 reaches users too."""
    security_headers: SecurityHeadersConfig = Field(default_factory=SecurityHeadersConfig)
    """Headers that browsers get with every answer."""
    logs: BucketConfig = Field(default_factory=BucketConfig)
    """The bucket of the access logs."""

    @model_validator(mode="after")
    def each_is_named_once(self) -> Self:
        """Refuse what CloudFront would refuse as a duplicate, at the end of a long apply."""
        named_once("static_paths", self.static_paths)
        named_once("last_resort_statuses", [str(s) for s in self.last_resort_statuses])
        return self


@dataclass(frozen=True, slots=True)
class DistributionOutputs:
    """What alias records need."""

    id: str
    arn: str
    domain_name: str
    zone_id: str


@dataclass(frozen=True, slots=True)
class Origin:
    """Where requests go on to. ``vpc_origin_id`` leads to a load balancer without an address."""

    domain_name: str
    header_value: str
    vpc_origin_id: str | None = None


class Distribution(Construct):
    """Serves the environment's hosts and refuses any other, on TLS alone.

    Its certificate and its web ACL are of us-east-1.
    """

    outputs: DistributionOutputs

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        ctx: Context,
        config: DistributionConfig,
        hosts: Hosts,
        origin: Origin,
        certificate: CertificateOutputs,
        web_acl_arn: str,
    ) -> None:
        super().__init__(scope, id_)
        logs = self._logs(ctx, config.logs)
        page = LastResort(self, "last-resort", ctx=ctx, force_destroy=config.logs.force_destroy)
        policies = CloudfrontPolicies(self, "policies", ctx=ctx, config=config.security_headers)
        restriction = CloudfrontDistributionRestrictionsGeoRestriction(
            restriction_type="whitelist" if config.allowed_countries else "none",
            locations=list(config.allowed_countries),
        )
        distribution = CloudfrontDistribution(
            self,
            "Resource",
            comment=ctx.name("edge"),
            enabled=True,
            aliases=list(hosts.aliases),
            http_version="http2and3",
            is_ipv6_enabled=True,
            price_class=config.price_class,
            web_acl_id=web_acl_arn,
            viewer_certificate=CloudfrontDistributionViewerCertificate(
                acm_certificate_arn=certificate.used_in(HOME_REGION, "a distribution"),
                minimum_protocol_version="TLSv1.2_2021",
                ssl_support_method="sni-only",
            ),
            origin=[
                _regions(config, origin),
                CloudfrontDistributionOrigin(
                    origin_id=LAST_RESORT,
                    domain_name=page.outputs.domain_name,
                    origin_access_control_id=page.outputs.access_control_id,
                ),
            ],
            default_cache_behavior=default_behavior(policies),
            ordered_cache_behavior=ordered_behaviors(config.static_paths, policies),
            custom_error_response=[
                CloudfrontDistributionCustomErrorResponse(
                    error_code=status,
                    response_code=status,
                    response_page_path=PAGE,
                    error_caching_min_ttl=5,
                )
                for status in config.last_resort_statuses
            ],
            restrictions=CloudfrontDistributionRestrictions(geo_restriction=restriction),
            logging_config=CloudfrontDistributionLoggingConfig(
                # Cookies are sessions: whoever reads the logs could use them.
                bucket=logs.outputs.domain_name,
                include_cookies=False,
                prefix="cloudfront/",
            ),
            tags={"Name": ctx.name("edge")},
            depends_on=logs.ready,
        )
        page.read_by(distribution.arn)
        self.outputs = DistributionOutputs(
            id=distribution.id,
            arn=distribution.arn,
            domain_name=distribution.domain_name,
            zone_id=distribution.hosted_zone_id,
        )

    def _logs(self, ctx: Context, config: BucketConfig) -> Bucket:
        name = "edge-logs"
        key = Key(
            self,
            "logs-key",
            ctx=ctx,
            name=name,
            config=KeyConfig(description=f"Logs of the distribution of {ctx.prefix}"),
            statements=[cloudfront_may_encrypt(used_for(bucket_arn(ctx, name)))],
        )
        # CloudFront's own log service grants itself access by list, which a bucket must admit.
        logs = Bucket(
            self, "logs", ctx=ctx, name=name, config=config, acls=True, key_arn=key.outputs.arn
        )
        logs.admit()
        return logs


def _regions(config: DistributionConfig, origin: Origin) -> CloudfrontDistributionOrigin:
    how: dict[str, Any]
    if origin.vpc_origin_id:
        how = {
            "vpc_origin_config": CloudfrontDistributionOriginVpcOriginConfig(
                vpc_origin_id=origin.vpc_origin_id,
                origin_read_timeout=config.origin_timeout_seconds,
            )
        }
    else:
        how = {
            "custom_origin_config": CloudfrontDistributionOriginCustomOriginConfig(
                http_port=80,
                https_port=443,
                origin_protocol_policy="https-only",
                origin_ssl_protocols=["TLSv1.2"],
                origin_read_timeout=config.origin_timeout_seconds,
            )
        }
    if config.origin_shield_region:
        how["origin_shield"] = CloudfrontDistributionOriginOriginShield(
            enabled=True, origin_shield_region=config.origin_shield_region
        )
    return CloudfrontDistributionOrigin(
        origin_id=REGIONS,
        domain_name=origin.domain_name,
        custom_header=[
            CloudfrontDistributionOriginCustomHeader(name=ORIGIN_HEADER, value=origin.header_value)
        ],
        **how,
    )
