"""What a distribution does with which path: where it leads, and whether it is kept."""

from collections.abc import Sequence
from typing import Any

from cdktf_cdktf_provider_aws.cloudfront_distribution import (
    CloudfrontDistributionDefaultCacheBehavior,
    CloudfrontDistributionDefaultCacheBehaviorFunctionAssociation,
    CloudfrontDistributionOrderedCacheBehavior,
    CloudfrontDistributionOrderedCacheBehaviorFunctionAssociation,
)

from ..core.cloudfront import ALL_VIEWER, CACHING_DISABLED, CACHING_OPTIMIZED
from .cloudfront_policies import CloudfrontPolicies
from .last_resort import FOLDER

REGIONS = "regions"
LAST_RESORT = "last-resort"
READ = ["GET", "HEAD", "OPTIONS"]
ALL_METHODS = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]


def default_behavior(policies: CloudfrontPolicies) -> CloudfrontDistributionDefaultCacheBehavior:
    """Return what becomes of every other path: it goes to the regions, and is never kept."""
    return CloudfrontDistributionDefaultCacheBehavior(
        target_origin_id=REGIONS,
        allowed_methods=ALL_METHODS,
        cached_methods=["GET", "HEAD"],
        cache_policy_id=CACHING_DISABLED,
        # Host and cookies included: the mesh routes by the name the user asked for.
        origin_request_policy_id=ALL_VIEWER,
        function_association=[
            CloudfrontDistributionDefaultCacheBehaviorFunctionAssociation(
                event_type="viewer-request", function_arn=policies.function_arn
            )
        ],
        **_common(policies),
    )


def ordered_behaviors(
    static_paths: Sequence[str], policies: CloudfrontPolicies
) -> list[CloudfrontDistributionOrderedCacheBehavior]:
    """Return what becomes of the page of last resort and of paths that are cached."""
    pages = CloudfrontDistributionOrderedCacheBehavior(
        path_pattern=f"{FOLDER}/*",
        target_origin_id=LAST_RESORT,
        allowed_methods=READ,
        cached_methods=["GET", "HEAD"],
        # Without the user's Host, which S3 would not know.
        cache_policy_id=CACHING_OPTIMIZED,
        **_common(policies),
    )
    address = CloudfrontDistributionOrderedCacheBehaviorFunctionAssociation(
        event_type="viewer-request", function_arn=policies.function_arn
    )
    static = [
        CloudfrontDistributionOrderedCacheBehavior(
            path_pattern=path,
            target_origin_id=REGIONS,
            allowed_methods=READ,
            cached_methods=["GET", "HEAD"],
            cache_policy_id=policies.static_cache_id,
            origin_request_policy_id=policies.static_request_id,
            function_association=[address],
            **_common(policies),
        )
        for path in static_paths
    ]
    return [pages, *static]


def _common(policies: CloudfrontPolicies) -> dict[str, Any]:
    return {
        "viewer_protocol_policy": "redirect-to-https",
        "compress": True,
        "response_headers_policy_id": policies.response_headers_id,
    }
