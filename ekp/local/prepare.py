"""Makes what AWS holds before the first stack: deploy roles, state buckets, the zone above."""

import json
import os
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError

from .environment import ACCESS_KEY_ID, REGION, SECRET_ACCESS_KEY
from .layout import ZONE_REFERENCE
from .process import LocalAwsError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

ROLE_ARN = re.compile(
    r"arn:(?P<partition>[^:]+):iam::(?P<account>\d{12}):role(?P<path>/(?:.*/)?)(?P<name>[^/]+)"
)
POLICY = "arn:{partition}:iam::aws:policy/AdministratorAccess"


def prepare(
    endpoint: str,
    *,
    deploy_roles: Iterable[str],
    state_buckets: Iterable[tuple[str, str]],
    parent_zones: Iterable[tuple[str, str, str]] = (),
) -> None:
    """Make deploy roles (ARN), state buckets (name, region) and zones (name, id, role's ARN).

    A zone is made with the id that the settings name, in the account of its role. What exists
    already stays as it is, so a second call changes nothing.
    """
    session = _session()
    for arn in deploy_roles:
        _make_deploy_role(session, endpoint, arn)
    for name, region in state_buckets:
        s3 = session.client("s3", endpoint_url=endpoint, region_name=region, config=_config())
        _make_state_bucket(s3, name, region)
    for name, zone_id, arn in parent_zones:
        route53 = _client_of(session, endpoint, arn, "route53")
        with suppress(route53.exceptions.HostedZoneAlreadyExists):
            route53.create_hosted_zone(Name=name, CallerReference=ZONE_REFERENCE + zone_id)


def _make_deploy_role(session: boto3.Session, endpoint: str, arn: str) -> None:
    role = ROLE_ARN.fullmatch(arn)
    if role is None:
        raise LocalAwsError(f"{arn!r} is no role's ARN; write arn:aws:iam::<12 digits>:role/<name>")
    iam = _client_of(session, endpoint, arn, "iam")
    try:
        iam.create_role(
            RoleName=role["name"],
            Path=role["path"],
            Description="Deploys the platform's stacks",
            AssumeRolePolicyDocument=json.dumps(_trust(role)),
        )
    except ClientError as error:
        _pass_over(error, "EntityAlreadyExists")
        return
    iam.attach_role_policy(RoleName=role["name"], PolicyArn=POLICY.format(**role.groupdict()))


def _client_of(session: boto3.Session, endpoint: str, role_arn: str, service: str) -> Any:
    """Make a client that acts as a role."""
    make: Any = session.client  # its overloads want a literal name
    sts = make("sts", endpoint_url=endpoint, region_name=REGION, config=_config())
    # moto admits to a role that does not exist yet: the way into the account that will hold it.
    found = sts.assume_role(RoleArn=role_arn, RoleSessionName="prepare")["Credentials"]
    return make(
        service,
        endpoint_url=endpoint,
        region_name=REGION,
        config=_config(),
        aws_access_key_id=found["AccessKeyId"],
        aws_secret_access_key=found["SecretAccessKey"],
        aws_session_token=found["SessionToken"],
    )


def _trust(role: Mapping[str, str] | re.Match[str]) -> dict[str, object]:
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"AWS": f"arn:{role['partition']}:iam::{role['account']}:root"},
            }
        ],
    }


def _make_state_bucket(s3: "S3Client", name: str, region: str) -> None:
    try:
        if region == "us-east-1":
            # The one region that S3 refuses as a location constraint.
            s3.create_bucket(Bucket=name)
        else:
            s3.create_bucket(
                Bucket=name,
                CreateBucketConfiguration={"LocationConstraint": region},  # type: ignore[typeddict-item] # any region
            )
    except ClientError as error:
        # Of another account where `ekp bootstrap` made it.
        _pass_over(error, "BucketAlreadyOwnedByYou", "BucketAlreadyExists")
        return
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_encryption(
        Bucket=name,
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}]
        },
    )
    s3.put_public_access_block(
        Bucket=name,
        PublicAccessBlockConfiguration={
            "BlockPublicAcls": True,
            "IgnorePublicAcls": True,
            "BlockPublicPolicy": True,
            "RestrictPublicBuckets": True,
        },
    )


def _pass_over(error: ClientError, *codes: str) -> None:
    if error.response["Error"]["Code"] not in codes:
        raise error


def _session() -> boto3.Session:
    """Make a session that reads nothing of the user's: no profile, no file."""
    # (file's name, variable, default, conversion): a profile comes from nowhere.
    core = botocore.session.Session(session_vars={"profile": (None, None, None, None)})
    core.set_config_variable("config_file", os.devnull)
    core.set_config_variable("credentials_file", os.devnull)
    return boto3.Session(
        aws_access_key_id=ACCESS_KEY_ID,
        aws_secret_access_key=SECRET_ACCESS_KEY,
        region_name=REGION,
        botocore_session=core,
    )


def _config() -> Config:
    return Config(
        proxies={"http": "", "https": ""},
        s3={"addressing_style": "path"},
        retries={"mode": "standard", "total_max_attempts": 3},
    )
