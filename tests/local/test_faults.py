"""Failures on demand."""

import json
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

from ekp.local.process import LocalAws

from .conftest import Clients

FAULTS = "/_ekp/faults"


def ask(aws: LocalAws, method: str, body: object = None) -> tuple[int, Any]:
    address = urlsplit(aws.endpoint)
    connection = HTTPConnection(address.hostname or "", address.port, timeout=10)
    try:
        connection.request(method, FAULTS, json.dumps(body))
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


@pytest.fixture(autouse=True)
def _no_faults_left(aws: LocalAws) -> Iterator[None]:
    yield
    ask(aws, "DELETE")


@pytest.mark.parametrize(
    ("service", "method", "operation"),
    [
        ("eks", "list_clusters", "ListClusters"),
        ("kms", "list_keys", "ListKeys"),
        ("iam", "list_roles", "ListRoles"),
        ("ec2", "describe_vpcs", "DescribeVpcs"),
        ("route53", "list_hosted_zones", "ListHostedZones"),
        ("s3", "list_buckets", "ListBuckets"),
    ],
)
def test_a_planned_fault_happens_as_often_as_planned_in_the_protocol_of_its_service(
    aws: LocalAws, clients: Clients, service: str, method: str, operation: str
) -> None:
    call = getattr(clients(service), method)
    fault = {"status": 400, "code": "ThrottlingException", "count": 2}
    ask(aws, "POST", [{"service": service, "operation": operation, **fault}])

    for _ in range(2):
        with pytest.raises(ClientError) as caught:
            call()
        assert caught.value.response["Error"]["Code"] == "ThrottlingException"
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400

    assert call()["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert ask(aws, "GET") == (200, [])


def test_other_services_and_operations_are_spared(aws: LocalAws, clients: Clients) -> None:
    kms = clients("kms")
    _, left = ask(aws, "POST", [{"service": "kms", "operation": "CreateKey"}, {"service": "eks"}])

    assert kms.list_keys()["Keys"] == []
    with pytest.raises(ClientError, match="InternalFailure"):
        kms.create_key()
    assert [fault["count"] for fault in left] == [1, 1]
    assert [fault["service"] for fault in ask(aws, "GET")[1]] == ["eks"]


def test_a_fault_without_a_status_only_delays(aws: LocalAws, clients: Clients) -> None:
    kms = clients("kms")
    ask(aws, "POST", [{"service": "kms", "status": 0, "delay_ms": 200}])
    begun = time.monotonic()

    assert kms.list_keys()["Keys"] == []

    assert time.monotonic() - begun >= 0.2


def test_faults_that_did_not_happen_can_be_forgotten(aws: LocalAws, clients: Clients) -> None:
    kms = clients("kms")
    ask(aws, "POST", [{"service": "*", "count": 9}])

    assert ask(aws, "DELETE") == (200, [])

    assert kms.list_keys()["Keys"] == []


@pytest.mark.parametrize(
    "body", ["text", [{"operation": "ListKeys"}], [{"service": "kms", "count": -1}], [{"s": 1}]]
)
def test_what_is_no_list_of_faults_is_refused_and_plans_nothing(
    aws: LocalAws, body: object
) -> None:
    status, answer = ask(aws, "POST", body)

    assert (status, ask(aws, "GET")[1]) == (400, [])
    assert "not a list of faults" in answer["message"]
