"""Facts of CloudFront that are the same in every account."""

from collections.abc import Mapping

# Certificates, web ACLs, DNSSEC keys and query logs of what is global are kept here alone.
HOME_REGION = "us-east-1"

# Read 2026-11 in public code that uses them, region by region; others come from
# `aws ec2 describe-managed-prefix-lists`, name com.amazonaws.global.cloudfront.origin-facing.
ORIGIN_FACING: Mapping[str, str] = {
    "ap-northeast-1": "pl-58a04531",
    "ap-southeast-1": "pl-31a34658",
    "ap-southeast-2": "pl-b8a742d1",
    "eu-central-1": "pl-a3a144ca",
    "eu-west-1": "pl-4fa04526",
    "eu-west-2": "pl-93a247fa",
    "us-east-1": "pl-3b927c52",
    "us-east-2": "pl-b6a144df",
    "us-west-1": "pl-4ea04527",
    "us-west-2": "pl-82a045eb",
}
"""Prefix lists of the addresses that CloudFront calls origins from; each weighs 55 rules."""

# Source: CloudFront developer guide, "Standard logging", of the regions known here.
NO_LOG_BUCKETS = ("af-south-1", "eu-south-1")
"""Where CloudFront delivers no logs: a distribution made there has its bucket there."""

# Source: CloudFront developer guide, "Use managed cache policies", "... origin request policies".
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
ALL_VIEWER = "216adef6-5c7f-47e4-b989-5492eafa07d3"

ORIGIN_HEADER = "x-origin-verify"
"""Carries the secret that proves a request came through this environment's distribution."""
CLIENT_ADDRESS_HEADER = "true-client-ip"
"""The caller's address; the distribution's function overwrites whatever a client sends."""
