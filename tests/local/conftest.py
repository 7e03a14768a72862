"""A local AWS for the tests of this folder, and clients of it."""

import itertools
import os
from collections.abc import Iterator
from typing import Any, Protocol

import boto3
import pytest
from botocore.config import Config

from ekp.local.environment import ACCESS_KEY_ID, SECRET_ACCESS_KEY
from ekp.local.process import LocalAws, throwaway

ACCOUNTS = itertools.count(210000000000)
REGION = "eu-west-1"


class Clients(Protocol):
    """Gives boto3 clients of one account."""

    def __call__(
        self,
        service: str,
        *,
        region: str = REGION,
        account: str = ...,
        attempts: int = 1,
        parameter_validation: bool = True,
    ) -> Any:
        """Give a client; the account is the test's own unless named."""


@pytest.fixture(scope="session")
def aws() -> Iterator[LocalAws]:
    with pytest.MonkeyPatch.context() as patch:
        # boto3 reads them even where every argument is given.
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        patch.setenv("AWS_CONFIG_FILE", os.devnull)
        patch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
        with throwaway() as running:
            yield running


@pytest.fixture
def account() -> str:
    """An account that no other test uses."""
    return str(next(ACCOUNTS))


@pytest.fixture(scope="session")
def session(aws: LocalAws) -> Any:
    """One session for all tests: it keeps the models of the APIs, which take long to read."""
    del aws  # it cleans the environment that the session reads
    return boto3.Session(aws_access_key_id=ACCESS_KEY_ID, aws_secret_access_key=SECRET_ACCESS_KEY)


def clients_of(aws: LocalAws, session: Any, own_account: str) -> Clients:
    """Give clients of a local AWS, which never try again unless told to."""

    def client(
        service: str,
        *,
        region: str = REGION,
        account: str = own_account,
        attempts: int = 1,
        parameter_validation: bool = True,
    ) -> Any:
        settings = {
            "endpoint_url": aws.endpoint,
            "config": Config(
                parameter_validation=parameter_validation,
                retries={"total_max_attempts": attempts, "mode": "standard"},
            ),
        }
        sts = session.client("sts", region_name=region, **settings)
        assumed = sts.assume_role(
            RoleArn=f"arn:aws:iam::{account}:role/test", RoleSessionName="test"
        )["Credentials"]
        return session.client(
            service,
            region_name=region,
            aws_access_key_id=assumed["AccessKeyId"],
            aws_secret_access_key=assumed["SecretAccessKey"],
            aws_session_token=assumed["SessionToken"],
            **settings,
        )

    return client


@pytest.fixture
def clients(aws: LocalAws, session: Any, account: str) -> Clients:
    return clients_of(aws, session, account)
