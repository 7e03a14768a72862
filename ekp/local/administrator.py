"""Credentials of an administrator of one account of the local AWS, for who makes its first role."""

from .environment import REGION
from .prepare import _config, _session


def administrator(endpoint: str, account_id: str, region: str = REGION) -> dict[str, str]:
    """Give the variables that make a caller an administrator of an account.

    Without them the caller is in the account that moto takes callers for.
    """
    sts = _session().client("sts", endpoint_url=endpoint, region_name=REGION, config=_config())
    # moto admits to a role that does not exist: the way into an account that holds none yet.
    role = f"arn:aws:iam::{account_id}:role/administrators"
    found = sts.assume_role(RoleArn=role, RoleSessionName="bootstrap")["Credentials"]
    return {
        "AWS_ACCESS_KEY_ID": found["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": found["SecretAccessKey"],
        "AWS_SESSION_TOKEN": found["SessionToken"],
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
    }
