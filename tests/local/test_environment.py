"""The environment that turns Terraform and boto3 to the local AWS."""

import json
import os
import subprocess
import sys

import pytest

from ekp.local.environment import child_environment, variables
from ekp.local.process import LocalAws


def test_nothing_of_the_users_own_aws_leaks_in() -> None:
    inherited = {
        "PATH": "/bin",
        "AWS_PROFILE": "production",
        "AWS_SESSION_TOKEN": "real",
        "AWS_ENDPOINT_URL_S3": "https://s3.example.com",
        "AWS_WEB_IDENTITY_TOKEN_FILE": "/token",
    }

    found = child_environment("http://127.0.0.1:1", inherited)

    assert found["PATH"] == "/bin"
    aws = {name: value for name, value in found.items() if name.startswith("AWS_")}
    assert aws == variables("http://127.0.0.1:1")
    assert aws["AWS_CONFIG_FILE"] == aws["AWS_SHARED_CREDENTIALS_FILE"] == os.devnull


def test_both_names_of_the_region_are_set() -> None:
    found = variables("http://127.0.0.1:1", "eu-west-1")

    assert found["AWS_REGION"] == found["AWS_DEFAULT_REGION"] == "eu-west-1"


@pytest.mark.parametrize(("before", "after"), [("", "127.0.0.1"), ("a,b", "a,b,127.0.0.1")])
def test_proxies_leave_the_loopback_address_alone(before: str, after: str) -> None:
    found = child_environment("http://127.0.0.1:1", {"NO_PROXY": before})

    assert found["NO_PROXY"] == after


def test_boto3_needs_no_more_than_the_variables(aws: LocalAws) -> None:
    script = (
        "import boto3, json;"
        "boto3.client('s3').create_bucket(Bucket='env-bucket');"
        "print(json.dumps(boto3.client('sts').get_caller_identity()['Account']))"
    )
    hostile = {**os.environ, "AWS_PROFILE": "none", "HTTP_PROXY": "http://127.0.0.1:9"}
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=child_environment(aws.endpoint, hostile),
        check=True,
        capture_output=True,
        text=True,
    )

    assert json.loads(done.stdout) == "123456789012"
