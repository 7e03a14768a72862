"""What CloudFront refuses in a distribution's settings."""

from collections.abc import Iterator
from typing import Any

from moto.acm.models import CertBundle, acm_backends
from moto.cloudfront.exceptions import OriginDoesNotExist
from moto.cloudfront.models import cloudfront_backends
from moto.s3.models import FakeBucket, s3_backends
from moto.wafv2.models import GLOBAL_REGION, wafv2_backends

from .errors import items_of, missing, refuse
from .functions import LIVE, Functions
from .origins import AccessControls, VpcOrigins
from .policies import KINDS, Policies
from .registry import behaviors, functions_of, named_by

BUCKET_DOMAIN = ".s3."


class Checks(Policies, Functions, VpcOrigins, AccessControls):
    """The parts of CloudFront that a distribution is made of, and the checks against them."""

    def check(self, config: dict[str, Any], distribution_id: str | None = None) -> None:
        """Refuse settings that CloudFront refuses."""
        self._check_origins(config)
        for behavior in behaviors(config):
            self._check_behavior(behavior)
        self._check_functions(config)
        self._check_certificate(config)
        self._check_aliases(config, distribution_id)
        self._check_web_acl(config["WebACLId"])
        _check_log_bucket(self.partition, config["Logging"])

    def _check_origins(self, config: dict[str, Any]) -> None:
        origins = items_of(config["Origins"])
        ids = {origin["Id"] for origin in origins}
        groups = items_of(config["OriginGroups"])
        members = [item["OriginId"] for group in groups for item in items_of(group["Members"])]
        targets = [behavior["TargetOriginId"] for behavior in behaviors(config)]
        if not ids.issuperset(members) or not (ids | {item["Id"] for item in groups}).issuperset(
            targets
        ):
            raise OriginDoesNotExist
        for origin in origins:
            control = origin["OriginAccessControlId"]
            if control and control not in self.origin_access_controls:
                raise refuse(
                    "InvalidOriginAccessControl", "The origin access control is not valid."
                )
            vpc_origin = named_by(origin, "VpcOriginId")
            if vpc_origin:
                self.vpc_origin(vpc_origin)

    def _check_behavior(self, behavior: dict[str, Any]) -> None:
        legacy = behavior.get("ForwardedValues")
        if behavior.get("CachePolicyId") and legacy:
            raise refuse(
                "InvalidArgument",
                "The parameter ForwardedValues cannot be used when a cache policy is associated to "
                "the cache behavior.",
            )
        if not (behavior.get("CachePolicyId") or legacy):
            raise refuse("InvalidArgument", "The parameter ForwardedValues is required.")
        for kind in KINDS.values():
            if behavior.get(kind.key):
                self.policy(kind, behavior[kind.key])

    def _check_functions(self, config: dict[str, Any]) -> None:
        live = {item.arn for item in self.functions.values() if LIVE in item.stages}
        for item in functions_of(config):
            if item["FunctionARN"] not in live:
                raise refuse(
                    "InvalidFunctionAssociation",
                    f"The function {item['FunctionARN']} does not exist in the LIVE stage.",
                )

    def _check_certificate(self, config: dict[str, Any]) -> None:
        aliases = items_of(config["Aliases"])
        arn = config["ViewerCertificate"].get("ACMCertificateArn")
        if not arn:
            if aliases and config["ViewerCertificate"]["CloudFrontDefaultCertificate"]:
                raise refuse(
                    "InvalidViewerCertificate",
                    "To add an alternate domain name (CNAME) to a CloudFront distribution, you "
                    "must attach a trusted certificate that validates your authorization to use "
                    "the domain name.",
                )
            return
        # In another region the certificate may exist, and is refused all the same.
        certificate = acm_backends[self.account_id]["us-east-1"]._certificates.get(arn)  # noqa: SLF001 - moto's look-up raises ACM's error
        if certificate is None or certificate.status != "ISSUED":
            raise refuse(
                "InvalidViewerCertificate",
                "The specified SSL certificate doesn't exist, isn't in us-east-1 region, isn't "
                "valid, or doesn't include a valid certificate chain.",
            )
        if not all(_covers(certificate, alias) for alias in aliases):
            raise refuse(
                "InvalidViewerCertificate",
                "The certificate that is attached to your distribution doesn't cover the "
                "alternate domain name (CNAME) that you're trying to add.",
            )

    def _check_aliases(self, config: dict[str, Any], distribution_id: str | None) -> None:
        wanted = {alias.lower() for alias in items_of(config["Aliases"])}
        for other_id, other in _all_distributions():
            taken = {alias.lower() for alias in items_of(other["Aliases"])}
            if other_id != distribution_id and wanted & taken:
                raise refuse(
                    "CNAMEAlreadyExists",
                    "One or more of the CNAMEs you provided are already associated with a "
                    "different resource.",
                )

    def _check_web_acl(self, web_acl: str) -> None:
        # The id of a classic web ACL is no ARN; there are none here.
        if web_acl and web_acl not in wafv2_backends[self.account_id][GLOBAL_REGION].wacls:
            raise refuse("InvalidWebACLId", "Web ACL is not accessible by the requester.")


def _covers(certificate: CertBundle, alias: str) -> bool:
    names = {name.lower() for name in (certificate.common_name, *certificate.sans)}
    return not names.isdisjoint({alias.lower(), f"*.{alias.lower().partition('.')[2]}"})


def _all_distributions() -> Iterator[tuple[str, dict[str, Any]]]:
    """Give the distributions of all accounts: an alias is unique in the world."""
    for partitions in list(cloudfront_backends.values()):
        for backend in list(partitions.values()):
            distributions: dict[str, Any] = backend.distributions  # see registry.py
            for distribution in list(distributions.values()):
                yield distribution.id, distribution.distribution_config


def _check_log_bucket(partition: str, logging: dict[str, Any]) -> None:
    if not logging["Enabled"]:
        return
    name = logging["Bucket"].partition(BUCKET_DOMAIN)[0]
    bucket = _bucket(partition, name)
    if bucket is None:
        raise missing("InvalidArgument", f"S3 bucket {logging['Bucket']}")
    # CloudFront writes its logs with an ACL, which a new bucket does not take.
    ownership = str(bucket.ownership_rule or "BucketOwnerEnforced")
    if "BucketOwnerEnforced" in ownership:
        raise refuse(
            "InvalidArgument",
            "The S3 bucket that you specified for CloudFront logs does not enable ACL access: "
            f"{logging['Bucket']}",
        )


def _bucket(partition: str, name: str) -> FakeBucket | None:
    for partitions in list(s3_backends.values()):
        if partition in partitions and name in partitions[partition].buckets:
            return partitions[partition].buckets[name]
    return None
