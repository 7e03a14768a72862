"""Finds the account of a request without making IAM of every partition in each account."""

import moto.iam.models
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.iam.models import iam_backends


def account_of(access_key: str) -> str:
    """Give the account that an access key belongs to."""
    for account_id, partitions in list(iam_backends.items()):
        for backend in list(partitions.values()):
            if access_key in backend.access_keys:
                return account_id
    return DEFAULT_ACCOUNT_ID


def install() -> None:
    """Replace moto's search: it makes each partition's IAM, 1500 managed policies every time."""
    moto.iam.models.get_account_id_from = account_of
