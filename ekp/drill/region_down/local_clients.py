"""Clients of the local AWS that act as an environment's deploy role."""

from collections.abc import Mapping
from typing import Any

import boto3

from ekp.runner.leftovers.places import session

from .deployed import Client

HOME = "us-east-1"


def clients(aws: Mapping[str, str], role_arn: str) -> Client:
    """Return what makes a client of a service, in a region where it has one.

    Args:
        aws: Variables that lead to the local AWS.
        role_arn: The role that the clients act as.
    """
    caller, options = session(aws)
    sts = caller.client("sts", region_name=HOME, **options)
    keys = sts.assume_role(RoleArn=role_arn, RoleSessionName="ekp-drill")["Credentials"]
    acting = boto3.Session(
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )
    made: dict[tuple[str, str], Any] = {}

    def client(service: str, region: str = HOME) -> Any:
        if (service, region) not in made:
            make: Any = acting.client  # its overloads want a literal name
            made[service, region] = make(service, region_name=region, **options)
        return made[service, region]

    return client
