"""The environment that turns Terraform and boto3 to the local AWS."""

import os
from collections.abc import Mapping

# 20 characters of [A-Z0-9]: moto reads other keys as no key at all.
ACCESS_KEY_ID = "AKIALOCALAWSEXAMPLE0"
SECRET_ACCESS_KEY = "local"  # noqa: S105 - the local AWS checks no signature
REGION = "us-east-1"
LOOPBACK = "127.0.0.1"


def variables(endpoint: str, region: str = REGION) -> dict[str, str]:
    """Give what has to be set, each for a reason.

    - `AWS_ENDPOINT_URL`: Terraform's AWS provider, its S3 backend and boto3 read it. The host is an
      address, never `localhost`: for an address the SDKs put the bucket in the path of an S3
      request by themselves (no variable asks for that), for a name into the host.
    - `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS`: a `true` of the user's would switch the endpoint off.
    - `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`: requests must be signed; nothing checks how.
    - `AWS_REGION`, `AWS_DEFAULT_REGION`: the Go SDK reads the first, boto3 the second.
    - `AWS_EC2_METADATA_DISABLED`: nothing asks the network for credentials or a region.
    - `AWS_CONFIG_FILE`, `AWS_SHARED_CREDENTIALS_FILE`: a profile may name roles and endpoints.
    """
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false",
        "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
        "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


def child_environment(
    endpoint: str, inherited: Mapping[str, str], region: str = REGION
) -> dict[str, str]:
    """Give the whole environment of a child process: the inherited one, turned to the local AWS.

    Every other `AWS_*` variable goes: a profile, a session token, a web identity or an endpoint of
    one service would lead past the local AWS. Proxies are told to leave the loopback address alone.
    """
    kept = without_aws(inherited)
    for name in ("NO_PROXY", "no_proxy"):
        hosts = [host for host in kept.get(name, "").split(",") if host]
        kept[name] = ",".join(dict.fromkeys([*hosts, LOOPBACK]))
    return kept | variables(endpoint, region)


def without_aws(inherited: Mapping[str, str]) -> dict[str, str]:
    """Drop what the AWS SDKs read."""
    return {name: value for name, value in inherited.items() if not name.startswith("AWS_")}
