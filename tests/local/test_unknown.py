"""APIs that the local AWS does not have."""

import time
from typing import Any

import flask
import pytest
from botocore.exceptions import ClientError

from ekp.local.failure import Failure
from ekp.local.process import LocalAws
from ekp.local.protocol import Call, identify
from ekp.local.unknown import answer_errors

from .conftest import Clients

UNKNOWN: list[tuple[str, str, dict[str, Any], str]] = [
    ("eks", "list_insights", {"clusterName": "c"}, "eks:ListInsights"),  # REST and JSON
    ("wafv2", "list_managed_rule_sets", {"Scope": "REGIONAL"}, "wafv2:ListManagedRuleSets"),  # JSON
    ("iam", "generate_service_last_accessed_details", {"Arn": "a" * 20}, "iam:Generate"),  # query
    ("ec2", "describe_id_format", {}, "ec2:DescribeIdFormat"),
    ("route53", "list_cidr_collections", {}, "route53:ListCidrCollections"),  # REST and XML
    ("cloudfront", "list_streaming_distributions", {}, "cloudfront:ListStreamingDistributions"),
    (
        "s3",
        "put_bucket_analytics_configuration",
        {
            "Bucket": "bucket",
            "Id": "i",
            "AnalyticsConfiguration": {"Id": "i", "StorageClassAnalysis": {}},
        },
        "s3:PutBucketAnalyticsConfiguration",
    ),
    ("codestar-connections", "list_connections", {}, "codestar-connections:ListConnections"),
    ("outposts", "list_outposts", {}, "outposts:ListOutposts"),  # a service that moto lacks
]


@pytest.mark.parametrize(("service", "method", "arguments", "named"), UNKNOWN)
def test_an_unknown_api_is_refused_at_once_by_name(
    clients: Clients, service: str, method: str, arguments: dict[str, Any], named: str
) -> None:
    call = getattr(clients(service, attempts=5), method)
    with pytest.raises(ClientError):
        call(**arguments)  # the server reads the service's model now
    begun = time.monotonic()

    with pytest.raises(ClientError) as caught:
        call(**arguments)

    response = caught.value.response
    assert time.monotonic() - begun < 1
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert response["ResponseMetadata"]["RetryAttempts"] == 0
    assert response["Error"]["Code"] == "LocalAwsNotImplemented"
    assert named in response["Error"]["Message"]


def test_the_s3_sub_resource_that_terraform_reads_is_answered(aws: LocalAws, session: Any) -> None:
    s3 = session.client("s3", endpoint_url=aws.endpoint, region_name="us-east-1")
    s3.create_bucket(Bucket="payment-bucket")

    answer = s3.get_bucket_request_payment(Bucket="payment-bucket")

    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_a_fault_inside_moto_is_named_and_traced(caplog: pytest.LogCaptureFixture) -> None:
    app = flask.Flask("broken")
    answer_errors(app)

    @app.get("/clusters")
    def clusters() -> str:
        raise KeyError("lost")

    credential = "AWS4-HMAC-SHA256 Credential=A/20260101/eu-west-1/eks/aws4_request, Signature=s"
    answer = app.test_client().get("/clusters", headers={"Authorization": credential})

    assert answer.status_code == 501
    assert answer.headers["x-amzn-ErrorType"] == "LocalAwsInternalError"
    assert "failed in eks:ListClusters: KeyError: 'lost'" in answer.get_json()["message"]
    assert "Traceback" in caplog.text


def test_errors_of_moto_itself_pass_unchanged(clients: Clients) -> None:
    iam = clients("iam")

    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.get_role(RoleName="none")


def test_a_failure_in_cbor_is_a_map_of_two_texts() -> None:
    failure = Failure(Call("monitoring", "PutInsightRule", "cbor"), 501, "Code", "Text")

    assert failure.body() == (
        b"\xa2\x79\x00\x06__type\x79\x00\x04Code\x79\x00\x07message\x79\x00\x04Text"
    )
    assert failure.headers()["smithy-protocol"] == "rpc-v2-cbor"


def test_the_operation_of_an_rpc_path_is_its_last_part() -> None:
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/service/GraniteServiceVersion20100801/operation/PutInsightRule",
        "HTTP_SMITHY_PROTOCOL": "rpc-v2-cbor",
        "HTTP_AUTHORIZATION": (
            "AWS4-HMAC-SHA256 Credential=A/20260101/eu-west-1/monitoring/aws4_request, Signature=s"
        ),
    }

    assert identify(environ) == Call("monitoring", "PutInsightRule", "cbor")


def test_s3_control_is_told_from_s3_by_its_path() -> None:
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/v20180820/jobs",
        "RAW_URI": "/v20180820/jobs",
        "HTTP_HOST": "127.0.0.1",
        "wsgi.url_scheme": "http",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "HTTP_X_AMZ_ACCOUNT_ID": "1",
        "HTTP_AUTHORIZATION": (
            "AWS4-HMAC-SHA256 Credential=A/20260101/eu-west-1/s3/aws4_request, Signature=s"
        ),
    }

    assert identify(environ).operation == "ListJobs"
